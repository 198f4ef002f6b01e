"""Collect: ask every due source, judge what it brings, store it; one bad source never stops the rest.

Sources work in threads and write nothing; judging and storing happen in the caller's thread, many
sources in one transaction.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from publisher.core.asking import Answer, Open, Question, ask
from publisher.core.deciding import Document, Twins, judge, marks_of
from publisher.core.outcomes import Round, Subject, failed, heard, outcome
from publisher.errors import StoreError, StoreTrouble
from publisher.model.articles import (
    Collected,
    KnownArticle,
    SourceReport,
    SourceState,
)
from publisher.model.content import Prints, prints
from publisher.model.definitions import FeedDefinition, SourceDefinition
from publisher.ports import Articles, Clock, CollectionResult, Progress

WORKERS = 16
"""Sources asked at a time."""

DUE = 20_000
"""Sources taken in one collection at most; the longest overdue come first."""


@dataclass(frozen=True, slots=True)
class _Brought:
    """One source's articles on their way: with their prints and what marks tell them."""

    subject: Subject
    state: SourceState
    collected: Collected
    prints: Sequence[Prints]

    @property
    def key(self) -> str:
        """Return the source's key."""
        return self.state.key

    def marks(self, known: Mapping[str, KnownArticle]) -> set[tuple[str, str]]:
        """Return the marks of articles whose ids are not known."""
        return {
            mark
            for article, found in zip(self.collected.articles, self.prints, strict=True)
            if article.external_id not in known
            for mark in marks_of(found)
        }


