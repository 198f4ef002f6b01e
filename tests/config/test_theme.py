"""`[theme]`: colours that can be read, fonts that are only fonts, and a logo; in mails and pages."""

import pytest

from publisher import assets
from publisher.config.theming import LEGIBLE, PAIRS
from publisher.formats import digest
from publisher.kit.colours import contrast, rgb
from publisher.kit.templating import Templates
from tests.formats.editions import bodies, edition

THEME = """
    [publication]
    url = "https://gazette.example/news/"
    [theme.light]
    accent = "#0B5FA5"
    [theme.fonts]
    serif = "Charter, Georgia, serif"
    [theme.sizes]
    lead = 32
    [theme.logo]
    picture = "brand/logo.png"
    dark = "https://cdn.example/night.png"
    width = 240
    height = 48
"""


def test_what_is_written_becomes_tokens(load):
    assert load(publication=THEME).theme == {
        "light": {"accent": "#0B5FA5"},
        "font": {"serif": "Charter, Georgia, serif"},
        "size": {"lead": 32},
        "logo": {
            "url": "https://gazette.example/news/media/brand/logo.png",
            "dark_url": "https://cdn.example/night.png",
            "width": 240,
            "height": 48,
            "alt": "",
        },
    }
    assert load().theme == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('light.accent = "red"', 'theme.light.accent: "red" is no colour; write it as #8a1c1c'),
        ('light.accent = "#fff"', 'theme.light.accent: "#fff" is no colour'),
        (
            'light.accent = "#d98880"',
            "accent: accent #d98880 on paper #fbf8f1 has a contrast of 2.5; text needs 4.5",
        ),
        ('light.paper = "#7a7a7a"', "theme.light.paper: ink #1c1b19 on paper #7a7a7a has"),
        ('dark.on_accent = "#ffffff"', "theme.dark.on_accent: on_accent #ffffff on accent #f0a5"),
        ('fonts.serif = "Georgia; color: red"', "theme.fonts.serif:"),
        ('fonts.sans = "\\"Arial\\""', "theme.fonts.sans:"),
        ('fonts.sans = "}</style>"', "is no list of fonts"),
        ("sizes.text = 12", "theme.sizes.text: expected a whole number >= 13"),
        ('logo.picture = "../x.png"\nlogo.width = 99\nlogo.height = 9', "theme.logo.picture:"),
        ('logo.picture = "x.svg"\nlogo.width = 99\nlogo.height = 9', "is no picture"),
        ('logo.picture = "x.png"', "theme.logo.width: is missing"),
    ],
)
def test_mistakes_are_named(mistakes, text: str, expected: str):
    assert any(expected in line for line in mistakes(publication=f"[theme]\n{text}"))


def test_a_scheme_is_judged_with_the_publications_own_tokens(write, load, mistakes):
    own = '[light]\npaper = "#000000"\nbox = "#000000"\nquiet = "#ffffff"\naccent = "#ffffff"\n'
    write({"templates/tokens.toml": own})
    assert load(publication='[theme]\nlight.ink = "#fafafa"').theme == {
        "light": {"ink": "#fafafa"}
    }
    (found, *_) = mistakes(publication='[theme]\nlight.ink = "#222222"')
    assert "ink #222222 on paper #000000" in found


def test_what_cannot_be_judged_is_a_mistake_of_its_own_file(write, load, mistakes):
    write({"templates/tokens.toml": '[light]\npaper = "#fff"\nbox = 7\nrule = "red"\n'})
    assert load().theme == {}
    found = mistakes(publication='[theme]\nlight.ink = "#222222"')
    assert found == [
        f'templates/tokens.toml: light.{name}: "{colour}" cannot be judged beside [theme.light];'
        " write it as #8a1c1c"
        for name, colour in (("box", "7"), ("paper", "#fff"))
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_shipped_pair_of_colours_can_be_read(scheme: str):
    colours = Templates(None, assets.templates()).tokens()[scheme]
    assert isinstance(colours, dict)
    assert all(contrast(rgb(colours[one]), rgb(colours[other])) >= LEGIBLE for one, other in PAIRS)


def test_mails_wear_it(load):
    theme = load(publication=THEME).theme
    made = digest.create(None, Templates(None, assets.templates(), theme))
    html, _ = bodies(edition(), message=made.render(edition()))
    assert "#0B5FA5" in html
    assert "#8a1c1c" not in html
    assert "font-family:Charter,Georgia,serif;font-size:32px" in html
    assert (
        'src="https://gazette.example/news/media/brand/logo.png" width="240" height="48"' in html
    )
    assert 'alt="The Harbour Gazette"' in html
    assert ".by-night{display: block !important;}" in html
