"""Messages as they go out: table `edition_message`; serves composing.

Rendered once an edition and language and kept from the first copy on, so that every attempt sends
the same bytes (promise 3), also after a restart with other templates, and a process that only sends
renders nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, delete, exists, select

from publisher.model.editions import DeliveryState, EditionId
from publisher.model.messages import (
    Body,
    Literal,
    Message,
    Names,
    Part,
    Piece,
    Place,
    Slot,
    SlotKind,
)
from publisher.store.database import Part as Verbs
from publisher.store.edition_rows import HELD, TRIED, state_of
from publisher.store.schema import delivery, edition_message

_OUT = (*HELD, DeliveryState.ACCEPTED.value, DeliveryState.UNCERTAIN.value)


class MessageVerbs(Verbs):
    """Rendered messages of editions."""

    def message(self, edition: EditionId, version: int, language: str) -> Message | None:
        """Return the message of a version of what an edition says, None when none is kept."""
        with self._db.read() as tx:
            return _read(tx, edition, version, language)

    def kept_messages(self, edition: EditionId, version: int) -> Mapping[str, str]:
        """Return the marks of the messages kept of this version, by language."""
        mine = (edition_message.c.edition == edition, edition_message.c.version == version)
        columns = (edition_message.c.language, edition_message.c.mark)
        with self._db.read() as tx:
            return {row.language: row.mark for row in tx.execute(select(*columns).where(*mine))}

    def keep_message(self, edition: EditionId, version: int, message: Message) -> Message:
        """Keep a message unless another of this version is kept; return the one that is.

        Raises NotFound for an edition that does not exist.
        """
        language = message.language
        row = {
            "edition": edition,
            "language": language,
            "version": version,
            "html": _written(message.html),
            "text": _written(message.text),
            "flowed": message.flowed,
            "names": asdict(message.names) if message.names else {},
            "mark": message.mark,
        }
        mine = (edition_message.c.edition == edition, edition_message.c.language == language)
        with self._db.write() as tx:
            state_of(tx, edition)
            tx.execute(delete(edition_message).where(*mine, edition_message.c.version < version))
            tx.execute(self._db.insert(edition_message).values(row).on_conflict_do_nothing())
            return _read(tx, edition, version, language) or message

    def forget_messages(self, edition: EditionId) -> None:
        """Forget an edition's messages if nobody has it: it goes as templates are by then."""
        with self._db.write() as tx:
            self._db.hold(tx, edition)
            forget_untouched(tx, edition)


def forget_untouched(tx: Connection, edition: int) -> None:
    """Forget an edition's messages while nobody has it: it is let go as templates are now."""
    mine = delivery.c.edition == edition
    touched = (exists().where(mine, out) for out in (delivery.c.state.in_(_OUT), TRIED))
    if not any(tx.execute(select(one)).scalar() for one in touched):
        tx.execute(delete(edition_message).where(edition_message.c.edition == edition))


def _read(tx: Connection, edition: int, version: int, language: str) -> Message | None:
    wanted = select(edition_message).where(
        edition_message.c.edition == edition,
        edition_message.c.version == version,
        edition_message.c.language == language,
    )
    row = tx.execute(wanted).first()
    if row is None:
        return None
    html, text = (_body(written) for written in (row.html, row.text))
    names = Names(**row.names) if row.names else None
    return Message(
        html=html, text=text, language=row.language, flowed=bool(row.flowed), names=names
    )


def _written(body: Body) -> Mapping[str, Any]:
    """Return a body as JSON: text as it is, a slot as [name, kind], a place as [name]."""
    return {
        "frame": [_part(part) for part in body.frame],
        "blocks": {key: [_part(piece) for piece in pieces] for key, pieces in body.blocks.items()},
    }


def _part(part: Part) -> str | Sequence[str]:
    if isinstance(part, Literal):
        return part.text
    return (part.name,) if isinstance(part, Place) else (part.name, part.kind.value)


def _body(written: Mapping[str, Any]) -> Body:
    blocks = written["blocks"].items()
    return Body(
        frame=tuple(map(_read_part, written["frame"])),
        blocks={key: tuple(map(_read_piece, pieces)) for key, pieces in blocks},
    )


def _read_part(written: str | Sequence[str]) -> Part:
    if isinstance(written, str) or len(written) > 1:
        return _read_piece(written)
    return Place(written[0])


def _read_piece(written: str | Sequence[str]) -> Piece:
    return Literal(written) if isinstance(written, str) else Slot(written[0], SlotKind(written[1]))
