"""Dates, times, lists, plurals and names as each language writes them."""

import unicodedata
from datetime import UTC, date, datetime, time

import pytest
from babel import localedata
from hypothesis import given
from hypothesis import strategies as st

from publisher.kit import locales

MOMENT = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
LANGUAGES = sorted(name.replace("_", "-") for name in localedata.locale_identifiers())
SHIPPED = ("ar", "de", "en", "es", "fr", "it", "ja", "nl", "pl", "pt", "ru", "tr", "uk", "zh")


@pytest.mark.parametrize(
    ("language", "day", "sentence", "short", "clock"),
    [
        ("en", "Monday, 23 November 2026", "23 November 2026", "23 November", "07:30"),
        ("en-US", "Monday, November 23, 2026", "November 23, 2026", "November 23", "7:30 AM"),
        ("de", "Montag, 23. November 2026", "23. November 2026", "23. November", "07:30"),
        ("de-AT", "Montag, 23. November 2026", "23. November 2026", "23. November", "07:30"),
        ("fr", "Lundi 23 novembre 2026", "23 novembre 2026", "23 novembre", "07:30"),
        (
            "es",
            "Lunes, 23 de noviembre de 2026",
            "23 de noviembre de 2026",
            "23 de noviembre",
            "7:30",
        ),
        ("tr", "23 Kasım 2026 Pazartesi", "23 Kasım 2026", "23 Kasım", "07:30"),
        ("ru", "Понедельник, 23 ноября 2026 г.", "23 ноября 2026 г.", "23 ноября", "07:30"),
        ("ar", "الاثنين، 23 نوفمبر 2026", "23 نوفمبر 2026", "23 نوفمبر", "7:30 ص"),
        ("zh", "2026年11月23日星期一", "2026年11月23日", "11月23日", "07:30"),
        ("xx-Unknown", "Monday, 23 November 2026", "23 November 2026", "23 November", "07:30"),
    ],
)
def test_dates_and_times(language: str, day: str, sentence: str, short: str, clock: str):
    moment = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
    assert locales.long_date(moment, language) == day
    assert locales.date_in_words(moment, language) == sentence
    assert locales.short_date(moment, language) == short
    assert locales.clock_time(moment, language) == clock


def test_french_calls_the_first_by_its_ordinal():
    first = date(2026, 11, 1)
    assert locales.long_date(first, "fr") == "Dimanche 1er novembre 2026"
    assert locales.date_in_words(first, "fr") == "1er novembre 2026"
    assert locales.short_date(first, "fr-CA") == "1er novembre"
    assert locales.short_date(date(2026, 11, 11), "fr") == "11 novembre"


def test_dates_and_times_are_local():
    assert locales.long_date(MOMENT, "de", "Europe/Berlin") == "Dienstag, 24. November 2026"
    assert locales.long_date(MOMENT, "de", "America/New_York") == "Montag, 23. November 2026"
    assert locales.short_date(MOMENT, "en", "Asia/Tokyo") == "24 November"
    assert locales.clock_time(MOMENT, "de", "Europe/Berlin") == "00:30"
    assert locales.clock_time(time(7, 30), "de") == "07:30"


@pytest.mark.parametrize("zone", ["Mars/Base", "../etc/passwd", "Europe/", "a" * 5_000])
def test_an_unknown_zone_is_a_value_error(zone: str):
    with pytest.raises(ValueError, match="no time zone"):
        locales.long_date(MOMENT, "en", zone)


@pytest.mark.parametrize(
    ("language", "two", "three"),
    [
        ("en", "Harbour and Culture", "a, b and c"),
        ("de", "Harbour und Culture", "a, b und c"),
        ("es", "Harbour y Culture", "a, b y c"),
        ("ar", "Harbour وCulture", "a وb وc"),
        ("zh", "Harbour和Culture", "a、b和c"),
        ("ja", "Harbour、Culture", "a、b、c"),
    ],
)
def test_lists(language: str, two: str, three: str):
    assert locales.listed(["Harbour", "Culture"], language) == two
    assert locales.listed(["a", "b", "c"], language) == three
    assert locales.listed(["a"], language) == "a"
    assert locales.listed([], language) == ""


@given(st.lists(st.text(max_size=8), max_size=6), st.sampled_from(LANGUAGES))
def test_a_list_holds_every_item_as_it_is_in_order(items: list[str], language: str):
    text, at = locales.listed(items, language), 0
    for item in items:
        at = text.index(item, at) + len(item)


@pytest.mark.parametrize(
    ("number", "language", "category"),
    [
        (1, "en", "one"),
        (0, "fr", "one"),
        (21, "ru", "one"),
        (3, "ru", "few"),
        (11, "ru", "many"),
        (2, "ar", "two"),
        (1, "zh", "other"),
    ],
)
def test_counts_have_the_categories_of_their_language(number: int, language: str, category: str):
    assert locales.plural_category(number, language) == category


def test_places_in_a_row():
    found = [locales.ordinal_category(number, "en") for number in (1, 2, 3, 4, 11, 21, 31)]
    assert found == ["one", "two", "few", "other", "other", "one", "one"]
    assert locales.ordinal_categories("de") == {"other"}


@given(st.integers(0, 10**7), st.sampled_from(LANGUAGES))
def test_a_category_is_always_one_of_the_language(number: int, language: str):
    assert locales.plural_category(number, language) in locales.plural_categories(language)
    assert locales.ordinal_category(number, language) in locales.ordinal_categories(language)


def test_a_plural_that_lacks_a_form_is_said_as_other():
    forms = {"one": "{count} story", "other": "{count} stories"}
    assert locales.plural(forms, 1, "en") == "1 story"
    assert locales.plural(forms, 12345, "en") == "12,345 stories"
    assert locales.plural(forms, 3, "ru") == "3 stories"
    with pytest.raises(ValueError, match=r"there is no \{number\}"):
        locales.plural({"other": "{number}"}, 3, "en")


@pytest.mark.parametrize(
    ("tag", "name"),
    [("de", "Deutsch"), ("de-CH", "Deutsch"), ("fr", "Français"), ("zh", "中文"), ("en", "English"),
     ("tlh", "tlh"), ("", ""), ("x y", "x y")],
)  # fmt: skip
def test_languages_by_their_own_name(tag: str, name: str):
    assert locales.language_name(tag) == name


def is_plain(text: str) -> bool:
    """Tell that a text is one line without invisible marks or unusual blanks, as a header wants it."""
    unusual = [c for c in text if c != " " and unicodedata.category(c) in {"Zs", "Zl", "Zp", "Cc"}]
    marks = [
        c for c in text if unicodedata.bidirectional(c) in {"LRE", "RLE", "PDF", "LRI", "RLI"}
    ]
    return not unusual and not marks and not set(text) & set("\u200e\u200f\u061c\u200b\ufeff")


@given(
    st.builds(datetime.combine, st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.times()),
    st.sampled_from(LANGUAGES),
    st.integers(0, 10**7),
)
def test_in_every_language_there_is_what_comes_out_is_plain(
    moment: datetime, language: str, number: int
):
    made = [
        locales.long_date(moment, language),
        locales.date_in_words(moment, language),
        locales.short_date(moment, language),
        locales.clock_time(moment, language),
        locales.number(number, language),
        locales.listed(["a", "b", "c"], language),
        locales.language_name(language),
    ]
    assert [text for text in made if not text.strip() or not is_plain(text)] == []


@given(st.text(max_size=20))
def test_every_text_is_a_language(language: str):
    assert locales.long_date(MOMENT, language).strip()
    assert locales.plural_category(2, language) in locales.plural_categories(language)
