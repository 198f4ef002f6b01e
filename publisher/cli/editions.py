"""`editions`: what was opened for whom, how far it is, and an operator's hand on it."""

from typing import TYPE_CHECKING

import click

from publisher.cli.lazy import Group
from publisher.cli.output import count, say, write_facts, write_json, write_object, write_table
from publisher.cli.rows import edition_row
from publisher.cli.session import Session, json_option, pass_session

if TYPE_CHECKING:
    from publisher.model.editions import Edition

# What each word moves from which states to which.
MOVES = {
    "hold": (("open", "paused"), "review", "held for approval", "held by the operator"),
    "approve": (("review",), "open", "approved; `run` carries it", ""),
    "reject": (("review",), "cancelled", "rejected", "rejected by the operator"),
    "pause": (("open",), "paused", "paused", "paused by the operator"),
    "resume": (("paused",), "open", "resumed; `run` carries it", ""),
    "cancel": (
        ("review", "open", "paused"),
        "cancelled",
        "cancelled",
        "cancelled by the operator",
    ),
}


@click.group(cls=Group)
@json_option
def editions() -> None:
    """Look after editions and their accounting."""


@editions.command("list")
@click.option("--schedule", help="Only editions of this schedule.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=50, show_default=True, help="At most."
)
@json_option
@pass_session
def list_(session: Session, schedule: str | None, limit: int) -> None:
    """List editions, newest first."""
    found = session.app.store.editions(schedule=schedule, limit=limit)
    if session.json:
        write_json(edition_row(edition) for edition in found)
        return
    headings = (
        "id",
        "schedule",
        "slot",
        "state",
        "stories",
        "readers",
        "accepted",
        "failed",
        "subject",
    )
    write_table(headings, (_cells(edition) for edition in found))
    open_ones = sum(not edition.complete for edition in found)
    say(
        f"{count(len(found), 'edition')}, {open_ones} not complete; `editions show ID` has the rest"
    )


@editions.command()
@click.argument("edition", type=int, help="Its number.")
@json_option
@pass_session
def show(session: Session, edition: int) -> None:
    """Show one edition: its stories and its accounting."""
    from publisher.model.editions import EditionId

    store = session.app.store
    found = store.edition(EditionId(edition))
    if session.json:
        write_object(edition_row(found))
        return
    stories = store.articles_by_id(found.articles)
    counts = {state: number for state, number in edition_row(found)["counts"].items() if number}  # type: ignore[attr-defined]  # a row of ours
    titles = [stories[number].title for number in found.articles if number in stories]
    facts: dict[str, object] = {"edition": f"{found.id} ({found.schedule}, number {found.number})"}
    facts |= {"slot": found.slot, "state": str(found.state), "reason": found.reason}
    facts |= {"subject": found.subject, "stories": titles, "readers": found.audience}
    write_facts({**facts, **counts, "complete": found.complete})


def _move(session: Session, edition: int, word: str, reason: str) -> None:
    """Change an edition's state as an operator."""
    from publisher.model.editions import EditionId, EditionState

    before, after, done, why = MOVES[word]
    states = [EditionState(name) for name in before]
    moved = session.app.store.move_edition(
        EditionId(edition), states, EditionState(after), reason or why
    )
    if session.json:
        write_object(edition_row(moved))
    say(f"edition {moved.id}: {done}")


def _define(word: str, help_text: str) -> None:
    @editions.command(word, help=help_text)
    @click.argument("edition", type=int, help="Its number.")
    @click.option("--reason", default="", help="Kept with the edition.")
    @json_option
    @pass_session
    def _command(session: Session, edition: int, reason: str) -> None:
        _move(session, edition, word, reason)


_define("hold", "Let an edition wait until it is approved.")
_define("approve", "Let an edition that waits go out.")
_define("reject", "End an edition that waits; nobody gets it.")
_define("pause", "Stop sending an edition; what is on its way arrives.")
_define("resume", "Go on with a paused edition.")
_define("cancel", "End an edition; who has not got it does not get it.")


def _cells(edition: "Edition") -> tuple[object, ...]:
    from publisher.model.editions import DeliveryState

    return (
        edition.id,
        edition.schedule,
        edition.slot,
        str(edition.state),
        len(edition.articles),
        edition.audience,
        edition.counts.get(DeliveryState.ACCEPTED, 0),
        edition.counts.get(DeliveryState.FAILED, 0),
        edition.subject,
    )
