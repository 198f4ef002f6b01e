"""The body of a page in the page form: its paragraphs and the stories it points at on the way.

Serves the reader of the page form. Pure, total.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from publisher.kit.clean import TAG, clean_html
from publisher.kit.page_labels import Label, label_kinds
from publisher.kit.page_lines import Kind, Unit, inline_title, plain, uncited
from publisher.kit.page_tail import is_prose
from publisher.kit.text import text_to_html

_LISTS = frozenset({Kind.NUMBERED, Kind.BULLETED})
_DASHES = frozenset("–—")  # before a spoken sentence in many languages


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """Paragraphs (a list is one, its items on lines of their own) and inline stories."""

    paragraphs: tuple[Unit, ...] = ()
    read: tuple[Unit, ...] = ()


def read_body(units: Sequence[Unit]) -> Body:
    """Part paragraphs from "READ: …" lines and from short lists under such a label."""
    paragraphs: list[Unit] = []
    read: list[Unit] = []
    labelled = False
    for unit in map(_speech, units):
        if (story := inline_title(unit)) is not None:
            read.append(story)
        elif unit.kind is not Kind.MEDIA and label_kinds(unit.text) & {Label.READ, Label.ALSO}:
            labelled = True
            continue
        elif labelled and (unit.kind in _LISTS or not is_prose(unit)):
            read.append(unit)
            labelled = unit.kind in _LISTS
            continue
        else:
            paragraphs.append(unit)
        labelled = False
    return Body(paragraphs=tuple(_grouped(paragraphs)), read=tuple(read))


def _speech(unit: Unit) -> Unit:
    """Return a dashed line as the paragraph it is in a body: somebody speaks."""
    if unit.kind is Kind.BULLETED and unit.marker in _DASHES:
        return replace(unit, kind=Kind.PARAGRAPH, text=unit.whole, marker="")
    return unit


def _grouped(units: Sequence[Unit]) -> Iterable[Unit]:
    """Yield the units with adjacent list items put together."""
    for kind, group in groupby(units, key=lambda unit: unit.kind):
        if kind not in _LISTS:
            yield from group
            continue
        items = list(group)
        tag = "ol" if kind is Kind.NUMBERED else "ul"
        inner = "".join(f"<li>{unit.html}</li>" for unit in items)
        yield replace(
            items[0],
            text="\n".join(unit.whole for unit in items),
            marker="",
            html=f"<{tag}>{inner}</{tag}>" if items[0].html else "",
        )


def body_text(unit: Unit) -> str:
    """Return a paragraph as people read it: no `[n]` marks, no emphasis marks."""
    return "\n".join(uncited(plain(line)) for line in unit.text.split("\n")).strip()


def titles(units: Sequence[Unit]) -> tuple[str, ...]:
    """Return the titles of stories, as written but for emphasis marks and arrows."""
    return tuple(uncited(plain(unit.text)).strip(" →»▸►\u203a") for unit in units)


def body_html(paragraphs: Sequence[Unit], base_url: str) -> str:
    """Return the body as a clean HTML fragment."""
    return clean_html("\n".join(map(_paragraph_html, paragraphs)), base_url)


def _paragraph_html(unit: Unit) -> str:
    """Return one paragraph as HTML (of a text: its lines)."""
    if not unit.html:
        return text_to_html(body_text(unit))
    inner = _EMPTIED.sub("", _unmarked(unit.html))
    if unit.kind in _LISTS or unit.kind is Kind.MEDIA:
        return inner
    tag = f"h{max(2, unit.heading)}" if unit.heading else "p"
    return f"<{tag}>{inner}</{tag}>"


_EMPTIED = re.compile(r"<(sup|a)\b[^>]*>\s*</\1>")
_MARK = re.compile(r"\s*\[\^?\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*\]|\*{2,}")


def _unmarked(html: str) -> str:
    """Return HTML without citation marks and stray stars, tags untouched."""
    pieces: list[str] = []
    position = 0
    for match in TAG.finditer(html):
        pieces += [_MARK.sub("", html[position : match.start()]), match[0]]
        position = match.end()
    return "".join([*pieces, _MARK.sub("", html[position:])])
