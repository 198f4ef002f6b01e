"""Read what hubs have brought, exactly as if it had been fetched: the same reading, the same judging.

Serves whatever does what is due. A push that cannot be read has its source polled instead; one that
brings an accident is tried again a few times.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import NamedTuple

from publisher.core.hubbing import HELD
from publisher.errors import ConfigError, SourceError, StoreError
from publisher.model.articles import Collected, SourceReport, SourceState
from publisher.model.definitions import SourceDefinition
from publisher.model.pushes import WaitingPush
from publisher.ports import Articles, Clock, Pushable, Pushes, Source

MOST = 100
"""Pushes read in one go; then others are looked at."""

TRIES = 5
AGAIN = timedelta(minutes=1)
"""How long after an accident a push is read again."""


class Poll(Enum):
    """What became of a push that brought nothing itself."""

    NOW = "now"
    LATER = "later"


class Read(NamedTuple):
    """What was read, and which sources are to be polled at once instead."""

    reports: tuple[SourceReport, ...] = ()
    poll: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PushReader:
    """The read use-case. `sources` are those that take pushes, by key; `take` judges and stores.

    `open_source` makes a source from its definition (may raise ConfigError). `told` are the sources
    that were complained of: a hub that brings no feed does so with every push.
    """

    store: Pushes
    articles: Articles
    clock: Clock
    sources: Callable[[], Mapping[str, SourceDefinition]]
    open_source: Callable[[SourceDefinition], Source]
    take: Callable[[SourceDefinition, Collected], SourceReport]
    complain: Callable[[str, str], None]
    told: set[str] = field(default_factory=set)

    def read(self, stop: Callable[[], bool] = lambda: False) -> Read:
        """Read what waits, but not without end. Raises StoreError."""
        reports: list[SourceReport] = []
        asked: set[str] = set()
        sources: Mapping[str, SourceDefinition] | None = None
        for _ in range(MOST):
            now = self.clock.now()
            push = None if stop() else self.store.take_waiting(now, now + HELD)
            if push is None:
                break
            sources = self.sources() if sources is None else sources
            report = self._settled(push, sources.get(push.source))
            if isinstance(report, SourceReport):
                reports.append(report)
            elif report is Poll.NOW:
                asked.add(push.source)
        return Read(tuple(reports), frozenset(asked))

    def _settled(
        self, push: WaitingPush, definition: SourceDefinition | None
    ) -> SourceReport | Poll:
        """Read one push and forget it, in this order: what dies in between is read once more."""
        report: SourceReport | Poll = Poll.LATER
        try:
            if definition is not None:  # else it is no longer one of ours
                report = self._read(push, definition)
        except StoreError:
            raise
        except (SourceError, ConfigError) as error:
            if push.source not in self.told:
                self.told.add(push.source)
                what = "what its hub brings cannot be read, it is polled each time instead"
                self.complain(push.source, f"{what}: {error}")
            report = Poll.NOW
        except Exception as error:  # noqa: BLE001  one push never stops the others
            if push.tries + 1 < TRIES:
                self.store.put_off_waiting(push.id, self.clock.now() + AGAIN)
                return Poll.LATER
            self.complain(push.source, f"a push could not be read: unexpected: {error!r}")
            report = Poll.NOW
        self.store.settle_waiting(push.id, self.clock.now(), poll=report is Poll.NOW)
        return report

    def _read(self, push: WaitingPush, definition: SourceDefinition) -> SourceReport | Poll:
        source = self.open_source(definition)
        if not isinstance(source, Pushable):
            return Poll.NOW
        states = self.articles.source_states([push.source])
        state = states.get(push.source) or SourceState(key=push.source)
        collected = source.pushed(push.body, push.content_type, state)
        return Poll.NOW if collected is None else self.take(definition, collected)
