"""The pages in a real browser: nothing is cut off at 320 px, in light and in dark."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from publisher.model.subscribers import SubscriberStatus
from publisher.web.server import WebServer

pytestmark = pytest.mark.browser
DARK_PAPER = "rgb(23, 24, 27)"
LIGHT_PAPER = "rgb(251, 248, 241)"


@pytest.fixture
def address(site: Any) -> Iterator[str]:
    """Where the pages are, of a publication with a feed so short that it has an archive."""
    made = site.app.definitions
    short = replace(made.feeds["harbour"], limit=2)
    site.app.replace_definitions(replace(made, feeds={**made.feeds, "harbour": short}))
    site.app.publish()
    running = WebServer(site.app, "127.0.0.1:0")
    running.start()
    yield running.address.rstrip("/")
    running.stop()


def pages(site: Any) -> dict[str, str]:
    waits = site.person("chi@example.org")
    site.app.store.set_status(waits.id, SubscriberStatus.PENDING, site.app.now())
    return {
        "front": "/",
        "feeds": "/feeds/",
        "feed": "/feeds/harbour/",
        "past": "/feeds/harbour/archive/1/",
        "leave": site.leave_path(),
        "choose": site.choose_path(),
        "subscribe": "/subscribe",
        "confirm": site.confirm_paths(waits.email)[0],
        "edition": f"/editions/{site.edition.id}",
        "copy": site.view_path(),
        "mail": f"{site.view_path()}/mail",
        "archive": "/editions/",
        "problem": "/nothing",
    }


def keep(page: Any, name: str) -> None:
    """Write a screenshot where `SCREENSHOTS` says, for people to look at."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_a_small_phone(site: Any, address: str, browser: Any, scheme: str) -> None:
    context = browser.new_context(
        viewport={"width": 320, "height": 640}, color_scheme=scheme, java_script_enabled=True
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text))
    for name, path in pages(site).items():
        page.goto(address + path)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 320, f"{name} scrolls sideways: {width} px"
        if name != "mail":
            paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert paper == (DARK_PAPER if scheme == "dark" else LIGHT_PAPER), name
        keep(page, f"{name}-{scheme}-320")
    context.close()
    refused = [line for line in complaints if "Content Security Policy" in line]
    assert refused == []


def test_right_to_left_pages_fit_a_small_phone(site: Any, address: str, browser: Any) -> None:
    old = site.app.definitions
    who = replace(old.publication, language="ar")
    site.app.replace_definitions(replace(old, publication=who))
    site.app.store.change_subscriber(site.person().id, language="ar")
    page = browser.new_page(viewport={"width": 320, "height": 640})
    for name in ("edition", "copy", "archive", "leave", "choose", "subscribe"):
        page.goto(address + pages(site)[name])
        assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 320, f"{name} scrolls sideways: {width} px"
        keep(page, f"{name}-rtl-320")
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(site: Any, address: str, browser: Any, axe: str, scheme: str) -> None:
    page = browser.new_page(viewport={"width": 1000, "height": 900}, color_scheme=scheme)
    for name in (
        "front",
        "feeds",
        "feed",
        "past",
        "edition",
        "copy",
        "archive",
        "choose",
        "subscribe",
        "confirm",
    ):
        page.goto(address + pages(site)[name])
        page.evaluate(axe)
        found = page.evaluate("axe.run({resultTypes: ['violations']}).then(r => r.violations)")
        told = [(item["id"], item["nodes"][0]["html"][:120]) for item in found]
        assert told == [], name
    page.close()


def test_an_edition_prints_in_one_column_with_addresses(
    site: Any, address: str, browser: Any
) -> None:
    page = browser.new_page(viewport={"width": 1000, "height": 1400}, color_scheme="dark")
    page.emulate_media(media="print")
    page.goto(address + site.view_path())
    lefts = page.evaluate(
        "[...document.querySelectorAll('article, .brief')].map(a => a.getBoundingClientRect().left)"
    )
    assert len(lefts) > 5
    assert len(set(lefts)) == 1
    for gone in ("nav", ".copy", ".as-mail", ".skip"):
        shown = page.locator(gone).evaluate_all("all => all.filter(one => one.offsetHeight)")
        assert shown == [], gone
    story = page.evaluate("getComputedStyle(document.querySelector('h1 a'), '::after').content")
    assert "/articles/" in story
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    keep(page, "edition-print")
    page.close()


def test_a_data_block_runs_under_no_policy(site: Any, address: str, browser: Any) -> None:
    page = browser.new_page()
    refused: list[str] = []
    page.on("console", lambda line: refused.append(line.text))
    page.goto(f"{address}/editions/{site.edition.id}")
    kind = page.evaluate("JSON.parse(document.querySelector('script').textContent)['@type']")
    assert kind == "CollectionPage"
    assert [line for line in refused if "Content Security Policy" in line] == []
    page.close()


def test_leaving_and_coming_back_with_a_mouse_alone(site: Any, address: str, browser: Any) -> None:
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 680, "height": 900}
    )
    page = context.new_page()
    page.goto(address + site.leave_path())
    page.click("button")
    assert site.person().status == "unsubscribed"
    keep(page, "left")
    page.click("button")
    assert site.person().status == "confirmed"
    page.goto(address + site.choose_path())
    keep(page, "choose-680")
    page.uncheck('input[value="culture/morning"]')
    page.check('input[value="tides/morning"]')
    page.fill('input[name="name"]', "Ada L.")
    page.click("button")
    assert {item.feed for item in site.person().subscriptions} == {"harbour", "tides"}
    assert site.person().name == "Ada L."
    keep(page, "saved")
    context.close()


@pytest.mark.parametrize("name", ["rss", "atom"])
def test_a_feed_itself_looks_like_a_page(address: str, browser: Any, name: str) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 640})
    refused: list[str] = []
    page.on("console", lambda line: refused.append(line.text))
    for path in (f"/feeds/harbour.{name}", f"/feeds/harbour/archive/1.{name}"):
        page.goto(address + path)
        paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        assert paper == LIGHT_PAPER
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        keep(page, f"raw-{name}-320")
    assert [line for line in refused if "Content Security Policy" in line] == []
    page.close()
