"""Sentences for one reader: how much there is to read, when it comes, and why.

Serves composing, the mails around a subscription and the pages, through the port Wording. Reads the
words of templates: a language is a file there (`templates/words/`), not code. An object remembers
what it has said, so a new one is made for each edition: changed words count from the next.
"""

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from publisher.kit import locales
from publisher.kit.calendar import Kind, Rhythm, RuleError, rhythm_of
from publisher.kit.phrases import tags
from publisher.kit.templating import Guard, Templates
from publisher.kit.words import Words
from publisher.model.definitions import ScheduleDefinition

ENGLISH = "en"
_KEPT = 1 << 16
_ON_DAYS = (Kind.WEEKDAYS, Kind.WEEKENDS, Kind.DAYS)
_LAST = 0
# No words hold characters for private use.
_PLACE = "\ue000{}\ue001"
_PLACES = re.compile("\ue000(.+?)\ue001")


class Phrasebook:
    """The port Wording, over a publication's templates. Thread-safe."""

    def __init__(self, templates: Templates | Guard) -> None:
        self._templates = templates
        self._known = frozenset(templates.languages())
        # Bound here, so that what is remembered lives and dies with this object.
        self._nearest = lru_cache(_KEPT)(self._find)
        self._extents = lru_cache(_KEPT)(self._say_extent)
        self._reasons = lru_cache(_KEPT)(self._reason)
        self._days = lru_cache(_KEPT)(self._say_day)
        self._books = lru_cache(_KEPT)(self._open)

    def words(self, language: str) -> Words:
        """Return the words of a language, of the nearest there are. Raises TemplateError."""
        return self._books(language)

    def nearest(self, language: str, fallback: str) -> str:
        """Return the tag for which there are words: `de` for `de-AT`; else the fallback; else `en`.

        Readers of the fallback's words get the fallback itself, with its region.
        """
        return self._nearest(language, fallback)

    def extent(self, language: str, stories: int, minutes: int) -> str:
        """Return "6 stories, 4 minutes". Raises TemplateError."""
        return self._extents(language, stories, minutes)

    def rhythm(self, language: str, schedule: ScheduleDefinition) -> str:
        """Return when a schedule runs, for a label; "" when words cannot say it. Raises TemplateError."""
        rhythm = _rhythm(schedule.when, schedule.cron)
        return say(rhythm, self.words(language)) if rhythm else ""

    def coming(self, language: str, schedule: ScheduleDefinition, feed: str) -> str:
        """Return what comes, and when, as a line. Raises TemplateError."""
        when = self.rhythm(language, schedule) or schedule.title or schedule.slug
        return self.words(language).say("welcome.line", feed=feed, rhythm=when)

    def why(
        self,
        language: str,
        schedule: ScheduleDefinition,
        feeds: Sequence[str],
        since: date | None,
    ) -> str:
        """Return the sentence that says why somebody gets this mail. Raises TemplateError."""
        # Readers share sentences and days, seldom feeds: what is remembered leaves room for those. A
        # whole schedule as a key would cost more to hash than all the rest.
        pattern = self._reasons(language, schedule.when, schedule.cron, len(feeds), bool(since))
        return pattern.format(*feeds, date=self._days(language, since) if since else "")

    def _find(self, language: str, fallback: str) -> str:
        found, home = self._file(language), self._file(fallback)
        # Where the words are the same, dates and times are written as the publication's region does.
        return fallback if home and found in {"", home} else found or ENGLISH

    def _file(self, language: str) -> str:
        """Return the tag of the nearest file of words, "" when there is none."""
        nearest_first = reversed(tuple(tags(language)))
        return next((tag for tag in nearest_first if tag in self._known), "")

    def _open(self, language: str) -> Words:
        file = self._file(language)
        return Words(language if file else ENGLISH, self._templates.words(language), file)

    def _say_extent(self, language: str, stories: int, minutes: int) -> str:
        words = self.words(language)
        return words.say(
            "extent",
            stories=words.count("plural.stories", stories),
            minutes=words.count("plural.minutes", minutes),
        )

    def _say_day(self, language: str, day: date) -> str:
        return locales.date_in_words(day, self.words(language).language)

    def _reason(self, language: str, when: str, cron: str, feeds: int, dated: bool) -> str:  # noqa: FBT001  a key of the memory
        """Return why somebody gets this, as a format of so many feeds and, if dated, `date`."""
        words = self.words(language)
        values = {}
        if feeds:
            titles = [words.say("why.feed", title=_PLACE.format(n)) for n in range(feeds)]
            values["feeds"] = locales.listed(titles, words.language)
        if dated:
            values["date"] = _PLACE.format("date")
        reason = words.say(f"why.reason.{'_'.join(values) or 'bare'}", **values)
        rhythm = _rhythm(when, cron)
        if rhythm is None:
            return _as_format(words.say("why.plain", reason=reason))
        said = say(rhythm, words)
        if rhythm.kind in _ON_DAYS:
            said = words.say("rhythm.on_days", rhythm=said)
        return _as_format(words.say("why.rhythm", rhythm=said, reason=reason))


