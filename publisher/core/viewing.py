"""Turn stored articles into what formats are given: pure, shared by documents and digests."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import urlsplit

from publisher.model.articles import SOURCE, Article, Link, Origin, RelatedArticle
from publisher.model.definitions import FeedDefinition, Publication
from publisher.model.views import EntryView, FeedView, SiteView, SourceView, StoryView

WORDS_PER_MINUTE = 230
SUMMARY = 280
# Sanitised HTML: attributes stand in double quotes.
_IMG = re.compile(r'<img\b((?:[^>"]|"[^"]*")*)>')
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
_TAG = re.compile(r"tag:[^,:]+,(\d{4}-\d\d-\d\d):")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def minutes(text: str) -> int:
    """Return the reading time, at least one minute."""
    return max(1, round(len(text.split()) / WORDS_PER_MINUTE))


def summary_of(article: Article, limit: int = SUMMARY) -> str:
    """Return a plain summary: the supplied one, the standfirst, else the beginning of the text."""
    for supplied in (article.standfirst, article.summary):
        if supplied:
            return supplied
    text = " ".join(article.text.split())
    if len(text) <= limit:
        return text
    return text[:limit].rsplit(" ", 1)[0].rstrip(",;:–- ") + "…"


def title_of(article: Article, limit: int = 80) -> str:
    """Return the title, or the first words of a story that has none."""
    if article.title:
        return article.title
    words = " ".join(article.text.split())
    return words if len(words) <= limit else words[:limit].rsplit(" ", 1)[0] + "…"


def links_of(article: Article, count: int) -> tuple[Link, ...]:
    """Return the Read also links that lead somewhere, each address once.

    The editors' are shown whole, unless no links are wanted at all; else there are the supplied ones
    and then computed ones, at most `count`.
    """
    found = tuple(link for link, _ in links_by(article))
    return found if count and article.own_read_also is not None else found[:count]


def links_by(article: Article) -> tuple[tuple[Link, Origin], ...]:
    """Return all Read also links of an article, in their order, and whose each one is."""
    if article.own_read_also is not None:
        said = [(_link(one), Origin.EDITOR) for one in article.own_read_also]
    else:
        said = [(_link(one), Origin.SOURCE) for one in article.read_also]
        said += [(_link(one), Origin.COMPUTED) for one in article.related]
    links: dict[str, tuple[Link, Origin]] = {}
    for link, by in said:
        if link.url and link.url != article.url:
            first, whose = links.get(link.url, (link, by))
            links[link.url] = (replace(first, uid=first.uid or link.uid), whose)
    return tuple(links.values())


def _link(other: RelatedArticle | Link) -> Link:
    if isinstance(other, Link):
        return other
    return Link(title=other.title, url=other.url, uid=other.uid)


def points_of(article: Article, count: int) -> tuple[str, ...]:
    """Return the editors' or the source's key points whole, or at most `count` computed ones."""
    computed = article.points_by is Origin.COMPUTED
    return article.key_points[:count] if computed else article.key_points


def alt_of(article: Article) -> str:
    """Return what a story's picture shows, in words: the author's, "" where nobody said."""
    said = article.attributes.get("image_alt")
    if isinstance(said, str):
        return " ".join(said.split())
    for tag in _IMG.findall(article.html) if article.image else ():
        attributes = {name: unescape(value) for name, value in _ATTRIBUTE.findall(tag)}
        if attributes.get("src") == article.image:
            return " ".join(attributes.get("alt", "").split())
    return ""


def entry(article: Article, feed: FeedDefinition, also: Sequence[Link] = ()) -> EntryView:
    """Return one article as an entry of a feed; `also` is where else its story stands."""
    return EntryView(
        id=article.id,
        uid=article.uid,
        title=title_of(article),
        url=article.url,
        summary=summary_of(article),
        html=article.html if feed.full_text else "",
        text=article.text,
        language=article.language,
        authors=article.authors,
        tags=article.tags,
        image=article.image,
        enclosures=article.enclosures,
        key_points=points_of(article, feed.key_points),
        read_also=links_of(article, feed.read_also),
        also_at=tuple(also),
        published=article.published,
        updated=max(article.updated, article.published),
        standfirst=article.standfirst,
        dek=article.dek,
        key_points_in_text=feed.key_points_in_text,
        read_also_in_text=feed.read_also_in_text,
        source=source_of(article),
        page_path=f"articles/{article.slug}/index.html" if article.own_page else "",
        attributes=article.attributes,
    )


def source_of(article: Article) -> SourceView | None:
    """Return the feed that an article was taken from, as its source named it; None for our own."""
    said = article.attributes.get(SOURCE)
    if not isinstance(said, Mapping) or article.own_page:
        return None
    known = {name: str(said.get(name, "")) for name in ("title", "uid", "url", "home")}
    return SourceView(**known)


def newest_first(entries: Sequence[EntryView]) -> tuple[EntryView, ...]:
    """Return entries as readers expect them: newest publication first."""
    return tuple(sorted(entries, key=lambda item: (item.published, item.id), reverse=True))


def distinct(entries: Sequence[EntryView]) -> tuple[EntryView, ...]:
    """Give entries of one feed distinct `updated` seconds (the validator's DuplicateUpdated).

    Earlier stored ones keep theirs, so a newcomer never changes the bytes of its elders.
    """
    taken: dict[int, EntryView] = {}
    for item in sorted(entries, key=lambda item: item.id):
        moment = item.updated.replace(microsecond=0)
        while int(moment.timestamp()) in taken:
            moment += timedelta(seconds=1)
        taken[int(moment.timestamp())] = replace(item, updated=moment)
    by_id = {item.id: item for item in taken.values()}
    return tuple(by_id[item.id] for item in entries)


def story(
    article: Article,
    feeds: Sequence[str],
    feed: FeedDefinition | None,
    also: Sequence[Link] = (),
) -> StoryView:
    """Return one article as a story of a digest: `feeds` it came by, `feed` the first of them.

    It is marked as updated when it changed significantly after we had first seen it. Where nobody
    wrote a standfirst the text's beginning stands for it, unless key points say the same.
    """
    points = points_of(article, feed.key_points if feed else 3)
    written = article.standfirst or article.dek or article.summary
    changed = article.updated > max(article.published, article.first_seen)
    return StoryView(
        id=article.id,
        feeds=tuple(feeds),
        title=title_of(article),
        url=article.url,
        standfirst=written or ("" if points else summary_of(article)),
        summary=summary_of(article),
        language=article.language,
        authors=article.authors,
        image=article.image,
        image_alt=alt_of(article),
        key_points=points,
        read_also=links_of(article, feed.read_also if feed else 3),
        also_at=tuple(also),
        published=article.published,
        updated=article.updated if changed else None,
        minutes=minutes(article.text),
        pinned=article.pinned,
        content_hash=article.content_hash,
    )


def founded(tag: str) -> datetime | None:
    """Return the day on which a store was made, as its tag URIs tell (RFC 4151 section 2.1)."""
    day = _TAG.match(tag)
    return datetime.fromisoformat(day[1]).replace(tzinfo=UTC) if day else None


def style_of(language: str) -> str:
    """Return the path of the style sheet that browsers show feeds of a language with."""
    return f"feed-{language.lower()}.css"


def head(
    publication: Publication,
    feed: FeedDefinition,
    uid: str = "",
    endings: Mapping[str, str] | None = None,
) -> FeedView:
    """Return a feed without its entries; `endings` are those of its documents, by format."""
    base = f"{publication.url}feeds/{feed.slug}"
    language = feed.language or publication.language
    links = {name: f"{base}.{(endings or {}).get(name, name)}" for name in feed.formats}
    return FeedView(
        slug=feed.slug,
        uid=uid,
        title=feed.title,
        description=feed.description,
        language=language,
        home=f"{base}/",
        links=links,
        publication=publication.title,
        contact=publication.contact,
        updated=EPOCH,
        entries=(),
        site=publication.url,
        ended=feed.ended,
        style=f"{urlsplit(publication.url).path or '/'}{style_of(language)}",
        category_scheme=feed.category_scheme or publication.url,
    )


def site(
    publication: Publication,
    feeds: Sequence[FeedView] = (),
    *,
    languages: Collection[str] = (),
    archive: bool = False,
    by_mail: bool = False,
    founded: datetime | None = None,
) -> SiteView:
    """Return the publication as pages see it.

    `archive` when it has editions for everybody, `by_mail` when something may be had by mail;
    `languages` are those of its feeds, `founded` the day on which its store was made.
    """
    return SiteView(
        title=publication.title,
        url=publication.url,
        language=publication.language,
        timezone=publication.timezone,
        postal_address=publication.postal_address,
        contact=publication.contact,
        feeds=tuple(feeds),
        updated=max((feed.updated for feed in feeds), default=EPOCH),
        archive=f"{publication.url}editions/" if archive else "",
        subscribe=f"{publication.url}subscribe" if by_mail else "",
        founded=founded,
        styles={style_of(language): language for language in sorted(languages)},
    )
