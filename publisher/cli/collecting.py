"""`collect` and `publish`: articles in, documents out."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

from publisher.cli.moments import away
from publisher.cli.output import complain, count, progress, say, warn, write_json, write_table
from publisher.cli.rows import Row, source_row
from publisher.cli.session import Session, json_option, pass_session

if TYPE_CHECKING:
    from publisher.app import App
    from publisher.core.mirroring import Mirrored

FATES = ("new", "changed", "same", "duplicate", "filtered", "held")
COLUMNS = ("source", *FATES, "next", "error")
MANY = 50
"""Sources of which all are listed."""


def _tells(row: Row) -> bool:
    """Tell whether a source's row says more than that all is as it was."""
    return any(row[name] for name in ("new", "changed", "held", "error", "problems"))


def _next(written: str, now: datetime) -> str:
    """Return when a source is asked next, as people read it."""
    if not written:
        return "never"
    at = datetime.fromisoformat(written)
    return away(at, now) if at > now else "each time"  # the publication's own


@click.command()
@click.argument("feeds", metavar="[FEED]...", nargs=-1, help="Slugs of feeds; none means all.")
@click.option("--all", "everything", is_flag=True, help="Fetch everything, due or not.")
@json_option
@pass_session
def collect(session: Session, feeds: tuple[str, ...], *, everything: bool) -> int:
    """Fetch what is due and report per source.

    FEED limits it to the sources of some feeds. Of many sources those are listed that brought
    something or could not be read. Ends with 1 when a source could not be read, or held stories back.
    """
    with progress("Collecting") as advance:
        reports = session.app.collect(feeds, everything=everything, progress=advance)
    if session.json:
        write_json(source_row(report) for report in reports)
    elif reports:
        rows = [source_row(report) for report in reports]
        shown = [row for row in rows if len(rows) <= MANY or _tells(row)]
        for row in shown:
            row["next"] = _next(str(row["next_check"]), session.app.clock.now())
        write_table(COLUMNS, ([row[column] for column in COLUMNS] for row in shown))
        if len(shown) < len(rows):
            say(f"{count(len(rows) - len(shown), 'source')} had nothing new")
    _write_points(session.app)
    for report in reports:
        for problem in report.problems:
            complain(f"{report.source}: {problem.where}", problem.message)
    failed = sum(bool(report.error) for report in reports)
    held = sum(report.held for report in reports)
    flawed = sum(len(report.problems) for report in reports)
    new, changed = sum(r.new for r in reports), sum(r.changed for r in reports)
    line = f"{new} new and {changed} changed articles from {count(len(reports), 'source')}"
    line += f"; {failed} failed" if failed else ""
    line += f"; {held} held back, see `articles list --state held`" if held else ""
    line += f"; {count(flawed, 'thing')} could not be read" if flawed else ""
    say(line if reports else "no source is due; --all fetches everything")
    return int(bool(failed or flawed or held))


def _write_points(app: "App") -> None:
    """Have key points written where a model is asked for them, for a minute at most."""
    if not app.definitions.enrichers:
        return
    from publisher.app.writing import line

    if said := line(app.point_writing.write()):
        say(f"key points: {said}")


@click.command()
@click.argument("feeds", metavar="[FEED]...", nargs=-1, help="Slugs of feeds; none means all.")
@json_option
@pass_session
def publish(session: Session, feeds: tuple[str, ...]) -> int:
    """Write documents to the outlets.

    FEED limits it to some feeds; the site around them is written when anything of it changed. What
    did not change is left alone. A document with an error (`publisher lint`) is not written: the last
    good one stays. Further outlets (`[output] outlets`) are given what they do not have. Ends with 1
    when a document was not made or not written.
    """
    app = session.app
    with progress("Publishing") as advance:
        report = app.publish(feeds, advance)
        app.tell_hubs()
    brought = _bring(app)
    failed = [*report.failed, *lost(brought)]
    if session.json:
        told = (("changed", report.changed), ("removed", report.removed))
        done = [
            {"path": path, "state": state, "reason": ""} for state, paths in told for path in paths
        ]
        lacking = [
            {"path": subject, "state": "failed", "reason": reason} for subject, reason in failed
        ]
        warned = [
            {"path": path, "state": "warned", "reason": reason} for path, reason in report.warned
        ]
        write_json([*done, *warned, *lacking])
    for path, reason in report.warned:
        warn(f"{path}: {reason}")
    for subject, reason in failed:
        complain(subject, reason)
    line = f"{len(report.changed)} of {count(report.documents, 'document')} changed"
    line += f", {len(report.removed)} removed" if report.removed else ""
    line += f"; {len(report.failed)} failed" if report.failed else ""
    say(f"{line}: {app.definitions.root / app.definitions.output}")
    for one in brought:
        say(brought_line(one))
    return int(bool(failed))


def _bring(app: "App") -> Sequence["Mirrored"]:
    """Bring the documents to further outlets, also what could not be brought before."""
    if not app.definitions.outlets:
        return ()
    with progress("Copying") as advance:
        return app.mirrors.bring(advance)


def lost(brought: Sequence["Mirrored"]) -> Iterator[tuple[str, str]]:
    """Yield each outlet that was not brought something, with what and why."""
    for one in brought:
        for subject, reason in one.failed:
            yield one.outlet, f"{subject}: {reason}" if subject else reason


def brought_line(done: "Mirrored") -> str:
    """Say what an outlet was brought."""
    line = f"{done.outlet}: {count(done.written, 'document')} brought"
    line += f", {done.removed:,} taken away" if done.removed else ""
    return line + (f"; {len(done.failed)} failed" if done.failed else "")
