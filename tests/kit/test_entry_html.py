"""The HTML of an entry: every part in its place, headings in its language, nothing unescaped."""

import tomllib
from pathlib import Path

import pytest
from lxml import html

from publisher.kit.entries import web_address
from publisher.kit.entry_html import content_html, label
from publisher.model.articles import Link
from publisher.testing.formats import BASE, example_entry

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("language", "points", "also"),
    [
        ("en", "Key points", "Read also"),
        ("en-GB", "Key points", "Read also"),
        ("de-AT", "Das Wichtigste", "Lesen Sie auch"),
        ("fr", "L’essentiel", "Lire aussi"),
        ("", "Key points", "Read also"),
        ("tlh", "Key points", "Read also"),
    ],
)
def test_headings_speak_the_language(language, points, also):
    assert label("key_points", language) == points
    assert label("read_also", language) == also


@pytest.mark.parametrize(
    "path", sorted((ROOT / "templates/words").iterdir()), ids=lambda one: one.stem
)
def test_feeds_name_the_lists_as_mails_and_pages_do(path):
    words = tomllib.loads(path.read_text("utf-8"))
    for kind in ("key_points", "read_also"):
        assert label(kind, path.stem) == words[kind]


def test_values_are_escaped_and_the_body_is_not():
    entry = example_entry(
        1,
        key_points=("<b>&",),
        read_also=(Link(title="<i>", url=f'{BASE}?a="&b'),),
        html="<p><b>bold</b></p>",
    )
    whole = content_html(entry)
    assert "<li>&lt;b&gt;&amp;</li>" in whole
    assert f'<a href="{BASE}?a=&quot;&amp;b">&lt;i&gt;</a>' in whole
    assert entry.html in whole


def test_picture_stands_on_top_unless_the_body_shows_it():
    entry = example_entry(1, image=f"{BASE}p.jpg?a=1&b=2")
    assert content_html(entry).startswith(f'<p><img src="{BASE}p.jpg?a=1&amp;b=2" alt="">')
    shown = example_entry(1, image=entry.image, html=f'<img src="{BASE}p.jpg?a=1&amp;b=2">')
    assert content_html(shown).count("<img") == 1


@pytest.mark.parametrize(
    ("said", "alt"),
    [('The ferry\n at "night"', "The ferry at &quot;night&quot;"), ("", ""), (5, "")],
)
def test_a_picture_says_what_it_shows(said, alt):
    entry = example_entry(1, image=f"{BASE}p.jpg", attributes={"image_alt": said})
    assert content_html(entry).startswith(f'<p><img src="{BASE}p.jpg" alt="{alt}">')


def test_standfirst_is_not_said_twice():
    entry = example_entry(1, standfirst="It came.", text="It came. It went.", dek="A dek")
    whole = html.fromstring(content_html(entry))
    assert [element.text for element in whole.findall(".//em")] == ["A dek"]
    assert "It came." not in [element.text for element in whole.findall(".//strong")]


def test_right_to_left_is_said_in_the_content():
    whole = content_html(example_entry(1, language="ar"))
    assert whole.startswith('<div dir="rtl" lang="ar">')
    assert "dir=" not in content_html(example_entry(1))
    assert content_html(example_entry(1, language=""), "he").startswith('<div dir="rtl"')


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("https://a.example/b c?q=ü#é", "https://a.example/b%20c?q=%C3%BC#%C3%A9"),
        ("HTTPS://A.Example:8443/x", "https://a.example:8443/x"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://a.example/100%", "https://a.example/100%25"),
        ("https://a.example/%C3%A4", "https://a.example/%C3%A4"),
        ("https://[2001:db8::1]/", "https://[2001:db8::1]/"),
        ("//a.example/", ""),
        ("/a", ""),
        ("javascript:alert(1)", ""),
        ("ftp://a.example/", ""),
        ("https://", ""),
        ("https://a b/", ""),
        ("https://a.example:port/", ""),
        ("https://[1]x/", ""),
        ("", ""),
    ],
)
def test_addresses_become_uris_or_nothing(raw, wanted):
    assert web_address(raw) == wanted
    assert web_address(wanted) == wanted


def test_lists_that_a_feed_does_not_want_in_the_text_are_left_out():
    whole = content_html(example_entry(1))
    assert "Key points" in whole
    assert "Read also" in whole
    entry = example_entry(1, key_points_in_text=False, read_also_in_text=False)
    assert "<li>" not in content_html(entry)
    assert entry.html in content_html(entry)
    assert "Key points" not in content_html(example_entry(1, key_points_in_text=False))
    assert "Read also" in content_html(example_entry(1, key_points_in_text=False))
