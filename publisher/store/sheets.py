"""Counting an edition's ledger, set by set; serves the command line and the metrics. Reads only.

Every statement walks one edition along its index and answers with few rows, however many it counts.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from publisher.model.editions import DeliveryState, EditionId
from publisher.model.sheets import (
    REASONED,
    TROUBLE,
    WINDOW,
    DomainTally,
    Ledgers,
    ReasonTally,
    Remark,
    Sheet,
    Tally,
)
from publisher.store.database import Part, Raw, marks
from publisher.store.domains import DOMAIN
from publisher.store.edition_rows import read_edition
from publisher.store.types import micros, moment

REASONS = 24
"""How many reasons are told apart; the rest is in the counts."""


HEAD = """
SELECT e.ended, (SELECT count(*) FROM lease l WHERE l.edition = e.id),
       (SELECT min(d.due) FROM delivery d WHERE d.edition = e.id AND d.state = 'deferred')
  FROM edition e WHERE e.id = ?"""

TALLIES = """
SELECT state, transport, count(*), min(at), max(at), sum(CASE WHEN at > ? THEN 1 ELSE 0 END)
  FROM delivery WHERE edition = ? GROUP BY state, transport ORDER BY state, transport"""

# Replies of one code differ in addresses and queue ids; words of ours in a time or a name at the end.
REASON_TALLIES = """
SELECT state, refusal, min(reason), count(*) FROM delivery
 WHERE edition = ? AND state IN ({reasoned})
 GROUP BY state, refusal, CASE WHEN substr(reason, 1, 3) BETWEEN '200' AND '599'
                      THEN substr(reason, 1, 9) ELSE substr(reason, 1, 40) END
 ORDER BY count(*) DESC, min(reason) LIMIT ?"""

DOMAINS = """
WITH counted AS (
  SELECT {domain} AS domain, d.state AS state, count(*) AS copies
    FROM delivery d JOIN subscriber s ON s.id = d.subscriber
   WHERE d.edition = ? GROUP BY 1, 2),
largest AS (
  SELECT domain, sum(copies) AS readers FROM counted
   GROUP BY domain ORDER BY sum(copies) DESC, domain LIMIT ?)
SELECT l.domain, c.state, c.copies
  FROM largest l JOIN counted c ON c.domain = l.domain ORDER BY l.readers DESC, l.domain"""

LAST_WORDS = """
SELECT domain, state, refusal, reason, at FROM (
  SELECT t.*, row_number() OVER (PARTITION BY domain ORDER BY at DESC, id DESC) AS place FROM (
    SELECT {domain} AS domain, d.id, d.state, d.refusal, d.reason, d.at
      FROM delivery d JOIN subscriber s ON s.id = d.subscriber
     WHERE d.edition = ? AND d.state IN ({trouble})) t
   WHERE domain IN ({marks})) ranked
 WHERE place = 1"""

REMARK = """
SELECT d.at, s.email, d.state, d.reason FROM delivery d JOIN subscriber s ON s.id = d.subscriber
 WHERE d.edition = ? AND d.state IN ({trouble}) AND d.reason <> ''
 ORDER BY d.at {order}, d.id {order} LIMIT 1"""

STATES = "SELECT state, count(*) FROM edition WHERE state NOT IN ('done', 'cancelled') GROUP BY 1"

COPIES = """
SELECT d.state, count(*) FROM edition e JOIN delivery d ON d.edition = e.id
 WHERE e.state = 'open' GROUP BY 1"""

OLDEST = """
SELECT min(since) FROM (
  SELECT (SELECT min(d.at) FROM delivery d WHERE d.edition = e.id AND d.state = 'queued') AS since
    FROM edition e WHERE e.state = 'open'
  UNION ALL
  SELECT (SELECT min(d.due) FROM delivery d
           WHERE d.edition = e.id AND d.state = 'deferred' AND d.due <= ?)
    FROM edition e WHERE e.state = 'open') waiting"""


class SheetVerbs(Part):
    """What became of an edition's copies, in figures."""

    def sheet(self, edition: EditionId, now: datetime, domains: int = 12) -> Sheet:
        """Return an edition's balance sheet, with its largest domains. Raises NotFound."""
        with self._db.snapshot() as tx:
            found = read_edition(tx, edition)
            raw = self._db.raw(tx)
            ((ended, hands, due),) = raw.rows(HEAD, edition)
            return Sheet(
                edition=found,
                asked=now,
                ended=_moment(ended),
                hands=hands,
                next_due=_moment(due),
                tallies=_tallies(raw, edition, now),
                reasons=_reasons(raw, edition),
                domains=_domains(raw, edition, domains) if domains else (),
                first=_remark(raw, edition, "ASC"),
                last=_remark(raw, edition, "DESC"),
            )

    def sending(self) -> Sequence[EditionId]:
        """Return editions of which somebody holds copies right now, oldest first."""
        with self._db.read() as tx:
            held = self._db.raw(tx).rows("SELECT DISTINCT edition FROM lease ORDER BY edition")
            return [EditionId(number) for (number,) in held]

    def ledgers(self, now: datetime) -> Ledgers:
        """Return all editions that are not finished, in figures."""
        with self._db.snapshot() as tx:
            raw = self._db.raw(tx)
            ((since,),) = raw.rows(OLDEST, micros(now))
            return Ledgers(
                states=dict(raw.rows(STATES)),
                copies={DeliveryState(state): count for state, count in raw.rows(COPIES)},
                queued_since=_moment(since),
            )


