"""`editions`: what was opened for whom, how far it is, and an operator's hand on it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from publisher.cli.lazy import Group
from publisher.cli.output import count, say, warn, write_json, write_lines, write_object
from publisher.cli.revising import edit, list_row, tell
from publisher.cli.rows import edition_row
from publisher.cli.sending import folder_option, write_preview
from publisher.cli.session import Session, json_option, pass_session
from publisher.errors import Conflict
from publisher.model.keeping import HELD_BACK

if TYPE_CHECKING:
    from publisher.model.editions import Edition

# What each word moves from which states to which.
MOVES = {
    "hold": (("open", "paused", "review"), "review", "held", "held by the operator"),
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
    rows = [list_row(session.app, edition) for edition in found]
    if session.json:
        write_json(rows)
        return
    from publisher.cli.listing import listing

    until = [str(row["waits_until"] or "") for row in rows]
    write_lines(listing(list(zip(found, until, strict=True))))
    for edition in found:
        if edition.reason.startswith(HELD_BACK):
            warn(f"edition {edition.id}: {edition.reason}; `publisher resume` goes on")
    open_ones = sum(not edition.complete for edition in found)
    say(
        f"{count(len(found), 'edition')}, {open_ones} not complete; `editions show ID` has the rest"
    )


@editions.command()
@click.argument("edition", type=int, help="Its number.")
@click.option("--follow", is_flag=True, help="Show it being sent, until it has ended.")
@json_option
@pass_session
def show(session: Session, edition: int, *, follow: bool) -> None:
    """Show one edition: its balance sheet, its stories in order, and what changed since.

    The sheet holds its whole audience: accepted, failed, suppressed and uncertain by reason, and
    what is under way. With --follow and --json it is one object a line whenever a figure changes.
    Any process may follow what another sends.
    """
    from publisher.cli.watching import follow as watch
    from publisher.model.editions import EditionId

    app = session.app
    if follow:
        watch(app, EditionId(edition), as_json=session.json)
        if session.json:
            return
    tell(session, app.store.edition(EditionId(edition)))


@editions.command()
@click.argument("edition", type=int, help="Its number.")
@click.option("--for", "address", default="", help="The copy of this subscriber.")
@folder_option
@json_option
@pass_session
def preview(session: Session, edition: int, address: str, folder: Path) -> int:
    """Write an edition as it reads now to files; nothing is sent.

    Writes what `publisher preview` writes: the whole edition, or one reader's own copy of it.
    """
    from publisher.cli.rehearsal import reread
    from publisher.model.editions import EditionId

    found = session.app.store.edition(EditionId(edition))
    return write_preview(session, reread(session.app, found, address), folder)


def _move(session: Session, edition: int, word: str, reason: str) -> None:
    """Change an edition's state as an operator. Raises Conflict."""
    from publisher.app.reviewing import approve
    from publisher.model.editions import EditionId, EditionState

    app, number = session.app, EditionId(edition)
    before, after, done, why = MOVES[word]
    states = [EditionState(name) for name in before]
    if app.store.edition(number).state is EditionState.PREPARING:
        raise Conflict(f"edition {edition}", "is being composed; try again in a moment")
    if after == "open":
        if held := app.store.marks().held:
            raise Conflict(
                f"edition {edition}", f"nothing is sent: {held}; `publisher resume` releases it"
            )
        moved = approve(app, number, states, reason or why)
    else:
        moved = app.store.move_edition(number, states, EditionState(after), reason or why)
    if session.json:
        write_object(edition_row(moved))
    say(
        f"edition {moved.id}: {done}{_out(moved, app.store.tried(number)) if word == 'hold' else ''}"
    )


def _out(edition: "Edition", tried: int) -> str:
    """Return what can be done with an edition that is held, depending on who has it."""
    from publisher.core.revising import SENT

    had = sum(edition.counts.get(state, 0) for state in SENT) + tried
    if not had:
        return f"; `editions edit {edition.id}` changes it, `editions approve {edition.id}` lets it go"
    have = "have it, or may have it," if tried else "have it"
    return (
        f"; {had:,} of {count(edition.audience, 'reader')} {have} and keep it as it is,"
        " so it cannot be edited any more: approve it, or cancel it"
    )


def _define(word: str, help_text: str) -> None:
    @editions.command(word, help=help_text)
    @click.argument("edition", type=int, help="Its number.")
    @click.option("--reason", default="", help="Kept with the edition.")
    @json_option
    @pass_session
    def _command(session: Session, edition: int, reason: str) -> None:
        _move(session, edition, word, reason)


editions.add_command(edit)
_define("hold", "Let an edition wait until somebody approves it, whatever its schedule says.")
_define("approve", "Let an edition that waits go out as it reads now, also against the lint.")
_define("reject", "End an edition that waits; nobody gets it.")
_define("pause", "Stop sending an edition; what is on its way arrives.")
_define("resume", "Go on with a paused edition.")
_define("cancel", "End an edition; who has not got it does not get it.")
