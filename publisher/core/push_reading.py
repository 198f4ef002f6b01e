"""Read what hubs have brought, exactly as if it had been fetched: the same reading, the same judging.

Serves whatever does what is due. A push that cannot be read has its source polled instead; one that
brings an accident is tried again a few times.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

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

    def read(self, stop: Callable[[], bool] = lambda: False) -> tuple[SourceReport, ...]:
        """Read what waits, but not without end; one report a push that was read. Raises StoreError."""
        reports: list[SourceReport] = []
        sources: Mapping[str, SourceDefinition] | None = None
        for _ in range(MOST):
            now = self.clock.now()
            push = None if stop() else self.store.take_waiting(now, now + HELD)
            if push is None:
                break
            sources = self.sources() if sources is None else sources
            report = self._settled(push, sources.get(push.source))
            reports += [report] if report else []
        return tuple(reports)

    def _settled(
        self, push: WaitingPush, definition: SourceDefinition | None
    ) -> SourceReport | None:
        """Read one push and forget it, in this order: what dies in between is read once more."""
        if definition is None:  # no longer one of ours
            self.store.settle_waiting(push.id, self.clock.now())
            return None
        try:
            report = self._read(push, definition)
        except StoreError:
            raise
        except (SourceError, ConfigError) as error:
            if push.source not in self.told:
                self.told.add(push.source)
                what = "what its hub brings cannot be read, it is polled each time instead"
                self.complain(push.source, f"{what}: {error}")
            self.store.settle_waiting(push.id, self.clock.now(), poll=True)
            return None
        except Exception as error:  # noqa: BLE001  one push never stops the others
            self._accident(push, repr(error))
            return None
        self.store.settle_waiting(push.id, self.clock.now())
        return report

    def _read(self, push: WaitingPush, definition: SourceDefinition) -> SourceReport:
        source = self.open_source(definition)
        if not isinstance(source, Pushable):
            raise ConfigError(push.source, "cannot be pushed to")
        states = self.articles.source_states([push.source])
        state = states.get(push.source) or SourceState(key=push.source)
        return self.take(definition, source.pushed(push.body, push.content_type, state))

    def _accident(self, push: WaitingPush, what: str) -> None:
        now = self.clock.now()
        if push.tries + 1 < TRIES:
            self.store.put_off_waiting(push.id, now + AGAIN)
            return
        self.complain(push.source, f"a push could not be read: unexpected: {what}")
        self.store.settle_waiting(push.id, now, poll=True)
