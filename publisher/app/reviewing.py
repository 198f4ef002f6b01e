"""Editions that wait for somebody: let one go as its editors left it, or decide when nobody does.

Serves the scheduler and the command line.
"""

from collections.abc import Collection
from contextlib import suppress

from publisher.app.app import App
from publisher.app.releasing import LINT, hold_back, judged
from publisher.core.composing import Composed
from publisher.core.reviewing import Verdict, undecided
from publisher.errors import Conflict, RenderError
from publisher.model.editions import Edition, EditionId, EditionState
from publisher.model.timetable import RunState

WAITING = (EditionState.REVIEW,)

ATTEMPTS = 5
"""How often an edition is composed again that somebody edits meanwhile."""


def approve(
    app: App, number: EditionId, states: Collection[EditionState], reason: str = ""
) -> Edition:
    """Let an edition go that is in one of `states`, as it reads now, under the subject it has now.

    Raises Conflict, NotFound, and RenderError for one that cannot be composed.
    """
    for attempt in range(1, ATTEMPTS + 1):
        composed = _composed(app, number, states)
        try:
            return _let_go(app, composed, states, reason)
        except Conflict:
            if attempt == ATTEMPTS:
                raise
    raise AssertionError


def overrule(app: App, edition: Edition) -> Edition:
    """Let an edition go that waits for nothing but the errors of its mail.

    One that somebody must approve anyway waits on, for that alone. Raises StoreError, RenderError.
    """
    if edition.state is not EditionState.REVIEW or not edition.reason.startswith(LINT):
        return edition
    schedule = app.definitions.schedules.get(edition.schedule)
    if schedule is not None and schedule.review.required:
        return app.store.move_edition(edition.id, WAITING, EditionState.REVIEW, "")
    return approve(app, edition.id, WAITING)


def pause_unfinished(app: App) -> None:
    """Pause what was opened and never let go though its run has ended. Raises StoreError.

    A run that dies is taken up again; one that ended cannot be, so somebody must say what becomes of
    its edition. Until then nobody would get it, and its stories would count as under way.
    """
    for edition in app.store.editions(states=(EditionState.PREPARING,), limit=None):
        run = app.store.run(edition.run)
        if run.state in {RunState.WAITING, RunState.RUNNING}:
            continue
        reason = f"it was opened and not composed: {run.reason or run.state}"
        with suppress(Conflict):  # somebody else was first
            app.store.move_edition(
                edition.id, (EditionState.PREPARING,), EditionState.PAUSED, reason
            )


def _composed(app: App, number: EditionId, states: Collection[EditionState]) -> Composed:
    edition = app.store.edition(number)
    if edition.state not in states:
        reason = f"it is {edition.state} and cannot become {EditionState.OPEN}"
        raise Conflict(f"edition {number}", reason)
    return app.afresh(edition)  # its templates may have been mended while it waited


def _let_go(
    app: App, composed: Composed, states: Collection[EditionState], reason: str = ""
) -> Edition:
    """Let an edition go as it was composed. Raises Conflict when it was edited meanwhile."""
    number = composed.edition.id
    versions = composed.render_all(app.store.languages(number))
    subject = versions[0].chosen(composed.everything()).subject
    version = composed.content.version
    now = app.clock.now()
    opened = app.store.approve_edition(number, states, version, subject, now, reason)
    app.let_go(opened, composed)
    return opened


def decide_reviews(app: App) -> tuple[Edition, ...]:
    """Send or skip the editions that nobody decided on in time; return them as they are then.

    What is skipped is carried over. The operators are told. Raises StoreError.
    """
    pause_unfinished(app)
    decided: list[Edition] = []
    for edition in app.store.editions(states=WAITING, limit=None):
        schedule = app.definitions.schedules.get(edition.schedule)
        found = undecided(edition, schedule, app.clock.now())
        if found is None:
            continue
        verdict, reason = found
        with suppress(Conflict):  # somebody decided at this moment
            decide = _send if verdict is Verdict.SEND else _skip
            decided.append(decide(app, edition, reason))
    return tuple(decided)


def _send(app: App, edition: Edition, _reason: str) -> Edition:
    """Let an edition go; one whose mail has errors waits on, one that cannot be composed is paused."""
    try:
        composed = _composed(app, edition.id, WAITING)
        versions = composed.render_all(app.store.languages(edition.id))
        if faults := judged(app, composed, versions):  # its editors may have made them
            return hold_back(app, edition, WAITING, faults)
        return _let_go(app, composed, WAITING)
    except RenderError as error:
        return app.store.move_edition(edition.id, WAITING, EditionState.PAUSED, str(error))


def _skip(app: App, edition: Edition, reason: str) -> Edition:
    skipped = app.store.move_edition(edition.id, WAITING, EditionState.CANCELLED, reason)
    app.complain(f"edition {edition.id}", f"skipped: {reason}; its stories are carried over")
    app.alarm.tell(
        f"edition:{edition.id}:skipped",
        f"edition {edition.id} of {edition.schedule} was skipped",
        f"Edition {edition.id} ({edition.subject or edition.title or edition.schedule}) was skipped:"
        f" {reason}.\n\nNobody got it; its stories come with the next one.",
    )
    return skipped
