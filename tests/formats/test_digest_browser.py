"""The digest in a real browser: nothing depends on classes, phones fit, fingers hit, night is dark."""

from pathlib import Path
from typing import Any

import pytest
from lxml import html as markup

from publisher import assets
from tests.formats.editions import STORIES, bodies, edition

pytestmark = pytest.mark.browser
VARIANTS = ("newspaper", "plain", "compact", "alert")


def pictured(variant: str) -> str:
    html, _ = bodies(edition(template=variant))
    articles = assets.root() / "articles"
    ferry = (articles / "harbour" / "night-ferry.png").as_uri()
    return html.replace(STORIES[0].image, ferry)


def show(browser: Any, tmp_path: Path, html: str, width: int, scheme: str = "light") -> Any:
    file = tmp_path / "digest.html"
    file.write_text(html, encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.goto(file.as_uri())
    return page


def without_classes(html: str) -> str:
    tree = markup.document_fromstring(html)
    for style in tree.xpath("//style"):
        style.getparent().remove(style)
    for element in tree.xpath("//*[@class]"):
        del element.attrib["class"]
    return str(markup.tostring(tree, encoding="unicode", doctype="<!DOCTYPE html>"))


@pytest.mark.parametrize("variant", VARIANTS)
def test_it_looks_the_same_without_classes_and_styles(browser: Any, tmp_path: Path, variant: str):
    html = pictured(variant)
    whole = show(browser, tmp_path, html, 680).screenshot(full_page=True)
    bare = show(browser, tmp_path, without_classes(html), 680).screenshot(full_page=True)
    assert whole == bare


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("width", [320, 480, 1200])
def test_it_fits_and_does_not_scroll_sideways(
    browser: Any, tmp_path: Path, variant: str, width: int
):
    page = show(browser, tmp_path, pictured(variant), width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    left, right = page.evaluate(
        "(b => [b.left, innerWidth - b.right])(document.querySelector('h1').getBoundingClientRect())"
    )
    assert left == pytest.approx(right, abs=1)
    assert width - left - right <= 600


@pytest.mark.parametrize("variant", VARIANTS)
def test_fingers_hit_every_link_on_a_phone(browser: Any, tmp_path: Path, variant: str):
    page = show(browser, tmp_path, pictured(variant), 360)
    small = page.evaluate(
        "[...document.querySelectorAll('a')].filter(a => a.getBoundingClientRect().height < 44)"
        ".map(a => a.textContent + ' ' + a.getBoundingClientRect().height)"
    )
    assert small == []


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read_on_what_lies_behind_it(
    browser: Any, tmp_path: Path, variant: str, scheme: str
):
    page = show(browser, tmp_path, pictured(variant), 680, scheme)
    weak = page.evaluate(
        """() => {
          const parse = c => c.match(/[\\d.]+/g).map(Number);
          const lum = c => { const [r, g, b] = parse(c).map(v => v / 255)
            .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
            return .2126 * r + .7152 * g + .0722 * b; };
          const ground = e => { for (; e; e = e.parentElement) {
            const c = getComputedStyle(e).backgroundColor;
            if (parse(c)[3] !== 0) return c; } return 'rgb(255, 255, 255)'; };
          const found = [];
          const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          for (let t; t = texts.nextNode();) {
            const e = t.parentElement;
            if (!t.data.trim() || e.closest('[aria-hidden]')) continue;
            const a = lum(getComputedStyle(e).color), b = lum(ground(e));
            const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
            if (ratio < 4.5) found.push(t.data.trim() + ' ' + ratio.toFixed(2));
          }
          return found; }"""
    )
    assert weak == []


def test_blocked_pictures_leave_no_hole(browser: Any, tmp_path: Path):
    html, _ = bodies(edition())
    page = show(browser, tmp_path, html, 600)
    picture = "document.querySelector('img').getBoundingClientRect().height"
    assert page.evaluate(picture) <= 24
