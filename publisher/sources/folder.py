"""Source `folder`: the publication's own stories as files, in Markdown, HTML or the page form.

Touches the files of one folder inside the publication. A file that cannot be read is a problem of
that file; the others come through. Nothing outside the publication is ever read.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from publisher.errors import FetchError, ParseError
from publisher.kit.clean import absolute_url, clean_html, html_to_text
from publisher.kit.decode import decode_document
from publisher.kit.front_matter import split_front_matter
from publisher.kit.language import guess_language
from publisher.kit.markdown import markdown_to_html
from publisher.kit.page_form import Page, PageParts, read_page
from publisher.kit.story_fields import Fields
from publisher.kit.text import derive_title, plain_title, shorten
from publisher.model.articles import Collected, CollectedArticle, SourceProblem, SourceState
from publisher.ports import SourceContext

MARKDOWN = (".md", ".markdown")
HTML = (".html", ".htm")
SUFFIXES = (*MARKDOWN, *HTML, ".txt")
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
MAX_FILE = 4 * 1024 * 1024
SUMMARY = 280


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
        articles: dict[str, CollectedArticle] = {}
        problems: list[SourceProblem] = []
        dates: dict[str, str] = {}
        for path in self._files():
            where = path.relative_to(self._root).as_posix()
            try:
                article = self._read(path)
                name = article.external_id
                if article.published is None:
                    dates[name] = state.cursor.get(name) or _written(path, now).isoformat()
                    article = replace(article, published=datetime.fromisoformat(dates[name]))
            except (ParseError, OSError, ValueError) as error:
                problems.append(SourceProblem(where=where, message=_message(error)))
                continue
            if articles.setdefault(name, article) is not article:
                message = f"has the id of another story ({name}); that one is kept"
                problems.append(SourceProblem(where=where, message=message))
        return Collected(articles=tuple(articles.values()), problems=tuple(problems), cursor=dates)

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
        """Return one file's story. Raises ParseError and OSError."""
        if path.stat().st_size > MAX_FILE:
            raise ParseError(path.name, f"is larger than {MAX_FILE // 1024 // 1024} MiB")
        text = decode_document(path.read_bytes())
        if "\0" in text:
            raise ParseError(path.name, "is not a text file")
        parted = split_front_matter(text, path.name)
        fields = Fields(parted.meta, path.name, lambda reference: self._address(path, reference))
        story = self._story(path, parted.body)
        title, html, text = _own_title(plain_title(fields.word("title")), story)
        parts = story.parts
        return CollectedArticle(
            external_id=fields.word("id") or path.relative_to(self._folder).as_posix(),
            title=title or derive_title(text) or path.stem,
            html=html,
            text=text,
            standfirst=parts.standfirst,
            dek=parts.dek,
            summary=fields.word("summary") or shorten(parts.excerpt, SUMMARY),
            language=fields.word("language") or parts.language or self._context.language,
            authors=fields.words("authors") or fields.words("author"),
            tags=fields.words("tags"),
            image=self._address(path, fields.word("image")),
            enclosures=tuple(fields.enclosures("enclosures")),
            key_points=fields.words("key_points") or parts.key_points,
            read_also=(*fields.links("read_also"), *story.links),
            published=fields.instant("date"),
            updated=fields.instant("updated"),
            slug=fields.word("slug"),
            draft=fields.flag("draft"),
            priority=fields.whole("priority"),
            attributes={**fields.rest(), **fields.episode()},
        )

    def _story(self, path: Path, body: str) -> Page:
        """Return the story below the front matter; only the page form has more than a text."""
        base, language = self._context.base_url, self._context.language
        suffix = path.suffix.lower()
        if suffix not in MARKDOWN:
            page = read_page(body, base_url=base, language=language)
            if page.in_form or suffix not in HTML:
                return page
            parts = PageParts(title=page.parts.title, language=page.parts.language)
        else:
            body, parts = markdown_to_html(body), PageParts()
        html = clean_html(self._pictures(path, body), base)
        language = parts.language or guess_language(html_to_text(html))
        return Page(parts=replace(parts, html=html, language=language))

    def _pictures(self, path: Path, html: str) -> str:
        """Point pictures that lie beside the story at where they will be served."""

        def point(match: re.Match[str]) -> str:
            return f"{match[1]}{self._address(path, match[2]) or match[2]}{match[3]}"

        return _PICTURE.sub(point, html)

    def _address(self, path: Path, reference: str) -> str:
        """Return the absolute address of a picture or file named in a story, "" for none.

        A picture beside the story is served below `media/` of the publication.
        """
        beside = (path.parent / reference.partition("#")[0].partition("?")[0]).resolve()
        near = beside.suffix.lower() in PICTURES and beside.is_relative_to(self._root)
        if reference and near and beside.is_file():
            return f"{self._context.base_url}media/{beside.relative_to(self._root).as_posix()}"
        return absolute_url(reference, self._context.base_url)


_PICTURE = re.compile(r"(<img\b[^<>]*?\ssrc\s*=\s*[\"'])([^\"'<>]*)([\"'])", re.IGNORECASE)
_HEADING = re.compile(r"\A((?:\s*<div>)*)\s*<h1>(.*?)</h1>", re.DOTALL)


def _own_title(title: str, story: Page) -> tuple[str, str, str]:
    """Return title, HTML and text: a leading `<h1>` is the title, or repeats it, and goes."""
    html, parts = story.parts.html, story.parts
    text = "\n\n".join(parts.body_paragraphs)
    heading = _HEADING.match(html)
    said = plain_title(heading[2]) if heading else ""
    if heading and (not title or said.casefold() == title.casefold()):
        html, text = (heading[1] + html[heading.end() :]).strip(), ""
    return title or said or parts.title, html, text or html_to_text(html)


def _message(error: Exception) -> str:
    """Return what is wrong with a file, with its line where one is known."""
    if not isinstance(error, ParseError):
        return getattr(error, "strerror", None) or str(error)
    line = error.subject.rpartition(":")[2]
    return f"line {line}: {error.reason}" if line.isdigit() else error.reason


def _written(path: Path, now: datetime) -> datetime:
    """Return a file's time in whole seconds, never a future one."""
    return min(datetime.fromtimestamp(int(path.stat().st_mtime), UTC), now.replace(microsecond=0))


def create(options: Options, context: SourceContext) -> Folder:
    """Make the source."""
    return Folder(options, context)
