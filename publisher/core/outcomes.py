"""What a collection of one source comes to: what is written, what is remembered, what is reported. Pure.

Serves collecting.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from publisher.core.deciding import Judged, fresh_stock, is_news, memberships
from publisher.core.rhythm import Next, after_answer, after_error, habit
from publisher.core.storms import is_late, is_storm
from publisher.errors import FetchError, PublisherError
from publisher.model.articles import Collected, SourceReport, SourceState, Verdict
from publisher.model.definitions import FeedDefinition, SourceDefinition
from publisher.ports import CollectionResult

OWN = ("folder", "inbox")
"""Source types that hold the publication's own work; looked at every time."""

GONE = 410
"""The HTTP status after which a source is asked no more (RFC 9110 section 15.5.11)."""

TOLD_AFTER = 3
"""Failures in a row after which operators are told, once until it works again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One source with every feed that takes from it."""

    definition: SourceDefinition
    feeds: tuple[FeedDefinition, ...]

    @property
    def own(self) -> bool:
        """Tell whether the operator writes this source."""
        return self.definition.adapter.type in OWN

    @property
    def handed_in(self) -> bool:
        """Tell whether what it brings is news from the first: nobody hands in a backlog."""
        return self.definition.adapter.type == "inbox"

    @property
    def slugs(self) -> tuple[str, ...]:
        """Return the feeds' names."""
        return tuple(feed.slug for feed in self.feeds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round of collecting: its instant, and how many articles each feed held when it began.

    What was `pushed` came unasked: it says nothing of when to ask next. Of the sources that are
    `told` of, hubs bring what is new.
    """

    now: datetime
    used: Mapping[str, int]
    pushed: bool = False
    listened: Collection[str] = ()


def failed(
    subject: Subject, state: SourceState, error: Exception, now: datetime
) -> tuple[SourceState, SourceReport]:
    """Return what is remembered and reported of a source that could not be read."""
    line = str(error) if isinstance(error, PublisherError) else f"unexpected: {error!r}"
    asked = error.retry_after if isinstance(error, FetchError) else None
    stop = isinstance(error, FetchError) and error.status == GONE
    told = state.told or state.failures + 1 >= TOLD_AFTER or stop
    then = after_error(state, now, subject.definition.every, asked)
    after = replace(
        state,
        failures=state.failures + 1,
        last_error=line,
        last_checked=now,
        next_check=None if stop else now if subject.own else then.at,
        why="it is gone" if stop else "looked at each time" if subject.own else then.why,
        stopped="its server says that it is gone for good (410)" if stop else state.stopped,
        told=told,
    )
    report = SourceReport(
        source=state.key,
        feeds=subject.slugs,
        error=line,
        told=state.told,
        failures=after.failures,
        next_check=after.next_check,
    )
    return after, report


def heard(
    subject: Subject, state: SourceState, collected: Collected, around: Round
) -> tuple[SourceState, SourceReport]:
    """Return what is remembered and reported of a source where nothing is new."""
    now = around.now
    then = _next(subject, state, collected, around, news=False)
    after = replace(
        state,
        etag=collected.etag,
        last_modified=collected.last_modified,
        cursor=collected.cursor,
        last_checked=now,
        last_success=now,
        next_check=then.at,
        interval=then.interval,
        why=then.why,
        failures=0,
        last_error="",
        told=False,
        stopped="",
    )
    report = SourceReport(source=state.key, feeds=subject.slugs, next_check=then.at)
    return after, report


def outcome(
    subject: Subject,
    state: SourceState,
    collected: Collected,
    judged: Sequence[Judged],
    around: Round,
) -> tuple[CollectionResult, SourceReport]:
    """Return what is written of a source that brought articles, with its report."""
    held = is_storm(state, judged, partial=collected.partial, own=subject.own)
    result = replace(_result(subject, state, collected, judged, around, news=not held), held=held)
    fates = _fates(judged, result, held=held)
    seen = {str(verdict): count for verdict, count in fates.items() if count}
    if around.pushed and not subject.own:
        after = replace(state, fates=state.fates or seen)
    else:
        after = _after(subject, state, collected, seen, around)
    report = SourceReport(
        source=state.key,
        feeds=subject.slugs,
        new=fates[Verdict.NEW],
        changed=fates[Verdict.CHANGED],
        same=fates[Verdict.SAME],
        duplicate=fates[Verdict.DUPLICATE],
        filtered=fates[Verdict.FILTERED],
        held=fates[Verdict.HELD],
        problems=collected.problems,
        next_check=after.next_check,
    )
    return replace(result, state=after), report


def _result(
    subject: Subject,
    state: SourceState,
    collected: Collected,
    judged: Sequence[Judged],
    around: Round,
    *,
    news: bool,
) -> CollectionResult:
    """Turn verdicts into what is to be written together; nothing is mailed unless there is `news`."""
    stock = fresh_stock(collected.articles, own=subject.own)

    def entering(item: Judged) -> tuple[tuple[str, bool], ...]:
        late = is_late(state, item.article, own=subject.own)
        mailable = {
            feed.slug: news
            and not late
            and is_news(
                source_known=state.last_success is not None or subject.handed_in,
                feed_used=bool(around.used.get(feed.slug)),
                in_stock=item.article.external_id in stock,
            )
            for feed in subject.feeds
        }
        return memberships(item.article, subject.feeds, mailable, state.key)

    changed = [
        item
        for item in judged
        if item.id is not None and (item.verdict is Verdict.CHANGED or item.renamed)
    ]
    return CollectionResult(
        state=state,
        now=around.now,
        keep_ids=subject.definition.keep_ids,
        prints={item.article.external_id: item.prints for item in judged},
        new=[(item.article, entering(item)) for item in judged if item.verdict is Verdict.NEW],
        changed=[
            (item.id, item.article, item.significant, entering(item))
            for item in changed
            if item.id is not None
        ],
        renamed=frozenset(item.id for item in changed if item.renamed and item.id is not None),
        joined=[
            (item.id, entering(item))
            for item in judged
            if item.verdict is Verdict.DUPLICATE and item.id is not None
        ],
    )


def _fates(judged: Sequence[Judged], result: CollectionResult, *, held: bool) -> Counter[Verdict]:
    """Count what became of the articles: new ones may be held, or be in no feed."""
    counts = Counter(item.verdict for item in judged)
    if held:
        counts[Verdict.HELD] = counts.pop(Verdict.NEW, 0)
    else:
        counts[Verdict.FILTERED] = sum(not feeds for _, feeds in result.new)
        counts[Verdict.NEW] -= counts[Verdict.FILTERED]
    return counts


def _after(
    subject: Subject,
    state: SourceState,
    collected: Collected,
    fates: Mapping[str, int],
    around: Round,
) -> SourceState:
    """Return what is remembered of a source that answered."""
    now = around.now
    seen = habit(collected.articles, now)
    whole = not collected.partial
    habits = replace(
        state,
        gap=seen.gap if whole or not state.gap else state.gap,
        newest=max(filter(None, (seen.newest, state.newest)), default=None),
        # Of a part the first one tells: what is older than all of it is archive, also when edited.
        horizon=(seen.oldest if whole else state.horizon) or state.horizon or seen.oldest,
        hubs=collected.hubs if whole else state.hubs,
        topic=collected.topic if whole else state.topic,
    )
    then = _next(subject, habits, collected, around, news=bool(fates.get(Verdict.NEW)))
    return replace(
        habits,
        etag=collected.etag,
        last_modified=collected.last_modified,
        cursor=collected.cursor,
        next_check=then.at,
        interval=then.interval,
        why=then.why,
        last_checked=now,
        last_success=now,
        failures=0,
        last_error="",
        told=False,
        stopped="",
        fates=fates,
    )


def _next(
    subject: Subject, state: SourceState, collected: Collected, around: Round, *, news: bool
) -> Next:
    now, every = around.now, subject.definition.every
    listened = state.key in around.listened
    if subject.own:
        return Next(at=now, interval=timedelta(0), why="looked at each time")
    return after_answer(state, collected, now, every, news=news, listened=listened)