def _as_format(sentence: str) -> str:
    """Return a sentence with places as a format string; braces of its own stay braces."""
    return _PLACES.sub(r"{\1}", sentence.replace("{", "{{").replace("}", "}}"))


def _rhythm(when: str, cron: str) -> Rhythm | None:
    """Return what a rule says; None also for one that cannot be read: `check` tells of that."""
    try:
        return rhythm_of(when, cron)
    except RuleError:
        return None


def say(rhythm: Rhythm, words: Words) -> str:
    """Return a rule in the words of a language, as a label. Raises TemplateError."""
    if rhythm.kind is Kind.INTERVAL:
        return words.say("rhythm.interval", span=_span(rhythm, words))
    values = {
        "times": _listed([locales.clock_time(at, words.language) for at in rhythm.times], words)
    }
    match rhythm.kind:
        case Kind.HOURLY | Kind.MINUTELY:
            values = {}
        case Kind.DAYS | Kind.WEEKS:
            days = [words.item("rhythm.day_plurals", day) for day in rhythm.days]
            values["days"] = _listed(days, words)
        case Kind.NTH_DAYS:
            values |= _nth_day(rhythm, words)
        case Kind.MONTH_DAYS:
            values["dates"] = _listed([_date(number, words) for number in rhythm.numbers], words)
        case Kind.ONCE if rhythm.day:
            values["date"] = locales.date_in_words(rhythm.day, words.language)
        case _:
            pass
    if rhythm.kind is Kind.WEEKS:
        return words.count("rhythm.weeks", rhythm.count, **values)
    return words.say(f"rhythm.{rhythm.kind}", **values)


def _span(rhythm: Rhythm, words: Words) -> str:
    """Return a length of time: "15 minutes", "1 hour and 30 minutes"."""
    hours, minutes = divmod(int(rhythm.every.total_seconds()) // 60, 60)
    said = {
        name: words.count(f"rhythm.{name}", number)
        for name, number in (("hours", hours), ("minutes", minutes))
        if number
    }
    return words.say("rhythm.span", **said) if len(said) > 1 else next(iter(said.values()))


def _nth_day(rhythm: Rhythm, words: Words) -> dict[str, str]:
    """Return which of a weekday in the month; numbers agree with the day's gender."""
    day = rhythm.days[0]
    gender = words.item("rhythm.genders", day)
    nths = [words.item(f"rhythm.nth.{gender}", number - 1) for number in rhythm.numbers]
    return {"nths": _listed(nths, words), "day": words.item("rhythm.day_names", day)}


def _date(number: int, words: Words) -> str:
    if number == _LAST:
        return words.say("rhythm.last_day")
    return words.place("rhythm.date", number)


def _listed(items: Sequence[str], words: Words) -> str:
    return locales.listed(items, words.language)
