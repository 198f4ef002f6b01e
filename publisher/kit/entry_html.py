"""An entry's HTML as feeds carry it: picture, standfirst, key points, body, other sources, Read also.

Serves the document formats. The view's HTML is sanitised already and is passed through; all other
values are escaped here. Pure.
"""

import html as entities
from functools import cache, lru_cache
from importlib.resources import files
from typing import ClassVar

from publisher.kit.phrases import direction
from publisher.kit.text import clean_text
from publisher.model.views import EntryView

# Labels that are written otherwise than with one capital letter in front.
_SPELLED = {
    "das wichtigste": "Das Wichtigste",
    "lesen sie auch": "Lesen Sie auch",
    "l'essentiel": "L’essentiel",
}
KEPT, KEPT_SIZE = 1_024, 1 << 16
"""Entries remembered, and the characters of the longest that is."""

_COLUMNS = {"read_also": 3, "key_points": 5}


@lru_cache(256)
def label(kind: str, language: str) -> str:
    """Return the heading over `key_points` or `read_also` in a language; English when unknown."""
    table = _labels()
    primary = language.partition("-")[0].lower()
    words = table.get(primary, table["en"])[kind]
    return _SPELLED.get(words, words[:1].upper() + words[1:])


@cache
def _labels() -> dict[str, dict[str, str]]:
    """Return language -> kind -> first label, from the list that the page form is read with."""
    lines = files(__package__).joinpath("page_labels.txt").read_text("utf-8").splitlines()
    rows = (line.split("|") for line in lines if line and not line.startswith("#"))
    return {
        row[0]: {kind: row[column].partition(",")[0] for kind, column in _COLUMNS.items()}
        for row in rows
    }


@lru_cache(256)
def also_label(language: str) -> str:
    """Return what stands before the other sources of a story; English when unknown."""
    table = _also_labels()
    return table.get(language.partition("-")[0].lower(), table["en"])


@cache
def _also_labels() -> dict[str, str]:
    lines = files(__package__).joinpath("also_labels.txt").read_text("utf-8").splitlines()
    return dict(line.split("|") for line in lines if line and not line.startswith("#"))


class _Written:
    """What was written last: the formats of a feed ask for the same entries, one after the other."""

    kept: ClassVar[dict[tuple[int, str], tuple[EntryView, str]]] = {}


def content_html(entry: EntryView, language: str = "") -> str:
    """Return the whole entry as HTML; `language` is the feed's, for entries that name none.

    Where only a summary goes out, the summary stands for the body. Lists that the feed does not want
    in the text are left out: programs find them elsewhere.
    """
    key = (id(entry), language)
    known = _Written.kept.get(key)
    if known is not None and known[0] is entry:
        return known[1]
    whole = _whole(entry, language)
    if len(_Written.kept) >= KEPT:
        _Written.kept.clear()
    if len(whole) <= KEPT_SIZE:
        _Written.kept[key] = (entry, whole)
    return whole


def _whole(entry: EntryView, language: str) -> str:
    spoken = entry.language or language
    points = entry.key_points if entry.key_points_in_text else ()
    links = entry.read_also if entry.read_also_in_text else ()
    parts = [
        _picture(entry),
        *_opening(entry),
        _list(label("key_points", spoken), [_text(point) for point in points]),
        entry.html or _paragraph(entry.summary),
        _also(entry, spoken),
        _list(label("read_also", spoken), [_link(one.title, one.url) for one in links]),
    ]
    whole = "\n".join(part for part in parts if part)
    if direction(spoken) == "rtl" and whole:
        return f'<div dir="rtl" lang="{_attribute(spoken)}">\n{whole}\n</div>'
    return whole


def _also(entry: EntryView, language: str) -> str:
    """Return where else the story stands, in one line: it is no list of further reading."""
    links = " · ".join(_link(one.title, one.url) for one in entry.also_at)
    return f"<p><strong>{_text(also_label(language))}</strong> {links}</p>" if links else ""


def _picture(entry: EntryView) -> str:
    """Return the picture unless the body shows it: not every reader knows media:content."""
    source = _attribute(entry.image)
    shown = not entry.html or source in entry.html or entry.image in entry.html
    if not entry.image or shown:
        return ""
    said = entry.attributes.get("image_alt")
    alt = clean_text(said) if isinstance(said, str) else ""
    return f'<p><img src="{source}" alt="{_attribute(alt)}"></p>'


def _opening(entry: EntryView) -> list[str]:
    """Return standfirst and dek, which a body does not repeat; a summary alone often does."""
    wanted = [("strong", entry.standfirst), ("em", entry.dek)]
    return [
        f"<p><{tag}>{_text(words)}</{tag}></p>"
        for tag, words in wanted
        if words and words not in (entry.text if entry.html else entry.summary)
    ]


def _list(heading: str, items: list[str]) -> str:
    if not items:
        return ""
    lines = "\n".join(f"<li>{item}</li>" for item in items)
    return f"<p><strong>{_text(heading)}</strong></p>\n<ul>\n{lines}\n</ul>"


def _link(title: str, url: str) -> str:
    return f'<a href="{_attribute(url)}">{_text(title)}</a>' if url else _text(title)


def _paragraph(text: str) -> str:
    return f"<p>{_text(text)}</p>" if text else ""


def _text(text: str) -> str:
    return entities.escape(text, quote=False)


def _attribute(text: str) -> str:
    return entities.escape(text, quote=True)
