"""`run`: the main job. Tells on standard error what was done, with paths and addresses."""

import sys
from itertools import islice
from typing import TYPE_CHECKING

import click

from publisher.cli.collecting import brought_line, lost
from publisher.cli.ending import signals
from publisher.cli.manual import CONFIGURATION, UNAVAILABLE, in_time
from publisher.cli.output import count, say, warn, when, write_object
from publisher.cli.rows import edition_row, run_row
from publisher.cli.session import Session, json_option, pass_session
from publisher.cli.watching import watching

if TYPE_CHECKING:
    from publisher.app import App
    from publisher.core.mirroring import Mirrored
    from publisher.core.running import Ending
    from publisher.model.articles import SourceReport
    from publisher.model.editions import SendReport
    from publisher.model.timetable import Run
    from publisher.scheduling import Once
    from publisher.web.server import WebServer

FEW = 3
"""How many reasons of one outlet are told; the rest are mostly the same."""

LOOK = 0.5
"""Seconds between two looks for a signal: a thread that waits for ever takes none on some systems."""


@click.command()
@click.option("--once", is_flag=True, help="Do all that is due, then end.")
@click.option("--no-web", is_flag=True, help="Serve no pages.")
@click.option("--bind", metavar="HOST:PORT", help="Serve the pages here instead.")
@json_option
@pass_session
def run(session: Session, *, once: bool, no_web: bool, bind: str | None) -> int:
    """Collect, publish, schedule, send, and serve the web pages.

    Goes on until Ctrl-C or SIGTERM; SIGHUP reads the definitions again, as a change of their files
    does by itself. Any number of processes may run one publication.
    """
    _quiet_logs()
    if bind is not None:
        _check_bind(bind)
    app = session.app
    if once:
        return _once(session, app)
    return _serve(app, None if no_web else bind or app.definitions.web.bind)


def _once(session: Session, app: "App") -> int:
    from publisher.scheduling import run_once

    trouble: list[str] = []
    complain = app.complain

    def hear(subject: str, reason: str) -> None:
        trouble.append(subject)
        complain(subject, reason)

    app.complain = hear
    _greet(app)
    teller = Teller(app)
    with signals() as stopping, watching(app, "Running") as advance:
        done = run_once(app, tell=teller.ended, progress=advance, stop=stopping.is_set)
    for report in done.sent:
        teller.sent(report)
    for one in done.brought:
        teller.brought(one)
    for subject, reason in done.notes:
        warn(f"{subject}: {reason}")
    if session.json:
        write_object(_once_row(app, done))
    if not done.runs and not done.sent:
        say("nothing was due")
    else:
        runs, editions = count(len(done.runs), "run"), count(len(done.sent), "edition")
        say(f"{runs} done, {editions} sent; documents: {teller.output}")
    resting = _tell_resting(app)
    return _once_code(app, done) or int(bool(trouble) or resting)


def _tell_resting(app: "App") -> bool:
    """Name editions that somebody must release before anybody gets them."""
    from publisher.app.releasing import LINT
    from publisher.core.reviewing import deadline
    from publisher.model.editions import ENDED, EditionState
    from publisher.model.keeping import HELD_BACK

    names = {EditionState.PAUSED: "resume", EditionState.REVIEW: "approve"}
    found = app.store.editions(states=list(names), limit=None)
    for edition in found:
        left = edition.audience - sum(edition.counts.get(state, 0) for state in ENDED)
        reason = f": {edition.reason}" if edition.reason else ""
        until = deadline(edition, app.definitions.schedules.get(edition.schedule))
        reason += f" (waits until {when(until)})" if until else ""
        held = edition.reason.startswith(HELD_BACK)
        words = "resume" if held else f"editions {names[edition.state]} {edition.id}"
        command = f"`publisher {words}` goes on"
        people = count(left, "reader")
        warn(f"edition {edition.id} is {edition.state}, {people} to go{reason}; {command}")
    return any(
        edition.state is EditionState.PAUSED or edition.reason.startswith(LINT)
        for edition in found
    )


def _serve(app: "App", bind: str | None) -> int:
    from publisher.scheduling import scheduler

    teller = Teller(app)
    servers: list[WebServer] = []
    made = scheduler(
        app,
        tell=teller.ended,
        sent=teller.sent,
        brought=teller.brought,
        pushed=teller.pushed,
        wrote=teller.wrote,
    )
    try:
        with signals(reload=made.reload) as stopping:
            if bind is not None:
                # Before anything is done: a port in use must end this process with nothing begun.
                _listen(app, bind, servers)
            _greet(app)
            made.start()
            places = ", metrics at ".join(server.address for server in servers)
            where = f"serving {places}" if servers else "serving no pages (--no-web)"
            say(f"{where}; documents: {teller.output}; Ctrl-C ends")
            with watching(app):
                while not stopping.wait(LOOK):
                    pass
            say("stopping")
    finally:
        ended = made.stop()
        for server in servers:
            server.stop()
    say("stopped" if ended else "stopped; what was under way will be taken up again")
    return 0


