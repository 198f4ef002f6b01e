"""When a service that writes key points is asked again after trouble. Pure; serves core.writing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from publisher.errors import ModelError, ModelUnavailable

HELD = timedelta(minutes=45)
"""How long a question is one process's: longer than its four forms may take at the longest timeout."""

TRIES = 3
"""Answers to one question that cannot be used, after which it is asked no more."""

PATIENT = 3
"""Failures in a row from which nobody asks for a while."""

FIRST, LONGEST = timedelta(seconds=30), timedelta(hours=1)
"""The first such while, which doubles, and the longest."""

ASKED_FOR = timedelta(days=1)
"""The longest that a service may ask us to wait."""

WRONG = timedelta(hours=6)
"""How long nobody asks where something must be changed first: it may be changed on the other side."""

AGAIN, LATEST = timedelta(minutes=5), timedelta(hours=6)
"""When one question is asked again, which doubles, and the latest: others are asked in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """How a service fails: so often in a row, and for how long nobody asks it (None: at once)."""

    failures: int
    pause: timedelta | None
    reason: str
    lasting: bool = False


def again(now: datetime, tries: int) -> datetime:
    """Return when a question is asked again that was asked so often before."""
    return now + min(AGAIN * (1 << min(tries, 10)), LATEST)


def given_up(tries: int) -> bool:
    """Tell whether a question has had its tries."""
    return tries >= TRIES


def paused(error: ModelError, failures: int) -> Failing:
    """Return how long nobody asks after so many failures in a row."""
    asked_for = error.retry_after if isinstance(error, ModelUnavailable) else None
    if asked_for is not None:
        wait = max(min(asked_for, ASKED_FOR), timedelta(seconds=1))
        return Failing(failures=failures, pause=wait, reason=str(error))
    over = failures - PATIENT
    pause = min(FIRST * (1 << min(over, 10)), LONGEST) if over >= 0 else None
    return Failing(failures=failures, pause=pause, reason=str(error))


def wrong(reason: str, failures: int) -> Failing:
    """Return what follows where asking is in vain until somebody changes something."""
    return Failing(failures=failures, pause=WRONG, reason=reason, lasting=True)
