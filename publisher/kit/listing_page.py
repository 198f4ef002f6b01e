"""A page that lists stories, read by an operator's selectors.

Serves the `listing` source, which calls `read_listing` in a killable process. Pure.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import html

from publisher.errors import ParseError
from publisher.kit import css
from publisher.kit.clean import absolute_url, clean_html, html_to_text
from publisher.kit.dates import as_instant
from publisher.kit.decode import decode_document
from publisher.kit.feed_entries import identified
from publisher.kit.page_html import page_language, page_title
from publisher.kit.text import clean_text, derive_title, escape, plain_title
from publisher.model.articles import CollectedArticle, SourceProblem

MAX_ITEMS = 1_000
PICTURES = ("src", "data-src", "data-lazy-src", "data-original")
"""Where a picture's address stands; pages that load late leave a placeholder in `src`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """An operator's selectors; "" finds nothing. All but `item` and `next` count from the item."""

    item: str
    title: str = ""
    link: str = ""
    date: str = ""
    summary: str = ""
    image: str = ""
    author: str = ""
    next: str = ""
    date_format: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A page as read: its stories, where the next page is ("" for none), what could not be read."""

    articles: tuple[CollectedArticle, ...]
    next: str = ""
    title: str = ""
    problems: tuple[SourceProblem, ...] = ()


def read_listing(data: bytes, url: str, content_type: str, rules: Rules) -> Listing:
    """Return what a page lists. Raises ParseError when there is nothing, as on an error page."""
    text = decode_document(data, content_type)
    page = css.parse(text)
    items = css.select(page, rules.item) if page is not None else []
    if page is None or not items:
        raise ParseError(url, f'nothing on the page is found by item = "{rules.item}"')
    base = _base(page, url)
    language = page_language(text)
    articles: list[CollectedArticle] = []
    problems: list[SourceProblem] = []
    for number, item in enumerate(items[:MAX_ITEMS], 1):
        article = _article(item, rules, base, language)
        if article is None:
            message = "has neither a title nor a link"
            problems.append(SourceProblem(where=f"{url} item {number}", message=message))
        else:
            articles.append(article)
    if not articles:
        raise ParseError(url, "the items found have neither titles nor links")
    following = css.first(page, rules.next) if rules.next else None
    return Listing(
        articles=identified(articles),
        next=_address(following, rules.next, base) if following is not None else "",
        title=plain_title(page_title(text)),
        problems=tuple(problems),
    )


def _article(
    item: html.HtmlElement, rules: Rules, base: str, language: str
) -> CollectedArticle | None:
    """Return one item as an article, None when it says nothing."""
    link = _link(item, rules, base)
    summary = _markup(item, rules.summary)
    cleaned = clean_html(summary, base) if summary else ""
    text = html_to_text(cleaned)
    title = _title(item, rules) or derive_title(text)
    if not title:
        return None
    return CollectedArticle(
        external_id="",
        title=title,
        url=link,
        html=cleaned,
        text=text,
        language=language,
        authors=tuple(filter(None, [clean_text(_said(item, rules.author))])),
        image=_picture(item, rules, base),
        published=_date(item, rules),
    )


def _title(item: html.HtmlElement, rules: Rules) -> str:
    """Return the title: as selected, else the first heading, else the first link's words."""
    for selector in (rules.title, "h1, h2, h3, h4, h5, h6", "a"):
        if found := plain_title(_said(item, selector)):
            return found
    return plain_title(css.words(item)) if item.tag == "a" else ""


def _link(item: html.HtmlElement, rules: Rules, base: str) -> str:
    """Return where an item leads: as selected, else its first link, else itself."""
    if rules.link:
        found = css.first(item, rules.link)
        return _address(found, rules.link, base) if found is not None else ""
    found = css.first(item, "a[href]")
    target = found if found is not None else item
    return absolute_url(target.get("href") or "", base)


def _address(element: html.HtmlElement, selector: str, base: str) -> str:
    """Return the address that an element names: an attribute asked for, else its `href`."""
    name = css.compiled(selector).attribute or "href"
    inner = element if element.get(name) else css.first(element, f"[{name}]")
    return absolute_url((inner.get(name) or "") if inner is not None else "", base)


def _picture(item: html.HtmlElement, rules: Rules, base: str) -> str:
    """Return the address of an item's picture, its first one unless one is selected."""
    found = css.first(item, rules.image or "img")
    if found is None:
        return ""
    named = css.compiled(rules.image).attribute if rules.image else ""
    for name in (named,) if named else reversed(PICTURES):
        said = (found.get(name) or "").strip()
        if said and not said.startswith("data:"):
            return absolute_url(said, base)
    return ""


def _date(item: html.HtmlElement, rules: Rules) -> datetime | None:
    """Return when an item was published: as selected, else what its `time` element says."""
    found = css.first(item, rules.date or "time")
    if found is None:
        return None
    name = css.compiled(rules.date).attribute if rules.date else ""
    written = found.get(name) if name else found.get("datetime") or css.words(found)
    if rules.date_format and written:
        try:
            moment = datetime.strptime(written.strip(), rules.date_format)  # noqa: DTZ007 - made aware below
        except ValueError:
            return as_instant(written)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    return as_instant(written)


def _markup(item: html.HtmlElement, selector: str) -> str:
    """Return what a selector finds as HTML; an attribute asked for is text."""
    if not selector:
        return ""
    if css.compiled(selector).attribute:
        return escape(_said(item, selector))
    found = css.first(item, selector)
    return html.tostring(found, encoding="unicode", with_tail=False) if found is not None else ""


def _said(item: html.HtmlElement, selector: str) -> str:
    return css.said(item, selector) if selector else ""


def _base(page: html.HtmlElement, url: str) -> str:
    """Return what relative addresses count from (`<base href>`)."""
    found = css.first(page, "base[href]")
    return (absolute_url(found.get("href") or "", url) if found is not None else "") or url
