"""The ledger of one edition, page by page; serves `deliveries`. Reads only.

Rows come as they are listed, without what a copy needs: a million of them is an ordinary list.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from publisher.model.editions import DeliveryId, DeliveryState, EditionId
from publisher.model.sheets import LedgerLine
from publisher.store.database import Part, marks
from publisher.store.domains import DOMAIN
from publisher.store.types import moment

PAGE = """
SELECT d.id, s.email, d.state, d.reason, d.attempts, d.message_id, d.transport, d.at
  FROM delivery d JOIN subscriber s ON s.id = d.subscriber
 WHERE {where} ORDER BY d.id LIMIT ?"""

# One state is a range of the index. Several, or all, are read in the order of rows, which lie
# together: the plus keeps SQLite from sorting what is left at every page.
ONE_STATE = "d.edition = ? AND d.state = ? AND d.id > ?"
ROWS = "+d.edition = ? AND d.id > ? AND d.id <= ?"
ENDS = "SELECT min(id), max(id) FROM delivery WHERE edition = ? AND state = ?"


class ListingVerbs(Part):
    """Ledger rows as people and scripts list them."""

    def page(
        self,
        edition: EditionId,
        states: Collection[DeliveryState] = (),
        *,
        domain: str = "",
        after: DeliveryId | None = None,
        limit: int = 5_000,
    ) -> Sequence[LedgerLine]:
        """Return ledger rows after one, ordered by id; no states means all, no domain every one."""
        named = sorted({state.value for state in states})
        with self._db.read() as tx:
            raw = self._db.raw(tx)
            values: list[Any]
            if len(named) == 1:
                where, values = ONE_STATE, [edition, *named, after or 0]
            else:
                wanted = named or [state.value for state in DeliveryState]
                ends = [raw.rows(ENDS, edition, state)[0] for state in wanted]
                first = min((low for low, _ in ends if low is not None), default=1)
                last = max((high for _, high in ends if high is not None), default=0)
                where, values = ROWS, [edition, max(after or 0, first - 1), last]
                if named:
                    where += f" AND d.state IN ({marks(len(named))})"
                    values += named
            if domain:
                where += f" AND {DOMAIN} = ?"
                values.append(domain)
            rows = raw.rows(PAGE.format(where=where), *values, limit)
        return [_line(*row) for row in rows]


def _line(  # noqa: PLR0913, PLR0917  the columns of PAGE
    number: int,
    email: str,
    state: str,
    reason: str,
    attempts: int,
    message_id: str,
    transport: str,
    at: int | None,
) -> LedgerLine:
    when: datetime | None = None if at is None else moment(at)
    return LedgerLine(
        DeliveryId(number), email, STATES[state], reason, attempts, message_id, transport, when
    )


STATES = {state.value: state for state in DeliveryState}
