"""What became of each collected article, and whether it is news: pure, no input or output."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from publisher.core.selecting import enters
from publisher.model.articles import ArticleId, CollectedArticle, KnownArticle, Verdict
from publisher.model.content import content_hash, difference
from publisher.model.definitions import FeedDefinition
from publisher.model.urls import canonical_url

SIGNIFICANT = 0.05
"""Share of changed words from which an edit moves `updated` (RFC 4287 section 4.2.15)."""

FIRST_STOCK = 12
"""How many of a strange source's entries are news to a feed that is itself new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A collected article with its verdict; `id` is the stored one it is, or repeats."""

    article: CollectedArticle
    verdict: Verdict
    id: ArticleId | None = None
    significant: bool = False


def judge(
    collected: Sequence[CollectedArticle],
    known: Mapping[str, KnownArticle],
    urls: Mapping[str, ArticleId],
) -> tuple[Judged, ...]:
    """Judge in order: (source, id), then canonical URL, then repetition within the same document."""
    seen: set[str] = set()
    judged: list[Judged] = []
    for article in collected:
        if article.external_id in seen:
            judged.append(Judged(article=article, verdict=Verdict.DUPLICATE))
            continue
        seen.add(article.external_id)
        judged.append(_judge_one(article, known.get(article.external_id), urls))
    return tuple(judged)


def _judge_one(
    article: CollectedArticle, known: KnownArticle | None, urls: Mapping[str, ArticleId]
) -> Judged:
    if known is None:
        twin = urls.get(canonical_url(article.url)) if article.url else None
        verdict = Verdict.NEW if twin is None else Verdict.DUPLICATE
        return Judged(article=article, verdict=verdict, id=twin)
    if known.content_hash == content_hash(article):
        return Judged(article=article, verdict=Verdict.SAME, id=known.id)
    edited = known.title != article.title or difference(known.text, article.text) > SIGNIFICANT
    return Judged(article=article, verdict=Verdict.CHANGED, id=known.id, significant=edited)


def memberships(
    article: CollectedArticle,
    feeds: Sequence[FeedDefinition],
    news: Mapping[str, bool],
    source: str,
) -> tuple[tuple[str, bool], ...]:
    """Return (feed, mailable) for each feed the article of a source enters; `news` says it per feed."""
    return tuple(
        (feed.slug, news.get(feed.slug, True))
        for feed in feeds
        if enters(feed.select, article, source)
    )


def fresh_stock(collected: Sequence[CollectedArticle], *, own: bool) -> frozenset[str]:
    """Return the external ids that are news when source and feed are both new.

    A folder is the publication's own work, all of it news; of a stranger's archive only the newest
    entries are, since a new source's backlog is never mailed (guarantees, promise 4).
    """
    if own:
        return frozenset(article.external_id for article in collected)
    undated = datetime.max.replace(tzinfo=UTC)
    newest = sorted(collected, key=lambda article: article.published or undated, reverse=True)
    return frozenset(article.external_id for article in newest[:FIRST_STOCK])


def is_news(*, source_known: bool, feed_used: bool, in_stock: bool) -> bool:
    """Tell whether an article that enters a feed now may be mailed.

    A known source brings news. A new source in a feed in use brings its backlog, which is not
    mailed; in a feed that is new as well, its fresh stock is.
    """
    return source_known or (not feed_used and in_stock)
