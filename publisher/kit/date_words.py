"""Dates with words in them: months of many languages, clocks of twelve hours, time zones by name.

Serves `kit.dates`. Pure. `month_names.txt` holds names as CLDR has them, folded (no marks, lower case),
and their beginnings of three and four letters, as far as each means one month in all languages.
Names of zones mean what mail takes them for (RFC 5322 section 4.3), else what most who write them
live in: IST is India's, CST America's.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files

_HOURS: Mapping[str, float] = {
    **dict.fromkeys(("z", "ut", "utc", "gmt", "wet"), 0),
    **dict.fromkeys(("west", "bst", "cet", "met", "mez", "wat"), 1),
    **dict.fromkeys(("cest", "mest", "mesz", "eet", "cat", "sast"), 2),
    **dict.fromkeys(("eest", "msk", "trt", "eat"), 3),
    "msd": 4,
    "gst": 4,
    "pkt": 5,
    "ist": 5.5,
    "npt": 5.75,
    "bdt": 6,
    "ict": 7,
    "wib": 7,
    "wita": 8,
    **dict.fromkeys(("hkt", "sgt", "myt", "pht", "awst"), 8),
    "jst": 9,
    "kst": 9,
    "wit": 9,
    "acst": 9.5,
    "acdt": 10.5,
    "aest": 10,
    "aedt": 11,
    "nzst": 12,
    "nzdt": 13,
    "nst": -3.5,
    "ndt": -2.5,
    "brst": -2,
    "brt": -3,
    "art": -3,
    "uyt": -3,
    "ast": -4,
    "adt": -3,
    "clt": -4,
    "clst": -3,
    "est": -5,
    "edt": -4,
    "cst": -6,
    "cdt": -5,
    "mst": -7,
    "mdt": -6,
    "pst": -8,
    "pdt": -7,
    "akst": -9,
    "akdt": -8,
    "hst": -10,
}
_AFTERNOON = frozenset(
    {"pm", "p.m.", "p.m", "nachm", "μμ", "μ.μ.", "오후", "下午", "午後", "晚上", "os"}
)
_MORNING = frozenset({"am", "a.m.", "a.m", "vorm", "πμ", "π.μ.", "오전", "上午", "午前", "oo"})
_HALVES = "|".join(
    re.escape(word) for word in sorted(_AFTERNOON | _MORNING, key=len, reverse=True)
)
_TIME = re.compile(
    rf"(?:\b|(?<=\D))(?:(?P<before>{_HALVES})\s*)?(?P<hour>\d{{1,2}})\s*"
    r"(?:[:.h時时点點시]\s*(?P<minute>\d{2})\s*(?:[:.分분]\s*(?P<second>\d{2})(?:[.,]\d+)?)?|[h時时点點시]"
    rf"|(?=\s*(?:{_HALVES})\b))\s*[分분秒초]?\s*(?P<after>{_HALVES})?"
)
_OFFSET = re.compile(r"(?:\b(?:utc|gmt)\s*)?([+-])(\d{1,2}):?(\d{2})?\b")
_WORD = re.compile(r"[^\W\d_]{1,5}")
_FILL = r"[\s.,/'’-]*(?:(?:de[lr]?|of|do|d)\b[\s'’]*)?"
_MONTH = r"(?P<month>[^\W\d_]{2,20})"
_DAY = r"(?<!\d)(?P<day>\d{1,2})(?:st|nd|rd|th|er|eme|º|ª|°|:e|a|o)?(?!\d)"
_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        r"(?P<year>\d{4})\s*[年년]\s*(?P<number>\d{1,2})\s*[月월]\s*(?P<day>\d{1,2})\s*[日号號일]?",
        rf"{_DAY}{_FILL}{_MONTH}\.?,?{_FILL}(?P<year>\d{{4}}|(?<=[\s'’-])\d{{2}})(?![\d:])",
        rf"{_MONTH}\.?\s*{_DAY},?\s+(?P<year>\d{{4}})(?![\d:])",
        rf"{_MONTH}\.?\s*{_DAY},?\s+(?=\d{{1,2}}:\d\d.*?(?P<year>\b\d{{4}})$)",
        rf"(?P<year>\d{{4}})[\s.,/-]*(?:m\.\s*)?{_MONTH}\.?[\s/-]*{_DAY}",
        r"(?<!\d)(?P<day>\d{1,2})\.\s*(?P<number>\d{1,2})\.\s*(?P<year>\d{4}|\d{2})(?!\d)",
        r"(?<!\d)(?P<first>\d{1,2})[/-](?P<second>\d{1,2})[/-](?P<year>\d{4})(?!\d)",
        r"(?<!\d)(?P<year>\d{4})[/.](?P<number>\d{1,2})[/.](?P<day>\d{1,2})(?!\d)",
    )
)
_LONGEST = 100
_PIVOT = 50
"""RFC 5322 section 4.3: years of two digits below it are this century's."""

