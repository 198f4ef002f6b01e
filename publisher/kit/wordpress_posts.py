"""A page of posts as WordPress's REST API gives them (developer.wordpress.org/rest-api/reference/posts).

Serves the source `wordpress`, which calls `read_posts` in a killable process. Pure. Titles and terms
are HTML with entities, contents are what the theme would show; sites' plugins leave members out, and
put error objects in place of what strangers may not see.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

from publisher.errors import ParseError
from publisher.kit.api_pages import Row, plain_address, read_json
from publisher.kit.clean import absolute_url
from publisher.kit.dates import as_instant
from publisher.kit.feed_entries import Content, cleaned
from publisher.kit.text import derive_title, plain_title
from publisher.model.articles import CollectedArticle, SourceProblem

By = Literal["date", "modified"]
Posts = tuple[tuple[Row, ...], tuple[SourceProblem, ...], int]
"""Stories, what could not be read, and how many posts the answer holds in all."""

_NUMBER = re.compile(r"[?&](?:p|page_id|attachment_id)=(\d+)\Z")
_MORE = re.compile(r"\s*(?:\[…\]|\[\.\.\.\])\s*\Z")
_NO_TERM = frozenset({"post_format", "nav_menu"})
"""Taxonomies that say nothing of what a story is about."""


def read_posts(data: bytes, content_type: str, url: str, by: By) -> Posts:
    """Return the stories of one answer; `by` names the date that a walk goes by.

    A post that cannot be read is a problem; one that asks readers for a password is left out.
    Raises ParseError when the answer holds no posts.
    """
    answer = read_json(data, content_type, url)
    if not isinstance(answer, list):
        said = _text(answer, "message") if isinstance(answer, dict) else ""
        reason = f"the site says: {plain_title(said)}" if said else "no list of posts came"
        raise ParseError(plain_address(url), reason)
    rows: list[Row] = []
    problems: list[SourceProblem] = []
    for number, post in enumerate(answer, 1):
        if not isinstance(post, dict) or not _text(post, "id").isdigit():
            where = f"post {number} of {plain_address(url)}"
            problems.append(SourceProblem(where=where, message="has no number: it is no post"))
        elif not (isinstance(body := post.get("content"), dict) and body.get("protected")):
            rows.append(_row(post, url, by))
    return tuple(rows), tuple(problems), len(answer)


def _row(post: Mapping[str, Any], url: str, by: By) -> Row:
    """Return a post as a story, and the instant that counts."""
    published = _instant(post, "date")
    modified = _instant(post, "modified")
    article = _article(post, url, published, modified)
    return Row(article=article, moment=modified if by == "modified" else published)


def _article(
    post: Mapping[str, Any], url: str, published: datetime | None, modified: datetime | None
) -> CollectedArticle:
    address = absolute_url(_text(post, "link"), url)
    content = Content(
        full=_rendered(post, "content"),
        summary=_rendered(post, "excerpt"),
        base_url=address or url,
    )
    html, text, summary = cleaned(content)
    # A post that was scheduled was edited before its date.
    edited = max((one for one in (published, modified) if one), default=None)
    return CollectedArticle(
        external_id=_identity(post),
        title=plain_title(_rendered(post, "title")) or derive_title(text),
        url=address,
        html=html,
        text=text,
        summary=_MORE.sub("…", summary),
        authors=tuple(dict.fromkeys(_authors(post))),
        tags=tuple(dict.fromkeys(_terms(post))),
        image=_image(post, url),
        published=published or modified,
        updated=edited,
    )


def _identity(post: Mapping[str, Any]) -> str:
    """Return the post's guid, which its feeds say as well, when it is of this post, else its number.

    Imports and plugins write guids that several posts share; the usual one ends with the number.
    """
    guid, number = _rendered(post, "guid").replace("&#038;", "&").strip(), _text(post, "id")
    found = _NUMBER.search(guid)
    return guid if found and found[1] == number else f"post {number}"


def _instant(post: Mapping[str, Any], name: str) -> datetime | None:
    """Return a date of the post; without the one in UTC the site's local one must do."""
    return as_instant(_text(post, f"{name}_gmt")) or as_instant(_text(post, name))


def _embedded(post: Mapping[str, Any], name: str) -> list[Any]:
    """Return what came along with a post under a name."""
    embedded = post.get("_embedded")
    found = embedded.get(name) if isinstance(embedded, dict) else None
    return found if isinstance(found, list) else []


def _authors(post: Mapping[str, Any]) -> Iterator[str]:
    """Yield the authors' names; where they are hidden, the one that the Yoast plugin tells."""
    names = [_text(one, "name") for one in _embedded(post, "author") if isinstance(one, dict)]
    told = post.get("yoast_head_json")
    if not any(names) and isinstance(told, dict):
        names = [_text(told, "author")]
    yield from filter(None, map(plain_title, names))


def _terms(post: Mapping[str, Any]) -> Iterator[str]:
    """Yield categories, tags and terms of the site's own kinds; not the category of what has none."""
    for terms in _embedded(post, "wp:term"):
        for term in terms if isinstance(terms, list) else ():
            if not isinstance(term, dict) or term.get("taxonomy") in _NO_TERM:
                continue
            if term.get("slug") != "uncategorized" and (name := plain_title(_text(term, "name"))):
                yield name


def _image(post: Mapping[str, Any], url: str) -> str:
    """Return the address of the featured picture."""
    embedded = _embedded(post, "wp:featuredmedia")
    said = [_text(one, "source_url") for one in embedded if isinstance(one, dict)]
    for candidate in (*said, _text(post, "jetpack_featured_media_url")):
        if address := absolute_url(candidate, url):
            return address
    return ""


def _rendered(post: Mapping[str, Any], key: str) -> str:
    """Return a member that stands under `rendered`, or by itself."""
    value = post.get(key)
    return _text(value, "rendered") if isinstance(value, dict) else _text(post, key)


def _text(table: Mapping[str, Any], key: str) -> str:
    """Return a member as text; numbers are read as such."""
    value = table.get(key)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
