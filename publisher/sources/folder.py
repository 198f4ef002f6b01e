"""Source `folder`: the publication's own stories as files, in Markdown, HTML or the page form.

Touches the files of one folder inside the publication. A file that cannot be read is a problem of
that file; the others come through. Nothing outside the folder is ever read.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from publisher.errors import FetchError, ParseError
from publisher.kit.clean import absolute_url, clean_html, html_to_text
from publisher.kit.front_matter import split_front_matter
from publisher.kit.language import guess_language
from publisher.kit.markdown import markdown_to_html
from publisher.kit.page_form import Page, read_page
from publisher.kit.text import clean_text, derive_title, plain_title, shorten, text_to_html
from publisher.model.articles import (
    Collected,
    CollectedArticle,
    Enclosure,
    Link,
    SourceProblem,
    SourceState,
)
from publisher.ports import SourceContext

SUFFIXES = (".md", ".markdown", ".html", ".htm", ".txt")
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
MAX_FILE = 4 * 1024 * 1024
SUMMARY = 280
OWN_KEYS = frozenset(
    (
        *("title", "date", "updated", "slug", "id", "tags", "author", "authors", "language"),
        *("summary", "image", "draft", "key_points", "read_also", "enclosures", "priority"),
    )
)


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of a `folder` source."""

    path: str  # a folder of the publication; its subfolders are read too


class Folder:
    """The source. An article's permanent id is `id` in its front matter, else its path."""

    def __init__(self, options: Options, context: SourceContext) -> None:
        self._context = context
        self._root = context.root.resolve()
        self._folder = (self._root / options.path).resolve()
        self._path = options.path

    def collect(self, state: SourceState, now: datetime) -> Collected:
        """Read every story. Raises FetchError when the folder is missing or outside.

        A story without a date has its file's time at first sight, remembered in the cursor.
        """
        if not self._folder.is_relative_to(self._root):
            raise FetchError(self._path, "lies outside the publication's folder")
        if not self._folder.is_dir():
            raise FetchError(self._path, "there is no such folder")
        articles: list[CollectedArticle] = []
        problems: list[SourceProblem] = []
        dates: dict[str, str] = {}
        for path in self._files():
            where = path.relative_to(self._root).as_posix()
            try:
                article = self._read(path)
                if article.published is None:
                    name = article.external_id
                    dates[name] = state.cursor.get(name) or _written(path, now).isoformat()
                    seen = datetime.fromisoformat(dates[name])
                    article = replace(article, published=seen)
                articles.append(article)
            except (ParseError, OSError, ValueError) as error:
                reason = error.reason if isinstance(error, ParseError) else str(error)
                problems.append(SourceProblem(where=where, message=reason))
        return Collected(articles=tuple(articles), problems=tuple(problems), cursor=dates)

    def _files(self) -> Iterator[Path]:
        """Yield story files in order; hidden ones and links that lead out are passed over."""
        for folder, folders, names in os.walk(self._folder):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                path = Path(folder) / name
                hidden = name.startswith((".", "_")) or name.endswith("~")
                story = not hidden and path.suffix.lower() in SUFFIXES
                if story and path.resolve().is_relative_to(self._root):
                    yield path

    def _read(self, path: Path) -> CollectedArticle:
        if path.stat().st_size > MAX_FILE:
            raise ParseError(path.name, f"is larger than {MAX_FILE // 1024 // 1024} MiB")
        text = _decode(path.read_bytes())
        parted = split_front_matter(text, path.name)
        return _Story(path, parted.meta, parted.body, self).article()

    def address(self, path: Path, reference: str) -> str:
        """Return the absolute address of a picture or file named in a story, "" for none.

        A picture beside the story is served below `media/` of the publication.
        """
        beside = (
            path.parent / reference.split("#", maxsplit=1)[0].split("?", maxsplit=1)[0]
        ).resolve()
        if (
            reference
            and beside.is_relative_to(self._root)
            and beside.suffix.lower() in PICTURES
            and beside.is_file()
        ):
            return f"{self._context.base_url}media/{beside.relative_to(self._root).as_posix()}"
        return absolute_url(reference, self._context.base_url)

    def identity(self, path: Path) -> str:
        """Return the id of a story that names none: its path in the folder."""
        return path.relative_to(self._folder).as_posix()

    @property
    def language(self) -> str:
        """Return the publication's language."""
        return self._context.language

    @property
    def base_url(self) -> str:
        """Return the publication's address."""
        return self._context.base_url


