"""Letting an edition go: composed in every language its readers have, judged, then open or waiting.

Serves the actions of schedules and the command line. A mail with errors goes to nobody by itself.
"""

from collections.abc import Collection, Sequence

from publisher.app.app import App
from publisher.core.composing import Composed
from publisher.core.copying import Version
from publisher.errors import StoreError
from publisher.model.definitions import ScheduleDefinition
from publisher.model.editions import Edition, EditionState
from publisher.model.findings import Finding

LINT = "lint: "
"""Begins the reason of an edition that waits because its mail has errors."""


def release(app: App, edition: Edition, schedule: ScheduleDefinition) -> Edition:
    """Compose what was opened, and let it go or wait; may be called again after a crash.

    Raises StoreError, and whatever keeps it from being composed: then it is paused.
    """
    if edition.state is not EditionState.PREPARING:
        return edition
    preparing = (EditionState.PREPARING,)
    try:
        composed = app.frozen(edition)
        versions = composed.render_all(app.store.languages(edition.id))
        subject = versions[0].chosen(composed.everything()).subject
        faults = judged(app, composed, versions)
    except StoreError:
        raise
    except Exception as error:
        app.store.move_edition(edition.id, preparing, EditionState.PAUSED, str(error))
        raise
    app.store.set_subject(edition.id, subject)
    if faults:
        return hold_back(app, edition, preparing, faults)
    to = EditionState.REVIEW if schedule.review.required else EditionState.OPEN
    moved = app.store.move_edition(edition.id, preparing, to, "")
    app.let_go(moved, composed)
    return moved


def judged(app: App, composed: Composed, versions: Sequence[Version]) -> list[Finding]:
    """Return what makes an edition's mail unfit to be sent, in any of its languages."""
    return [fault for version in versions for fault in _faults(app, composed, version)]


def hold_back(
    app: App, edition: Edition, states: Collection[EditionState], faults: Sequence[Finding]
) -> Edition:
    """Let an edition wait for somebody because its mail has errors. Raises Conflict."""
    reason = _reason(faults)
    moved = app.store.move_edition(edition.id, states, EditionState.REVIEW, reason)
    _tell(app, moved, faults)
    return moved


def _faults(app: App, composed: Composed, version: Version) -> tuple[Finding, ...]:
    """Return what makes one language's mail unfit to be sent, whoever gets which part of it."""
    whole, proof = (
        app.inspector.inspect(version.letter.parcel(copy, 0).data).errors
        for copy in (version.copy(composed.everything()), version.proof())
    )
    # A proof is larger than any reader's copy.
    return (*whole, *(found for found in proof if not found.rule.startswith("size.")))


def _reason(faults: Sequence[Finding]) -> str:
    rules = {fault.rule: fault for fault in faults}
    if not rules:
        return ""
    first, *others = rules.values()
    return f"{LINT}{first}" + (f", and {len(others)} more" if others else "")


def _tell(app: App, edition: Edition, faults: Sequence[Finding]) -> None:
    lines = "\n".join(dict.fromkeys(f"- {fault.rule}: {fault}" for fault in faults))
    app.alarm.tell(
        f"edition:{edition.id}:errors",
        f"edition {edition.id} of {edition.schedule} waits: its mail has errors",
        f"Edition {edition.id} ({edition.subject}) was composed, and nobody gets it yet:\n\n{lines}\n\n"
        f"`publisher editions preview {edition.id}` shows the mail. `publisher editions approve {edition.id}`"
        " sends it as it is.",
    )
