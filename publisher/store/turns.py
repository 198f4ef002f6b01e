"""The ledger's hot path: one turn of a transport's loop, one transaction; serves core.sending.

Statements go to the driver directly: a turn of one message is a dozen of them.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from publisher.model.editions import (
    DeliveryId,
    DeliveryState,
    EditionId,
    EditionState,
    Outcome,
    OutcomeState,
    Refusal,
)
from publisher.store.consent import verdicts
from publisher.store.database import Part, Raw, chunks
from publisher.store.editions import CANCELLED
from publisher.store.feeding import fill
from publisher.store.keeping import step
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

COUNTED = {OutcomeState.ACCEPTED, OutcomeState.UNCERTAIN}
"""Outcomes after which a reader is taken to have the copy."""

UNTRIED = {OutcomeState.FAILED, OutcomeState.RETURNED}
"""Outcomes that a copy may have without having been on the wire."""

STOPPED = {EditionState.PAUSED.value}
"""Editions for which nobody is suppressed: while one stands still, its trouble may be ours."""

RECALLED = {
    DeliveryState.UNCERTAIN.value,
    DeliveryState.QUEUED.value,
    DeliveryState.CLAIMED.value,
    DeliveryState.DEFERRED.value,
}
"""Where a swept row may stand when its old owner says after all that it was accepted."""

# The plus keeps SQLite from walking a whole edition for the sake of a few rows.
TOLD = """
SELECT d.id, d.state, d.owner, d.subscriber, d.selection, d.remembered FROM delivery d
 WHERE +d.edition = ? AND d.id {among} ORDER BY d.id"""

RECORD = """
UPDATE delivery SET state = ?, reason = ?, at = ?, due = ?, owner = '', attempts = attempts - ?,
       message_id = CASE WHEN ? = '' THEN message_id ELSE ? END,
       transport = CASE WHEN ? = '' THEN transport ELSE ? END, refusal = ?,
       since = COALESCE(since, ?), remembered = ?
 WHERE id = ?"""

# The same for all rows at once: where each statement is a message to a server, that is what costs.
RECORD_ALL = """
UPDATE delivery d SET state = v.state, reason = v.reason, at = v.at, due = v.due, owner = '',
       attempts = d.attempts - v.untried,
       message_id = CASE WHEN v.message_id = '' THEN d.message_id ELSE v.message_id END,
       transport = CASE WHEN v.transport = '' THEN d.transport ELSE v.transport END,
       refusal = v.refusal, since = COALESCE(d.since, v.since), remembered = v.remembered
  FROM json_to_recordset(?::json)
       AS v(state text, reason text, at bigint, due bigint, untried bigint, message_id text,
            transport text, refusal text, since bigint, remembered bigint, id bigint)
 WHERE d.id = v.id"""

COLUMNS = (
    *("state", "reason", "at", "due", "untried", "message_id", "", "transport", "", "refusal"),
    *("since", "remembered", "id"),
)
"""What the values of RECORD are called in RECORD_ALL."""

BOUNCED = "bounced: "

# Nobody is at the address: that holds for every edition from now on.
BAR = """
INSERT INTO suppression (address, email, reason, since)
SELECT s.address, s.email, ?, ? FROM subscriber s WHERE s.id = ? AND s.erased IS NULL
ON CONFLICT DO NOTHING"""

BEGIN = """
UPDATE delivery SET state = 'sending', attempts = attempts + 1, at = ? WHERE id {among}"""

REFUSE = "UPDATE delivery SET state = 'suppressed', reason = ?, owner = '', at = ? WHERE id = ?"

RETURN = """
UPDATE delivery SET state = 'queued', owner = '', at = ?
 WHERE id = ? AND edition = ? AND state = 'claimed' AND owner = ?"""

CANCEL = """
UPDATE delivery SET state = 'suppressed', reason = ?, due = NULL, at = ?
 WHERE id = ? AND edition = ? AND state IN ('queued', 'deferred')"""

# A lease with more than half of its time left is left alone: a page less to write and to sync.
PROLONG = "UPDATE lease SET until = ? WHERE edition = ? AND owner = ? AND until < ?"
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
        with self._db.turn(edition) as raw:
            ((state,),) = raw.rows(STANDS, edition)
            self._record(raw, edition, owner, outcomes, now, bars=state not in STOPPED)
            if state == EditionState.OPEN.value:
                may = _begin(raw, edition, owner, next, now)
            else:
                may = frozenset()
                raw.many(RETURN, [(micros(now), number, edition, owner) for number in next])
                raw.run(UNFOLD, edition)
            if state == EditionState.CANCELLED.value:
                touched = sorted({*next, *(one.delivery for one in outcomes)})
                raw.many(CANCEL, [(CANCELLED, micros(now), one, edition) for one in touched])
            soon = lease_until - (lease_until - now) / 2
            raw.run(PROLONG, micros(lease_until), edition, owner, micros(soon))
            # One row for all would have PostgreSQL's turns wait for each other: there claims count.
            count = step(raw) if self._db.sqlite and (outcomes or may) else 0
        if count:
            self._db.noted(count)  # before anything is handed over
        return may

    def _record(
        self,
        raw: Raw,
        edition: EditionId,
        owner: str,
        outcomes: Sequence[Outcome],
        now: datetime,
        *,
        bars: bool,
    ) -> None:
        """Write the outcomes of copies that are still this owner's to tell of.

        A copy accepted or uncertain counts as sent, lest its stories be digested twice; when an
        uncertain one is sent again and then fails, its stories are owed. Nobody is suppressed unless
        the edition `bars`.
        """
        told = {outcome.delivery: outcome for outcome in outcomes}
        # In the order of rows, which is that of readers: two turns never wait for each other.
        for part in chunks(sorted(told)):
            written: list[tuple[object, ...]] = []
            sent: list[tuple[int, Selected]] = []
            failed: list[tuple[int, Selected]] = []
            gone: list[tuple[str, int, int]] = []
            among, numbers = raw.among(part)
            statement = TOLD.format(among=among) + raw.locking("d")
            for number, state, holder, reader, chosen, known in raw.rows(
                statement, edition, *numbers
            ):
                outcome = told[number]
                if not _is_heard(outcome, state, mine=holder == owner):
                    continue
                counts = outcome.state in COUNTED
                fails = outcome.state is OutcomeState.FAILED
                if counts and not known:
                    sent.append((reader, self._selection(raw, chosen)))
                if fails and known:
                    failed.append((reader, self._selection(raw, chosen)))
                if bars and fails and outcome.refusal is Refusal.HARD:
                    gone.append((f"{BOUNCED}{_reason(outcome)}", micros(now), reader))
                remembered = counts or (bool(known) and not fails)
                written.append((*_values(outcome, state, now), int(remembered), number))
            _write(raw, written)
            raw.many(BAR, gone)
            remember(raw, sent)
            carry_over(raw, failed)

    def _selection(self, raw: Raw, number: int) -> Selected:
        found = self._selections.get(number)
        if found is None:
            if len(self._selections) >= KEPT:
                self._selections.clear()
            found = self._selections[number] = read_selection(raw, number)
        return found


def _write(raw: Raw, rows: Sequence[tuple[object, ...]]) -> None:
    """Run RECORD for each row of values."""
    if raw.sqlite:
        raw.many(RECORD, rows)
    elif rows:
        raw.run(RECORD_ALL, json.dumps([dict(zip(COLUMNS, row, strict=True)) for row in rows]))


def _is_heard(outcome: Outcome, state: str, *, mine: bool) -> bool:
    """Tell whether an outcome counts, the row being in a state and (not) the teller's.

    What we ourselves refuse (an address that cannot be written to, a sample) fails without having
    been on the wire, and what its provider has no room for yet is returned. What the other side
    accepted was accepted, also when the lease was lost meanwhile: nobody else is to send it again.
    What somebody else has on the wire is theirs.
    """
    if state == DeliveryState.SENDING.value:
        return mine
    if state == DeliveryState.CLAIMED.value and outcome.state in UNTRIED:
        return mine
    return outcome.state is OutcomeState.ACCEPTED and state in RECALLED


def _values(outcome: Outcome, state: str, now: datetime) -> tuple[object, ...]:
    """Return the parameters of RECORD for a row in a state, but for the last two.

    A returned copy that is to wait is deferred, without a try counted and without the clock of
    back-off having begun.
    """
    deferred = outcome.state is OutcomeState.DEFERRED
    returned = outcome.state is OutcomeState.RETURNED
    waits = deferred or (returned and outcome.until is not None)
    begun = state == DeliveryState.SENDING.value
    message_id, transport = clean(outcome.message_id), clean(outcome.transport)
    return (
        DeliveryState.DEFERRED.value if waits else STATES[outcome.state].value,
        _reason(outcome),
        micros(now),
        micros(outcome.until or now + RETRY_AFTER) if waits else None,
        int(returned and begun),
        message_id,
        message_id,
        transport,
        transport,
        outcome.refusal or "",
        micros(now) if deferred else None,
    )


def _reason(outcome: Outcome) -> str:
    """Return the reply's code and its words as one line."""
    code = "" if outcome.code and outcome.code in outcome.reason else outcome.code
    return clean(" ".join(f"{code} {outcome.reason}".split()))


def _begin(
    raw: Raw, edition: EditionId, owner: str, wanted: Sequence[DeliveryId], now: datetime
) -> frozenset[int]:
    """Mark as sending what may go; suppress what must not; fill the feeds of who changed to one."""
    may: list[int] = []
    for part in chunks(sorted(wanted)):
        judged = verdicts(raw, edition, part, owner).values()
        barred = [verdict for verdict in judged if not verdict.may]
        raw.many(REFUSE, [(clean(one.reason), micros(now), one.delivery) for one in barred])
        fill(raw, [one.delivery for one in judged if one.may and one.by_feed], now)
        going = [one.delivery for one in judged if one.may and not one.by_feed]
        if going:
            among, numbers = raw.among(going)
            raw.run(BEGIN.format(among=among), micros(now), *numbers)
        may += going
    return frozenset(may)
