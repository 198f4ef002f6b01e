"""The story of any web page: the page form where it has it, else its main text by trafilatura.

Serves the `page` source, the reader of pages and `publisher extract`; the only importer of
trafilatura, which runs in a killable process because its time depends on a stranger's page. Touches
nothing.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from publisher.errors import ParseError
from publisher.kit.clean import absolute_url, clean_html
from publisher.kit.dates import as_instant
from publisher.kit.decode import decode_document
from publisher.kit.page_form import Page, read_page
from publisher.kit.page_html import looks_like_html
from publisher.kit.text import clean_text, derive_title, plain_title
from publisher.kit.worker import WorkerLost, read_apart, shared_pool
from publisher.model.articles import CollectedArticle

_PUBLISHED = re.compile(
    r"<meta\b(?=[^<>]*\b(?:article:published_time|datePublished|dcterms\.created)\b)"
    r"[^<>]*\bcontent\s*=\s*[\"']([^\"'<>]{8,40})[\"']",
    re.IGNORECASE,
)
_HEAD = 200_000

SECONDS = 20.0
"""How long one page may be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A page as read, and what its head says of it."""

    page: Page
    authors: tuple[str, ...] = ()
    image: str = ""
    published: datetime | None = None
    tags: tuple[str, ...] = ()


def read_story(
    data: bytes | str, url: str = "", content_type: str = "", language: str = ""
) -> Story:
    """Return the story in a page, text or HTML. Total: a page without a story has no paragraphs."""
    return _story(data, url, content_type, language, _extracted)


def read_strange_story(data: bytes, url: str, content_type: str, language: str) -> Story:
    """Return the story in a page that a stranger linked; all of it is read in a killable process.

    Raises ParseError when reading takes too long or too much memory.
    """
    return read_apart(url, SECONDS, story_here, data, url, content_type, language)


def story_here(data: bytes, url: str, content_type: str, language: str) -> Story:
    """Return the story in a page, read in this process. For a child process."""
    return _story(data, url, content_type, language, extract_main)


def _story(
    data: bytes | str,
    url: str,
    content_type: str,
    language: str,
    extract: Callable[[str, str], Story | None],
) -> Story:
    text = decode_document(data, content_type) if isinstance(data, bytes) else data
    page = read_page(text, base_url=url, language=language)
    if page.in_form or not looks_like_html(text):
        return Story(page=page)
    found = extract(text, url)
    if found is None:
        return Story(page=page)
    return replace(found, page=_merged(page, found.page, language))


def _extracted(text: str, url: str) -> Story | None:
    """Return a page's main story, read in a killable process; None when that came to nothing."""
    try:
        return shared_pool().run(SECONDS, extract_main, text, url)
    except WorkerLost:
        return None


def as_article(story: Story, external_id: str, url: str) -> CollectedArticle:
    """Return a story as a source hands it over. Raises ParseError when it has no words."""
    parts = story.page.parts
    text = "\n\n".join(parts.body_paragraphs)
    if not text:
        raise ParseError(external_id, "holds no story that could be found")
    return CollectedArticle(
        external_id=external_id,
        title=parts.title or derive_title(text),
        url=url,
        html=parts.html,
        text=text,
        standfirst=parts.standfirst,
        dek=parts.dek,
        summary=parts.excerpt,
        language=parts.language,
        authors=story.authors,
        tags=story.tags,
        image=story.image,
        key_points=parts.key_points,
        read_also=story.page.links,
        published=story.published,
    )


def _merged(page: Page, main: Page, language: str) -> Page:
    """Return the main text's parts, with what only the whole page told."""
    parts = replace(
        main.parts,
        title=main.parts.title or page.parts.title,
        language=page.parts.language or main.parts.language or language,
    )
    return replace(main, parts=parts)


def extract_main(text: str, url: str) -> Story | None:
    """Return a page's main story, leftovers of the page form cleaned away; None when none is found.

    For a child process: imports trafilatura, which takes a second.
    """
    import trafilatura  # noqa: PLC0415 - a second and 60 MB that only the child should pay

    found = trafilatura.bare_extraction(text, url=url or None, fast=True, with_metadata=True)
    html = trafilatura.extract(
        text,
        url=url or None,
        fast=True,
        output_format="html",
        include_links=True,
        include_images=True,
        include_formatting=True,
    )
    if found is None or isinstance(found, dict) or not html:
        return None
    page = read_page(html, base_url=url)
    title = plain_title(found.title or "")
    paragraphs = tuple(one for one in page.parts.body_paragraphs if clean_text(one) != title)
    parts = replace(
        page.parts,
        title=title or page.parts.title,
        standfirst=page.parts.standfirst or clean_text(found.description or ""),
        body_paragraphs=paragraphs,
        html=page.parts.html or clean_html(html, url),
        language=found.language or page.parts.language,
    )
    return Story(
        page=Page(parts=parts, links=page.links),
        authors=tuple(
            name for one in (found.author or "").split(";") if (name := clean_text(one))
        ),
        image=absolute_url(found.image or "", url),
        published=_published(text) or as_instant(found.date or ""),
        tags=tuple(word for tag in found.tags or () if (word := clean_text(str(tag)))),
    )


def _published(text: str) -> datetime | None:
    """Return the instant the page's head names; trafilatura knows days only."""
    found = _PUBLISHED.search(text[:_HEAD])
    return as_instant(found[1]) if found else None
