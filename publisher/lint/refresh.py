"""Take the support tables of mail programs from the npm package `caniemail`, reduced to what is used.

    npm pack caniemail@2.0.2 && tar xzf caniemail-2.0.2.tgz
    python -m publisher.lint.refresh package

Writes `mail/caniemail.json` beside this module: per feature its title, the tokens by which the
lint recognises it, and one letter a client (y full, a partial, n not, u unknown), newest version
tested. The notice beside it (`caniemail.LICENSE`) must go with the data.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

CLIENTS = (
    *("gmail.desktop-webmail", "gmail.ios", "gmail.android", "gmail.mobile-webmail"),
    *("outlook.windows", "outlook.outlook-com", "outlook.macos", "outlook.ios", "outlook.android"),
    *("apple-mail.macos", "apple-mail.ios"),
    *("yahoo.desktop-webmail", "yahoo.ios", "yahoo.android"),
    *("aol.desktop-webmail", "samsung-email.android", "protonmail.desktop-webmail"),
    *("fastmail.desktop-webmail", "thunderbird.macos", "gmx.desktop-webmail"),
)
"""The clients that count: the large ones on every platform, then the best tested of the rest."""
NOTICE = """\
caniemail.json is taken from the npm package `caniemail`, whose licence follows. The tables in it are those of
caniemail.com (hteumeuleu/caniemail), Copyright (c) 2019 HTeuMeuLeu, under the same licence.

"""
TARGET = Path(__file__).parent / "mail" / "caniemail.json"

IRREGULAR: Mapping[str, str] = {
    "css-at-media-device-pixel-ratio": "@media(-webkit-device-pixel-ratio)"
    " @media(-webkit-min-device-pixel-ratio) @media(-webkit-max-device-pixel-ratio)",
    "css-at-media-hover": "@media(hover) @media(any-hover)",
    "css-block-inline-size": "block-size:",
    "css-border-inline-block-individual": "border-block-end: border-block-start:"
    " border-inline-end: border-inline-start:",
    "css-border-inline-block-longhand": "border-block-color: border-block-style:"
    " border-block-width: border-inline-color: border-inline-style: border-inline-width:",
    "css-border-inline-block": "border-inline: border-block:",
    "css-border-radius-logical": "border-end-end-radius: border-end-start-radius:"
    " border-start-end-radius: border-start-start-radius:",
    "css-color-scheme": "color-scheme:",
    "css-column-layout-properties": "column-fill: column-rule: column-span: column-width: columns:",
    "css-comments": "/**/",
    "css-flex-direction": "flex-direction:column",
    "css-gap": "gap: row-gap: column-gap:",
    "css-grid-template": "grid-template: grid-template-areas: grid-template-columns:"
    " grid-template-rows:",
    "css-important": "!important",
    "css-inert-attribute": "[inert]",
    "css-intrinsic-size": "fit-content min-content max-content",
    "css-left-right-top-bottom": "left: right: top: bottom:",
    "css-margin-block-start-end": "margin-block-start: margin-block-end:",
    "css-margin-inline-block": "margin-inline: margin-block:",
    "css-margin-inline-start-end": "margin-inline-start: margin-inline-end:",
    "css-nesting": "&",
    "css-padding-block-start-end": "padding-block-start: padding-block-end:",
    "css-padding-inline-block": "padding-inline: padding-block:",
    "css-padding-inline-start-end": "padding-inline-start: padding-inline-end:",
    "css-pseudo-class-lang": ":lang",
    "css-selector-adjacent-sibling": "a+b",
    "css-selector-attribute": "a[b]",
    "css-selector-chaining": "a.b",
    "css-selector-child": "a>b",
    "css-selector-class": ".a",
    "css-selector-descendant": "a_b",
    "css-selector-general-sibling": "a~b",
    "css-selector-grouping": "a,b",
    "css-selector-id": "#a",
    "css-selector-type": "a",
    "css-selector-universal": "*",
    "css-sytem-ui": "system-ui ui-serif ui-sans-serif ui-rounded ui-monospace",
    "css-unit-percent": "1%",
    "css-unit-initial": "initial",
    "css-variables": "var() --",
    "html-address": "<address>",
    "html-anchor-links": "a[href=#]",
    "html-comments": "<!---->",
    "html-doctype": "<!doctype>",
    "html-h1-h6": "<h1> <h2> <h3> <h4> <h5> <h6>",
    "html-image-maps": "<map>",
    "html-lists": "<ul> <ol> <dl>",
    "html-mailto-links": "a[href=mailto:]",
    "html-meta-color-scheme": "meta[name=color-scheme]",
    "html-semantics": "<article> <aside> <details> <figcaption> <figure> <footer> <header>"
    " <main> <mark> <nav> <section> <summary> <time>",
    "html-srcset": "[srcset] [sizes]",
    "html-svg": "<svg>",
    "image-apng": ".apng",
    "image-avif": ".avif",
    "image-base64": "data:",
    "image-bmp": ".bmp",
    "image-gif": ".gif",
    "image-heif": ".heif .heic",
    "image-ico": ".ico",
    "image-jpg": ".jpg .jpeg",
    "image-mp4": ".mp4",
    "image-png": ".png",
    "image-svg": ".svg",
    "image-tiff": ".tiff .tif",
    "image-webp": ".webp",
}
"""Tokens of features whose title does not give them; `features.py` writes tokens in these forms."""
UNSEEN = frozenset({"amp", "bimi", "image-hdr"})
"""Features that no inspection of a mail's HTML can see."""
_FORMS = (
    (r"<(\w+)(?: element)?>(?: element)?$", r"<\1>"),
    (r"<(\w+) type=\"(\w+)\"> element$", r"\1[type=\2]"),
    (r"([a-z-]+) attribute$", r"[\1]"),
    (r"@media \(([a-z-]+)\)$", r"@media(\1)"),
    (r"(@[a-z-]+)$", r"\1"),
    (r"(::?[a-z-]+)(?:\(\))?$", r"\1"),
    (r"(?:CSS )?((?:[a-z-]+\(\)(?:, )?)+)(?: function)?$", r"\1"),
    (r"([a-z]+) unit$", r"1\1"),
    (r"([a-z-]+): ?([a-z-]+)$", r"\1:\2"),
    (r"([a-z-]+) ?(?:shorthand|property)?$", r"\1:"),
)


