"""Pictures of every theme, by day and in the dark, narrow and wide, in four languages.

They are compared with golden ones, which were made with the fonts named beside them: with others
these tests are skipped, by name. `make golden` makes them anew with the fonts that are here.
"""

import os
import re
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from html import escape
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat

from publisher import assets
from publisher.formats import letters
from publisher.model.messages import Literal
from publisher.model.views import LetterView
from tests.formats.editions import BASE, templates
from tests.pictures.editions import LANGUAGES, THEMES, bodies, texts

pytestmark = pytest.mark.browser

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "pictures"
MADE_WITH = GOLDEN / "made-with.toml"
ACCEPT = bool(os.environ.get("ACCEPT_GOLDEN"))
FAMILIES = (
    *("Georgia", "Times New Roman", "Arial", "monospace"),
    *("sans-serif:lang=ar", "Noto Naskh Arabic", "Noto Sans Arabic", "WenQuanYi Zen Hei"),
)
SCHEMES = ("light", "dark")
WIDTHS = (320, 600, 1200)
COLOURS, EXACT = 48, 16
TALLER = 6
"""Pixels that a picture may be taller or shorter."""
APART = 2.0
"""The mean difference, of 255, that a picture may have."""

Shoot = Callable[[str, int, str], Image.Image]


def fingerprint(chromium: str) -> dict[str, str]:
    """Name what a picture's pixels depend on: the browser's major version and the fonts' files."""
    said = subprocess.run([chromium, "--version"], capture_output=True, text=True, check=True)
    version = re.search(r"(\d+)\.", said.stdout)
    found = {"chromium": version[1] if version else ""}
    for family in FAMILIES:
        match = subprocess.run(
            ["fc-match", "-f", "%{file}", family], capture_output=True, text=True, check=False
        )
        found[family] = Path(match.stdout).name
    return found


def few_colours(shot: Image.Image) -> Image.Image:
    """Return a picture in a palette, so that its file is small; its commonest colours stay exact."""
    whole = shot.convert("RGB")
    counted = sorted(whole.getcolors(whole.width * whole.height) or [], reverse=True)
    exact = [part for _, colour in counted[:EXACT] for part in colour]
    rest = whole.quantize(COLOURS - EXACT, Image.Quantize.MAXCOVERAGE).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([*exact, *rest[: 3 * (COLOURS - EXACT)]])
    return whole.quantize(palette=palette, dither=Image.Dither.NONE)


@pytest.fixture(scope="module")
def here(chromium: str) -> None:
    """Skip where the browser or the fonts are others than those of the golden pictures."""
    found = fingerprint(chromium)
    if ACCEPT:
        GOLDEN.mkdir(parents=True, exist_ok=True)
        MADE_WITH.write_text("".join(f'"{k}" = "{v}"\n' for k, v in found.items()), "utf-8")
    wanted = tomllib.loads(MADE_WITH.read_text("utf-8"))
    other = sorted(name for name in wanted if wanted[name] != found.get(name))
    if other:
        pytest.skip(f"pictures: made with other fonts ({', '.join(other)}); `make golden` anew")


@pytest.fixture(scope="module")
def shoot(here: None, chromium: str) -> Iterator[Shoot]:
    """Take pictures, all with one browser: (HTML, width, scheme) to a whole page of few colours."""
    playwright = pytest.importorskip("playwright.sync_api", reason="browser: playwright is absent")
    ferry = (assets.root() / "articles" / "harbour" / "night-ferry.png").read_bytes()
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--font-render-hinting=none", "--disable-lcd-text"],
        )
        pages = {scheme: browser.new_page(color_scheme=scheme) for scheme in SCHEMES}
        for page in pages.values():
            page.route("**/*", lambda route: route.fulfill(body=ferry, content_type="image/png"))

        def take(html: str, width: int, scheme: str) -> Image.Image:
            page: Any = pages[scheme]
            page.set_viewport_size({"width": width, "height": 400})
            page.set_content(html)
            with Image.open(BytesIO(page.screenshot(full_page=True))) as shot:
                return few_colours(shot)

        yield take
        browser.close()


def compare(name: str, shot: Image.Image) -> None:
    path = GOLDEN / f"{name}.png"
    if ACCEPT:
        shot.save(path, optimize=True)
    assert path.exists(), f"{path} is missing: `make golden` writes it"
    with Image.open(path) as kept:
        wanted, found = kept.convert("RGB"), shot.convert("RGB")
    assert found.width == wanted.width
    assert abs(found.height - wanted.height) <= TALLER
    common = (0, 0, found.width, min(found.height, wanted.height))
    difference = ImageChops.difference(found.crop(common), wanted.crop(common))
    apart = sum(ImageStat.Stat(difference).mean) / 3
    assert apart <= APART, f"{name} differs by {apart:.1f} of 255"


@pytest.mark.parametrize(
    ("theme", "scheme", "width", "language"), list(product(THEMES, SCHEMES, WIDTHS, LANGUAGES))
)
def test_every_look(shoot: Shoot, theme: str, scheme: str, width: int, language: str):
    html, _ = bodies(theme, language)
    compare(f"{theme}-{language}-{width}-{scheme}", shoot(html, width, scheme))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_alert(shoot: Shoot, language: str):
    html, _ = bodies("alert", language)
    compare(f"alert-{language}", shoot(html, 600, "light"))


@pytest.mark.parametrize("kind", letters.KINDS)
def test_a_letter(shoot: Shoot, kind: str):
    view = LetterView(
        kind=kind,
        publication=texts("en")["publication"],
        url=BASE,
        language="en",
        button_url=BASE,
        postal_address=texts("en")["postal_address"],
        lines=("Harbour: weekdays at 07:30",) if kind == "welcome" else (),
    )
    _, message = letters.create(None, templates()).render(view)
    (html,) = message.html.frame
    assert isinstance(html, Literal)
    compare(f"{kind}-en", shoot(html.text, 600, "light"))


def test_the_text_alone(shoot: Shoot):
    _, text = bodies("newspaper", "en")
    style = "margin:0;padding:24px;background:#17181b;color:#ece8df;font:14px/20px monospace"
    page = f'<body style="margin:0"><pre style="{style}">{escape(text)}</pre></body>'
    compare("text-en", shoot(page, 680, "light"))


@pytest.mark.skipif(ACCEPT, reason="pictures: they are being made anew")
def test_they_stay_small():
    sizes = {path.name: path.stat().st_size for path in GOLDEN.glob("*.png")}
    assert len(sizes) == len(THEMES) * len(SCHEMES) * len(WIDTHS) * len(LANGUAGES) + 8
    assert sum(sizes.values()) < 5_000_000
