"""The labels of the page form in the languages of the world's newsrooms.

Serves `kit.page_form`. Look-ups in `page_labels.txt`, one language a line. A label that is missing
there is not lost: the reader of the form also goes by position and shape.
"""

import re
import unicodedata
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files


class Label(StrEnum):
    """What a label stands before."""

    SKIP = "skip"  # a link over the navigation
    READ = "read"  # one other story, inside the body
    ALSO = "also"  # the list of related stories
    LATEST = "latest"  # the list of new stories
    POINTS = "points"  # the list of key points


_DECORATION = " \t*_#>·•|→»\u203a▸►▶➤☞<«\u2039[]()【】「」\u00a0\u202f\u200e\u200f"
_COLON = ":\uff1a\ua789\ufe13"  # ASCII, full-width, modifier letter, vertical
_MARKS = re.compile(r"[\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u064b-\u065f\u0670\u200c\u200d]")


@lru_cache(maxsize=4096)  # a reader asks several times for each line of a page
def label_key(text: str) -> str:
    """Return the text as labels are compared: no case, marks, decoration or final colon."""
    stripped = text.strip(_DECORATION).rstrip(_COLON + _DECORATION).replace("’", "'")
    decomposed = unicodedata.normalize("NFKD", stripped.casefold()).replace("\u0131", "i")
    return " ".join(_MARKS.sub("", decomposed).split())


@cache  # a process that reads no pages needs none of it
def _load() -> tuple[dict[str, dict[Label, list[str]]], tuple[tuple[str, str], ...]]:
    """Return label key -> kind -> languages, and the words of skip links with theirs."""
    table: dict[str, dict[Label, list[str]]] = {}
    skips: list[tuple[str, str]] = []
    lines = files(__package__).joinpath("page_labels.txt").read_text("utf-8").splitlines()
    for line in lines:
        if line.startswith("#"):
            continue
        language, skip, *columns = line.split("|")
        skips += [(label_key(word), language) for word in skip.split(",")]
        for kind, labels in zip(
            (Label.READ, Label.ALSO, Label.LATEST, Label.POINTS), columns, strict=True
        ):
            for label in labels.split(","):
                table.setdefault(label_key(label), {}).setdefault(kind, []).append(language)
    return table, tuple(skips)


_SKIP_LENGTH = 48


def label_kinds(text: str) -> frozenset[Label]:
    """Return what a whole line can be a label of; empty when it is none we know."""
    return frozenset(_load()[0].get(label_key(text), ()))


def label_languages(text: str) -> tuple[str, ...]:
    """Return the languages in which the line is a label or a skip link."""
    known = _load()[0].get(label_key(text), {})
    named = [language for languages in known.values() for language in languages]
    return tuple(dict.fromkeys([*named, *_skip_languages(text)]))


def is_skip_link(text: str) -> bool:
    """Tell whether the line looks like "Skip to content" in a language we know."""
    return bool(_skip_languages(text))


def _skip_languages(text: str) -> list[str]:
    """Return the languages in which the line can be a skip link."""
    key = label_key(text)
    if len(key) > _SKIP_LENGTH or key.endswith((".", "!", "?", "。")):
        return []
    return [language for word, language in _load()[1] if word in key]


_INLINE = re.compile(
    rf"^(.{{1,40}}?)\s*([{_COLON}]|\s[-–—|»\u203a>→]|[→»\u203a▸►])\s*(\S.*)$", re.DOTALL
)
_UPPER_LABEL = 3
_TITLE_WORDS = 16
_SENTENCE_ENDS = (".", "!", "…", "。", "।", "؟", "\u06d4")


def inline_label(text: str) -> tuple[str, str] | None:
    """Return (label, title) of a line such as "READ: Another story", or None.

    A label we do not know, or one that is a common word in small letters ("More: …"), counts only
    when what follows is a short title without a full stop; an unknown one must be in capitals and
    have at most three words.
    """
    match = _INLINE.match(text.strip(_DECORATION))
    if match is None:
        return None
    label, title = match[1], match[3].strip()
    kinds = label_kinds(label)
    colon = match[2].strip()[:1] in _COLON
    if Label.ALSO in kinds and (colon or label.isupper()):
        return label, title
    capital = label.isupper() or label.lower() == label.upper()
    if Label.READ in kinds and capital:
        return label, title
    ended = title.rstrip("\"'”’»)").endswith(_SENTENCE_ENDS)
    unknown = label.isupper() and len(label) > 1 and len(label.split()) <= _UPPER_LABEL
    known = bool(kinds & {Label.READ, Label.ALSO})
    short = len(title.split()) <= _TITLE_WORDS and not ended
    return (label, title) if short and colon and (known or unknown) else None
