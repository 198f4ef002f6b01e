"""What every feed format's entries go through on their way to articles.

Serves `kit.feed_reader` and `kit.json_feed`. Pure. An entry keeps the id its publisher gave it for
ever; one without gets an id from what is least likely to change.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from publisher.kit.clean import clean_html, html_to_text, words_of
from publisher.kit.entry_lists import part
from publisher.kit.text import clean_text, shorten
from publisher.model.articles import CollectedArticle, Link, SourceProblem

SUMMARY = 400
"""Characters a summary may have; longer ones are texts."""

MAX_ID = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDocument:
    """A feed as read: its own title and page, its entries, and when it wants to be asked again.

    `skip_hours` (0 to 23) and `skip_days` (0 is Monday) are in UTC. `hubs` and `self_link` are what
    the document itself says of WebSub, absolute.
    """

    title: str = ""
    link: str = ""
    uid: str = ""
    articles: tuple[CollectedArticle, ...] = ()
    problems: tuple[SourceProblem, ...] = ()
    fresh_for: timedelta | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    hubs: tuple[str, ...] = ()
    self_link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """An entry's full text and its summary, as HTML from a stranger, and their base address."""

    full: str = ""
    summary: str = ""
    base_url: str = ""


def cleaned(content: Content) -> tuple[str, str, str]:
    """Return (html, text, summary): sanitised HTML, its words, and a plain summary.

    The summary is "" when it only repeats how the text begins, or when it is all there is.
    """
    return _worded(clean_html(content.full or content.summary, content.base_url), content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an entry says: HTML and text without its lists of key points and Read also, and these."""

    html: str
    text: str
    summary: str
    key_points: tuple[str, ...]
    read_also: tuple[Link, ...]


def told(content: Content, points: Sequence[str] = (), links: Sequence[Link] = ()) -> Told:
    """Return an entry cleaned, and its lists taken out of it (`entry_lists.part`)."""
    whole = clean_html(content.full or content.summary, content.base_url)
    found = part(whole, points, links)
    html, text, summary = _worded(found.html, content)
    return Told(
        html=html,
        text=text,
        summary=summary,
        key_points=found.key_points,
        read_also=found.read_also,
    )


def _worded(html: str, content: Content) -> tuple[str, str, str]:
    """Return sanitised HTML with its words and the summary beside it."""
    text = words_of(html)
    if not content.full or content.summary in {"", content.full}:
        return html, text, ""
    summary = shorten(html_to_text(content.summary), SUMMARY)
    repeated = clean_text(text).startswith(summary.rstrip("….")[:120])
    return html, text, "" if repeated else summary


def identified(articles: Iterable[CollectedArticle]) -> tuple[CollectedArticle, ...]:
    """Return the articles with ids that are there and differ.

    Without an id the address is taken, else a digest of title, date and text. An id that stands
    twice in one document is followed by the address, then by a number (as Miniflux does).
    """
    taken: set[str] = set()
    counted: dict[str, int] = {}
    kept: list[CollectedArticle] = []
    for article in articles:
        name = article.external_id or article.url or _digest(article)
        name = name if len(name) <= MAX_ID else f"{name[:MAX_ID]}#{_hash(name)}"
        candidate = name if name not in taken else f"{name}|{article.url}"
        while candidate in taken:
            counted[name] = counted.get(name, 1) + 1
            candidate = f"{name}|{counted[name]}"
        taken.add(candidate)
        same = candidate == article.external_id
        kept.append(article if same else replace(article, external_id=candidate))
    return tuple(kept)


def _digest(article: CollectedArticle) -> str:
    """Return an id for an entry that has neither id nor address."""
    when = article.published.isoformat() if article.published else ""
    return "sha256:" + _hash(f"{article.title}\n{when}\n{article.text}")


def _hash(text: str) -> str:
    """Return 32 hex digits for a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]
