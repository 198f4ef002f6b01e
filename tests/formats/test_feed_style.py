"""A feed opened by a person: the style sheet it names shows it as a page, and no reader minds."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import feedparser
import pytest
from lxml import etree

from publisher import assets
from publisher.formats import atom, rss
from publisher.formats.pages import create
from publisher.kit.templating import Templates
from publisher.lint.feeds import DocumentInspector
from publisher.model.views import ArchiveLinks, FeedView, SiteView
from publisher.testing.formats import BASE, NOON, example_entry, example_feed

FORMATS = (rss, atom)
STYLE = "/feed-en.css"
DARK, LIGHT = "rgb(23, 24, 27)", "rgb(251, 248, 241)"


def document(module: Any, view: FeedView) -> bytes:
    made: bytes = module.create(module.Options()).render(view)
    return made


def feed(**changes: Any) -> FeedView:
    entries = [
        example_entry(1, title="I <3 AT&T"),
        example_entry(2, html="", summary="Only <this> & no more."),
    ]
    return example_feed(entries, **{"style": STYLE, **changes})


def sheet(language: str) -> bytes:
    view = SiteView(
        title="Gazette",
        url=BASE,
        language="en",
        timezone="UTC",
        postal_address="",
        contact="",
        feeds=(),
        updated=NOON,
        styles={f"feed-{language}.css": language},
    )
    documents = create(None, Templates(None, assets.templates())).around(view)
    return next(one.data for one in documents if one.path == f"feed-{language}.css")


@pytest.mark.parametrize("module", FORMATS)
def test_the_instruction_stands_before_the_root_and_nobody_minds(module: Any):
    data = document(module, feed(style="/a&b/feed-en.css"))
    lines = data.decode().splitlines()
    assert lines[1] == '<?xml-stylesheet type="text/css" href="/a&amp;b/feed-en.css"?>'
    plain = document(module, feed(style=""))
    assert data.replace(f"{lines[1]}\n".encode(), b"") == plain
    etree.fromstring(data)
    assert not feedparser.parse(data).bozo
    kind = f"application/{module.__name__.rpartition('.')[2]}+xml"
    report = DocumentInspector().inspect(data, media_type=kind, now=NOON)
    assert (
        report.findings == DocumentInspector().inspect(plain, media_type=kind, now=NOON).findings
    )


@pytest.mark.parametrize("module", FORMATS)
def test_archive_pages_have_it_too(module: Any):
    view = feed()
    links = {**view.links, "rss": f"{BASE}feeds/harbour/archive/1.rss"}
    paged = replace(view, links=links, archive=ArchiveLinks(current=BASE, is_archive=True))
    assert b"<?xml-stylesheet" in document(module, paged)


def test_every_language_has_words_of_its_own_and_none_breaks_the_sheet():
    sheets = {code: sheet(code).decode() for code in ("en", "de", "ar", "zh", "fr")}
    assert len(set(sheets.values())) == len(sheets)
    assert "direction: rtl" in sheets["ar"]
    for text in sheets.values():
        assert text.count("{") == text.count("}")
        assert text.count('"') % 2 == 0


@pytest.fixture
def opened(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open a document as a server with the generic type serves it, in a scheme and a width."""
    contexts = []

    def visit(data: bytes, css: bytes, scheme: str = "light", width: int = 900) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme
        )
        contexts.append(context)
        page = context.new_page()

        def answer(route: Any) -> None:
            styled = route.request.url.endswith(".css")
            kind = "text/css" if styled else "application/xml"
            route.fulfill(
                body=css if styled else data,
                headers={"content-type": kind, "x-content-type-options": "nosniff"},
            )

        page.route("**/*", answer)
        page.goto(f"{BASE}feeds/harbour.xml")
        return page

    yield visit
    for context in contexts:
        context.close()


SHOWN = """name => [...document.getElementsByTagName(name)]
    .map(one => one.getBoundingClientRect().height > 0)"""


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("module", FORMATS)
def test_it_looks_like_a_page(opened: Any, module: Any, scheme: str):
    page = opened(document(module, feed()), sheet("en"), scheme, 320)
    paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert paper == (DARK if scheme == "dark" else LIGHT)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    said = page.evaluate("getComputedStyle(document.documentElement, '::before').content")
    assert said == '"This is a feed"'
    assert page.evaluate(SHOWN, "title") == [True, True, True]
    dates, summary = ("pubDate", "description") if module is rss else ("published", "summary")
    assert page.evaluate(SHOWN, dates) == [True, True]
    # Of the feed where RSS has one, of the whole entry; never escaped HTML.
    assert page.evaluate(SHOWN, summary)[-2:] == [True, False]
    for hidden in ("content:encoded", "content", "guid", "generator", "updated", "category"):
        assert not any(page.evaluate(SHOWN, hidden)), hidden
    if folder := os.environ.get("SCREENSHOTS"):
        name = module.__name__.rpartition(".")[2]
        page.screenshot(path=str(Path(folder) / f"raw-{name}-{scheme}.png"), full_page=True)


@pytest.mark.browser
@pytest.mark.parametrize("module", FORMATS)
def test_right_to_left_feeds_begin_at_the_right(opened: Any, module: Any):
    page = opened(document(module, feed(language="ar")), sheet("ar"))
    assert page.evaluate("getComputedStyle(document.documentElement).direction") == "rtl"
