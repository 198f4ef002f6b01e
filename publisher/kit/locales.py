"""Locales: dates, times, numbers, lists and names as a language writes them.

Serves templating (as filters), the wording of mails, and the pages. Pure. The only importer of
Babel, whose CLDR data are read once per language. What comes out is plain text, fit for a header:
CLDR's narrow spaces become blanks and its invisible direction marks are dropped. Every function is
total in the language: one that nobody knows is written as English.

English without a region is written as newspapers outside America write it: the day before the
month, and 24 hours (CLDR's en_GB). `en-US` is what Americans write.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time
from babel.lists import format_list
from babel.numbers import format_decimal

from publisher.kit.phrases import fill, tags

_ENGLISH = "en_GB"
# French says the first of a month as an ordinal, which CLDR's patterns cannot.
_FIRST = {"fr": "1er"}
_PLAIN = str.maketrans(
    dict.fromkeys("\u00a0\u2009\u202f", " ")
    | dict.fromkeys("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", "")
)


@lru_cache(maxsize=512)
def _locale(language: str) -> Locale:
    """Return the nearest locale there is: `de-XX` is German, what is unknown English."""
    for tag in reversed(tuple(tags(language))):
        try:
            return Locale.parse(_ENGLISH if tag == "en" else tag, sep="_" if tag == "en" else "-")
        except (UnknownLocaleError, ValueError, TypeError):
            continue
    return Locale.parse(_ENGLISH)


def long_date(moment: date, language: str, zone: str = "") -> str:
    """Return the day as a line of its own, `Monday, 23 November 2026`.

    `zone` is an IANA zone for an aware moment. Raises ValueError when there is no such zone.
    """
    day, locale = _day(moment, zone), _locale(language)
    text = _dated(format_date(day, "full", locale), day, locale)
    return text[:1].title() + text[1:]


def date_in_words(moment: date, language: str, zone: str = "") -> str:
    """Return the day without its weekday, as inside a sentence: `4. März 2026`. Raises ValueError."""
    day, locale = _day(moment, zone), _locale(language)
    return _dated(format_date(day, "long", locale), day, locale)


def short_date(moment: date, language: str, zone: str = "") -> str:
    """Return day and month, `23 November`, for marks beside a story. Raises ValueError."""
    day, locale = _day(moment, zone), _locale(language)
    return _dated(format_skeleton("MMMMd", day, locale=locale), day, locale)


def clock_time(moment: datetime | time, language: str, zone: str = "") -> str:
    """Return hours and minutes: `07:30`, in Arabic `7:30 ص`. Raises ValueError for an unknown zone."""
    local = _local(moment, zone) if isinstance(moment, datetime) else moment
    wall = time(local.hour, local.minute)  # naive: Babel would turn an aware one into UTC
    return _plain(format_time(wall, "short", locale=_locale(language)))


def number(value: int, language: str) -> str:
    """Return a whole number with the language's grouping: `12,345`, `12.345`."""
    return _plain(format_decimal(value, locale=_locale(language)))


def plural(forms: Mapping[str, str], count: int, language: str) -> str:
    """Return the form of a phrase that a count asks for, filled: `1 story`, `5 stories`.

    `forms` are by CLDR category; a category that is missing is said as `other`. Raises ValueError.
    """
    form = forms.get(plural_category(count, language)) or forms.get("other", "")
    return fill(form, count=number(count, language))


def plural_category(value: int, language: str) -> str:
    """Return CLDR's category of a count: zero, one, two, few, many or other."""
    return str(_locale(language).plural_form(value))


def ordinal_category(value: int, language: str) -> str:
    """Return CLDR's category of a place in a row: English `one` (1st), `two`, `few`, `other`."""
    return str(_locale(language).ordinal_form(value))


def plural_categories(language: str) -> frozenset[str]:
    """Return the categories that counts have in a language."""
    return frozenset({*_locale(language).plural_form.tags, "other"})


def ordinal_categories(language: str) -> frozenset[str]:
    """Return the categories that places in a row have in a language."""
    return frozenset({*_locale(language).ordinal_form.tags, "other"})


def listed(items: Sequence[str], language: str) -> str:
    """Return `a, b and c`, `a, b und c`, `a、b和c`; "" for none."""
    marks = "\u0001"  # Babel's own characters are cleaned; what stands between them stays as it is
    places = [f"{marks}{index}{marks}" for index in range(len(items))]
    text = _plain(format_list(places, locale=_locale(language)))
    pieces = text.split(marks)
    return "".join(items[int(piece)] if at % 2 else piece for at, piece in enumerate(pieces))


def language_name(language: str) -> str:
    """Return what speakers call their language, `Deutsch`; the tag itself when it is unknown."""
    known = tuple(tags(language))
    if not known:
        return language
    locale = _locale(known[0])
    if locale.language != known[0] and locale.language == "en":
        return language
    name = Locale(locale.language).get_display_name() or language
    return name[:1].title() + name[1:]


def _dated(text: str, day: date, locale: Locale) -> str:
    if day.day == 1 and locale.language in _FIRST:
        text = re.sub(r"\b1\b", _FIRST[locale.language], text, count=1)
    return _plain(text)


def _day(moment: date, zone: str) -> date:
    return _local(moment, zone).date() if isinstance(moment, datetime) else moment


def _local(moment: datetime, zone: str) -> datetime:
    try:
        return moment.astimezone(ZoneInfo(zone)) if zone else moment
    except (ValueError, KeyError, OSError):  # KeyError is ZoneInfoNotFoundError
        raise ValueError(f"there is no time zone {zone!r}") from None


def _plain(text: str) -> str:
    return text.translate(_PLAIN)
