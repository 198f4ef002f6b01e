"""Carrying what is due: every open edition through its transport, or its fallbacks."""

import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from publisher.app.app import App
from publisher.app.keeping import watch
from publisher.core.composing import Composed
from publisher.core.pacing import pace_of
from publisher.core.warming import Quota
from publisher.errors import Conflict, PublisherError, StoreTrouble
from publisher.model.editions import Edition, EditionId, EditionState, SendReport, Wait
from publisher.model.keeping import HELD_BACK
from publisher.model.subscribers import SubscriberId
from publisher.ports import Pacing, Progress

LOOK = 0.1
"""Seconds between two looks whether the process is to end."""

AGAIN = timedelta(seconds=2)
"""How often a command that waits for a provider's rate looks for copies that are due."""


def send_all(
    app: App,
    progress: Progress | None = None,
    stop: Callable[[], bool] = lambda: False,
    only: EditionId | None = None,
) -> tuple[SendReport, ...]:
    """Send all that is due, also what waits for its provider's rate: for commands that then end.

    The last word on each edition. Raises StoreError.
    """
    reports: dict[EditionId, SendReport] = {}
    last = app.clock.now()
    while not stop():
        begun = app.clock.now()
        passed = send_due(app, progress, stop, only)
        reports.update((report.edition, report) for report in passed)
        last = max([last, *(report.last for report in passed if report.last)])
        if last <= begun:  # what came due only while others were sent waits for the next look
            break
        _wait(app, min(last, app.clock.now() + AGAIN), stop)
    return tuple(reports.values())


def _wait(app: App, until: datetime, stop: Callable[[], bool]) -> None:
    while app.clock.now() < until and not stop():
        time.sleep(LOOK)


def send_due(
    app: App,
    progress: Progress | None = None,
    stop: Callable[[], bool] = lambda: False,
    only: EditionId | None = None,
) -> tuple[SendReport, ...]:
    """Settle what dead workers held, then send every edition that has something due.

    Raises StoreError; an edition that cannot be composed is paused with the reason.
    """
    watch(app)
    app.close_retired()
    app.store.release_runs([o for o in app.store.owners() if app.workers.dead(o)])
    app.sender.sweep()
    _tell_paused(app)
    reports: list[SendReport] = []
    for edition in app.store.sendable(app.clock.now()):
        if stop():
            break
        if (only is None or edition.id == only) and not app.alerting.withdrawn(edition):
            reports.append(_send_edition(app, edition, progress, stop))
            _tell_paused(app)
            _tell_refused(app, edition, reports[-1])
    app.store.finish_editions(app.clock.now())
    return tuple(reports)


def _send_edition(
    app: App, edition: Edition, progress: Progress | None, stop: Callable[[], bool]
) -> SendReport:
    """Put it into feeds, then send through its transport, and the fallbacks while that is down."""
    names = (carrier(app, edition), *app.definitions.mail.fallback)
    report = SendReport(
        edition=edition.id, counts=edition.counts, audience=edition.audience, complete=False
    )
    schedule = app.definitions.schedules.get(edition.schedule)
    pacing = pace_of(schedule, app.definitions.publication.timezone) if schedule else None
    if fill_feeds(app, edition, pacing, stop) and not _waits(app, edition):
        done = app.store.edition(edition.id)
        return replace(report, counts=done.counts, complete=done.complete)
    for name in dict.fromkeys(names):
        if wait := resting(app, name):
            return replace(report, waits=wait.reason)
        try:
            _try_out(app.frozen(edition), app.store.languages(edition.id))
            transport = app.transport(name)
            report = app.sender.send(
                edition, transport, lambda: app.frozen(edition).parcel, progress, stop, pacing
            )
        except StoreTrouble:
            raise  # it passes; the edition is as good as before
        except PublisherError as error:
            with suppress(Conflict):  # somebody else was first
                app.store.move_edition(
                    edition.id, (EditionState.OPEN,), EditionState.PAUSED, str(error)
                )
            return replace(report, note=str(error))
        if wait := resting(app, name):
            report = replace(report, waits="" if report.complete else wait.reason)
        if not report.note or app.store.issue(edition.id).state is not EditionState.OPEN:
            break
    return report


def fill_feeds(
    app: App, edition: Edition, pacing: Pacing | None, stop: Callable[[], bool]
) -> bool:
    """Put an edition into the feeds of those who read there; tell whether anybody does.

    No relay is asked, so that none that rests or is down keeps it from them. Raises StoreError.
    """
    last: SubscriberId | None = SubscriberId(0)
    anybody = False
    while last is not None and not stop():
        last = app.store.fill_feeds(edition.id, last, app.clock.now(), pacing=pacing)
        anybody = anybody or last is not None
    return anybody


def _waits(app: App, edition: Edition) -> bool:
    """Tell whether somebody else's copy is due."""
    return any(one.id == edition.id for one in app.store.sendable(app.clock.now()))


def _try_out(composed: Composed, languages: Collection[str]) -> None:
    """Compose a copy in each language: what cannot be said must show before the first one goes.

    Raises TemplateError, RenderError, FormatError.
    """
    for version in composed.render_all(languages):
        version.letter.parcel(version.copy(composed.everything()), 0)


def resting(app: App, transport: str) -> Wait | None:
    """Return until when a transport that warms up takes nothing more, None when it does now."""
    warming = app.warming(transport)
    return Quota(store=app.store, warming=warming).wait(app.clock.now()) if warming else None


def carrier(app: App, edition: Edition) -> str:
    """Return the transport that carries an edition first."""
    return edition.transport or app.definitions.mail.transport


def _tell_paused(app: App) -> None:
    """Tell the operators of every edition that is paused, whoever paused it: once a day, by the alarm.

    One whose alarm was not accepted is told at a later pass.
    """
    for edition in app.store.editions(states=(EditionState.PAUSED,), limit=None):
        app.alarm.tell(
            f"edition:{edition.id}:paused",
            f"edition {edition.id} of {edition.schedule} is paused",
            f"Edition {edition.id} ({edition.subject or edition.title or edition.schedule}) is paused:"
            f" {edition.reason}\n\nNobody else gets it until this is mended and somebody says"
            f" `publisher {_release(edition)}`.",
        )


def _tell_refused(app: App, edition: Edition, report: SendReport) -> None:
    """Tell the operators of trouble that was found when there was nobody left to spare."""
    if report.note and report.complete:
        app.alarm.tell(
            f"edition:{edition.id}:refused",
            f"edition {edition.id} of {edition.schedule} went out with trouble",
            f"Edition {edition.id} ({edition.subject or edition.title or edition.schedule}) is"
            f" through, and nobody waits for it any more: {report.note}\n\nMend this before the next"
            f" one. `publisher deliveries {edition.id}` says what was refused.",
        )


def _release(edition: Edition) -> str:
    """Return the words that let a paused edition go on."""
    held = edition.reason.startswith(HELD_BACK)
    return "resume" if held else f"editions resume {edition.id}"
