"""What editions say, frozen: table `edition_content`; serves editing, composing and the pages.

The stories are one JSON document, because they are always read and written whole.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, exists, select, update

from publisher.errors import Conflict, NotFound
from publisher.model.articles import Link
from publisher.model.editions import (
    SHOWN,
    DeliveryState,
    Edition,
    EditionContent,
    EditionId,
    EditionState,
    Issue,
)
from publisher.model.views import StoryView
from publisher.store.braking import release_brake
from publisher.store.database import Part
from publisher.store.edition_rows import HELD, TRIED, check_state, read_edition, state_of
from publisher.store.messages import forget_untouched
from publisher.store.schema import delivery, edition_content
from publisher.store.schema import edition as edition_rows
from publisher.store.withholding import readmit, withhold

_INSTANTS = ("published", "updated")
_LINKS = ("read_also", "also_at")
_LISTS = ("feeds", "authors", "key_points")

RESTING = (EditionState.REVIEW, EditionState.PAUSED)
OUT = (*HELD, DeliveryState.ACCEPTED.value, DeliveryState.UNCERTAIN.value)
MEANWHILE = "was changed by somebody else meanwhile"


_ISSUE: tuple[Any, ...] = (
    edition_rows.c.id,
    edition_rows.c.schedule,
    edition_rows.c.number,
    edition_rows.c.state,
    edition_rows.c.opened,
    edition_content.c.version,
)

KEPT = 64
"""Contents a process remembers: a page of past editions, which nobody changes any more, and some."""


class ContentVerbs(Part):
    """Frozen contents of editions."""

    _contents: dict[tuple[int, int], EditionContent]

    def content(self, edition: EditionId) -> EditionContent | None:
        """Return what an edition says, None when it was not frozen yet. Raises NotFound."""
        with self._db.read() as tx:
            state_of(tx, edition)
            return _read(tx, edition)

    def issue(self, edition: EditionId) -> Issue:
        """Return what one edition says, without its accounting. Raises NotFound."""
        wanted = select(*_ISSUE).outerjoin(edition_content).where(edition_rows.c.id == edition)
        with self._db.read() as tx:
            row = tx.execute(wanted).first()
            if row is None:
                raise NotFound(f"edition {edition}", "there is no such edition")
            return self._issues(tx, [row])[0]

    def issues(
        self,
        schedules: Collection[str],
        *,
        before: EditionId | None = None,
        after: EditionId | None = None,
        limit: int = 30,
        offset: int = 0,
    ) -> Sequence[Issue]:
        """Return frozen editions of these schedules that went out or are going out, newest first.

        `before` takes those older than an edition; `after` those newer, the nearest first.
        """
        number = edition_rows.c.id
        order = number.asc() if after is not None else number.desc()
        # The page is found first, by the index alone: contents are long.
        shown = [state.value for state in SHOWN]
        page = select(number).where(
            edition_rows.c.schedule.in_(schedules), edition_rows.c.state.in_(shown)
        )
        if before is not None:
            page = page.where(number < before)
        if after is not None:
            page = page.where(number > after)
        page = page.order_by(order).limit(limit).offset(offset)
        with self._db.read() as tx:
            found = list(tx.execute(page).scalars())
            wanted = select(*_ISSUE).join(edition_content).where(number.in_(found))
            return self._issues(tx, tx.execute(wanted.order_by(order)).all())

    def _issues(self, tx: Connection, rows: Sequence[Row[Any]]) -> list[Issue]:
        """Return issues of rows of `_ISSUE`; contents that were read before are not read again."""
        keys = {row.id: (row.id, row.version) for row in rows if row.version is not None}
        said = {one: self._contents.get(key) for one, key in keys.items()}
        missing = [number for number, content in said.items() if content is None]
        if missing:
            wanted = select(edition_content).where(edition_content.c.edition.in_(missing))
            read = {row.edition: _content(row) for row in tx.execute(wanted)}
            if len(self._contents) + len(read) > KEPT:
                self._contents.clear()
            self._contents |= {(one, content.version): content for one, content in read.items()}
            said |= read
        return [
            Issue(
                id=EditionId(row.id),
                schedule=row.schedule,
                number=row.number,
                state=EditionState(row.state),
                opened=row.opened,
                content=said.get(row.id),
            )
            for row in rows
        ]

    def save_content(
        self, edition: EditionId, content: EditionContent, expected: int
    ) -> EditionContent:
        """Replace version `expected` (0: there is none yet); return it with its new version.

        A version is replaced only while the edition rests, no copy of it was tried that may have
        arrived and none is in a worker's hand. Raises Conflict for that, or when somebody else was
        first, and NotFound.
        """
        row = {
            "note": content.note,
            "stories": [_written(story) for story in content.stories],
            "version": expected + 1,
        }
        with self._db.write() as tx:
            self._db.hold(tx, edition)
            state = state_of(tx, edition)
            if expected:
                _check_untouched(tx, edition, state)
                mine = (
                    edition_content.c.edition == edition,
                    edition_content.c.version == expected,
                )
                done = tx.execute(update(edition_content).where(*mine).values(row)).rowcount > 0
            else:
                new = self._db.insert(edition_content).values(edition=edition, **row)
                made = new.on_conflict_do_nothing().returning(edition_content.c.version)
                done = tx.execute(made).first() is not None
        if not done:
            raise Conflict(f"edition {edition}", MEANWHILE)
        return replace(content, version=expected + 1)

    def approve_edition(
        self,
        number: EditionId,
        states: Collection[EditionState],
        version: int,
        subject: str,
        now: datetime,
        reason: str = "",
    ) -> Edition:
        """Let an edition go that is in one of `states` and says what it says in `version`.

        Who would get nothing but hidden stories is suppressed, and taken in again when one is shown
        later. What had stopped it by itself counts no more. Raises Conflict when state or version
        are others, and NotFound.
        """
        with self._db.write() as tx:
            self._db.hold(tx, number)
            check_state(tx, number, states, EditionState.OPEN)
            content = _read(tx, number)
            if content is None or content.version != version:
                raise Conflict(f"edition {number}", MEANWHILE)
            hidden = {story.id for story in content.stories if story.hidden}
            readmit(self._db, tx, number, hidden, now)
            withhold(self._db, tx, number, hidden, now)
            forget_untouched(tx, number)
            opened = {"state": EditionState.OPEN.value, "reason": reason, "totals": None}
            values = {**opened, "subject": subject}
            tx.execute(update(edition_rows).where(edition_rows.c.id == number).values(values))
            release_brake(tx, number, now)
            return read_edition(tx, number)


def _check_untouched(tx: Connection, number: int, state: EditionState) -> None:
    """Raise Conflict unless everybody who gets an edition can still get another version of it."""
    if state not in RESTING:
        raise Conflict(f"edition {number}", f"it is {state.value} and cannot be edited")
    mine = delivery.c.edition == number
    # One after the other: an OR would keep both databases from walking the index.
    for out in (delivery.c.state.in_(OUT), TRIED):
        if tx.execute(select(1).where(exists().where(mine, out))).first() is not None:
            raise Conflict(
                f"edition {number}", "somebody has it or may have it, or is sent it now"
            )


def _read(tx: Connection, number: int) -> EditionContent | None:
    row = tx.execute(select(edition_content).where(edition_content.c.edition == number)).first()
    return None if row is None else _content(row)


def _content(row: Row[Any]) -> EditionContent:
    return EditionContent(
        stories=tuple(_story(told) for told in row.stories), note=row.note, version=row.version
    )


def _written(story: StoryView) -> dict[str, Any]:
    told = asdict(story)
    for name in _INSTANTS:
        told[name] = told[name].isoformat() if told[name] else None
    return told


def _story(told: Mapping[str, Any]) -> StoryView:
    """Read a story; keys of a newer publisher are left out."""
    known = {name: value for name, value in told.items() if name in StoryView.__dataclass_fields__}
    for name in _INSTANTS:
        known[name] = datetime.fromisoformat(known[name]) if known.get(name) else None
    for name in _LINKS:
        known[name] = tuple(Link(**link) for link in known.get(name, ()))
    for name in _LISTS:
        known[name] = tuple(known.get(name, ()))
    known["edited"] = {
        name: tuple(words) if isinstance(words, list) else words
        for name, words in known.get("edited", {}).items()
    }
    return StoryView(**known)
