"""The page form: what was written is what is read, in any language and with any part missing."""

import json
import re
import textwrap
from dataclasses import asdict, replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from publisher.kit.page_form import PageParts, read_page
from publisher.kit.page_labels import inline_label, label_key, label_kinds, label_languages
from tests.kit.page_maker import LABELS, Dress, Made, as_html, as_text

CRANE = Made(
    title="Old crane on Quay 3 turns again after forty years",
    standfirst="Nobody had asked it to. Its driver slept through it all.",
    dek="Forty years of rust, one can of oil",
    body=(
        "The old crane on Quay 3 turned again on Monday, forty years after its last load.",
        "A can of oil had been left on the rail[2]. The harbour office knows nothing of it.",
        "Its driver, who is ninety, was asleep in the cabin and noticed nothing at all[3].",
        "“It was always like that,” he said[2][7]. The office has asked for a quote.",
    ),
    read=("How to oil a crane",),
    points=("The crane turned on Monday.", "It had stood for forty years.", "Its driver slept."),
    excerpt="Nobody had asked it to, and yet the old crane on Quay 3...",
    also=("The other crane", "Rust: a history"),
    latest=("Bridge closed until noon",),
)


def seen(page, made):
    """Compare what was read with what was written."""
    parts = read_page(page).parts
    assert parts.title == made.title
    assert parts.standfirst == made.standfirst
    assert parts.dek == made.dek
    assert parts.body_paragraphs == tuple(re.sub(r"\[\d\]", "", one) for one in made.body)
    assert parts.inline_read == made.read
    assert parts.key_points == made.points
    assert parts.excerpt == made.excerpt
    assert parts.excerpt_truncated == made.excerpt.endswith(("...", "…"))
    assert parts.read_also == made.also
    assert parts.latest == made.latest
    return parts


def test_the_sample_pages(shared_dir):
    pages = sorted((shared_dir / "samples/articles/pages").glob("*.txt"))
    assert len(pages) == 5
    for page in pages:
        expected = json.loads(page.with_name(f"{page.stem}.expected.json").read_text())
        found = read_page(page.read_text())
        parts = json.loads(json.dumps(asdict(found.parts)))
        first = [" ".join(one.split()[:5]) for one in parts["body_paragraphs"]]
        assert first == expected.pop("body_first_words")
        assert len(first) == expected.pop("body_paragraphs")
        assert {key: parts[key] for key in expected} == expected
        assert found.in_form


def test_all_parts_of_one_page():
    parts = seen(as_text(CRANE, Dress()), CRANE)
    assert parts.citations == (2, 3, 7)
    assert parts.language == "en"
    assert parts.html.count("<p>") == 4
    assert "[" not in parts.html


@pytest.mark.parametrize("write", [as_text, as_html])
@pytest.mark.parametrize("language", LABELS)
def test_labels_in_many_languages(language, write):
    seen(write(CRANE, Dress(language=language)), CRANE)


@pytest.mark.parametrize("write", [as_text, as_html])
@pytest.mark.parametrize(
    "missing", ["standfirst", "dek", "read", "points", "excerpt", "also", "latest"]
)
def test_any_part_may_be_missing(missing, write):
    made = replace(CRANE, **{missing: type(getattr(CRANE, missing))()})
    seen(write(made, Dress()), made)


@pytest.mark.parametrize(
    "dress",
    [
        Dress(twice=False),
        Dress(skip=False),
        Dress(skip=False, twice=False),
        Dress(number="{}. "),
        Dress(number="  {}) "),
        Dress(number="({}) "),
        Dress(number="\t{}. "),
        Dress(number="\u00a0\u00a0{}. "),
        Dress(bullet="• "),
        Dress(bullet="* "),
        Dress(bullet="– "),
        Dress(bullet="\u2014 "),
        Dress(bullet=""),
        Dress(emphasis="_{}_"),
        Dress(emphasis="*{}*****"),
        Dress(emphasis="***{}***"),
        Dress(stray="**"),
        Dress(stray=""),
        Dress(glued=False),
        Dress(names=("Xyzzy", "ZZQ", "Plugh abc:", "Frobozz")),
    ],
)
def test_every_dress(dress):
    seen(as_text(CRANE, dress), CRANE)


