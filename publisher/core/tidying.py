"""Tidy: drop the deliveries of editions that ended long ago; what became of them stays in sums.

Serves schedules whose action is `tidy`. The memory of what each reader was sent is not touched
(guarantees, section Ledger), nor is what an edition says: archives stay readable.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from publisher.model.editions import EditionId
from publisher.ports import Clock, Tidied


@dataclass(frozen=True, slots=True, kw_only=True)
class Tidying:
    """The tidy use-case. `keep` is how long an edition keeps its deliveries after its end."""

    store: Tidied
    clock: Clock
    keep: timedelta

    def tidy(self, stop: Callable[[], bool] = lambda: False) -> tuple[int, int]:
        """Fold what is old enough; return how many editions and deliveries. Raises StoreError."""
        folded: set[EditionId] = set()
        dropped = 0
        while not stop():
            now = self.clock.now()
            done = self.store.fold_edition(now - self.keep, now)
            if done is None:
                break
            folded.add(done[0])
            dropped += done[1]
        return len(folded), dropped
