"""The head of a page in the page form: skip link, headline, standfirst, dek.

Serves the reader of the page form. Pure, total.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from publisher.kit.page_labels import inline_label, is_skip_link, label_key, label_kinds
from publisher.kit.page_lines import Kind, Unit, cited, emphasised, plain, uncited

_HEAD_UNITS = 8
_SKIP_UNITS = 4
_SKIP_WORDS = 5
_REPEAT_UNITS = 5
_STANDFIRST_UNITS = 2
_TITLE_LENGTH = 250
_TITLE_WORDS = 30
_LONG_WORD = 3
_STOPS = (".", "。", "।", "\u06d4", "...", "…", ":", ";", ",")
_CLOSERS = "\"'”’»)]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What stands before the body; `body` is the index of the first unit after it.

    `repeated`, `skipped`: the headline stands twice, a skip link stands first; both are signs of
    the page form.
    """

    title: str = ""
    standfirst: str = ""
    dek: str = ""
    body: int = 0
    repeated: bool = False
    skipped: bool = False
    skip_link: str = ""


def read_head(units: Sequence[Unit], end: int, *, in_form: bool) -> Head:
    """Read the head of a page whose list of key points (or tail) begins at `end`.

    `in_form`: other parts of the form were found, so a second paragraph that nothing parts from
    the body, or a first one above the headline, may be a standfirst.
    """
    first = _after_skip_links(units, end)
    start = _headline(units, first, end, in_form=in_form)
    title = "" if start is None else plain(units[start].text)
    begin = first if start is None else start + 1
    repeats = _repeats(units, begin, end, _key(title))
    dek_at = _dek(units, begin, end)
    zone = max([begin - 1, dek_at, *repeats]) + 1
    apart = {*repeats, dek_at}
    named = start is not None and units[start].heading == 1
    above = range(first, begin - 1) if in_form and not (repeats or named) else range(0)
    between = [
        units[i].text
        for i in (*above, *range(begin, zone))
        if i not in apart and units[i].kind is Kind.PARAGRAPH
    ]
    standfirst = " ".join(uncited(plain(text)) for text in between)
    if title and not (standfirst or repeats) and dek_at < 0 and in_form:
        zone, standfirst = _undivided(units, zone, end, title)
    return Head(
        title=uncited(title) or title,
        standfirst=standfirst,
        dek=uncited(emphasised(units[dek_at].text)) if dek_at >= 0 else "",
        body=zone,
        repeated=bool(repeats),
        skipped=first > 0,
        skip_link=units[first - 1].text if first else "",
    )


def _after_skip_links(units: Sequence[Unit], end: int) -> int:
    """Return the index of the first unit that is no skip link."""
    index = 0
    while index < min(end, _SKIP_UNITS) and is_skip_link(units[index].text):
        if units[index].heading or _stands_again(units, index, end):
            break
        index += 1
    return index


def _stands_again(units: Sequence[Unit], index: int, end: int) -> bool:
    """Tell whether a unit's text stands once more in the head: then it is the headline."""
    return bool(_repeats(units, index + 1, end, _key(units[index].text)))


def _repeats(units: Sequence[Unit], begin: int, end: int, key: str) -> list[int]:
    """Return where a headline stands again, soon after it."""
    near = range(begin, min(end, begin + _REPEAT_UNITS))
    return [index for index in near if key and _key(units[index].text) == key]


def _headline(units: Sequence[Unit], first: int, end: int, *, in_form: bool) -> int | None:
    """Return the index of the headline: a first-level heading, what stands twice, what looks so."""
    limit = min(end, first + _HEAD_UNITS)
    named = next((i for i in range(first, limit) if units[i].heading == 1), limit)
    paragraphs = [i for i in range(first, limit) if units[i].kind is Kind.PARAGRAPH]
    for index in paragraphs:
        if index <= named and _stands_again(units, index, end):
            return index
    if named < limit:
        return named
    # Below a standfirst a short line is the headline only where other parts show the form.
    for index in paragraphs[: _STANDFIRST_UNITS if in_form else 1]:
        if _is_headline(units[index]):
            unknown_skip = in_form and _is_skip_like(units, index, end)
            return index + 1 if unknown_skip else index
    return None


def _is_skip_like(units: Sequence[Unit], index: int, end: int) -> bool:
    """Tell whether a short first line is a skip link in a language we do not know.

    The line below then looks like a headline as well, and only that one is what the text is about.
    """
    if index + 2 >= end or len(units[index].text.split()) > _SKIP_WORDS:
        return False
    if not _is_headline(units[index + 1]):
        return False
    text = _content(" ".join(unit.text for unit in units[index + 2 : end]))
    return not _content(units[index].text) & text and bool(_content(units[index + 1].text) & text)


def _is_headline(unit: Unit) -> bool:
    """Tell whether a unit that stands first and only once looks like a headline."""
    text = unit.text
    if unit.kind is not Kind.PARAGRAPH or emphasised(text) or label_kinds(text):
        return False
    if inline_label(text) or len(text) > _TITLE_LENGTH or len(text.split()) > _TITLE_WORDS:
        return False
    return bool(unit.heading) or not plain(text).rstrip(_CLOSERS).endswith(_STOPS)


def _dek(units: Sequence[Unit], begin: int, end: int) -> int:
    """Return the index of the dek, the first emphasised paragraph near the headline; -1: none."""
    for index in range(begin, min(end, begin + _STANDFIRST_UNITS + 3)):
        if (
            units[index].kind is Kind.PARAGRAPH
            and not units[index].heading
            and emphasised(units[index].text)
        ):
            return index
        if cited([units[index].text]) or inline_label(units[index].text):
            return -1
    return -1


def _undivided(units: Sequence[Unit], begin: int, end: int, title: str) -> tuple[int, str]:
    """Return where the body begins and the standfirst, when no repeat or dek parts them.

    A standfirst adds to the headline; the body's first paragraph says it again. So the first of two
    paragraphs is a standfirst when the second has clearly more of the headline's words.
    """
    if begin + 1 >= end:
        return begin, ""
    one, two = units[begin], units[begin + 1]
    paragraphs = one.kind is Kind.PARAGRAPH and two.kind is Kind.PARAGRAPH
    if not paragraphs or cited([one.text]) or inline_label(one.text) or inline_label(two.text):
        return begin, ""
    wanted = _content(title)
    if len(wanted & _content(two.text)) >= len(wanted & _content(one.text)) + 2:
        return begin + 1, plain(one.text)
    return begin, ""


def _content(text: str) -> set[str]:
    """Return what a text is about: longer words, or pairs of characters in Han and kana."""
    words = re.findall(r"[^\W_]+", text.casefold())
    if len(words) * 12 < len(text):
        joined = "".join(words)
        return {joined[i : i + 2] for i in range(len(joined) - 1)}
    return {word for word in words if len(word) >= _LONG_WORD}


def _key(text: str) -> str:
    """Return a headline as two of them are compared."""
    return label_key(plain(text)).strip(" \"'“”«»")
