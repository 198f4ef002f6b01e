"""Review: until when an edition waits for approval, and what happens when nobody decides. Pure.

Only an edition that waits because its schedule asks for review decides itself. One that carries a
reason (held by somebody, or wrong by the lint) waits for a person.
"""

from datetime import datetime
from enum import StrEnum

from publisher.model.definitions import ScheduleDefinition
from publisher.model.editions import Edition, EditionState


class Verdict(StrEnum):
    """What becomes of an edition that nobody decided on."""

    SEND = "send"
    SKIP = "skip"


def deadline(edition: Edition, schedule: ScheduleDefinition | None) -> datetime | None:
    """Return until when an edition waits for approval, None for one that waits for ever or not."""
    if schedule is None or not schedule.review.required:
        return None
    if edition.state is not EditionState.REVIEW or edition.reason:
        return None
    return edition.opened + schedule.review.approve_within


def undecided(
    edition: Edition, schedule: ScheduleDefinition | None, now: datetime
) -> tuple[Verdict, str] | None:
    """Return what becomes of an edition past its time, and why; None while it waits.

    One that nobody was there to send in time is not sent late: a schedule's `max_lateness` counts
    from the deadline, which also keeps restored copies quiet (promise 5).
    """
    until = deadline(edition, schedule)
    if schedule is None or until is None or now < until:
        return None
    minutes = int(schedule.review.approve_within.total_seconds() // 60)
    reason = f"nobody approved it within {minutes} minutes"
    if schedule.review.otherwise != Verdict.SEND:
        return Verdict.SKIP, reason
    if now - until > schedule.max_lateness:
        return Verdict.SKIP, f"{reason}, and it is too late to send it"
    return Verdict.SEND, reason
