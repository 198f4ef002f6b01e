"""What became of each collected article, and whether it is news: pure, no input or output."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from publisher.core.selecting import enters
from publisher.model.articles import ArticleId, CollectedArticle, KnownArticle, Twin, Verdict
from publisher.model.content import Prints, difference
from publisher.model.definitions import FeedDefinition

SIGNIFICANT = 0.05
"""Share of changed words from which an edit moves `updated` (RFC 4287 section 4.2.15)."""

FIRST_STOCK = 12
"""How many of a strange source's entries are news to a feed that is itself new."""

MARKS = ("canonical", "file", "headline", "wording")
"""The fields of `Marks`, the most trusted first."""

Twins = Mapping[tuple[str, str], Sequence[Twin]]
"""Stored articles by the mark they bear: (field of `Marks`, its value)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A collected article with its verdict.

    `id` is the stored one that it is, or repeats. `renamed` means that its source gave the stored
    one another id: it is known under the new one from now on.
    """

    article: CollectedArticle
    prints: Prints
    verdict: Verdict
    id: ArticleId | None = None
    significant: bool = False
    renamed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What one source brought, with what is stored that could be the same.

    `partial` as in `Collected`: ids that are not in it may well go on existing; `kept` as there: what
    is stored of these stays.
    """

    source: str
    articles: Sequence[CollectedArticle]
    prints: Sequence[Prints]
    known: Mapping[str, KnownArticle]
    twins: Twins
    partial: bool = False
    kept: Collection[str] = ()


def judge(document: Document) -> tuple[Judged, ...]:
    """Judge in order: (source, id), then canonical URL, enclosure, title and date, text.

    What stands in the document twice is a duplicate the second time. Of two ids that stand in one
    document neither is the other's twin: a change log's entries may all have one address.
    """
    seen: set[object] = set()
    taken: set[ArticleId] = set()
    here = {article.external_id for article in document.articles}
    judged: list[Judged] = []
    for article, found in zip(document.articles, document.prints, strict=True):
        alike = (article.title, article.url, article.published, article.text)
        if article.external_id in seen or alike in seen:
            judged.append(Judged(article=article, prints=found, verdict=Verdict.DUPLICATE))
            continue
        seen |= {article.external_id, alike}
        one = _judge_one(document, article, found, here)
        if one.renamed and one.id in taken:  # two new names for one stored article
            one = Judged(article=article, prints=found, verdict=Verdict.NEW)
        if one.id is not None:
            taken.add(one.id)
        judged.append(one)
    return tuple(judged)


def _judge_one(
    document: Document, article: CollectedArticle, found: Prints, here: Collection[str]
) -> Judged:
    known: KnownArticle | Twin | None = document.known.get(article.external_id)
    renamed = False
    if known is None:
        twin = _twin(document, article, found, here)
        if twin is None:
            return Judged(article=article, prints=found, verdict=Verdict.NEW)
        if twin.source != document.source:
            return Judged(article=article, prints=found, verdict=Verdict.DUPLICATE, id=twin.id)
        known, renamed = twin, True
    kept = not renamed and article.external_id in document.kept
    if kept or known.content_hash == found.hash:
        return Judged(article=article, prints=found, verdict=Verdict.SAME, id=known.id)
    edited = known.title != article.title or difference(known.text, article.text) > SIGNIFICANT
    only_name = renamed and not edited
    return Judged(
        article=article,
        prints=found,
        verdict=Verdict.SAME if only_name else Verdict.CHANGED,
        id=known.id,
        significant=edited,
        renamed=renamed,
    )


def _twin(
    document: Document, article: CollectedArticle, found: Prints, here: Collection[str]
) -> Twin | None:
    """Return the stored article that this one is under another id, if there is just one."""
    for field, value in marks_of(found):
        others = [
            twin
            for twin in document.twins.get((field, value), ())
            if _may_be(document, field, twin, article, here)
        ]
        if len(others) == 1:
            return others[0]
    return None


def _may_be(
    document: Document, field: str, twin: Twin, article: CollectedArticle, here: Collection[str]
) -> bool:
    """Tell whether a stored article with one of the same marks may be the same story."""
    if twin.source != document.source:
        return field != "headline"  # "Weather" at midnight is told by many
    if document.partial or twin.external_id in here:
        return False
    return field in {"headline", "wording"} or (
        twin.title == article.title or twin.published == article.published
    )


def marks_of(found: Prints) -> Iterator[tuple[str, str]]:
    """Yield the marks that can tell a story: a site's front page is no story's address."""
    for field in MARKS:
        value: str = getattr(found.marks, field)
        if value and not (field == "canonical" and value.count("/") == 3 and value.endswith("/")):  # noqa: PLR2004 - https://host/
            yield field, value


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
