"""h-feed and h-entry (microformats2) in pages of strangers; serves the `hfeed` source.

`read_hfeed` is called in a killable process. Pure. The only importer of mf2py.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import mf2py

from publisher.errors import ParseError
from publisher.kit.clean import absolute_url
from publisher.kit.dates import as_instant
from publisher.kit.decode import decode_document
from publisher.kit.feed_entries import Content, FeedDocument, cleaned, identified
from publisher.kit.page_html import page_language, page_title
from publisher.kit.text import clean_text, derive_title, plain_title, text_to_html
from publisher.model.articles import CollectedArticle, Enclosure

MAX_CHARACTERS = 2_000_000
"""Characters of a page that are read: the parser needs seconds for more."""

MAX_ENTRIES = 500
DEPTH = 20
ENTRIES = frozenset({"h-entry", "h-event", "h-review", "h-recipe"})
MEDIA = (("audio", "audio/mpeg"), ("video", "video/mp4"))
Properties = Mapping[str, Sequence[Any]]


def read_hfeed(data: bytes, url: str, content_type: str = "") -> FeedDocument:
    """Return a page's h-feed, or its h-entries where it has no h-feed.

    Relative addresses count from `url`, or from the page's `<base>`. Raises ParseError when the page
    holds neither, as an error page does.
    """
    text = decode_document(data, content_type)[:MAX_CHARACTERS]
    try:
        parsed = mf2py.Parser(doc=text, url=url, html_parser="lxml").to_dict()
    except RecursionError as error:
        raise ParseError(url, "is nested too deeply") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise ParseError(url, f"cannot be read: {error}") from error
    feed = next(_typed(parsed["items"], {"h-feed"}), None)
    entries = list(_typed((feed or {}).get("children") or parsed["items"], ENTRIES))
    if not entries:
        raise ParseError(url, "holds no h-feed and no h-entry")
    said: Properties = (feed or {}).get("properties", {})
    language = page_language(text)
    return FeedDocument(
        title=plain_title(_word(said, "name")) or plain_title(page_title(text)),
        link=_address(said, "url", url),
        articles=identified(
            _article(entry["properties"], url, language) for entry in entries[:MAX_ENTRIES]
        ),
    )


def _typed(
    items: Sequence[Any], types: set[str] | frozenset[str], depth: int = 0
) -> Iterator[Any]:
    """Yield items of some types, in the order of the page, those within others too."""
    for item in items:
        if types & set(item.get("type", ())):
            yield item
        elif depth < DEPTH:
            yield from _typed(item.get("children") or (), types, depth + 1)


def _article(said: Properties, url: str, language: str) -> CollectedArticle:
    """Return an entry as an article; one without a name of its own is a note."""
    html, text, summary = cleaned(
        Content(full=_markup(said, "content"), summary=_markup(said, "summary"), base_url=url)
    )
    published, updated = (as_instant(_word(said, name)) for name in ("published", "updated"))
    return CollectedArticle(
        external_id=clean_text(_word(said, "uid")),
        title=_title(said, text),
        url=_address(said, "url", url),
        html=html,
        text=text,
        summary=summary,
        language=_word(said, "lang") or language,
        authors=tuple(dict.fromkeys(filter(None, _names(said.get("author", ()))))),
        tags=tuple(dict.fromkeys(filter(None, _names(said.get("category", ()))))),
        image=_address(said, "featured", url) or _address(said, "photo", url),
        enclosures=tuple(
            Enclosure(url=address, type=kind)
            for name, kind in MEDIA
            if (address := _address(said, name, url))
        ),
        published=published or updated,
        updated=updated or published,
    )


def _title(said: Properties, text: str) -> str:
    """Return an entry's name; that of a note is all of its text, so its first words are taken."""
    name = plain_title(_word(said, "name"))
    whole = clean_text(text)
    return derive_title(text) if not name or (whole and name == whole) else name


def _word(said: Properties, name: str) -> str:
    """Return the first value of a property as text."""
    for value in said.get(name, ()):
        if isinstance(value, str):
            return value
        if isinstance(value, Mapping):
            return str(value.get("value") or "")
    return ""


def _markup(said: Properties, name: str) -> str:
    """Return the first value of a property as HTML; plain text is escaped."""
    for value in said.get(name, ()):
        if isinstance(value, Mapping) and value.get("html"):
            return str(value["html"])
        break
    return text_to_html(_word(said, name))


def _address(said: Properties, name: str, url: str) -> str:
    """Return the first value of a property as an absolute address, "" when it is none."""
    for value in said.get(name, ()):
        if isinstance(value, Mapping) and "properties" in value:
            nested = _address(value["properties"], "url", url)
            return nested or absolute_url(str(value.get("value") or ""), url)
        break
    return absolute_url(_word(said, name), url)


def _names(values: Sequence[Any]) -> Iterator[str]:
    """Yield the names of people or tags: cards say them in `name`."""
    for value in values:
        if isinstance(value, Mapping):
            yield clean_text(
                _word(value.get("properties", {}), "name") or str(value.get("value") or "")
            )
        else:
            yield clean_text(str(value))
