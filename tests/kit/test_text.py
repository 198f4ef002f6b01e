"""One-line texts: titles in every encoding people get wrong, and what XML forbids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from publisher.kit.text import (
    clean_lines,
    clean_text,
    derive_title,
    lead_sentence,
    plain_title,
    shorten,
    strip_illegal,
    text_to_html,
)

ANY = st.text(alphabet=st.characters(exclude_categories=()))


@given(ANY)
def test_stripped_text_can_stand_in_xml(text):
    element = etree.Element("t")
    element.text = strip_illegal(text)
    assert strip_illegal(strip_illegal(text)) == strip_illegal(text)
    assert "\ufffd" not in element.text


@given(ANY)
def test_one_line_is_one_line(text):
    line = clean_text(text)
    assert "\n" not in line
    assert "  " not in line
    assert line == line.strip()
    assert clean_text(line) == line


def test_a_no_break_space_between_words_stays():
    assert clean_text(" 90\u00a0000 \u00a0 euros\u00a0") == "90\u00a0000 euros"


def test_lines_end_in_one_way():
    assert clean_lines("\ufeffa\r\nb\rc\u2028d  \n\n") == "a\nb\nc\nd"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("I <3 AT&T", "I <3 AT&T"),
        ("I &lt;3 AT&amp;T", "I <3 AT&T"),
        ("Tom &amp;amp; Jerry", "Tom &amp; Jerry"),
        ("<b>Bold</b> &amp; <i class='x'>new</i>", "Bold & new"),
        ("The &lt;b&gt; tag", "The <b> tag"),
        ("A <details> element", "A <details> element"),
        ("a<b", "a<b"),
        ("x<script>alert(1)</script>y", "xy"),
        ("<![CDATA[Plain]]>", "Plain"),
        ("caf\xe9 \x93quoted\x94", "café “quoted”"),
        ("two\nlines", "two lines"),
        ("&#0;&#55296;ok", "ok"),
        ("", ""),
    ],
)
def test_titles(raw, shown):
    assert plain_title(raw) == shown


@given(ANY)
def test_titles_are_total(raw):
    assert clean_text(plain_title(raw)) == plain_title(raw)


@pytest.mark.parametrize(
    ("text", "lead"),
    [
        ("It lifted. Then it fell.", "It lifted."),
        ('"Yes," he said. "No." Ok.', '"Yes," he said.'),
        ("Costs 3.5 million. Now.", "Costs 3.5 million."),
        ("一句話。第二句。", "一句話。"),
        ("No end", "No end"),
        ("First line\nsame paragraph\n\nsecond", "First line same paragraph"),
        ("", ""),
    ],
)
def test_lead_sentence(text, lead):
    assert lead_sentence(text) == lead


@given(st.text(), st.integers(2, 100))
def test_shortening_keeps_the_limit_and_cuts_between_words(text, limit):
    short = shorten(text, limit)
    assert len(short) <= limit
    if short.endswith("…") and len(clean_text(text)) > limit:
        assert clean_text(text).startswith(short[:-1])


def test_a_title_from_the_words():
    assert derive_title("A long story about a crane that turned. More.") == (
        "A long story about a crane that turned."
    )
    assert derive_title("word " * 50).endswith("word…")
    assert derive_title("") == ""


@given(ANY)
def test_plain_text_as_html_has_no_other_tags(text):
    assert (
        text_to_html(text).replace("<p>", "").replace("</p>", "").replace("<br>", "").count("<")
        == 0
    )


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("\u2067אב\u2069 ferry", "\u2067אב\u2069 ferry"),
        ("\u202bאב\u202c ferry", "\u202bאב\u202c ferry"),
        ("\u2067never closed", "never closed"),
        ("closed twice\u2069", "closed twice"),
        ("\u2067\u202bcrossed\u2069\u202c", "crossed"),
    ],
)
def test_a_direction_that_is_opened_is_closed_or_goes(written: str, kept: str):
    assert clean_text(written) == kept