def _listen(app: "App", bind: str, servers: "list[WebServer]") -> None:
    """Start what serves the pages, and what serves the metrics if they have an address."""
    from publisher.web.server import WebServer

    servers.append(WebServer(app, bind))
    if app.definitions.web.metrics:
        servers.append(WebServer(app, app.definitions.web.metrics, alone=True))
    for server in servers:
        server.start()


class Teller:
    """Tells of runs and editions as they end, one line each."""

    def __init__(self, app: "App") -> None:
        self._app = app
        definitions = app.definitions
        self.output = definitions.root / definitions.output

    def ended(self, run: "Run", ending: "Ending") -> None:
        """Tell what became of a run."""
        state, reason = ending
        line = f"{self._time()} {run.schedule}: {reason or state}"
        if str(state) == "failed":
            warn(f"{line} (failed)")
        else:
            say(line + (" (skipped)" if str(state) == "skipped" else ""))

    def sent(self, report: "SendReport") -> None:
        """Tell how far an edition is, and where its mail went."""
        edition = self._app.store.edition(report.edition)
        parts = [f"{number:,} {state}" for state, number in report.counts.items() if number]
        where = place(self._app, edition.transport)
        subject = f" “{edition.subject}”" if edition.subject else ""
        line = f"{self._time()} edition {edition.id}{subject}: {', '.join(parts)}"
        say(f"{line} of {count(report.audience, 'reader')} through {where}")
        for line in filter(None, (report.note, report.waits)):
            warn(f"edition {edition.id}: {line}")

    def brought(self, done: "Mirrored") -> None:
        """Tell what an outlet was given, and what it was not."""
        say(f"{self._time()} {brought_line(done)}")
        for subject, reason in islice(lost([done]), FEW):
            warn(f"{subject}: {reason}")

    def pushed(self, report: "SourceReport") -> None:
        """Tell what a source's hub has brought, or what was written in a folder."""
        how = "noticed" if report.source.startswith("folder:") else "pushed"
        say(f"{self._time()} {report.source}: {report.new} new, {report.changed} changed, {how}")

    def wrote(self, line: str) -> None:
        """Tell of key points that a language model was asked for."""
        say(f"{self._time()} key points: {line}")

    def _time(self) -> str:
        from zoneinfo import ZoneInfo

        zone = ZoneInfo(self._app.definitions.publication.timezone)
        return f"{self._app.clock.now().astimezone(zone):%H:%M:%S}"


def place(app: "App", transport: str) -> str:
    """Return a transport's name, and the folder it writes to if it is one."""
    name = transport or app.definitions.mail.transport
    definition = app.definitions.transports.get(name)
    path = definition.options.get("path") if definition else None
    return f"{name} ({app.definitions.root / path})" if isinstance(path, str) else name


def _greet(app: "App") -> None:
    """Open the store, take in the sample subscribers, and say what will be run."""
    seeded = app.seed()
    made = app.definitions
    feeds, schedules = count(len(made.feeds), "feed"), count(len(made.schedules), "schedule")
    say(f"{made.publication.title}: {feeds}, {schedules}")
    if seeded:
        say(f"read {count(len(seeded), 'sample subscriber')} from {made.samples}")


def _once_row(app: "App", done: "Once") -> dict[str, object]:
    editions = [app.store.edition(report.edition) for report in done.sent]
    return {
        "runs": [run_row(app.store.run(run.id)) for run, _ in done.runs],
        "editions": [edition_row(edition) for edition in editions],
        "notes": [f"{subject}: {reason}" for subject, reason in done.notes],
    }


def _once_code(app: "App", done: "Once") -> int:
    noted = [app.store.edition(report.edition) for report in done.sent if report.note]
    if noted:
        refused = any(str(edition.state) == "paused" for edition in noted)
        return CONFIGURATION if refused else UNAVAILABLE
    failed = any(str(state) == "failed" for _, (state, _) in done.runs)
    editions = (app.store.edition(report.edition) for report in done.sent if not report.waits)
    failed = failed or any(one.failed for one in done.brought)
    return int(failed or not all(in_time(app, edition) for edition in editions))


def _check_bind(bind: str) -> None:
    from publisher.config.values import bind as read

    try:
        read(bind)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--bind") from error


def _quiet_logs() -> None:
    """Let the libraries' own logs speak on standard error, and only of trouble."""
    import logging

    import structlog

    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr),  # as it is by then
    )
