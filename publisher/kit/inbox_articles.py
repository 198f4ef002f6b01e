"""Articles that programs hand in as JSON: the front matter's keys, with the text beside them.

Serves the `inbox` source. `read_articles` is called in a killable process. Pure.
"""

import json
from collections.abc import Mapping
from typing import Any

from publisher.errors import ParseError
from publisher.kit.clean import absolute_url, clean_html, html_to_text
from publisher.kit.markdown import markdown_to_html
from publisher.kit.story_fields import Fields
from publisher.kit.text import derive_title, plain_title, text_to_html
from publisher.model.articles import CollectedArticle

MAX_OCTETS = 1024 * 1024
MAX_ARTICLES = 100
BODIES = ("html", "markdown", "text")
OWN = frozenset({"url", *BODIES})
"""Keys beside those of front matter."""


def read_articles(data: bytes, base_url: str = "") -> tuple[CollectedArticle, ...]:
    """Return one article, or a list of them, from JSON; all of them or none.

    Raises ParseError that names everything wrong, one thing a line: articles by their place in the
    list, beginning with 1.
    """
    if len(data) > MAX_OCTETS:
        raise ParseError("articles", f"are larger than {MAX_OCTETS // 1024} KiB together")
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ParseError("articles", f"are no JSON: {error}") from error
    rows = found if isinstance(found, list) else [found]
    if not rows or len(rows) > MAX_ARTICLES:
        raise ParseError("articles", f"must be 1 to {MAX_ARTICLES} at a time, not {len(rows)}")
    articles: list[CollectedArticle] = []
    wrong: list[str] = []
    for number, row in enumerate(rows, 1):
        try:
            articles.append(_article(row, f"article {number}", base_url))
        except ParseError as error:
            wrong.append(f"{error.subject}: {error.reason.removeprefix('front matter: ')}")
    if wrong:
        raise ParseError("articles", "\n".join(wrong))
    return tuple(articles)


def _article(row: object, name: str, base_url: str) -> CollectedArticle:
    """Return one article. Raises ParseError."""
    if not isinstance(row, Mapping):
        raise ParseError(name, "must be an object")
    table: dict[str, Any] = {key: value for key, value in row.items() if key not in OWN}
    fields = Fields(table, name, lambda reference: absolute_url(reference, base_url))
    url = _url(row, name)
    html = clean_html(_markup(row, name), url or base_url)
    text = html_to_text(html)
    title = plain_title(fields.word("title")) or derive_title(text)
    identity = fields.word("id") or url
    if not identity:
        raise ParseError(name, "needs an id that stays the same, or a url")
    if not title:
        raise ParseError(name, "needs a title or a text")
    return CollectedArticle(
        external_id=identity,
        title=title,
        url=url,
        html=html,
        text=text,
        summary=fields.word("summary"),
        language=fields.word("language"),
        authors=fields.words("author") + fields.words("authors"),
        tags=fields.words("tags"),
        image=absolute_url(fields.word("image"), base_url),
        enclosures=tuple(fields.enclosures("enclosures")),
        key_points=fields.words("key_points"),
        read_also=tuple(fields.links("read_also")),
        published=fields.instant("date"),
        updated=fields.instant("updated"),
        slug=fields.word("slug"),
        draft=fields.flag("draft"),
        priority=fields.whole("priority"),
        attributes={**fields.rest(), **fields.episode()},
    )


def _url(row: Mapping[str, Any], name: str) -> str:
    """Return where the story is read, "" for a page of our own. Raises ParseError."""
    said = row.get("url")
    if said is None or said == "":
        return ""
    url = absolute_url(said) if isinstance(said, str) else ""
    if not url.startswith(("http://", "https://")):
        raise ParseError(name, "url must be a whole web address")
    return url


def _markup(row: Mapping[str, Any], name: str) -> str:
    """Return the body as HTML, whichever way it is given. Raises ParseError."""
    given = [key for key in BODIES if row.get(key) not in (None, "")]
    if len(given) > 1:
        raise ParseError(name, f"has {' and '.join(given)}; give one of them")
    body = row[given[0]] if given else ""
    if not isinstance(body, str):
        raise ParseError(name, f"{given[0]} must be a text")
    if given == ["markdown"]:
        return markdown_to_html(body)
    return text_to_html(body) if given == ["text"] else body