@pytest.mark.parametrize(
    "change",
    [
        lambda page: "\ufeff" + page,
        lambda page: page.replace("\n", "\r\n"),
        lambda page: page.replace("\n", "   \n"),
        lambda page: page.replace("\n\n", "\n"),
        lambda page: page.replace("\n", "\n\n"),
        lambda page: page.replace("\n\n", "\n\n****\n\n"),
        lambda page: page.replace("[2]", " [2]"),
        lambda page: page.replace("It had stood", "**It had stood**"),
        lambda page: page.replace(CRANE.title, f"# {CRANE.title}", 1),
        lambda page: "\n".join(
            textwrap.fill(line, 60, subsequent_indent="     " if line[:3].strip(" 123") else "")
            if len(line) > 60 and not line.startswith(CRANE.title)
            else line
            for line in page.split("\n")
        ).replace("\n     ", "\n"),
    ],
)
def test_what_happens_to_pages_on_their_way(change):
    seen(change(as_text(CRANE, Dress())), CRANE)


def test_an_excerpt_in_the_last_points_own_line():
    page = as_text(CRANE, Dress()).replace("\n" + CRANE.excerpt, CRANE.excerpt)
    seen(page, CRANE)


def test_an_early_numbered_list_belongs_to_the_body():
    listed = "1. First somebody oils it.\n2. Then it turns."
    made = replace(CRANE, body=(CRANE.body[0], listed, *CRANE.body[1:]))
    page = as_text(made, Dress())
    parts = read_page(page).parts
    assert parts.key_points == CRANE.points
    assert parts.body_paragraphs[1] == listed
    assert len(parts.body_paragraphs) == 5


def test_a_numbered_list_that_prose_follows_is_no_list_of_key_points():
    page = "\n\n".join(["Headline", "1. One thing.\n2. Another thing.", *CRANE.body])
    parts = read_page(page).parts
    assert parts.key_points == ()
    assert len(parts.body_paragraphs) == 5


def test_numbers_keep_their_gaps_and_ranges_and_order():
    page = "T\n\nOne[5, 2] and two [1-3] and[2] a year [2024].\n\nThree[14]."
    parts = read_page(page).parts
    assert parts.citations == (5, 2, 1, 3, 14)
    assert parts.body_paragraphs == ("One and two and a year [2024].", "Three.")


def test_a_standfirst_above_the_only_headline():
    page = as_text(CRANE, Dress(twice=False)).replace(
        f"{CRANE.title}\n\n{CRANE.standfirst}", f"{CRANE.standfirst}\n\n{CRANE.title}"
    )
    seen(page, CRANE)


def test_without_a_headline():
    made = replace(CRANE, title="")
    seen(as_text(made, Dress()), made)


def test_a_body_that_speaks_with_dashes_has_no_list():
    spoken = "– It turned, he said, and nobody had asked it to turn at all."
    made = replace(CRANE, body=(*CRANE.body, spoken))
    seen(as_text(made, Dress()), made)


def test_html_keeps_links_and_drops_marks():
    page = as_html(replace(CRANE, body=("See here[2].",)), Dress()).replace(
        "See here", 'See <a href="/crane">the crane</a><sup>'
    )
    found = read_page(page, base_url="https://h.example/a")
    assert '<a href="https://h.example/crane">the crane</a>' in found.parts.html
    assert "[2]" not in found.parts.html
    assert found.parts.citations == (2,)
    assert [link.url for link in found.links] == [
        "https://h.example/r",
        "https://h.example/s/0",
        "https://h.example/s/1",
    ]


def test_declared_language_wins_then_the_text_then_the_caller():
    page = as_html(CRANE, Dress())
    assert read_page(page.replace("<html>", '<html lang="en-GB">')).parts.language == "en-GB"
    assert read_page(page, language="fr").parts.language == "en"
    assert read_page("Xyzzy", language="fr").parts.language == "fr"


def test_plain_prose_has_only_a_body():
    prose = "It lifted a piano. Nobody saw it.\n\nThen it stopped, and stood for forty years."
    found = read_page(prose)
    assert found.parts == PageParts(
        language="en",
        body_paragraphs=tuple(prose.split("\n\n")),
        html=found.parts.html,
    )
    assert not found.in_form


