"""Source `ghost`: a Ghost site by its Content API: whole texts, tags, authors, pictures, and edits.

Touches the network through the Fetcher. How far the site was read stands in the cursor. One question
finds what is new and what was edited: Ghost notes the time of both, and of what was scheduled when it
is published (ghost.org/docs/content-api).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any, Literal
from urllib.parse import urlencode, urlsplit, urlunsplit

import msgspec
from msgspec import Meta

from publisher.errors import ParseError, SourceError
from publisher.kit.api_backlog import LARGEST, take_stock, within
from publisher.kit.api_pages import (
    PER_PAGE,
    ApiPage,
    Ask,
    Interface,
    Mark,
    Row,
    Wanted,
    plain_address,
    read_answer,
    read_json,
    walk,
)
from publisher.kit.clean import absolute_url
from publisher.kit.dates import as_instant
from publisher.kit.feed_entries import Content, cleaned
from publisher.kit.text import MAX_TITLE, clean_text, derive_title, plain_title, text_to_html
from publisher.model.articles import (
    SOURCE,
    Collected,
    CollectedArticle,
    SourceProblem,
    SourceState,
)
from publisher.ports import SourceContext

VERSION = "v5.0"
"""Of the API: what every site since 2022 answers to."""

OVERLAP = timedelta(hours=3)
"""How far before the last change the next question begins: answers may come from a cache."""

By = Literal["published_at", "updated_at"]
Address = Annotated[str, Meta(extra={"kind": "web address"})]
Filled = Annotated[str, Meta(extra={"kind": "text that is not empty"})]
Backlog = Annotated[int, Meta(ge=1, le=LARGEST)]
_FOLDER = re.compile(r"/ghost(?:/.*)?\Z")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*\Z")


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of a `ghost` source."""

    url: Address  # the site's; where the host names another `API URL`, that one
    key: Filled  # a Content API key of an integration; best as `{ env = "…" }`
    backlog: Backlog = 100  # stories of before that are taken at first, the newest first


class Ghost:
    """The source. An article's permanent id is Ghost's own, which its feed says as well."""

    def __init__(self, options: Options, context: SourceContext) -> None:
        self._options = options
        parts = urlsplit(options.url)
        folder = _FOLDER.sub("", parts.path).rstrip("/")
        self._api = urlunsplit((*parts[:2], f"{folder}/ghost/api/content/", "", ""))
        self._interface = Interface(
            fetcher=context.fetcher,
            name="REST API of Ghost",
            turned_away="the key is refused: it must be a Content API key of this site",
            headers={"Accept-Version": VERSION},
            secrets=(options.key,),
        )

    def collect(self, state: SourceState, now: datetime) -> Collected:
        """Read what is new and what was edited. Raises FetchError and ParseError."""
        mark = Mark.of(state.cursor, "posts")
        horizon = state.cursor.get("horizon", "")
        partial = mark.since is not None
        if partial:
            walked = walk(self._ask("updated_at"), mark, now, OVERLAP)
            rows, mark = within(walked.rows, horizon), walked.mark
        else:
            stock = take_stock(self._ask("published_at"), now, self._options.backlog)
            walked, rows, horizon = stock.walked, list(stock.rows), stock.horizon
            mark = Mark(since=stock.edited)
        site = self._site(state.cursor)
        cursor = {**mark.cursor("posts"), **site, **({"horizon": horizon} if horizon else {})}
        return Collected(
            articles=tuple(self._named(row.article, site) for row in rows),
            problems=walked.problems,
            unchanged=walked.unchanged,
            partial=partial,
            fresh_until=now + walked.wait if walked.wait else None,
            cursor=cursor,
        )

    def _named(self, article: CollectedArticle, site: Mapping[str, str]) -> CollectedArticle:
        """Let an article say which site it was taken from, and in which language it is."""
        article = replace(article, language=article.language or site.get("language", ""))
        if not site.get("title"):
            return article
        said = {"title": site["title"], "url": self._options.url, "home": site.get("home", "")}
        known = {key: value for key, value in said.items() if value}
        return replace(article, attributes={SOURCE: known})

    def _site(self, cursor: Mapping[str, str]) -> dict[str, str]:
        """Return what the site is called; asked once. A site that does not say is none the worse."""
        known = {key: cursor[key] for key in ("title", "home", "language") if cursor.get(key)}
        if known:
            return known
        url = f"{self._api}settings/?{urlencode({'key': self._options.key})}"
        try:
            return read_answer(read_settings, self._interface.get(url), url)
        except SourceError:
            return {}

    def _ask(self, by: By) -> Ask:
        """Return what fetches a page of posts, newest first by one of their dates."""

        def ask(wanted: Wanted) -> ApiPage | None:
            query = {
                "key": self._options.key,
                "include": "tags,authors",
                "order": f"{by} desc",
                "limit": str(PER_PAGE),
                "page": str(wanted.page),
            }
            if wanted.since:
                # As the database writes it: an SQLite behind the site compares texts.
                since = wanted.since.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
                query["filter"] = f"{by}:>'{since}'"
            url = f"{self._api}posts/?{urlencode(query)}"
            answer = self._interface.get(url, wanted.etag, wanted.last_modified)
            if answer.status == HTTPStatus.NOT_MODIFIED:
                return None
            return replace(
                read_answer(read_posts, answer, url, by),
                at=as_instant(answer.headers.get("date", "")),
                etag=answer.headers.get("etag", ""),
                last_modified=answer.headers.get("last-modified", ""),
            )

        return ask


