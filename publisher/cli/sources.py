"""`sources`: where articles come from, how each one fares, and what to do about it."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from publisher.cli.lazy import Group
from publisher.cli.moments import away
from publisher.cli.output import (
    count,
    say,
    when,
    write_facts,
    write_json,
    write_object,
    write_table,
)
from publisher.cli.session import Session, json_option, pass_session

if TYPE_CHECKING:
    from publisher.core.outcomes import Subject
    from publisher.model.articles import SourceState

    Known = tuple[Subject, SourceState]
    Row = dict[str, object]

NAMED = "Its key as `sources list` shows it, or a part that no other has."


@click.group(cls=Group)
@json_option
def sources() -> None:
    """Look at where articles come from, and what to do about it.

    A SOURCE is named by its key, or by a part of it that no other has.
    """


@sources.command("list")
@click.option("--feed", help="Only sources of this feed.")
@click.option("--failing", is_flag=True, help="Only sources that fail, have stopped or hold back.")
@json_option
@pass_session
def list_(session: Session, feed: str | None, *, failing: bool) -> int:
    """List sources: how each fares, when it is asked next, and why then.

    Ends with 1 when one of them fails, has stopped, or holds stories back.
    """
    app = session.app
    if feed is not None:
        app.feeds([feed])
    held = app.store.held_counts()
    rows = [
        _row(one, held.get(one[1].key, 0))
        for one in app.sources.known()
        if feed is None or feed in one[0].slugs
    ]
    bad = [row for row in rows if row["state"] not in {"ok", "new"}]
    shown = bad if failing else rows
    if session.json:
        write_json(shown)
        return int(bool(bad))
    columns = ("source", "state", "success", "next", "every", "why", "errors", "last")
    now = app.clock.now()
    write_table(columns, ([_cell(row, column, now) for column in columns] for row in shown))
    told = f", {len(bad)} of them in trouble" if bad else ""
    say(f"{count(len(rows), 'source')}{told}; `sources show SOURCE` has the rest of one")
    return int(bool(bad))


@sources.command()
@click.argument("source", help=NAMED)
@json_option
@pass_session
def show(session: Session, source: str) -> None:
    """Show one source with everything that is remembered of it."""
    app = session.app
    known = app.sources.find(source)
    row = {**_row(known, app.store.held_counts().get(known[1].key, 0)), **_rest(known)}
    if session.json:
        write_object(row)
    else:
        write_facts(
            {name: value for name, value in row.items() if value not in ("", [], {}, None)}
        )


@sources.command()
@click.argument("source", help=NAMED)
@click.option("--hide", is_flag=True, help="Keep them out for good instead.")
@json_option
@pass_session
def release(session: Session, source: str, *, hide: bool) -> None:
    """Let stories that are held back into their feeds; none of them is mailed.

    Stories are held back when all ids of a source are new at once though most stories are old.
    """
    _, state = session.app.sources.find(source)
    number = session.app.sources.release(state.key, hide=hide)
    if session.json:
        write_object({"source": state.key, "released": 0 if hide else number, "hidden": hide})
    done = "hidden" if hide else "released"
    say(f"{count(number, 'article')} of {state.key} {done}; `publish` shows the change")


@sources.command()
@click.argument("source", help=NAMED)
@json_option
@pass_session
def resume(session: Session, source: str) -> None:
    """Ask a source again that was given up, or that waits after errors."""
    _, state = session.app.sources.find(source)
    session.app.sources.resume(state)
    if session.json:
        write_object({"source": state.key, "resumed": True})
    say(f"{state.key} is asked at the next collection")


def _cell(row: "Row", column: str, now: datetime) -> object:
    """Return what people read in a column: times as how long ago, or until then."""
    said = row[{"success": "last_success", "next": "next_check"}.get(column, column)]
    if column not in {"success", "next"} or not str(said)[:1].isdigit():
        return said
    return away(datetime.fromisoformat(str(said)), now)


def _row(known: "Known", held: int) -> "Row":
    """Return a source as lists show it."""
    from publisher.core.rhythm import said

    subject, state = known
    return {
        "source": state.key,
        "feeds": list(subject.slugs),
        "state": _state(state, held),
        "last_success": when(state.last_success) if state.last_success else "",
        "next_check": _next(known),
        "every": said(state.interval) if state.interval > timedelta(0) else "",
        "why": state.why,
        "errors": state.failures,
        "last": ", ".join(f"{number} {fate}" for fate, number in sorted(state.fates.items())),
        "held": held,
    }


def _rest(known: "Known") -> "Row":
    _, state = known
    return {
        "last_checked": when(state.last_checked) if state.last_checked else "",
        "last_error": state.last_error,
        "stopped": state.stopped,
        "newest": when(state.newest) if state.newest else "",
        "hubs": list(state.hubs),
        "etag": state.etag,
        "last_modified": state.last_modified,
    }


def _state(state: "SourceState", held: int) -> str:
    if state.stopped:
        return "stopped"
    if state.failures:
        return "failing"
    if held:
        return "held"
    return "ok" if state.last_success else "new"


def _next(known: "Known") -> str:
    subject, state = known
    if state.stopped:
        return "never"
    if subject.own:
        return "each time"
    return when(state.next_check) if state.next_check and state.last_checked else "at once"
