"""The shipped mail templates before two judges of other hands: axe-core and the Nu validator."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.lint.shipped import LANGUAGES, MAILS, html_of

ALLOWED = {
    r"Attribute “xmlns:o” not allowed here": "Outlook finds its settings by this namespace",
    r"“mso-[a-z-]+”: Property “mso-[a-z-]+” doesn't exist": "a property of Outlook's Word engine",
}
"""Errors the validator may report, each with its reason; obsolete attributes are none to it."""


def allowed(message: str) -> bool:
    return any(re.search(form, message) for form in ALLOWED)


@pytest.mark.browser
@pytest.mark.parametrize("template", MAILS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Any, axe: str, tmp_path: Path, template: str, scheme: str):
    for language in LANGUAGES:
        file = tmp_path / f"{language}.html"
        file.write_text(html_of(template, language), encoding="utf-8")
        page = browser.new_page(viewport={"width": 680, "height": 900}, color_scheme=scheme)
        page.goto(file.as_uri())
        page.evaluate(axe)
        found = page.evaluate("axe.run({resultTypes: ['violations']}).then(r => r.violations)")
        page.close()
        told = [(item["id"], item["nodes"][0]["html"][:120]) for item in found]
        assert told == [], language


@pytest.mark.browser
def test_axe_finds_what_is_wrong(browser: Any, axe: str, tmp_path: Path):
    """The judge is awake: a page with faults does not pass."""
    file = tmp_path / "bad.html"
    file.write_text("<title>x</title><p style='color:#ccc'>weak</p><img src='x.png'>")
    page = browser.new_page()
    page.goto(file.as_uri())
    page.evaluate(axe)
    found = page.evaluate("axe.run().then(r => r.violations.map(v => v.id))")
    assert {"color-contrast", "image-alt", "html-has-lang"} <= set(found)


@pytest.mark.markup
def test_the_validator_finds_nothing(vnu: Callable[..., list[dict[str, Any]]], tmp_path: Path):
    files = []
    for template in MAILS:
        for language in LANGUAGES:
            files.append(tmp_path / f"{template}-{language}.html")
            files[-1].write_text(html_of(template, language), encoding="utf-8")
    errors = [item for item in vnu(*files) if item["type"] == "error"]
    told = [
        f"{Path(item['url']).name}:{item['lastLine']}: {item['message']}"
        for item in errors
        if not allowed(item["message"])
    ]
    assert told == []
    said = [item["message"] for item in errors]
    unused = [form for form in ALLOWED if not any(re.search(form, text) for text in said)]
    assert unused == [], "an exception nobody needs"


@pytest.mark.markup
def test_the_validator_finds_what_is_wrong(
    vnu: Callable[..., list[dict[str, Any]]], tmp_path: Path
):
    """The judge is awake: a page with a fault does not pass."""
    file = tmp_path / "bad.html"
    file.write_text("<!DOCTYPE html><html lang=en><title>x</title><p><table><b></table>")
    errors = [item["message"] for item in vnu(file) if item["type"] == "error"]
    assert [message for message in errors if not allowed(message)]
