"""Guessing a language from a paragraph."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.kit.language import guess_language

SAMPLES = dict(
    line.split(": ", 1)
    for line in Path(__file__).with_name("language_samples.txt").read_text("utf-8").splitlines()
)


@pytest.mark.parametrize("language", SAMPLES)
def test_a_paragraph_tells_its_language(language):
    assert guess_language(SAMPLES[language]) == language


@pytest.mark.parametrize("text", ["", "1234 !?", "xyzzy plugh", "\U0001f600"])
def test_what_tells_nothing_gives_nothing(text):
    assert guess_language(text) == ""


@given(st.text())
def test_total(text):
    assert guess_language(text).isalpha() or guess_language(text) == ""
