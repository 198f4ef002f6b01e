"""Source `page`: one web address or file that holds one story; also what `publisher extract` reads.

Touches the network through the Fetcher, or one file inside the publication (anywhere for
`extract`). The story is the page form's parts where the page has that form, else its main text.
"""

import re
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import msgspec

from publisher.errors import FetchError
from publisher.kit.extraction import as_article, read_story
from publisher.kit.page_form import PageParts
from publisher.kit.unchanged import unchanged
from publisher.model.articles import Collected, SourceState
from publisher.ports import Fetcher, SourceContext

ACCEPT = "text/html, application/xhtml+xml, text/plain;q=0.9, */*;q=0.3"
MAX_FILE = 10 * 1024 * 1024


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of a `page` source."""

    url: str  # https://…, or file:path and a bare path inside the publication


class PageSource:
    """The source: one article, whose permanent id is the address as written."""

    def __init__(self, options: Options, context: SourceContext) -> None:
        self._url = options.url
        self._context = context

    def collect(self, state: SourceState, now: datetime) -> Collected:  # noqa: ARG002 - the port's
        """Read the page. Raises FetchError, and ParseError when it holds no story."""
        context = self._context
        if not _is_web(self._url):
            data = _file(self._url, context.root, outside=context.allow_outside).read_bytes()
            story = read_story(data, context.base_url, language=context.language)
            return Collected(articles=(as_article(story, self._url, ""),))
        answer = context.fetcher.get(
            self._url, accept=ACCEPT, etag=state.etag, last_modified=state.last_modified
        )
        if (same := unchanged(answer, state)) is not None:
            return same
        kind = answer.headers.get("content-type", "")
        story = read_story(answer.body, answer.url, kind, context.language)
        return Collected(
            articles=(as_article(story, self._url, urldefrag(answer.url)[0]),),
            etag=answer.headers.get("etag", ""),
            last_modified=answer.headers.get("last-modified", ""),
        )


def extract(target: str | bytes, fetcher: Fetcher, root: Path) -> PageParts:
    """Return the parts of a page: its bytes, an http(s) address, or a path counted from `root`.

    Raises FetchError when it cannot be read. A page without a story has empty parts.
    """
    if isinstance(target, bytes):
        return read_story(target).page.parts
    if _is_web(target):
        answer = fetcher.get(target, accept=ACCEPT)
        kind = answer.headers.get("content-type", "")
        return read_story(answer.body, answer.url, kind).page.parts
    return read_story(_file(target, root, outside=True).read_bytes()).page.parts


def _is_web(address: str) -> bool:
    """Tell whether an address is one of the web."""
    return urlsplit(address).scheme.lower() in {"http", "https"}


def _file(said: str, root: Path, *, outside: bool) -> Path:
    """Return a file's path. Raises FetchError when it is absent, outside, or too large."""
    scheme = re.match(r"[a-z][a-z0-9+.-]+:", said, re.IGNORECASE)
    if scheme and scheme[0].lower() != "file:" and not (root / said).exists():
        raise FetchError(said, "only http, https and file addresses can be read")
    local = re.sub(r"^file:(//(localhost)?(?=/))?", "", said, flags=re.IGNORECASE)
    path = (root / (unquote(local) if local != said else said)).resolve()
    if not (outside or path.is_relative_to(root.resolve())):
        raise FetchError(said, "lies outside the publication's folder")
    if not path.is_file():
        raise FetchError(said, "there is no such file")
    if path.stat().st_size > MAX_FILE:
        raise FetchError(said, f"is larger than {MAX_FILE // 1024 // 1024} MiB")
    return path


def create(options: Options, context: SourceContext) -> PageSource:
    """Make the source."""
    return PageSource(options, context)
