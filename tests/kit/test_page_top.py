"""Key points above a page's text are its points; below it they are those of the page form."""

import pytest

from publisher import assets
from publisher.formats.pages import create
from publisher.kit.extraction import read_story
from publisher.kit.page_form import read_page
from publisher.kit.templating import Templates
from publisher.model.views import ArticlePage, SiteView
from publisher.testing.formats import BASE, NOON, example_entry

BODY = (
    "The ferry came back to the harbour on Monday evening with all its lights lit.",
    "Forty people stood on the quay and waited for it in the rain, as they had before.",
    "The captain said that the crossing had taken nine hours, and that nobody had been sick on it.",
    "Tickets are sold at the kiosk on Quay 4 and on board; children under six travel without one.",
)
POINTS = ("The ferry is back.", "It costs less & runs later.")
HTML = "".join(f"<p>{one}</p>" for one in BODY)
LIST = "<ul><li>The ferry is back.</li><li>It costs less &amp; runs later.</li></ul>"


@pytest.mark.parametrize("language", ["en", "de", "ar", "ja", "fr"])
def test_a_page_of_ours_is_read_as_it_was_written(language):
    site = SiteView(
        title="Other",
        url=BASE,
        language=language,
        timezone="UTC",
        postal_address="",
        contact="",
        feeds=(),
        updated=NOON,
    )
    entry = example_entry(
        1,
        language=language,
        html=HTML,
        text="\n\n".join(BODY),
        read_also=(),
        page_path="articles/story-1/index.html",
    )
    (page,) = create(None, Templates(None, assets.templates())).stories(
        site, [ArticlePage(entry=entry, feeds=())]
    )
    parts = read_story(page.data, entry.url, "text/html").page.parts
    assert parts.key_points == POINTS
    assert parts.body_paragraphs[-len(BODY) :] == BODY
    assert "The ferry is back." not in " ".join(parts.body_paragraphs) + parts.html


@pytest.mark.parametrize(
    "head",
    [
        "<h2>Key points</h2>",
        "<p><strong>At a glance:</strong></p>",
        "<h3>Das Wichtigste</h3>",
        "<p>要点</p>",
    ],
)
def test_a_list_above_the_text_is_its_points(head):
    parts = read_page(f"<html><body><h1>The ferry</h1>{head}{LIST}{HTML}</body></html>").parts
    assert parts.key_points == POINTS
    assert parts.body_paragraphs == BODY
    assert "<li>" not in parts.html


@pytest.mark.parametrize(
    "page",
    [
        f"<h1>The ferry</h1>{HTML}<h2>Key points</h2>{LIST}<p>{BODY[0]}</p>",
        f"<h1>The ferry</h1><h2>Ingredients</h2>{LIST}{HTML}",
        f"<h1>The ferry</h1>{LIST}{HTML}",
        f'<h1>The ferry</h1><h2>Key points</h2><ul><li><a href="https://x.example/">A</a></li></ul>{HTML}',
        f"<h1>The ferry</h1><h2>Key points</h2>{HTML}",
    ],
)
def test_other_lists_stay_in_the_text_or_below_it(page):
    parts = read_page(f"<html><body>{page}</body></html>").parts
    above = parts.key_points == POINTS and BODY[1] not in parts.body_paragraphs
    assert not above
    assert parts.body_paragraphs


def test_text_has_them_too():
    lines = [
        "The ferry is back",
        "",
        "Key points:",
        *(f"- {one}" for one in POINTS),
        "",
        "\n\n".join(BODY),
    ]
    parts = read_page("\n".join(lines)).parts
    assert parts.key_points == POINTS
    assert parts.body_paragraphs == BODY
