"""Lines for readers: what templates need besides values, in whatever language.

Serves templating (as filters) and the formats. Pure. What differs by language is in `kit.locales`
(dates, lists, plurals) and in `templates/words/` (words).
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from publisher.kit.text import shorten

__all__ = [
    "direction",
    "fill",
    "iso",
    "reading_time",
    "shorten",
    "tags",
]


WORDS_PER_MINUTE = 230

_RIGHT_TO_LEFT = frozenset(
    ("ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi")
)
_PLACE = re.compile(r"\{(\w+)\}")


def tags(language: str) -> Iterator[str]:
    """Yield the file names of a BCP 47 language, general first: `de-AT` gives `de`, `de-at`."""
    parts = language.lower().replace("_", "-").split("-")
    if all(part.isalnum() and part.isascii() for part in parts):
        for count in range(1, len(parts) + 1):
            yield "-".join(parts[:count])


def direction(language: str) -> str:
    """Return `rtl` or `ltr` for a BCP 47 language."""
    return "rtl" if _RIGHT_TO_LEFT & set(tags(language)) else "ltr"


def fill(text: str, **values: object) -> str:
    """Put values in the places of a phrase, `No. {number}`. Raises ValueError for an unknown place.

    Values are never read as phrases themselves.
    """

    def value(place: re.Match[str]) -> str:
        if place[1] not in values:
            known = ", ".join(sorted(values))
            raise ValueError(f"there is no {{{place[1]}}} in this phrase; there are: {known}")
        return str(values[place[1]])

    return _PLACE.sub(value, text)


def iso(moment: datetime) -> str:
    """Return the moment as RFC 3339 in UTC, whole seconds; for `<time datetime>`."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def reading_time(text: str) -> int:
    """Return the minutes a text takes to read, at least one."""
    return max(1, round(len(text.split()) / WORDS_PER_MINUTE))
