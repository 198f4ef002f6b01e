"""The ledger's hot path: one turn of a transport's loop, one transaction; serves core.sending.

Statements go to the driver directly: a turn of one message is a dozen of them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from publisher.model.editions import (
    DeliveryId,
    DeliveryState,
    EditionId,
    EditionState,
    Outcome,
    OutcomeState,
)
from publisher.store.consent import verdicts
from publisher.store.database import Part, Raw, chunks
from publisher.store.editions import CANCELLED
from publisher.store.memory import Selected, carry_over, remember
from publisher.store.selections import read_selection
from publisher.store.types import clean, micros

RETRY_AFTER = timedelta(minutes=15)
"""When a deferred copy is due if neither the other side nor the sender says."""

KEPT = 256
"""How many selections a process remembers."""

STATES = {
    OutcomeState.ACCEPTED: DeliveryState.ACCEPTED,
    OutcomeState.DEFERRED: DeliveryState.DEFERRED,
    OutcomeState.FAILED: DeliveryState.FAILED,
    OutcomeState.UNCERTAIN: DeliveryState.UNCERTAIN,
    OutcomeState.RETURNED: DeliveryState.QUEUED,
}

RECORD = """
UPDATE delivery SET state = ?, reason = ?, at = ?, due = ?, owner = '', attempts = attempts - ?,
       message_id = CASE WHEN ? = '' THEN message_id ELSE ? END,
       transport = CASE WHEN ? = '' THEN transport ELSE ? END
 WHERE id = ? AND edition = ? AND {held}