_NOON, _MONTHS = 12, 12


def in_words(text: str) -> datetime | None:
    """Return the instant that a text with a month's name, or numbers between dots, means.

    Day first; between slashes only where one number cannot be a month, as nobody can know. A time
    without a zone is UTC, a date without a time is midnight. None for what is no date.
    """
    said = folded(text[:_LONGEST])
    for found, day in _days(said):
        rest = f"{said[: found.start()]} {said[found.end() :]}"
        clock = _TIME.search(rest)
        after = rest[clock.end() :] if clock else rest
        try:
            midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
            return midnight + _since_midnight(clock) - zone_of(after)
        except (ValueError, OverflowError):
            continue
    return None


def folded(text: str) -> str:
    """Return a text in lower case, without marks over its letters."""
    if text.isascii():
        return text.lower()
    spread = unicodedata.normalize("NFKD", text.lower().replace("ı", "i"))
    bare = "".join(one for one in spread if not unicodedata.combining(one))
    return unicodedata.normalize("NFC", bare)


@lru_cache(512)
def zone_of(text: str) -> timedelta:
    """Return how far a zone is from UTC, by number or by the first name known; zero without one."""
    said = text.lower()
    if offset := _OFFSET.search(said):
        sign = -1 if offset[1] == "-" else 1
        return sign * timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
    known = (_HOURS[word] for word in _WORD.findall(said) if word in _HOURS)
    return timedelta(hours=next(known, 0))


@lru_cache(512)
def month_of(name: str) -> int:
    """Return the number of a month by its name in any language, 0 for what is none."""
    return _months().get(folded(name).rstrip("."), 0)


def year_of(digits: str) -> int:
    """Return a year that is written with two digits or four."""
    year = int(digits)
    if len(digits) > 2:  # noqa: PLR2004 - digits of a short year
        return year
    return year + (2000 if year < _PIVOT else 1900)


@cache
def _months() -> Mapping[str, int]:
    """Return months by name."""
    lines = files(__package__).joinpath("month_names.txt").read_text("utf-8").splitlines()
    rows = [line.split(" ") for line in lines if line and not line.startswith("#")]
    return {name: number for number, names in enumerate(rows, 1) for name in names}


def _days(said: str) -> Iterator[tuple[re.Match[str], date]]:
    """Yield what may be the day, the likeliest first."""
    for shape in _SHAPES:
        found = shape.search(said)
        while found:
            if day := _day(found.groupdict()):
                yield found, day
            found = shape.search(said, found.start() + 1)


def _day(said: Mapping[str, str | None]) -> date | None:
    """Return a day of its parts, None when there is no such day."""
    day, number = int(said.get("day") or 0), int(said.get("number") or 0)
    if name := said.get("month"):
        number = month_of(name)
    if first := said.get("first"):
        pair = int(first), int(said.get("second") or 0)
        if (pair[0] > _MONTHS) == (pair[1] > _MONTHS) and pair[0] != pair[1]:
            return None
        number, day = sorted(pair)
    try:
        return date(year_of(said["year"] or ""), number, day)
    except ValueError:
        return None


def _since_midnight(clock: re.Match[str] | None) -> timedelta:
    """Return a time of day. Raises ValueError for what is none."""
    if clock is None:
        return timedelta(0)
    hour, minute, second = (int(clock[part] or 0) for part in ("hour", "minute", "second"))
    half = clock["before"] or clock["after"]
    if half:
        hour = hour % _NOON + (_NOON if half in _AFTERNOON else 0)
    midnight = datetime(2000, 1, 1, tzinfo=UTC)
    return midnight.replace(hour=hour, minute=minute, second=min(second, 59)) - midnight