Settled = tuple[_Brought, CollectionResult, SourceReport]


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """The collect use-case. `open_source` makes a source from its definition (may raise ConfigError).

    `listened` returns the sources whose hubs bring what is new: they are asked more rarely.
    """

    store: Articles
    clock: Clock
    open_source: Open
    listened: Callable[[datetime], Collection[str]] = lambda _now: ()
    workers: int = WORKERS

    def collect(
        self,
        feeds: Sequence[FeedDefinition],
        *,
        everything: bool = False,
        progress: Progress | None = None,
    ) -> tuple[SourceReport, ...]:
        """Collect what is due (or everything) for these feeds; one report per source asked.

        What is due is known for registered sources (`register`). Raises StoreError; whatever else
        goes wrong stands in the reports.
        """
        now = self.clock.now()
        subjects = subjects_of(feeds)
        due = list(subjects) if everything else self._due(subjects, now)
        states = self.store.source_states(due)
        questions = [
            Question(subjects[key].definition, states.get(key) or SourceState(key=key))
            for key in due
        ]
        used = self.store.feeds_with_articles() if due else {}
        around = Round(now=now, used=used, listened=self.listened(now) if due else ())
        reports: list[SourceReport] = []
        for batch in ask(questions, self.open_source, now, self.workers):
            reports += self._settle(batch, subjects, around)
            if progress:
                progress(len(reports), len(due), reports[-1].source)
        return tuple(sorted(reports, key=lambda report: report.source))

    def register(self, sources: Collection[str]) -> None:
        """Make these sources, and no others, known to the store, so that they can be due."""
        self.store.register_sources(sources)

    def take(self, subject: Subject, collected: Collected) -> SourceReport:
        """Judge and store what a source brought unasked (a push), exactly as if it had been asked.

        Its validators and its next check stay. Raises StoreError.
        """
        around = Round(now=self.clock.now(), used=self.store.feeds_with_articles(), pushed=True)
        key = subject.definition.key
        state = self.store.source_states([key]).get(key) or SourceState(key=key)
        question = Question(subject.definition, state)
        (report,) = self._settle([(question, collected)], {key: subject}, around)
        return report

    def _due(self, subjects: Mapping[str, Subject], now: datetime) -> list[str]:
        """Return what is due: sources of the publication's own are looked at every time."""
        due = [key for key in self.store.due_sources(now, DUE) if key in subjects]
        chosen = set(due)
        own = (key for key, one in subjects.items() if one.own and key not in chosen)
        return [*own, *due]

    def _settle(
        self,
        batch: Sequence[Answer],
        subjects: Mapping[str, Subject],
        around: Round,
    ) -> list[SourceReport]:
        """Judge and write what a batch of sources brought; return a report for each."""
        reports: list[SourceReport] = []
        states: list[SourceState] = []
        brought: list[_Brought] = []
        for question, answer in batch:
            subject, state = subjects[question.definition.key], question.state
            if isinstance(answer, StoreError):
                raise answer
            if isinstance(answer, Exception):
                after, report = failed(subject, state, answer, around.now)
                states.append(after)
                reports.append(report)
            elif answer.unchanged:
                after, report = heard(subject, state, answer, around)
                states.append(after)
                reports.append(report)
            else:
                found = [prints(article) for article in answer.articles]
                brought.append(_Brought(subject, state, answer, found))
        if states:
            self.store.save_state(*states)
        while brought:
            done, brought = self._write(brought, around)
            reports += done
        return reports

    def _write(
        self, brought: Sequence[_Brought], around: Round
    ) -> tuple[list[SourceReport], list[_Brought]]:
        """Write as many as can be judged together; return their reports, and those that are left.

        Where two bring one story, the second is judged once the first is stored.
        """
        known = self.store.known(
            {one.key: [each.external_id for each in one.collected.articles] for one in brought}
        )
        marks = {one.key: one.marks(known.get(one.key, {})) for one in brought}
        together, left = _apart(brought, marks)
        twins = self.store.twins(set().union(*(marks[one.key] for one in together)))
        settled = [
            (one, *_settled(one, known.get(one.key, {}), twins, around)) for one in together
        ]
        try:
            self.store.save_collected(*(result for _, result, _ in settled))
        except StoreTrouble:  # of the store as a whole, not of what was to be written
            raise
        except StoreError:
            return self._one_by_one(settled, around.now), left
        return [report for _, _, report in settled], left

    def _one_by_one(self, settled: Sequence[Settled], now: datetime) -> list[SourceReport]:
        """Write sources each on its own, so that what cannot be stored stops no other."""
        reports = []
        for one, result, report in settled:
            try:
                self.store.save_collected(result)
                reports.append(report)
            except StoreTrouble:
                raise
            except StoreError as error:
                state, refused = failed(one.subject, one.state, error, now)
                self.store.save_state(state)
                reports.append(refused)
        return reports


def subjects_of(feeds: Iterable[FeedDefinition]) -> dict[str, Subject]:
    """Return each source once, by its key, with all the feeds that take from it."""
    found: dict[str, tuple[SourceDefinition, list[FeedDefinition]]] = {}
    for feed in feeds:
        for source in feed.sources:
            found.setdefault(source.key, (source, []))[1].append(feed)
    return {
        key: Subject(definition=source, feeds=tuple(takers))
        for key, (source, takers) in found.items()
    }


def _apart(
    brought: Sequence[_Brought], marks: Mapping[str, set[tuple[str, str]]]
) -> tuple[list[_Brought], list[_Brought]]:
    """Part sources into those that share no mark, and the rest; the first is always among them."""
    taken: set[tuple[str, str]] = set()
    together: list[_Brought] = []
    left: list[_Brought] = []
    for one in brought:
        if taken.isdisjoint(marks[one.key]):
            taken |= marks[one.key]
            together.append(one)
        else:
            left.append(one)
    return together, left


def _settled(
    one: _Brought,
    known: Mapping[str, KnownArticle],
    twins: Twins,
    around: Round,
) -> tuple[CollectionResult, SourceReport]:
    """Judge what one source brought."""
    judged = judge(
        Document(
            source=one.key,
            articles=one.collected.articles,
            prints=one.prints,
            known=known,
            twins=twins,
            partial=one.collected.partial,
            kept=one.collected.kept,
        )
    )
    return outcome(one.subject, one.state, one.collected, judged, around)
