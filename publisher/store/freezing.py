"""Opening an edition: candidates, choices and the whole audience in one transaction.

Serves core.composing through `ports.Editions.open_edition`. Readers never come into Python one by
one: SQL groups them by signature (choosing.py), and writes the ledger from the groups.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlalchemy import Connection, insert, select

from publisher.errors import StoreBusy
from publisher.model.editions import (
    Candidate,
    Choice,
    Delivery,
    Edition,
    OpenEdition,
    ReaderGroup,
)
from publisher.model.subscribers import SubscriberId
from publisher.model.timetable import RunId
from publisher.ports import Pacing
from publisher.store.audience import Audience
from publisher.store.candidates import lay_table
from publisher.store.choosing import Choose, News, Table, choose_for
from publisher.store.database import Part, undone
from publisher.store.edition_rows import (
    DELIVERY,
    EDITION,
    read_deliveries,
    read_edition,
    read_editions,
)
from publisher.store.ledger import Frozen, write_edition
from publisher.store.memberships import Memberships
from publisher.store.memory import Selected
from publisher.store.pacing import postpone_all
from publisher.store.schema import delivery, edition, run

REHEARSAL = "rehearsal"
"""The key of a run that nobody else ever sees."""

FEW = 500
"""How many of the oldest readers, and of the newest, show what an edition will look like."""

ATTEMPTS = 3
"""How often PostgreSQL is asked again when two transactions cross."""


class FreezingVerbs(Part):
    """Opening editions."""

    def open_edition(
        self,
        intent: OpenEdition,
        choose: Callable[[Sequence[Candidate], ReaderGroup], Choice],
        compatible: Callable[[str], bool] | None = None,
        pacing: Pacing | None = None,
    ) -> Edition | None:
        """Find or create the run's edition with its whole audience in one transaction.

        Readers are grouped by what they remember; `choose` (pure) is called once per group, with
        the candidates that are news to it, best first by the intent's `rank`, and the deliveries are
        written set-based. Groups given fewer than `min_articles` are left out (they are owed
        everything next time). Confirmed but suppressed addresses enter as `suppressed`.
        `compatible` filters the audience by the subscriber's time zone. With `pacing` the copies of
        those who may not get them yet are written as deferred. None when nobody gets anything:
        then nothing was written.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self._db.freeze("edition", "feed", "feed_article") as tx:
                    return self._open(tx, intent, choose, compatible, pacing)
            except StoreBusy:
                if self._db.sqlite or attempt == ATTEMPTS:
                    raise
        return None

    def rehearse(
        self,
        intent: OpenEdition,
        choose: Callable[[Sequence[Candidate], ReaderGroup], Choice],
        subscriber: SubscriberId | None = None,
        *,
        few: bool = False,
    ) -> tuple[Edition, Delivery | None] | None:
        """Open an edition as `open_edition` would, under a run of its own, and undo all of it.

        Returns what was opened, and the subscriber's row of it (None: they would not get it). None
        when nobody would get anything. With `few` it is opened for `FEW` of the oldest and of the
        newest readers alone. PostgreSQL gives its numbers to no edition after that.
        """
        with self._db.freeze("edition", "feed", "feed_article") as tx, undone(tx):
            planned = insert(run).values(
                schedule=intent.schedule, key=REHEARSAL, slot=intent.slot, due=intent.now
            )
            number = RunId(tx.execute(planned.returning(run.c.id)).scalar_one())
            mine = replace(intent, run=number)
            found = self._open(tx, mine, choose, None, None, FEW if few else 0)
            if found is None:
                return None
            theirs = (delivery.c.edition == found.id, delivery.c.subscriber == subscriber)
            return found, next(iter(read_deliveries(tx, DELIVERY.where(*theirs))), None)

    def _open(
        self,
        tx: Connection,
        intent: OpenEdition,
        choose: Choose,
        compatible: Callable[[str], bool] | None,
        pacing: Pacing | None,
        few: int = 0,
    ) -> Edition | None:
        tx.execute(select(run.c.id).where(run.c.id == intent.run).with_for_update()).one()
        found = read_editions(tx, select(*EDITION).where(edition.c.run == intent.run))
        if found:
            return found[0]
        feeds = sorted(set(intent.feeds))
        memberships = Memberships(self._db, tx, intent.now)
        memberships.lock(feeds)
        memberships.promote(feeds)
        with Audience(self._db, tx, intent.schedule, feeds, few) as audience:
            if compatible is not None:
                audience.keep_zones(compatible)
            table = lay_table(tx, audience, intent)
            groups, news = audience.group(table), News(table)
            chosen = {
                group.signature: (group, selected)
                for group in groups
                if (selected := choose_for(news, group.signature, group.size, choose))
            }
            if not any(group.live for group, _ in chosen.values()):
                return None
            frozen = Frozen(
                articles=_told(table, [selected for _, selected in chosen.values()]),
                selections={name: selected for name, (_, selected) in chosen.items()},
                upto=table.upto,
            )
            number = write_edition(self._db, tx, intent, frozen)
            if pacing is not None:
                postpone_all(self._db, tx, number, intent.now, pacing)
            return read_edition(tx, number)


def _told(table: Table, selections: Sequence[Selected]) -> tuple[int, ...]:
    """Return every story that somebody is told of, best first."""
    told = {number for selected in selections for number in selected.told}
    return tuple(one.id for one in table.candidates if one.id in told)
