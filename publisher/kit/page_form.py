"""The page form: the one form in which many news pages arrive, as text or HTML, in any language.

Serves the `page` and `folder` sources and `publisher extract`. Pure and total: whatever comes in,
parts come out, and no paragraph lands in two of them.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from publisher.kit.language import guess_language
from publisher.kit.page_body import body_html, body_text, read_body, titles
from publisher.kit.page_head import Head, read_head
from publisher.kit.page_html import html_units, looks_like_html, page_language, page_title
from publisher.kit.page_labels import inline_label, label_languages
from publisher.kit.page_lines import Unit, cited, plain, text_units, uncited
from publisher.kit.page_tail import Tail, is_truncated, read_tail, tail_items
from publisher.kit.page_top import points_above
from publisher.model.articles import Link

MAX_PAGE = 400_000
"""Characters read of a page."""

_SIGNS_OF_FORM = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PageParts:
    """The parts of one page, plain text but for `html`; the keys of `publisher extract`.

    `language` is BCP 47, "" when it cannot be told. `body_paragraphs` are without `[n]` marks,
    whose numbers are `citations`, in order of first appearance. `excerpt` keeps its ellipsis.
    """

    title: str = ""
    standfirst: str = ""
    dek: str = ""
    language: str = ""
    body_paragraphs: tuple[str, ...] = ()
    inline_read: tuple[str, ...] = ()
    key_points: tuple[str, ...] = ()
    citations: tuple[int, ...] = ()
    excerpt: str = ""
    excerpt_truncated: bool = False
    read_also: tuple[str, ...] = ()
    latest: tuple[str, ...] = ()
    html: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page as read: its parts, where its lists lead, and whether it has the form at all."""

    parts: PageParts
    links: tuple[Link, ...] = ()
    in_form: bool = False


def read_page(source: str, *, base_url: str = "", language: str = "") -> Page:
    """Read a page, text or HTML, into its parts. Total.

    `base_url` makes links absolute; `language` is the answer when the page does not tell.
    """
    source = source[:MAX_PAGE]
    is_html = looks_like_html(source)
    units = html_units(source, base_url) if is_html else text_units(source)
    top, end = points_above(units)
    above = tuple(filter(None, (uncited(plain(unit.text)) for unit in units[top + 1 : end])))
    units = (*units[:top], *units[end:])
    tail = read_tail(units)
    signs = (tail.points < tail.points_end) + len(tail.labels) + (tail.excerpt is not None)
    head = read_head(units, tail.begin, in_form=signs > 0)
    body = read_body(units[head.body : tail.begin])
    signs += head.repeated + head.skipped + bool(head.dek) + bool(body.read)
    items = tail_items(units, tail)
    paragraphs = (*body.paragraphs, *items.prose)
    texts = tuple(text for unit in paragraphs if (text := body_text(unit)))
    below, excerpt = _points(units, tail)
    points = above or below
    said = " ".join([head.title, head.standfirst, head.dek, *points, *texts])
    labels = _label_languages(units, head, tail)
    parts = PageParts(
        title=head.title or (page_title(source) if is_html else ""),
        standfirst=head.standfirst,
        dek=head.dek,
        language=(page_language(source) if is_html else "")
        or guess_language(said)
        or labels
        or language,
        body_paragraphs=texts,
        inline_read=titles(body.read),
        key_points=points,
        citations=cited(unit.text for unit in (*units[head.body : tail.begin], *items.prose)),
        excerpt=excerpt,
        excerpt_truncated=is_truncated(excerpt),
        read_also=titles(items.also),
        latest=titles(items.latest),
        html=body_html(paragraphs, base_url),
    )
    links = tuple(
        Link(title=title, url=unit.url)
        for unit, title in zip(
            (*body.read, *items.also), (*parts.inline_read, *parts.read_also), strict=True
        )
    )
    return Page(parts=parts, links=links, in_form=signs >= _SIGNS_OF_FORM)


_GLUED = re.compile(
    r"(.{12,}?[.!?。\uff01\uff1f][\"'”’»)]*)\s*(?=[^\W_a-z]|[\"'“‘«(¿¡])(.{12,})", re.DOTALL
)


def _points(units: Sequence[Unit], tail: Tail) -> tuple[tuple[str, ...], str]:
    """Return the key points and the excerpt.

    A cut excerpt may stand in the last point's own line: then that point ends with its first
    sentence.
    """
    points = [uncited(plain(unit.text)) for unit in units[tail.points : tail.points_end]]
    if tail.excerpt is not None:
        return tuple(filter(None, points)), uncited(plain(units[tail.excerpt].text))
    cut = [point for point in points if is_truncated(point)]
    if points and cut == points[-1:] and (glued := _GLUED.fullmatch(points[-1])):
        return (*points[:-1], glued[1]), glued[2]
    return tuple(filter(None, points)), ""


def _label_languages(units: Sequence[Unit], head: Head, tail: Tail) -> str:
    """Return the language most labels of the page are in, "" when there is none."""
    inline = [found[0] for unit in units[: tail.begin] if (found := inline_label(unit.text))]
    labels = [units[index].text for index in tail.labels]
    votes = Counter(
        language
        for text in (head.skip_link, *inline, *labels)
        for language in label_languages(text)
    )
    return votes.most_common(1)[0][0] if votes else ""
