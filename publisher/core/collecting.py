"""Collect: ask every due source, judge what it brings, store it; one bad source never stops the rest.

Sources work in threads and write nothing; judging and storing happen in the caller's thread.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from publisher.core.deciding import Judged, fresh_stock, is_news, judge, memberships
from publisher.errors import ConfigError, FetchError, PublisherError, StoreError
from publisher.model.articles import (
    Collected,
    CollectedArticle,
    SourceReport,
    SourceState,
    Verdict,
)
from publisher.model.definitions import FeedDefinition, SourceDefinition
from publisher.model.urls import canonical_url
from publisher.ports import Articles, Clock, CollectionResult, Progress, Source

ADAPTIVE = timedelta(minutes=30)
LONGEST = timedelta(hours=24)
OWN = ("folder", "inbox")
"""Source types that hold the publication's own work; looked at every time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One source with every feed that takes from it."""

    definition: SourceDefinition
    feeds: tuple[FeedDefinition, ...]

    @property
    def own(self) -> bool:
        """Tell whether the operator writes this source."""
        return self.definition.adapter.type in OWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """The collect use-case. `open_source` makes a source from its definition (may raise ConfigError)."""

    store: Articles
    clock: Clock
    open_source: Callable[[SourceDefinition], Source]
    workers: int = 16

    def collect(
        self,
        feeds: Sequence[FeedDefinition],
        *,
        everything: bool = False,
        progress: Progress | None = None,
    ) -> tuple[SourceReport, ...]:
        """Collect what is due (or everything) for these feeds; one report per source asked.

        Raises StoreError and ConfigError; whatever else goes wrong stands in the reports.
        """
        now = self.clock.now()
        subjects = subjects_of(feeds)
        states = self.store.source_states([subject.definition.key for subject in subjects])
        used = self.store.feeds_with_articles()
        due = [
            (subject, states.get(subject.definition.key))
            for subject in subjects
            if everything or _is_due(subject, states.get(subject.definition.key), now)
        ]
        reports: list[SourceReport] = []
        for subject, state, collected in self._ask(due, now):
            reports.append(self._settle(subject, state, collected, used, now))
            if progress:
                progress(len(reports), len(due), subject.definition.key)
        return tuple(sorted(reports, key=lambda report: report.source))

    def _ask(
        self, due: Sequence[tuple[Subject, SourceState | None]], now: datetime
    ) -> Iterator[tuple[Subject, SourceState, Collected | Exception]]:
        """Ask the sources in threads; an adapter's failure is handed on as a value."""
        if not due:
            return
        with ThreadPoolExecutor(min(self.workers, len(due)), "collect") as pool:
            asked: dict[Future[Collected], tuple[Subject, SourceState]] = {}
            for subject, state in due:
                source = self.open_source(subject.definition)
                known = state or SourceState(key=subject.definition.key)
                asked[pool.submit(source.collect, known, now)] = (subject, known)
            for answer in as_completed(asked):
                error = answer.exception()
                if error is not None and not isinstance(error, Exception):
                    raise error
                yield (*asked[answer], error if error is not None else answer.result())

    def _settle(
        self,
        subject: Subject,
        state: SourceState,
        collected: Collected | Exception,
        used: Mapping[str, int],
        now: datetime,
    ) -> SourceReport:
        if isinstance(collected, StoreError | ConfigError):
            raise collected
        if isinstance(collected, Exception):
            return self._failed(subject, state, collected, now)
        judged = self._judge(state.key, collected.articles)
        result = _result(subject, state, collected, judged, used, now)
        if collected.unchanged:
            self.store.save_state(result.state)
        else:
            self.store.save_collected(result)
        return _report(subject, judged, collected)

    def _judge(self, source: str, articles: Sequence[CollectedArticle]) -> tuple[Judged, ...]:
        known = self.store.known(source, [article.external_id for article in articles])
        strange = [
            canonical_url(article.url)
            for article in articles
            if article.url and article.external_id not in known
        ]
        return judge(articles, known, self.store.known_urls(strange) if strange else {})

    def _failed(
        self, subject: Subject, state: SourceState, error: Exception, now: datetime
    ) -> SourceReport:
        line = str(error) if isinstance(error, PublisherError) else f"unexpected: {error!r}"
        wait = min(ADAPTIVE * 2 ** min(state.failures, 6), LONGEST)
        if isinstance(error, FetchError) and error.retry_after is not None:
            wait = max(wait, error.retry_after)
        self.store.save_state(
            replace(
                state,
                failures=state.failures + 1,
                last_error=line,
                last_checked=now,
                next_check=now if subject.own else now + wait,
            )
        )
        return SourceReport(source=state.key, feeds=_slugs(subject), error=line)


def subjects_of(feeds: Sequence[FeedDefinition]) -> tuple[Subject, ...]:
    """Return each source once, with all the feeds that take from it."""
    found: dict[str, tuple[SourceDefinition, list[FeedDefinition]]] = {}
    for feed in feeds:
        for source in feed.sources:
            found.setdefault(source.key, (source, []))[1].append(feed)
    return tuple(
        Subject(definition=source, feeds=tuple(takers)) for source, takers in found.values()
    )


def _is_due(subject: Subject, state: SourceState | None, now: datetime) -> bool:
    return subject.own or state is None or state.next_check is None or state.next_check <= now


def _slugs(subject: Subject) -> tuple[str, ...]:
    return tuple(feed.slug for feed in subject.feeds)


def _result(
    subject: Subject,
    state: SourceState,
    collected: Collected,
    judged: Sequence[Judged],
    used: Mapping[str, int],
    now: datetime,
) -> CollectionResult:
    """Turn verdicts into what is to be written together."""
    stock = fresh_stock(collected.articles, own=subject.own)

    def entering(item: Judged) -> tuple[tuple[str, bool], ...]:
        news = {
            feed.slug: is_news(
                source_known=state.last_success is not None,
                feed_used=bool(used.get(feed.slug)),
                in_stock=item.article.external_id in stock,
            )
            for feed in subject.feeds
        }
        return memberships(item.article, subject.feeds, news, state.key)

    return CollectionResult(
        state=_next_state(subject, state, collected, now),
        now=now,
        keep_ids=subject.definition.keep_ids,
        new=[(item.article, entering(item)) for item in judged if item.verdict is Verdict.NEW],
        changed=[
            (item.id, item.article, item.significant, entering(item))
            for item in judged
            if item.verdict is Verdict.CHANGED and item.id is not None
        ],
        joined=[
            (item.id, entering(item))
            for item in judged
            if item.verdict is Verdict.DUPLICATE and item.id is not None
        ],
    )


def _next_state(
    subject: Subject, state: SourceState, collected: Collected, now: datetime
) -> SourceState:
    every = subject.definition.every or ADAPTIVE
    said = state if collected.unchanged or collected.partial else collected
    return SourceState(
        key=state.key,
        etag=collected.etag,
        last_modified=collected.last_modified,
        next_check=max(now + every, collected.fresh_until or now),
        last_checked=now,
        last_success=now,
        cursor=collected.cursor,
        hubs=said.hubs,
        topic=said.topic,
    )


def _report(subject: Subject, judged: Sequence[Judged], collected: Collected) -> SourceReport:
    counts = Counter(item.verdict for item in judged)
    return SourceReport(
        source=subject.definition.key,
        feeds=_slugs(subject),
        new=counts[Verdict.NEW],
        changed=counts[Verdict.CHANGED],
        same=counts[Verdict.SAME],
        duplicate=counts[Verdict.DUPLICATE],
        problems=collected.problems,
    )