class _Story:
    """One file on its way to an article."""

    def __init__(self, path: Path, table: Mapping[str, Any], body: str, folder: Folder) -> None:
        self._path, self._table, self._body, self._folder = path, table, body, folder
        self._page: Page | None = None
        if path.suffix.lower() not in (".md", ".markdown"):
            page = read_page(body, base_url=folder.base_url, language=folder.language)
            self._page = page if page.in_form or path.suffix.lower() != ".txt" else None

    def article(self) -> CollectedArticle:
        """Return the story; front matter wins over what the page says."""
        parts = self._page.parts if self._page else None
        html = self._html()
        text = "\n\n".join(parts.body_paragraphs) if parts else html_to_text(html)
        title = plain_title(self._word("title")) or (parts.title if parts else "")
        title, html, text = _own_title(title, html, text)
        return CollectedArticle(
            external_id=self._word("id") or self._folder.identity(self._path),
            title=title or derive_title(text) or self._path.stem,
            html=html,
            text=text,
            standfirst=parts.standfirst if parts else "",
            dek=parts.dek if parts else "",
            summary=self._word("summary") or self._excerpt(),
            language=self._word("language")
            or (parts.language if parts else guess_language(text) or self._folder.language),
            authors=self._words("authors") or self._words("author"),
            tags=self._words("tags"),
            image=self._folder.address(self._path, self._word("image")),
            enclosures=tuple(self._enclosures()),
            key_points=self._words("key_points") or (parts.key_points if parts else ()),
            read_also=tuple(self._links()),
            published=self._instant("date"),
            updated=self._instant("updated"),
            slug=self._word("slug"),
            draft=self._table.get("draft") is True,
            priority=self._whole("priority"),
            attributes={k: v for k, v in self._table.items() if k not in OWN_KEYS},
        )

    def _html(self) -> str:
        if self._page is not None:
            return self._page.parts.html
        if self._path.suffix.lower() == ".txt":
            return clean_html(text_to_html(self._body), self._folder.base_url)
        return clean_html(self._pictures(markdown_to_html(self._body)), self._folder.base_url)

    def _pictures(self, html: str) -> str:
        """Point pictures that lie beside the story at where they will be served."""
        pieces = html.split(' src="')
        for number, piece in enumerate(pieces[1:], 1):
            reference, quote, rest = piece.partition('"')
            address = self._folder.address(self._path, reference)
            pieces[number] = f"{address or reference}{quote}{rest}"
        return ' src="'.join(pieces)

    def _excerpt(self) -> str:
        return shorten(self._page.parts.excerpt, SUMMARY) if self._page else ""

    def _word(self, key: str) -> str:
        value = self._table.get(key)
        return (
            ""
            if value is None or isinstance(value, bool | dict | list)
            else clean_text(str(value))
        )

    def _words(self, key: str) -> tuple[str, ...]:
        value = self._table.get(key)
        if value is None:
            return ()
        if isinstance(value, str):
            value = value.split(",") if key == "tags" else [value]
        if not isinstance(value, list):
            raise ParseError(self._path.name, f"front matter: {key} must be a list")
        return tuple(word for item in value if (word := clean_text(str(item))))

    def _whole(self, key: str) -> int:
        value = self._table.get(key, 0)
        if not isinstance(value, int):
            raise ParseError(self._path.name, f"front matter: {key} must be a whole number")
        return int(value)

    def _links(self) -> Iterator[Link]:
        for item in self._table.get("read_also") or ():
            if isinstance(item, Mapping):
                url = absolute_url(str(item.get("url", "")), self._folder.base_url)
                yield Link(title=clean_text(str(item.get("title", url))), url=url)
            elif url := absolute_url(str(item)):
                yield Link(title=url, url=url)
            else:
                yield Link(title=clean_text(str(item)))
        if self._page is not None:
            yield from self._page.links

    def _enclosures(self) -> Iterator[Enclosure]:
        for item in self._table.get("enclosures") or ():
            if not isinstance(item, Mapping) or "url" not in item:
                raise ParseError(self._path.name, "front matter: an enclosure needs a url")
            length = item.get("length", 0)
            yield Enclosure(
                url=absolute_url(str(item["url"]), self._folder.base_url),
                type=clean_text(str(item.get("type", "application/octet-stream"))),
                length=length if isinstance(length, int) else 0,
            )

    def _instant(self, key: str) -> datetime | None:
        value = self._table.get(key)
        if value is None or value == "":
            return None
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value.strip())
            except ValueError:
                reason = f"front matter: {key} is not a date (like 2026-11-24 or 2026-11-24T07:30)"
                raise ParseError(self._path.name, reason) from None
        if isinstance(value, datetime):
            return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
        if isinstance(value, date):
            return datetime.combine(value, time(), tzinfo=ZoneInfo("UTC"))
        raise ParseError(self._path.name, f"front matter: {key} is not a date")


def _written(path: Path, now: datetime) -> datetime:
    """Return a file's time in whole seconds, never a future one."""
    return min(datetime.fromtimestamp(int(path.stat().st_mtime), UTC), now.replace(microsecond=0))


def _own_title(title: str, html: str, text: str) -> tuple[str, str, str]:
    """Take a leading `<h1>` off a story: it is the title, or repeats it."""
    if not html.startswith("<h1>"):
        return title, html, text
    heading, _, rest = html.removeprefix("<h1>").partition("</h1>")
    said = plain_title(heading)
    if title and said.casefold() != title.casefold():
        return title, html, text
    return said, rest.lstrip(), html_to_text(rest)


def _decode(data: bytes) -> str:
    """Return text: UTF-8, UTF-16 by its mark, else Windows-1252."""
    if b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ParseError("", "is not a text file")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace").removeprefix("\ufeff")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def create(options: Options, context: SourceContext) -> Folder:
    """Make the source."""
    return Folder(options, context)
