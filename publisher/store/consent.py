"""Whether a copy may still be sent (promise 6); serves claiming and the ledger's turns. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass

from publisher.model.subscribers import SubscriberStatus
from publisher.store.database import Raw

# The plus keeps SQLite from walking a whole edition for the sake of a few rows.
JUDGED = """
SELECT d.id, s.status, s.erased, p.reason, s.by_feed,
       EXISTS (SELECT 1 FROM subscription c
                WHERE c.subscriber = d.subscriber AND c.schedule = e.schedule)
  FROM delivery d
  JOIN edition e ON e.id = d.edition
  JOIN subscriber s ON s.id = d.subscriber
  LEFT JOIN suppression p ON p.address = s.address
 WHERE +d.edition = ? AND d.id {among}{owned}"""

OWNED = " AND d.state = 'claimed' AND d.owner = ? ORDER BY d.id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether one delivery may be sent; `reason` says why not ("" = it may).

    `by_feed` when its reader wants it in a feed of their own.
    """

    delivery: int
    reason: str = ""
    by_feed: bool = False

    @property
    def may(self) -> bool:
        """Tell whether it may."""
        return not self.reason


def verdicts(
    raw: Raw, edition: int, deliveries: Sequence[int], owner: str | None = None
) -> dict[int, Verdict]:
    """Judge ledger rows, few enough for one IN list.

    With an owner only those they have claimed, which are held for them until the commit.
    """
    owned = "" if owner is None else OWNED + raw.locking("d")
    among, numbers = raw.among(deliveries)
    statement = JUDGED.format(among=among, owned=owned)
    values = (edition, *numbers) if owner is None else (edition, *numbers, owner)
    return {
        number: Verdict(
            delivery=number,
            reason=_refusal(status, erased, barred, subscribed),
            by_feed=bool(by_feed),
        )
        for number, status, erased, barred, by_feed, subscribed in raw.rows(statement, *values)
    }


def _refusal(status: str, erased: int | None, barred: str | None, subscribed: object) -> str:
    """Return why a person must not be written to, "" when they may be."""
    if erased is not None:
        return "the subscriber was erased"
    if barred is not None:
        return f"suppressed: {barred}"
    if status != SubscriberStatus.CONFIRMED.value:
        return f"the subscriber is {status}"
    return "" if subscribed else "not subscribed to this schedule any more"
