"""Runs of schedules that an operator asks for; serves `send` and `schedules run`."""

from typing import TYPE_CHECKING

from publisher.cli.ending import signals
from publisher.cli.watching import watching

if TYPE_CHECKING:
    from publisher.app import App
    from publisher.model.definitions import ScheduleDefinition
    from publisher.model.editions import Edition
    from publisher.model.timetable import Run

UNAVAILABLE, CONFIGURATION = 69, 78


def run_now(app: "App", schedule: "ScheduleDefinition", key: str) -> "tuple[Run, bool]":
    """Run a schedule once under a key; return the run as it ended, and whether it is a new one.

    The same key again finds the run of the first time. Raises StoreError.
    """
    from zoneinfo import ZoneInfo

    from publisher.app.actions import runner
    from publisher.app.keeping import watch
    from publisher.model.timetable import PlannedRun

    watch(app)
    now = app.clock.now()
    zone = schedule.timezone if schedule.timezone != "subscriber" else ""
    local = now.astimezone(ZoneInfo(zone or app.definitions.publication.timezone))
    planned = PlannedRun(
        key=f"manual:{key or now.isoformat(timespec='microseconds')}",
        slot=local.isoformat(timespec="seconds"),
        due=now,
    )
    run, created = app.store.add_run(schedule.slug, planned)
    runner(app).work(schedule.slug)
    return app.store.run(run.id), created


def waiting(app: "App", schedule: "ScheduleDefinition", run: "Run") -> "list[Edition]":
    """Return what a run left to send: its edition, or every alert of the schedule that is due."""
    from publisher.model.definitions import Action

    if schedule.action is Action.ALERT:
        due = app.store.sendable(app.clock.now())
        return [edition for edition in due if edition.schedule == schedule.slug]
    edition = app.store.edition_of_run(run.id)
    return [] if edition is None else [edition]


def send_now(app: "App", edition: "Edition") -> "tuple[Edition, int]":
    """Send what an edition still owes; return it as it is then, and the exit code.

    69: the transport cannot be reached, the rest waits; 78: it refused us, the edition is paused;
    1: somebody could not be reached.
    """
    from publisher.app.sending import send_all
    from publisher.cli.output import warn
    from publisher.model.editions import DeliveryState, EditionState

    with signals() as stopping, watching(app, "Sending", edition.id) as advance:
        sent = send_all(app, advance, stopping.is_set, only=edition.id)
    notes = [report.note for report in sent if report.note]
    waits = [report.waits for report in sent if report.waits]
    for line in (*notes, *waits):
        warn(line)
    after = app.store.edition(edition.id)
    if notes:
        return after, CONFIGURATION if after.state is EditionState.PAUSED else UNAVAILABLE
    failed = after.counts.get(DeliveryState.FAILED, 0) or not (waits or in_time(app, after))
    return after, int(bool(failed and after.state is not EditionState.REVIEW))


def in_time(app: "App", edition: "Edition") -> bool:
    """Tell whether an edition is complete, but for copies that wait and were never refused."""
    from publisher.model.editions import ENDED, DeliveryState

    deferred = edition.counts.get(DeliveryState.DEFERRED, 0)
    ended = sum(edition.counts.get(state, 0) for state in ENDED)
    if ended + deferred < edition.audience:
        return False
    return not deferred or not app.store.tried(edition.id)


def accounting(edition: "Edition") -> str:
    """Return an edition's counts in words: "3 accepted, 1 failed of 4 readers"."""
    parts = [f"{number:,} {state}" for state, number in edition.counts.items() if number]
    return f"{', '.join(parts) or 'nothing yet'} of {edition.audience:,} readers"
