"""Markdown and front matter: what people write, and what they write wrong."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import ParseError
from publisher.kit.front_matter import MAX_FRONT_MATTER, split_front_matter
from publisher.kit.markdown import markdown_to_html, split_title


def test_tables_footnotes_and_struck_out_words():
    html = markdown_to_html("A[^n] ~~b~~\n\n| c | d |\n|---|---|\n| 1 | 2 |\n\n[^n]: Note *e*.\n")
    assert "A<sup>1</sup> <s>b</s>" in html
    assert "<th>c</th>" in html
    assert "<em>e</em>" in html
    assert 'href="#' not in html


@given(st.text())
def test_any_text_is_markdown(text):
    assert isinstance(markdown_to_html(text), str)


@pytest.mark.parametrize("bad", ["[", "*a", "[a](<", "> ", "- ", "![[", "|a", "^["])
def test_no_markdown_takes_for_ever(bad):
    markdown_to_html(bad * (20_000 // len(bad)))


@pytest.mark.parametrize(
    ("text", "title", "rest"),
    [
        ("# One #\nTwo", "One", "Two"),
        ("\nOne\n===\nTwo", "One", "Two"),
        ("## One\nTwo", "", "## One\nTwo"),
        ("Two\n# One", "", "Two\n# One"),
        ("#tag", "", "#tag"),
    ],
)
def test_the_heading_that_opens_a_text(text, title, rest):
    assert split_title(text) == (title, rest)


@pytest.mark.parametrize(
    ("text", "meta", "body"),
    [
        ("---\ntitle: A\ntags: [x, y]\n---\nB\n", {"title": "A", "tags": ["x", "y"]}, "B\n"),
        ("\ufeff---\r\ntitle: A\r\n---\r\nB", {"title": "A"}, "B"),
        ("---\ntitle: A\n...\nB", {"title": "A"}, "B"),
        ('+++\ntitle = "A"\n+++\nB', {"title": "A"}, "B"),
        ("---\n---\nB", {}, "B"),
        ("B\n---\nC", {}, "B\n---\nC"),
        (
            "---\n\nA rule across the page, and prose.",
            {},
            "---\n\nA rule across the page, and prose.",
        ),
        ("", {}, ""),
    ],
)
def test_front_matter(text, meta, body):
    document = split_front_matter(text, "a.md")
    assert (dict(document.meta), document.body) == (meta, body)


@pytest.mark.parametrize(
    ("text", "subject", "reason"),
    [
        ("---\ntitle: A\n", "a.md:1", "never closed"),
        ("+++\ntitle = 'A'\n", "a.md:1", "never closed"),
        ("---\na: 1\nb: [\n---\nB", "a.md:3", "not YAML"),
        ("+++\na = 1\nb = \n+++\nB", "a.md:", "not TOML"),
        ("---\na: &x [1]\nb: *x\n---\n", "a.md:3", "aliases"),
        ("---\n- a\n---\n", "a.md:2", "must be a table"),
        ("---\nd: 2026-02-31\n---\n", "a.md:1", "impossible value"),
        ("---\na: !!python/object/apply:os.system [x]\n---\n", "a.md:2", "not YAML"),
        (f"---\n{'[' * 5000}\n---\n", "a.md:1", "too deeply"),
        (f"+++\na={'[' * 5000}\n+++\n", "a.md:1", "too deeply"),
        (f"---\na: {'x' * MAX_FRONT_MATTER}\n---\n", "a.md:1", "longer than"),
    ],
)
def test_bad_front_matter_is_named_with_its_line(text, subject, reason):
    with pytest.raises(ParseError, match=reason) as caught:
        split_front_matter(text, "a.md")
    assert caught.value.subject.startswith(subject)


@given(st.sampled_from(["---\n", "+++\n", ""]), st.text(max_size=60), st.text(max_size=20))
def test_front_matter_is_total_but_for_its_own_error(fence, inside, body):
    with contextlib.suppress(ParseError):
        document = split_front_matter(f"{fence}{inside}\n{fence}{body}", "a.md")
        assert all(isinstance(key, str) for key in document.meta)
