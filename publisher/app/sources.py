"""Sources of one opened publication: collecting from them, and what operators do about them.

Serves the scheduler, the command line and whoever is pushed to.
"""

import hmac
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import cast

from publisher.app.parts import Parts
from publisher.app.pushes import listener
from publisher.core.collecting import Collector, subjects_of
from publisher.core.outcomes import TOLD_AFTER, Subject
from publisher.core.reselecting import Reselector
from publisher.errors import ConfigError, NotFound
from publisher.model.articles import Collected, SourceReport, SourceState
from publisher.model.definitions import FeedDefinition, SourceDefinition
from publisher.ports import Inbox, Progress


class Sources:
    """Knows which sources there are. Thread-safe as far as the store is."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._registered: Mapping[str, FeedDefinition] | None = None
        self._known: tuple[Mapping[str, FeedDefinition] | None, Mapping[str, Subject]] = (None, {})

    @property
    def subjects(self) -> Mapping[str, Subject]:
        """Return every source with the feeds that take from it, by key; made once a definition."""
        feeds, known = self._parts.definitions.feeds, self._known
        if known[0] is not feeds:
            known = self._known = (feeds, subjects_of(feeds.values()))
        return known[1]

    def collect(
        self,
        feeds: Sequence[FeedDefinition],
        *,
        everything: bool = False,
        progress: Progress | None = None,
    ) -> tuple[SourceReport, ...]:
        """Collect what is due for these feeds; operators hear of trouble once. Raises StoreError."""
        collector = self._collector()
        reports = collector.collect(feeds, everything=everything, progress=progress)
        listener(self._parts).polled(reports)
        for report in reports:
            self._alarm(report)
        return reports

    def take(self, source: SourceDefinition, collected: Collected) -> SourceReport:
        """Store what a source brought unasked (a push). Raises StoreError."""
        gone = Subject(definition=source, feeds=())  # the definitions were edited meanwhile
        report = self._collector().take(self.subjects.get(source.key, gone), collected)
        self._alarm(report)
        return report

    def inboxes(self) -> Mapping[str, SourceDefinition]:
        """Return the sources that programs hand in to, by name."""
        return {
            str(subject.definition.adapter.options.get("name", "")): subject.definition
            for subject in self.subjects.values()
            if subject.handed_in
        }

    def hand_in(self, inbox: SourceDefinition, data: bytes) -> SourceReport:
        """Store articles that a program hands in as JSON.

        Raises ParseError that names everything wrong, StoreError and ConfigError.
        """
        return self.take(inbox, self._opened(inbox).read(data))

    def inbox_of(self, token: str) -> SourceDefinition | None:
        """Return the inbox that a token opens, None for a token that opens none."""
        found = None
        for inbox in self.inboxes().values():
            with suppress(ConfigError):
                own = self._opened(inbox).token
                if own and hmac.compare_digest(own.encode(), token.encode("utf-8", "replace")):
                    found = inbox
        return found

    def _opened(self, inbox: SourceDefinition) -> Inbox:
        """Make an inbox. Raises ConfigError."""
        return cast("Inbox", self._parts.source(inbox))

    def known(self) -> Sequence[tuple[Subject, SourceState]]:
        """Return every source with what is remembered of it, by their keys."""
        subjects = self.subjects
        states = self._parts.store.source_states(subjects)
        return [
            (subjects[key], states.get(key) or SourceState(key=key)) for key in sorted(subjects)
        ]

    def find(self, name: str) -> tuple[Subject, SourceState]:
        """Return a source by its key, or by a part that no other key has. Raises NotFound."""
        known = self.known()
        exact = [one for one in known if one[1].key == name]
        found = exact or [one for one in known if name in one[1].key]
        if len(found) != 1:
            reason = "several sources are called that" if found else "there is no such source"
            raise NotFound(name, f"{reason}; `publisher sources list` shows them")
        return found[0]

    def release(self, source: str, *, hide: bool) -> int:
        """Let the stories of a source that are held back into its feeds, or hide them; count them.

        None of them is mailed. Raises StoreError.
        """
        return self._parts.store.release_held(source, self._parts.clock.now(), hide=hide)

    def resume(self, state: SourceState) -> None:
        """Ask a source again that had stopped or failed, at the next collection. Raises StoreError."""
        now = self._parts.clock.now()
        again = replace(state, stopped="", failures=0, told=False, next_check=now, why="resumed")
        self._parts.store.save_state(again)

    @property
    def _feeds(self) -> Sequence[FeedDefinition]:
        return tuple(self._parts.definitions.feeds.values())

    def _collector(self) -> Collector:
        """Return the use-case, once the store knows the sources and the feeds' rules."""
        parts = self._parts
        collector = Collector(
            store=parts.store,
            clock=parts.clock,
            open_source=parts.source,
            listened=listener(parts).alive,
        )
        if self._registered is not parts.definitions.feeds:
            collector.register(self.subjects)
            self._registered = parts.definitions.feeds
        Reselector(store=parts.store, clock=parts.clock).reselect(self._feeds)
        return collector

    def _alarm(self, report: SourceReport) -> None:
        """Tell the operators of a storm of new ids, and once of a source that does not come back."""
        if report.held:
            self._parts.alarm.tell(
                f"storm:{report.source}",
                f"{report.held} stories of {report.source} are held back",
                f"Every story of {report.source} has a new id, and most are older than the last look at it:"
                " its publisher has probably moved. None of them is shown or mailed until you have"
                f" looked.\n\n`publisher articles list --state held` lists them; `publisher sources"
                f" release {report.source}` lets them into the feeds (nothing is mailed), with `--hide`"
                " they stay out for good.",
            )
        gone = report.next_check is None
        if report.error and not report.told and (gone or report.failures >= TOLD_AFTER):
            then = (
                "It is not asked any more; take it out of its feed, or `publisher sources resume` it."
                if gone
                else "It is asked more and more rarely, at least once a day; you hear of it again when it"
                " has worked in between."
            )
            self._parts.alarm.tell(
                f"source:{report.source}",
                f"{report.source} cannot be collected",
                f"{report.error}\n\n{then}",
            )