def test_nothing_gives_nothing():
    for empty in ("", " \n\n ", "****", "\ufeff", "<html></html>", "<p></p><p></p>"):
        assert read_page(empty).parts == PageParts()


WORDS = st.sampled_from("crane quay rope tide lamp moth salt bell fog pier".split())  # noqa: SIM905
SENTENCE = st.lists(WORDS, min_size=9, max_size=16).map(lambda w: " ".join(w).capitalize() + ".")
TITLE = st.lists(WORDS, min_size=6, max_size=9).map(lambda w: " ".join(w).capitalize())
MADE = st.builds(
    Made,
    title=TITLE,
    standfirst=st.one_of(st.just(""), SENTENCE),
    dek=st.one_of(st.just(""), TITLE),
    body=st.lists(SENTENCE, min_size=2, max_size=6, unique=True).map(tuple),
    read=st.lists(TITLE, max_size=2, unique=True).map(tuple),
    points=st.one_of(st.just(()), st.lists(SENTENCE, min_size=2, max_size=9).map(tuple)),
    excerpt=SENTENCE.map(lambda text: text[:-1] + "..."),
    also=st.lists(TITLE, max_size=3).map(tuple),
    latest=st.lists(TITLE, max_size=3).map(tuple),
)


@given(MADE, st.sampled_from(sorted(LABELS)), st.sampled_from([as_text, as_html]))
def test_round_trip(made, language, write):
    texts = [made.title, *made.body, *made.points, *made.read, *made.also, *made.latest, made.dek]
    assume(len(set(filter(None, texts))) == len(list(filter(None, texts))))
    assume(made.points or made.dek or made.read)
    seen(write(made, Dress(language=language)), made)


PIECES = st.sampled_from(
    [
        *(
            "\n",
            "\n\n",
            "  1. ",
            "2) ",
            "(3) ",
            "- ",
            "• ",
            "*",
            "**",
            "****",
            "_",
            "[1]",
            "READ: ",
        ),
        *("Read also:", "Latest", "...", "…", "Title", "A sentence of some words stands here. "),
        *(
            "<p>",
            "</p>",
            "<h1>",
            "<li>",
            "<ol>",
            "<em>",
            "</em>",
            "<br>",
            "<nav>",
            "&amp;",
            "#",
            "\ufeff",
        ),
    ]
)
SOUP = st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=40).map("".join)


@given(SOUP)
def test_total_and_typed(soup):
    parts = read_page(soup, base_url="https://h.example/").parts
    assert list(asdict(parts)) == [
        *(
            "title",
            "standfirst",
            "dek",
            "language",
            "body_paragraphs",
            "inline_read",
            "key_points",
        ),
        *("citations", "excerpt", "excerpt_truncated", "read_also", "latest", "html"),
    ]
    json.dumps(asdict(parts))
    for text in (parts.title, *parts.key_points, *parts.read_also, *parts.body_paragraphs):
        assert text == text.strip()
    assert all(parts.body_paragraphs)


@given(st.lists(st.one_of(SENTENCE, TITLE, PIECES.filter(str.strip)), max_size=12))
def test_no_paragraph_lands_in_two_parts(blocks):
    marked = [f"{block.strip()} zq{number}x" for number, block in enumerate(blocks)]
    parts = asdict(read_page("\n\n".join(marked)).parts)
    del parts["html"]
    said = json.dumps(parts)
    for number in range(len(marked)):
        assert len(re.findall(rf"zq{number}x", said)) <= 1


@pytest.mark.parametrize(
    "bad", ["- x\n", "1. x\n", "x\n\n", "[1]", "READ: x\n", "Latest\n", "<head>", "*a"]
)
def test_no_page_takes_for_ever(bad):
    read_page(bad * (50_000 // len(bad)))


@given(st.text())
def test_labels_are_total(text):
    assert label_key(text) == label_key(f" {text}:")
    assert label_kinds(f"** {text.strip()}: **") >= label_kinds(text)
    assert isinstance(label_languages(text), tuple)
    found = inline_label(text)
    assert found is None or (found[0] in text and found[1] in text)


def test_a_capital_word_before_a_sentence_is_no_label():
    assert inline_label("UPDATE: the council met again on Friday and decided.") is None
    assert inline_label("OKU: Neden böyle oldu") == ("OKU", "Neden böyle oldu")
