"""Being pushed to: when hubs are asked, and what follows when they have brought something.

Serves the scheduler.
"""

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from publisher.app.app import App
from publisher.app.pushes import listener, pushable
from publisher.core.push_reading import PushReader
from publisher.model.articles import SourceReport

LANES = 8
"""How many hubs are spoken to at a time."""

RESTED = timedelta(minutes=1)
"""A source that was asked within this time is asked when it is its turn, whatever its hub says."""


def reader(app: App) -> PushReader:
    """Return the use-case of reading what was pushed."""
    return PushReader(
        store=app.store,
        articles=app.store,
        clock=app.clock,
        sources=lambda: pushable(app),
        open_source=app.source,
        take=app.sources.take,
        complain=app.complain,
        told=app.heard.unread,
    )


def listen(app: App, stop: Callable[[], bool] = lambda: False) -> int:
    """Ask the hubs that are due, several at a time; return how many. Raises StoreError.

    None is asked by a store that may be a copy: the original listens there.
    """
    made = listener(app)
    due = 0 if app.held else made.due()
    if not due:
        return 0
    with ThreadPoolExecutor(min(due, LANES), thread_name_prefix="pushes") as lanes:
        done = [lanes.submit(made.work, stop) for _ in range(min(due, LANES))]
        return sum(one.result() for one in done)


def read_pushes(app: App, stop: Callable[[], bool] = lambda: False) -> Sequence[SourceReport]:
    """Read what hubs have brought; do what follows a collection. Raises StoreError."""
    done = reader(app).read(stop)
    reports = (*done.reports, *_poll(app, done.poll))
    follow(app, reports)
    for report in reports:
        for problem in report.problems:
            app.complain(problem.where, problem.message)
    return reports


def follow(app: App, reports: Sequence[SourceReport]) -> None:
    """Do what follows a collection, where it brought something. Raises StoreError."""
    if any(report.new or report.changed for report in reports):
        app.enrich()
        for schedule in app.definitions.schedules.values():
            if schedule.follows:
                app.alerting.look(schedule)


def _poll(app: App, sources: Collection[str]) -> Sequence[SourceReport]:
    """Collect from sources whose hubs say no more than that there is news, each once a minute."""
    now = app.clock.now()
    states = app.store.source_states(sources)
    rested = {
        key
        for key, state in states.items()
        if state.last_checked is None or now - state.last_checked >= RESTED
    }
    feeds = [
        feed
        for feed in app.definitions.feeds.values()
        if any(source.key in rested for source in feed.sources)
    ]
    return app.sources.collect(feeds) if feeds else ()


def carry_pushes(app: App, stop: Callable[[], bool] = lambda: False) -> Sequence[SourceReport]:
    """Read what has come, then ask the hubs that are due; return what was read. Raises StoreError."""
    reports: list[SourceReport] = []
    while some := read_pushes(app, stop):
        reports += some
    listen(app, stop)
    return reports