RETURNING subscriber, selection, remembered"""

MINE = RECORD.format(held="state = 'sending' AND owner = ?")

# What we ourselves refuse (an address that cannot be written to, a sample) never goes on the wire.
UNSENT = RECORD.format(held="state = 'claimed' AND owner = ?")

# What the other side accepted was accepted, also when the lease was lost meanwhile: nobody else is
# to send it again. (`sending` by somebody else is theirs to tell.)
LATE = RECORD.format(held="state IN ('uncertain', 'queued', 'claimed', 'deferred') AND ? <> ''")

BEGIN = """
UPDATE delivery SET state = 'sending', attempts = attempts + 1, at = ?
 WHERE id = ? AND state = 'claimed' AND owner = ?"""

REFUSE = """
UPDATE delivery SET state = 'suppressed', reason = ?, owner = '', at = ?
 WHERE id = ? AND state = 'claimed' AND owner = ?"""

RETURN = """
UPDATE delivery SET state = 'queued', owner = '', at = ?
 WHERE id = ? AND edition = ? AND state = 'claimed' AND owner = ?"""

CANCEL = """
UPDATE delivery SET state = 'suppressed', reason = ?, due = NULL, at = ?
 WHERE id = ? AND edition = ? AND state IN ('queued', 'deferred')"""

REMEMBERED = "UPDATE delivery SET remembered = ? WHERE id = ?"
PROLONG = "UPDATE lease SET until = ? WHERE edition = ? AND owner = ?"
UNFOLD = "UPDATE edition SET totals = NULL WHERE id = ? AND totals IS NOT NULL"
STANDS = "SELECT state FROM edition WHERE id = ?"


class TurnVerbs(Part):
    """Recording what happened, and saying what may happen next."""

    _selections: dict[int, Selected]

    def turn(
        self,
        edition: EditionId,
        owner: str,
        outcomes: Sequence[Outcome],
        next: Sequence[DeliveryId],  # noqa: A002  the port's
        now: datetime,
        lease_until: datetime,
    ) -> frozenset[int]:
        """Record outcomes, mark `next` as sending, prolong this owner's leases; one transaction.

        Answers which of `next` may go: still claimed by this owner, edition open, subscriber
        confirmed, subscribed and not suppressed (others become suppressed with the reason, or are
        released). Accepted and uncertain ones move the reader's memory in the same transaction.
        """
        with self._db.write() as tx:
            raw = self._db.raw(tx)
            self._db.hold(tx, edition, shared=True)
            # In the order of rows, which is that of readers: two turns never wait for each other.
            for outcome in sorted(outcomes, key=lambda one: one.delivery):
                self._record(raw, edition, owner, outcome, now)
            ((state,),) = raw.rows(STANDS, edition)
            if state == EditionState.OPEN.value:
                may = _begin(raw, edition, owner, next, now)
            else:
                may = frozenset()
                raw.many(RETURN, [(micros(now), number, edition, owner) for number in next])
                raw.run(UNFOLD, edition)
            if state == EditionState.CANCELLED.value:
                touched = sorted({*next, *(one.delivery for one in outcomes)})
                raw.many(CANCEL, [(CANCELLED, micros(now), one, edition) for one in touched])
            raw.run(PROLONG, micros(lease_until), edition, owner)
            return may

    def _record(
        self, raw: Raw, edition: EditionId, owner: str, outcome: Outcome, now: datetime
    ) -> None:
        """Write one outcome, if the copy is still this owner's to tell of."""
        values = _values(edition, outcome, now)
        found = raw.rows(MINE, *values, owner)
        if not found and outcome.state is OutcomeState.FAILED:
            found = raw.rows(UNSENT, *values, owner)
        if not found and outcome.state is OutcomeState.ACCEPTED:
            found = raw.rows(LATE, *values, owner)
        for reader, selection, remembered in found:
            self._remember(raw, reader, selection, outcome, remembered=bool(remembered))

    def _remember(
        self, raw: Raw, reader: int, selection: int, outcome: Outcome, *, remembered: bool
    ) -> None:
        """Move the reader's memory by what became of a copy.

        An uncertain copy counts as sent, lest its stories be digested twice; if it is sent again
        and then fails, its stories are owed.
        """
        sent = outcome.state in {OutcomeState.ACCEPTED, OutcomeState.UNCERTAIN}
        if sent and not remembered:
            remember(raw, reader, self._selection(raw, selection))
            raw.run(REMEMBERED, 1, outcome.delivery)
        elif outcome.state is OutcomeState.FAILED and remembered:
            carry_over(raw, reader, self._selection(raw, selection).articles)
            raw.run(REMEMBERED, 0, outcome.delivery)

    def _selection(self, raw: Raw, number: int) -> Selected:
        found = self._selections.get(number)
        if found is None:
            if len(self._selections) >= KEPT:
                self._selections.clear()
            found = self._selections[number] = read_selection(raw, number)
        return found


def _values(edition: EditionId, outcome: Outcome, now: datetime) -> tuple[object, ...]:
    """Return the parameters of RECORD, but for the last."""
    deferred = outcome.state is OutcomeState.DEFERRED
    message_id, transport = clean(outcome.message_id), clean(outcome.transport)
    return (
        STATES[outcome.state].value,
        _reason(outcome),
        micros(now),
        micros(outcome.until or now + RETRY_AFTER) if deferred else None,
        int(outcome.state is OutcomeState.RETURNED),
        message_id,
        message_id,
        transport,
        transport,
        outcome.delivery,
        edition,
    )


def _reason(outcome: Outcome) -> str:
    """Return the reply's code and its words as one line."""
    code = "" if outcome.code and outcome.code in outcome.reason else outcome.code
    return clean(" ".join(f"{code} {outcome.reason}".split()))


def _begin(
    raw: Raw, edition: EditionId, owner: str, wanted: Sequence[DeliveryId], now: datetime
) -> frozenset[int]:
    """Mark as sending what may go; suppress what must not."""
    may: set[int] = set()
    for part in chunks(sorted(wanted)):
        for verdict in verdicts(raw, edition, part, owner).values():
            if not verdict.may:
                raw.run(REFUSE, clean(verdict.reason), micros(now), verdict.delivery, owner)
            elif raw.run(BEGIN, micros(now), verdict.delivery, owner) > 0:
                may.add(verdict.delivery)
    return frozenset(may)
