"""Terms: what makes two words the same thing, and what is no thing at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.kit.terms import count_words, stop_words, term, terms, tokens


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ferry", "ferries"),
        ("sail", "sailing"),
        ("sailed", "Sails"),
        ("harbour's", "harbour"),
        ("STRASSE", "straße"),
    ],
)
def test_forms_of_a_word_are_one_term(one, other):
    assert term(one) == term(other)


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("de", "Länder", "Landes"),
        ("de-AT", "Wahlen", "Wahl"),
        ("de", "Regierung", "Regierungen"),
        ("fr", "élections", "élection"),
        ("fr", "ministre", "ministres"),
        ("es", "elecciones", "elección"),
        ("es", "puerto", "puertos"),
        ("it", "porti", "porto"),
        ("ru", "выборов", "выборы"),
        ("ru", "порта", "порту"),
        ("tr", "İstanbul", "istanbul"),
        ("tr", "limanlar", "liman"),
        ("tr", "seçimlerde", "seçim"),
        ("ar", "الميناء", "ميناء"),
        ("ar", "والانتخابات", "انتخابات"),
        ("pl", "portami", "portu"),
    ],
)
def test_forms_of_a_word_in_its_language_are_one_term(language, one, other):
    assert term(one, language) == term(other, language)


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [("de", "Rede", "Reden"), ("fr", "port", "porte"), ("ja", "が", "か")],
)
def test_what_is_short_or_of_another_script_stays(language, one, other):
    assert term(one, language) in {term(other, language), one.casefold()}
    assert term("港の", "ja") == "港の"


@pytest.mark.parametrize("word", ["as", "is", "red", "sing", "gas", "news"])
def test_short_words_keep_their_end(word):
    assert term(word) == word


def test_stop_words_and_single_letters_say_nothing():
    assert terms("The ferry and a quay, at 5 or 17", "en") == ["ferry", "quay", "17"]
    assert terms("Die Fähre und der Kai", "de-AT") == ["fahr", "kai"]
    assert terms("Promi i luka", "hr")[-1] == "luka"


def test_languages_without_a_list_of_their_own_use_the_commonest_words():
    assert "się" in stop_words("pl")
    assert stop_words("tlh") == stop_words("en")


@pytest.mark.parametrize("word", ["العبّارة", "हिन्दी", "বাংলা", "தமிழ்", "cafe\u0301", "שָׁלוֹם"])
def test_signs_belong_to_their_word(word):
    assert tokens(f"{word} 5") == [word, "5"]


def test_arabic_is_compared_without_its_points():
    assert term("العبّارة", "ar") == term("العبارة", "ar")


def test_scripts_without_spaces_give_pairs():
    assert tokens("港の船") == ["港の", "の船"]
    assert tokens("港") == ["港"]
    assert count_words("港の船が来た two words") == 5


@given(st.text())
def test_every_text_has_terms_in_lower_case_without_spaces(text):
    for found in terms(text):
        assert found == found.casefold()
        assert not any(character.isspace() for character in found)
    assert count_words(text) >= 0
