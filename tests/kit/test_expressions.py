"""Operators' expressions: what Python's engine finds is found, in time linear in the text."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.kit.expressions import compiled

LETTERS = "abcABC012_- .äÖßж\u00a0\n"
ATOMS = st.sampled_from(
    [
        *("a", "b", "A", "B", "0", "1", "_", " ", "ä", "Ö", "ж", ".", "[ab]", "[^a0]", "[a-c]"),
        *(r"\d", r"\D", r"\w", r"\W", r"[\w-]", r"[^\W\d_]", r"[^\d]", r"[\D]"),
        *(r"\.", r"\-", r"\\w", "^", r"\A", r"\Z"),
    ]
)
TEXTS = st.text(LETTERS, max_size=12)


@st.composite
def expressions(draw, depth=3):
    """An expression that both engines understand."""
    if depth == 0:
        return draw(ATOMS)
    inner = expressions(depth=depth - 1)
    shape = draw(st.sampled_from(["atom", "both", "either", "group", "many"]))
    if shape == "atom":
        return draw(ATOMS)
    if shape == "both":
        return draw(inner) + draw(inner)
    if shape == "either":
        return f"{draw(inner)}|{draw(inner)}"
    one = draw(inner)
    if shape == "group":
        return f"{draw(st.sampled_from(['(', '(?:']))}{one})"
    return f"(?:{one}){draw(st.sampled_from(['*', '+', '?', '{2}', '{1,3}', '*?', '+?', '??']))}"


@given(expressions(), TEXTS)
def test_what_python_finds_is_found_and_nothing_else(said, text):
    expected = re.compile(said, re.IGNORECASE).search(text) is not None
    assert compiled(said).search(text) is expected


@given(st.text(max_size=30), st.text())
def test_any_expression_is_compiled_or_refused_in_one_way(said, text):
    try:
        found = compiled(said)
    except ValueError:
        return
    assert isinstance(found.search(text), bool)


@given(st.text(LETTERS, min_size=1), st.text(LETTERS), st.text(LETTERS))
def test_quoted_text_is_found_where_it_stands(wanted, before, after):
    assert compiled(rf"\Q{wanted}\E").search(before + wanted + after)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("(a+)+$", "a" * 1_000_000 + "b"),
        (r"^(\w+\s?)+\d$", "äb" * 500_000 + "!"),
        (r"(x+x+)+y", "x" * 1_000_000),
        (r".*.{900}z", "ab" * 500_000),
    ],
)
def test_a_megabyte_is_searched_at_once_however_the_expression_nests(said, text):
    # Python's engine needs longer than the universe for the first; RE2 takes milliseconds.
    expression = compiled(said)
    begun = time.process_time()
    assert not expression.search(text)
    assert time.process_time() - begun < 2


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (r"(?<=night )ferry", "(?<= looks behind"),
        (r"(?<!night )ferry", "(?<! looks behind"),
        (r"ferry(?=s)", "(?= looks ahead"),
        (r"ferry(?!s)", "(?! looks ahead"),
        (r"(a)\1", r"\1 refers back to a group"),
        (r"(?P<n>a)(?P=n)", "(?P= refers back to a group"),
        (r"(a)?(?(1)b|c)", "(?( asks about a group"),
        (r"(ferry", "missing )"),
        (r"[ab", "missing ]"),
        (r"a{2000}", "invalid repetition size"),
        (r"((a{100}){100}){100}", "invalid repetition size"),
        (r"\bÄpfel", r"\b sees words of ASCII letters only"),
        ("\ud800", "half a character"),
    ],
)
def test_what_cannot_be_had_is_said(said, reason):
    with pytest.raises(ValueError, match=re.escape(reason)):
        compiled(said)


def test_a_border_of_words_works_among_ascii_letters():
    assert compiled(r"\bferry\b").search("The ferry.")
    assert not compiled(r"\bferry\b").search("The ferryman.")
    assert compiled(r"(^|\PL)Äpfel(\PL|$)").search("Rote Äpfel")
    assert not compiled(r"(^|\PL)Äpfel(\PL|$)").search("Erdäpfel")


def test_half_a_character_in_a_text_is_no_trouble():
    assert compiled("ferry").search("\ud800 ferry")
