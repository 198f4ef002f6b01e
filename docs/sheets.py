"""Write the pictures of the manual: contact sheets of the mails' golden pictures.

Serves `make golden`, after the tests have made those. Reads `tests/golden/pictures/`, touches
`docs/pictures/` only.
"""

from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
TAKEN = ROOT / "tests" / "golden" / "pictures"
PICTURES = ROOT / "docs" / "pictures"
GROUND = (137, 133, 124)
GAP = 24

SHEETS = {
    **{
        f"look-{theme}": (
            f"{theme}-en-600-light",
            f"{theme}-ar-600-dark",
            f"{theme}-de-320-light",
            f"{theme}-zh-320-dark",
        )
        for theme in ("newspaper", "plain", "compact")
    },
    "look-alert": ("alert-en", "alert-ar", "alert-zh"),
    "look-letters": ("confirmation-en", "welcome-en", "goodbye-en"),
    "look-text": ("text-en",),
}
"""Sheet to the golden pictures on it, left to right."""

FRONT = ("newspaper-en-600-light", 1_240)
"""The picture of the README, and how much of its height."""


def sheet(names: tuple[str, ...]) -> Image.Image:
    """Return pictures side by side, their tops in line."""
    shown = [Image.open(TAKEN / f"{name}.png").convert("RGB") for name in names]
    width = sum(one.width + GAP for one in shown) + GAP
    made = Image.new("RGB", (width, max(one.height for one in shown) + 2 * GAP), GROUND)
    left = GAP
    for one in shown:
        made.paste(one, (left, GAP))
        left += one.width + GAP
    return made


def save(picture: Image.Image, name: str) -> None:
    """Write a picture in a palette of just the colours it has: few, as those it is made of."""
    colours = [colour for _, colour in picture.getcolors(256) or []]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for colour in colours for part in colour])
    few = picture.quantize(palette=palette, dither=Image.Dither.NONE) if colours else picture
    few.save(PICTURES / f"{name}.png", optimize=True)
    print(f"wrote docs/pictures/{name}.png")


def main() -> None:
    """Write every sheet and the README's picture."""
    for name, taken in SHEETS.items():
        save(sheet(taken), name)
    name, height = FRONT
    with Image.open(TAKEN / f"{name}.png") as front:
        save(front.convert("RGB").crop((0, 0, front.width, height)), "digest")


if __name__ == "__main__":
    main()
