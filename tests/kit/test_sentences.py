"""Sentences are cut where readers would cut them, and nothing is ever lost."""

# ruff: noqa: RUF001 - letters of other scripts are the subject

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.kit.sentences import sentences


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["The ferry left.", "It came back!", "Why?", "Nobody knows…", "Wait."]),
        ("en", ["Mr. Smith met Dr. Jones at St. Mary's.", "They talked."]),
        ("en", ["He lives in the U.S. Senate building.", "It is old."]),
        ("en", ["She moved to the U.S.", "The law changed."]),
        ("en", ["It opens at 5 p.m. on Monday.", "It closes at 9 p.m.", "Then it is dark."]),
        ("en", ["J. K. Rowling and George W. Bush read p. 5 of vol. 3.", "It was 3.5 m long."]),
        ("en", ['"Stop!" he said.', '"I will not go."', "She left."]),
        ("en", ["He was late (as usual.) and tired.", "“So what?” she asked."]),
        ("en", ["The company, Smith Inc., grew.", "Its head is e.g. a sailor."]),
        ("en", ["It cost 20 in 2010.", "The price doubled."]),
        ("de", ["Am 3. Oktober kam Dr. Müller, d. h. der Arzt.", "Er blieb bis 18 Uhr."]),
        ("de", ["Er kaufte Brot, Milch usw.", "Die Rechnung war hoch."]),
        ("de", ["„Das geht nicht.“", "Sie ging z. B. nach Hause."]),
        ("fr", ["M. Dupont est arrivé.", "« Bonjour ! » dit-il.", "Il est parti."]),
        ("es", ["El Sr. García llegó.", "¿Quién es?", "¡Nadie!"]),
        ("ru", ["Он родился в 1950 г. в г. Москве.", "Она тоже."]),
        ("ar", ["وصلت العبارة.", "هل تعود؟", "لا أحد يعرف."]),
        ("hi", ["नाव आई।", "फिर चली गई।"]),
        ("ur", ["کشتی آئی۔", "پھر چلی گئی۔"]),
    ],
)
def test_sentences_of_newsrooms(language, expected):
    assert list(sentences(" ".join(expected), language)) == expected


@pytest.mark.parametrize(
    "expected",
    [
        ["船が来た。", "また行った！", "本当？", "誰も知らない。"],
        ["彼は「行く。来る。」と言った。", "次の日、雨が降った。"],
        ["船来了。", "他说：“好。”", "我们走了！"],
    ],
)
def test_scripts_without_spaces(expected):
    assert list(sentences("".join(expected))) == expected


def test_paragraphs_and_lists_part_without_a_stop():
    text = "A heading\n\nThe first line\ngoes on.\n- one thing\n- another\n1. First\n2. Second."
    assert sentences(text, "en") == (
        "A heading",
        "The first line goes on.",
        "- one thing",
        "- another",
        "1. First",
        "2. Second.",
    )


def test_language_is_told_by_the_text():
    text = "Der Hafen ist seit dem 3. Oktober wieder offen, und die Fähre fährt. Das ist gut."
    assert len(sentences(text)) == 2


def test_nothing_is_nothing():
    assert sentences("") == ()
    assert sentences(" \n\n ") == ()


def squeezed(text):
    return re.sub(r"\s", "", text)


@given(st.text(), st.sampled_from(["", "en", "de", "ja", "xx", "-"]))
def test_no_character_is_lost_and_every_sentence_is_one_line(text, language):
    found = sentences(text, language)
    assert squeezed("".join(found)) == squeezed(text)
    assert all(one == " ".join(one.split()) and one for one in found)


@given(st.lists(st.sampled_from(["Mr.", "U.S.", "The", "went", "3.", '"', ".", "。", "»", "(x)"])))
def test_cutting_again_what_was_cut_keeps_every_character(words):
    text = " ".join(words)
    again = [piece for one in sentences(text, "en") for piece in sentences(one, "en")]
    assert squeezed("".join(again)) == squeezed(text)
