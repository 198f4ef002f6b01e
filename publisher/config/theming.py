"""`[theme]`: the publication's own colours, type and logo, as design tokens for the templates.

Serves building. Reads `tokens.toml`, the shipped one and the publication's, to judge whether text in
the colours that result can be read (WCAG 2.2, success criterion 1.4.3).
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from publisher import assets
from publisher.config.checking import Report
from publisher.config.look import LogoTable, ThemeTable
from publisher.kit.colours import contrast, rgb

OWN = "templates/tokens.toml"
"""The publication's own tokens, in its folder."""

LEGIBLE = 4.5
"""The least contrast of text that is not large."""

PAIRS = (
    *((text, ground) for text in ("ink", "quiet", "accent") for ground in ("paper", "box")),
    ("on_accent", "accent"),
)
"""Which colours of a scheme stand on which."""

Tokens = Mapping[str, object]
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def theme(report: Report, read: ThemeTable, root: Path, base: str) -> Tokens:
    """Return the tokens that `[theme]` changes; `base` is the publication's address.

    Reports every pair of colours that cannot be read, and what cannot be judged.
    """
    schemes = {"light": _written(read.light), "dark": _written(read.dark)}
    for name, written in schemes.items():
        if written:
            _check(report, name, written, _colours(name, root))
    tokens = {**schemes, "font": _written(read.fonts), "size": _written(read.sizes)}
    if read.logo is not None:
        tokens["logo"] = _logo(read.logo, base)
    return {name: table for name, table in tokens.items() if table}


def _check(report: Report, scheme: str, written: Tokens, below: Tokens) -> None:
    colours = {name: str(colour) for name, colour in {**below, **written}.items()}
    pairs = [pair for pair in PAIRS if written.keys() & set(pair)]
    odd = {name for pair in pairs for name in pair if not _COLOUR.fullmatch(colours[name])}
    for name in sorted(odd):
        reason = f'"{colours[name]}" cannot be judged beside [theme.{scheme}]; write it as #8a1c1c'
        Report(OWN, report.problems).add(f"{scheme}.{name}", reason)
    for text, ground in pairs:
        if odd & {text, ground}:
            continue
        one, other = colours[text], colours[ground]
        found = contrast(rgb(one), rgb(other))
        if found < LEGIBLE:
            key = text if text in written else ground
            reason = f"{text} {one} on {ground} {other} has a contrast of {found:.1f}"
            report.add(f"theme.{scheme}.{key}", f"{reason}; text needs {LEGIBLE}")


def _colours(scheme: str, root: Path) -> dict[str, object]:
    """Return a scheme's colours without `[theme]`: the shipped ones, then the publication's."""
    found: dict[str, object] = {}
    for path in (assets.templates() / "tokens.toml", root / OWN):
        found.update(_table(path, scheme))
    return found


def _table(path: Path, name: str) -> Iterator[tuple[str, object]]:
    try:
        table = tomllib.loads(path.read_text("utf-8")).get(name, {})
    except (OSError, ValueError):  # a template of the publication: rendering names the mistake
        return
    yield from table.items() if isinstance(table, dict) else ()


def _written(table: msgspec.Struct) -> dict[str, object]:
    """Return the keys that are not as they are by default."""
    usual = msgspec.structs.asdict(type(table)())
    written = msgspec.structs.asdict(table)
    return {key: value for key, value in written.items() if value != usual[key]}


def _logo(logo: LogoTable, base: str) -> dict[str, object]:
    made = {"url": _address(logo.picture, base), "width": logo.width, "height": logo.height}
    dark = {"dark_url": _address(logo.dark, base)} if logo.dark else {}
    return {**made, "alt": logo.alt, **dark}


def _address(picture: str, base: str) -> str:
    """Return the address of a picture; one of the publication's folder is published below media/."""
    return picture if picture.startswith(("https://", "http://")) else f"{base}media/{picture}"
