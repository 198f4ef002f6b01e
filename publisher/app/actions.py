"""What each kind of schedule does when its run is due.

Serves the scheduler and the command line, which run schedules by hand.
"""

from collections.abc import Callable
from functools import partial

from publisher.app.app import App
from publisher.app.releasing import release
from publisher.core.running import Ending, Runner
from publisher.model.definitions import Action, ScheduleDefinition
from publisher.model.editions import DeliveryState, Edition
from publisher.model.timetable import Run, RunState

Act = Callable[[App, Run, ScheduleDefinition], Ending]


def runner(app: App, tell: Callable[[Run, Ending], None] = lambda _run, _end: None) -> Runner:
    """Return the run use-case with an action for each kind of schedule built so far."""
    acts: dict[Action, Act] = {
        Action.COLLECT: _collect,
        Action.PUBLISH: _publish,
        Action.DIGEST: _digest,
        Action.ALERT: _alert,
        Action.TIDY: _tidy,
    }

    def told(run: Run, ending: Ending) -> None:
        state, reason = ending
        if state is RunState.FAILED:
            _tell_failed(app, run, reason)
        tell(run, ending)

    return Runner(
        store=app.store,
        clock=app.clock,
        workers=app.workers,
        schedules=lambda: app.definitions.schedules,
        actions={action: partial(act, app) for action, act in acts.items()},
        tell=told,
    )


def _tell_failed(app: App, run: Run, reason: str) -> None:
    app.alarm.tell(
        f"run:{run.schedule}",
        f"{run.schedule} failed",
        f"The run of {run.schedule} that was due at {run.due.isoformat(timespec='minutes')}"
        f" failed: {reason}\n\n`publisher schedules history {run.schedule}` lists its runs; the next one comes"
        " all the same.",
    )


def _collect(app: App, _run: Run, schedule: ScheduleDefinition) -> Ending:
    reports = app.collect(schedule.feeds)
    failed = [report for report in reports if report.error]
    for report in reports:
        for problem in report.problems:
            app.complain(problem.where, problem.message)
        if report.error and report.failures == 1:  # once, not each time that it is tried again
            app.complain(report.source, report.error)
    new = sum(report.new for report in reports)
    changed = sum(report.changed for report in reports)
    line = f"{new} new, {changed} changed from {_count(len(reports), 'source')}"
    if failed:
        line += f"; {len(failed)} failed: {failed[0].source}: {failed[0].error}"
    for other in app.definitions.schedules.values():
        if other.follows:
            app.alerting.look(other)
    worst = bool(reports) and len(failed) == len(reports)
    return (RunState.FAILED if worst else RunState.DONE), line


def _publish(app: App, _run: Run, schedule: ScheduleDefinition) -> Ending:
    report = app.publish(schedule.feeds)
    line = f"{len(report.changed)} of {_count(report.documents, 'document')} changed"
    if report.failed:
        line += f"; failed: {report.failed[0][0]}: {report.failed[0][1]}"
    return (RunState.FAILED if report.failed else RunState.DONE), line


def _digest(app: App, run: Run, schedule: ScheduleDefinition) -> Ending:
    if app.definitions.enrichers and app.store.edition_of_run(run.id) is None:
        app.point_writing.before_digest()
    edition = _opened(app, run, schedule)
    if edition is None:
        return RunState.SKIPPED, f"0 new articles (min {max(1, schedule.min_articles)})"
    stories = _count(len(edition.articles), "story", "stories")
    return _released(edition, stories)


def _alert(app: App, run: Run, schedule: ScheduleDefinition) -> Ending:
    """Alert one story; a run that names none (a slot, or by hand) looks for stories."""
    if run.article is None:
        found = app.alerting.look(schedule)
        return RunState.DONE, f"{_count(found, 'story', 'stories')} to alert"
    late = app.clock.now() - run.due > schedule.max_lateness
    if late and app.store.edition_of_run(run.id) is None:
        return RunState.SKIPPED, "too late to alert"
    edition = _opened(app, run, schedule)
    if edition is None:
        return RunState.SKIPPED, "news to nobody who gets this, or not to be read any more"
    return _released(edition, f"“{edition.subject}”")


def _tidy(app: App, _run: Run, _schedule: ScheduleDefinition) -> Ending:
    editions, deliveries = app.tidying.tidy()
    dropped = _count(deliveries, "delivery", "deliveries")
    return RunState.DONE, f"{dropped} of {_count(editions, 'old edition')} folded into sums"


def _released(edition: Edition, what: str) -> Ending:
    later = edition.counts.get(DeliveryState.DEFERRED, 0)
    line = f"edition {edition.id}: {what} for {_count(edition.audience, 'reader')}"
    line += f", {later:,} of them later" if later else ""
    return RunState.DONE, line + (f"; waits: {edition.reason}" if edition.reason else "")


def _opened(app: App, run: Run, schedule: ScheduleDefinition) -> Edition | None:
    """Open the run's edition and compose it; None when nobody has anything to get."""
    transport = schedule.transport or app.definitions.mail.transport
    edition = app.opening.open(run, schedule, transport)
    if edition is None:
        return None
    return release(app, edition, schedule)


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