def _spelled(statement: str, **more: str) -> str:
    """Return a statement with the domain and the states it speaks of written in."""
    lists = {"reasoned": REASONED, "trouble": TROUBLE}
    words = {name: ", ".join(f"'{one.value}'" for one in states) for name, states in lists.items()}
    return statement.format(domain=DOMAIN, **words, **more)


def _moment(value: int | None) -> datetime | None:
    return None if value is None else moment(value)


def _tallies(raw: Raw, number: int, now: datetime) -> tuple[Tally, ...]:
    return tuple(
        Tally(
            state=DeliveryState(state),
            transport=transport,
            count=count,
            first=moment(first),
            last=moment(last),
            recent=int(recent),
        )
        for state, transport, count, first, last, recent in raw.rows(
            TALLIES, micros(now - WINDOW), number
        )
    )


def _reasons(raw: Raw, number: int) -> tuple[ReasonTally, ...]:
    return tuple(
        ReasonTally(state=DeliveryState(state), refusal=refusal, words=words, count=count)
        for state, refusal, words, count in raw.rows(_spelled(REASON_TALLIES), number, REASONS)
    )


def _domains(raw: Raw, number: int, limit: int) -> tuple[DomainTally, ...]:
    """Return the largest domains with their counts and the last trouble of each."""
    counts: dict[str, dict[DeliveryState, int]] = {}
    for domain, state, copies in raw.rows(_spelled(DOMAINS), number, limit):
        mine = counts.setdefault(domain, dict.fromkeys(DeliveryState, 0))
        mine[DeliveryState(state)] = copies
    if not counts:
        return ()
    told: dict[str, Sequence[Any]] = {
        domain: said
        for domain, *said in raw.rows(
            _spelled(LAST_WORDS, marks=marks(len(counts))), number, *counts
        )
    }
    found = [DomainTally(domain=domain, counts=mine) for domain, mine in counts.items()]
    return tuple(_with_words(one, told.get(one.domain)) for one in found)


def _with_words(tally: DomainTally, said: Sequence[Any] | None) -> DomainTally:
    if said is None:
        return tally
    state, refusal, words, at = said
    return replace(tally, state=DeliveryState(state), refusal=refusal, words=words, at=moment(at))


def _remark(raw: Raw, number: int, order: str) -> Remark | None:
    """Return what was said first, or last, of a copy that did not go through."""
    for at, email, state, words in raw.rows(_spelled(REMARK, order=order), number):
        return Remark(at=moment(at), email=email, state=DeliveryState(state), words=words)
    return None
