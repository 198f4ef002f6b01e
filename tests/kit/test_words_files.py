"""Every shipped language is whole: all keys, the plurals CLDR asks for, the same places, no English."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from publisher import assets
from publisher.kit import locales

FOLDER = Path(assets.templates()) / "words"
LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.toml"))
CATEGORIES = {"zero", "one", "two", "few", "many", "other"}
PLACE = re.compile(r"\{(\w+)\}")
# Numbers below this may be spelled in the forms `zero`, `one` and `two`: "دقيقتان".
SPELLED = ("zero", "one", "two")
GENDERS = "rhythm.nth."
ORDINALS = "rhythm.date"
# What reads the same in another language, each with its reason.
MAY_EQUAL: dict[str, str] = {
    "name": "German says Name as well",
    "feeds": "the word of programs that read them, in German, Dutch, Italian and Portuguese",
    "welcome.line": "a colon between a name and a time",
    "extent": "a comma between two counts",
    "plural.minutes.one": "French says minute as well",
    "plural.minutes.other": "French says minutes as well",
    "rhythm.minutes.one": "French says minute as well",
    "rhythm.minutes.other": "French says minutes as well",
    "rhythm.genders": "letters, not words",
    "why.feed": "a title stands bare where a language does not quote it",
}


def read(language: str) -> Mapping[str, object]:
    return tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))


def is_plural(value: object) -> bool:
    return isinstance(value, Mapping) and "other" in value and value.keys() <= CATEGORIES


def entries(words: Mapping[str, object], path: str = "") -> Iterator[tuple[str, object]]:
    """Yield (dotted key, value) of everything that is a phrase, a list or a plural."""
    for key, value in words.items():
        name = f"{path}{key}"
        if isinstance(value, Mapping) and not is_plural(value):
            yield from entries(value, f"{name}.")
        else:
            yield name, value


def phrases(words: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield (dotted key, text) of every text there is; the entries of lists by their number."""
    for name, value in entries(words):
        if isinstance(value, str):
            yield name, value
        elif isinstance(value, list):
            yield from ((f"{name}.{number}", str(item)) for number, item in enumerate(value))
        elif isinstance(value, Mapping):
            yield from ((f"{name}.{category}", str(form)) for category, form in value.items())


def places(text: str) -> set[str]:
    return set(PLACE.findall(text))


ENGLISH = dict(entries(read("en")))


def test_the_languages_of_the_house_are_there():
    assert {"en", "de", "fr", "es", "tr", "ru", "ar", "zh"} <= set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_is_there_and_no_other(language: str):
    ours = {name for name, _ in entries(read(language)) if not name.startswith(GENDERS)}
    assert ours == {name for name in ENGLISH if not name.startswith(GENDERS)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_plurals_have_exactly_the_categories_of_the_language(language: str):
    found = {name: value for name, value in entries(read(language)) if isinstance(value, Mapping)}
    assert found
    for name, forms in found.items():
        ordinal = name == ORDINALS
        wanted = (locales.ordinal_categories if ordinal else locales.plural_categories)(language)
        assert set(forms) == wanted, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_places_are_the_same_as_in_english(language: str):
    for name, value in entries(read(language)):
        english = ENGLISH.get(name)
        if isinstance(value, str) and isinstance(english, str):
            assert places(value) == places(english), name
        elif isinstance(value, Mapping) and isinstance(english, Mapping):
            wanted = places(str(english["other"]))
            for category, form in value.items():
                spelled = {"count"} if category in SPELLED else set()
                assert wanted - spelled <= places(str(form)) <= wanted, f"{name}.{category}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_days_have_names_and_a_gender_with_its_numbers(language: str):
    words = dict(entries(read(language)))
    genders = str(words["rhythm.genders"])
    assert [len(list(words[f"rhythm.{key}"])) for key in ("day_plurals", "day_names")] == [7, 7]
    assert len(genders) == 7
    numbers = {name.removeprefix(GENDERS) for name in words if name.startswith(GENDERS)}
    assert numbers == set(genders)
    assert all(len(list(words[GENDERS + gender])) == 6 for gender in genders)


@pytest.mark.parametrize("language", LANGUAGES)
def test_phrases_are_tidy(language: str):
    for name, text in phrases(read(language)):
        assert text == " ".join(text.split()), name
        assert text, name
        assert "!" not in text, name
        assert "！" not in text, name
        assert text.isprintable(), name
        assert re.sub(PLACE, "", text).count("{") == re.sub(PLACE, "", text).count("}") == 0, name


@pytest.mark.parametrize("language", [tag for tag in LANGUAGES if tag != "en"])
def test_nothing_is_left_in_english(language: str):
    english = dict(phrases(read("en")))
    same = {
        name
        for name, text in phrases(read(language))
        if text == english.get(name) and PLACE.sub("", text).strip() and name not in MAY_EQUAL
    }
    assert not same


def test_every_exception_is_used():
    used = {
        name
        for language in LANGUAGES
        if language != "en"
        for name, text in phrases(read(language))
        if text == dict(phrases(read("en"))).get(name)
    }
    assert MAY_EQUAL.keys() <= used