def tokens(slug: str, title: str) -> tuple[str, ...]:
    """Return the tokens that stand for a feature. Raises ValueError when none is known."""
    if slug in UNSEEN:
        return ()
    if slug in IRREGULAR:
        return tuple(IRREGULAR[slug].split())
    for form, written in _FORMS:
        match = re.fullmatch(form, title)
        if match:
            return tuple(match.expand(written).replace(",", "").split())
    raise ValueError(f"{slug}: its title {title!r} gives no token: add it to IRREGULAR")


def newest(versions: Mapping[str, str]) -> str:
    """Return the verdict on the newest version: the latest date, else the one listed last."""
    dated = all(re.match(r"20\d\d-", version) for version in versions)
    last = (max if dated else lambda keys: list(keys)[-1])(versions)
    return versions[last][:1] or "u"


def verdicts(stats: Mapping[str, Any]) -> Iterator[str]:
    """Yield one letter a client."""
    for client in CLIENTS:
        family, platform = client.split(".")
        versions = stats.get(family, {}).get(platform) or {"": "u"}
        yield newest(versions)


def reduce(package: Path) -> dict[str, Any]:
    """Return what the lint needs of an unpacked package. Raises OSError, ValueError."""
    about = json.loads((package / "package.json").read_text("utf-8"))
    data = json.loads((package / "data" / "caniemail.json").read_text("utf-8"))
    names = data["nicenames"]
    titles = [
        " ".join((names["family"][family], names["platform"][platform]))
        for family, platform in (client.split(".") for client in CLIENTS)
    ]
    return {
        "source": f"{about['name']} {about['version']}",
        "date": data["last_update_date"][:10],
        "clients": dict(zip(CLIENTS, titles, strict=True)),
        "features": {
            item["slug"]: {
                "title": item["title"].strip(),
                "support": "".join(verdicts(item["stats"])),
                "tokens": " ".join(tokens(item["slug"], item["title"].strip())),
            }
            for item in sorted(data["data"], key=lambda item: str(item["slug"]))
        },
    }


def written(reduced: Mapping[str, Any]) -> str:
    """Return the data as JSON with one feature a line, so that a refresh is a readable diff."""
    lines = [
        f"{json.dumps(slug)}: {json.dumps(feature)}"
        for slug, feature in reduced["features"].items()
    ]
    head = json.dumps({**reduced, "features": {}}, indent=1)
    return head.removesuffix("{}\n}") + "{\n  " + ",\n  ".join(lines) + "\n }\n}\n"


def main(arguments: list[str]) -> int:
    """Write the data and its notice; the argument is the folder of the unpacked package."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m publisher.lint.refresh PACKAGE\n")
        return 2
    package = Path(arguments[0])
    TARGET.write_text(written(reduce(package)), "utf-8")
    notice = NOTICE + (package / "LICENSE").read_text("utf-8")
    TARGET.with_suffix(".LICENSE").write_text(notice, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
