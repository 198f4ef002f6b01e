"""Words, dates and lines for readers: what templates need besides values.

Serves templating (as filters) and the formats. Pure. Month and weekday names come from the `words`
given, a mapping as in `templates/words/en.toml`, so that a language is a file, not code.
"""

import re
import textwrap
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from publisher.kit.text import shorten

__all__ = [
    "clock_time",
    "direction",
    "iso",
    "long_date",
    "reading_time",
    "shorten",
    "tags",
    "wrap",
]

WIDTH = 72
"""Columns of the plain text part."""

WORDS_PER_MINUTE = 230

_RIGHT_TO_LEFT = frozenset(
    ("ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi")
)
_PARAGRAPH = re.compile(r"\n\s*\n")


def tags(language: str) -> Iterator[str]:
    """Yield the file names of a BCP 47 language, general first: `de-AT` gives `de`, `de-at`."""
    parts = language.lower().replace("_", "-").split("-")
    if all(part.isalnum() and part.isascii() for part in parts):
        for count in range(1, len(parts) + 1):
            yield "-".join(parts[:count])


def direction(language: str) -> str:
    """Return `rtl` or `ltr` for a BCP 47 language."""
    return "rtl" if _RIGHT_TO_LEFT & set(tags(language)) else "ltr"


def local(moment: datetime, zone: str = "") -> datetime:
    """Return the moment in an IANA zone; as it is when none is given. Raises ValueError."""
    try:
        return moment.astimezone(ZoneInfo(zone)) if zone else moment
    except KeyError:  # ZoneInfoNotFoundError
        raise ValueError(f"there is no time zone {zone!r}") from None


def long_date(moment: datetime, words: Mapping[str, object], zone: str = "") -> str:
    """Return the date in words, `Monday, 23 November 2026`, by the language's own pattern.

    Raises ValueError when the words lack a pattern or a name.
    """
    when = local(moment, zone)
    date = words.get("date")
    names = date if isinstance(date, Mapping) else {}
    try:
        return str(names["pattern"]).format(
            weekday=names["weekdays"][when.weekday()],
            day=when.day,
            month=names["months"][when.month - 1],
            year=when.year,
        )
    except (TypeError, LookupError) as error:
        raise ValueError("the words of this language lack a date pattern or a name") from error


def clock_time(moment: datetime, zone: str = "") -> str:
    """Return hours and minutes, `07:30`."""
    return f"{local(moment, zone):%H:%M}"


def iso(moment: datetime) -> str:
    """Return the moment as RFC 3339 in UTC, whole seconds; for `<time datetime>`."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def reading_time(text: str) -> int:
    """Return the minutes a text takes to read, at least one."""
    return max(1, round(len(text.split()) / WORDS_PER_MINUTE))


def wrap(text: str, width: int = WIDTH, first: str = "", rest: str | None = None) -> str:
    """Wrap paragraphs at `width` columns; a word that is longer (an address) stays whole.

    `first` stands before a paragraph's first line, `rest` (default: as many blanks) before others.
    """
    hanging = " " * len(first) if rest is None else rest
    return "\n\n".join(
        textwrap.fill(
            " ".join(paragraph.split()),
            width=width,
            initial_indent=first,
            subsequent_indent=hanging,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for paragraph in _PARAGRAPH.split(text.strip())
    )
