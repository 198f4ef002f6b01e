"""Asks a server until it answers: more time after each failure, by chance, and never for long.

Serves outlets on the web. What lasts longer than this is left to the next publish.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from publisher.errors import FetchError
from publisher.net import retry_after
from publisher.ports import Fetched

PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers that another try may change (RFC 9110 sections 15.5 and 15.6; RFC 6585 section 4)."""

LONGEST = 30.0
"""Seconds that a server may ask us to wait (Retry-After); for more than that nobody waits."""


def passes(answer: Fetched) -> bool:
    """Tell whether an answer's trouble may pass."""
    return answer.status in PASSING


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often to try, and how long to wait after the first failure, in seconds; then twice as long.

    A wait is anything up to that ("full jitter"), so that many who failed together do not come back
    together. `pause` waits, `chance` is from 0 to 1.
    """

    tries: int = 4
    first: float = 0.5
    pause: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random

    def ask(
        self, attempt: Callable[[], Fetched], again: Callable[[Fetched], bool] = passes
    ) -> Fetched:
        """Return the first answer that is not to be asked for again, or the last one.

        Raises FetchError when the last try brought no answer.
        """
        for number in range(self.tries - 1):
            wait = self.first * 2**number * self.chance()
            try:
                answer = attempt()
            except FetchError:
                self.pause(wait)
                continue
            if not again(answer):
                return answer
            wanted = retry_after(
                answer.headers.get("retry-after", ""), answer.headers.get("date", "")
            )
            if wanted and wanted.total_seconds() > LONGEST:
                return answer
            self.pause(max(wait, wanted.total_seconds() if wanted else 0.0))
        return attempt()