def read_posts(data: bytes, content_type: str, url: str, by: By) -> ApiPage:
    """Return the stories of one answer; `by` names the date that a walk goes by.

    A post that cannot be read is a problem. Raises ParseError when the answer holds no posts.
    """
    answer = _answer(data, content_type, url)
    posts = answer.get("posts")
    if not isinstance(posts, list):
        raise ParseError(plain_address(url), "no list of posts came")
    rows: list[Row] = []
    problems: list[SourceProblem] = []
    for number, post in enumerate(posts, 1):
        if isinstance(post, dict) and _text(post, "id"):
            moment = as_instant(_text(post, by))
            rows.append(Row(article=_article(post, url), moment=moment))
        else:
            where = f"post {number} of {plain_address(url)}"
            problems.append(SourceProblem(where=where, message="has no id: it is no post"))
    pagination = _table(_table(answer, "meta"), "pagination")
    total = pagination.get("total")
    return ApiPage(
        rows=tuple(rows),
        problems=tuple(problems),
        more=bool(pagination.get("next")) and bool(posts),
        total=total if isinstance(total, int) else None,
    )


def read_settings(data: bytes, content_type: str, url: str) -> dict[str, str]:
    """Return what a site says of itself: title, home, language. Raises ParseError."""
    settings = _table(_answer(data, content_type, url), "settings")
    language = _text(settings, "locale") or _text(settings, "lang")
    said = {
        "title": plain_title(_text(settings, "title")),
        "home": absolute_url(_text(settings, "url")),
        "language": language if _LANGUAGE.match(language) else "",
    }
    return {key: value for key, value in said.items() if value}


def _answer(data: bytes, content_type: str, url: str) -> Mapping[str, Any]:
    """Return an answer that is an object. Raises ParseError, with what the site says is wrong."""
    answer = read_json(data, content_type, url)
    if not isinstance(answer, dict):
        raise ParseError(plain_address(url), "no list of posts came")
    errors = answer.get("errors")
    if isinstance(errors, list) and errors:
        said = _text(errors[0], "message") if isinstance(errors[0], dict) else ""
        raise ParseError(plain_address(url), f"the site says: {plain_title(said)}")
    return answer


def _article(post: Mapping[str, Any], url: str) -> CollectedArticle:
    """Return a post as a story: its title is plain text. One for members has its excerpt for a text."""
    address = absolute_url(_text(post, "url"), url)
    excerpt = text_to_html(_text(post, "custom_excerpt") or _text(post, "excerpt"))
    content = Content(full=_text(post, "html"), summary=excerpt, base_url=address or url)
    html, text, summary = cleaned(content)
    published, updated = (as_instant(_text(post, key)) for key in ("published_at", "updated_at"))
    return CollectedArticle(
        external_id=_text(post, "id"),
        title=clean_text(_text(post, "title")[:MAX_TITLE]) or derive_title(text),
        url=address,
        html=html,
        text=text,
        summary=summary,
        authors=tuple(dict.fromkeys(_names(post, "authors"))),
        tags=tuple(dict.fromkeys(_names(post, "tags"))),
        image=absolute_url(_text(post, "feature_image"), url),
        published=published or updated,
        updated=max((one for one in (published, updated) if one), default=None),
    )


def _names(post: Mapping[str, Any], key: str) -> Iterator[str]:
    """Yield the names of authors or tags; internal tags, `#so-named`, are the editors' own."""
    found = post.get(key)
    for one in found if isinstance(found, list) else ():
        if not isinstance(one, dict) or one.get("visibility") == "internal":
            continue
        name = clean_text(_text(one, "name"))
        if name and not (key == "tags" and name.startswith("#")):
            yield name


def _table(table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = table.get(key)
    return value if isinstance(value, dict) else {}


def _text(table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    return value if isinstance(value, str) else ""


def create(options: Options, context: SourceContext) -> Ghost:
    """Make the source."""
    return Ghost(options, context)
