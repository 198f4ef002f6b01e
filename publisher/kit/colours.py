"""How well one colour stands out on another (WCAG 2.2, success criterion 1.4.3).

Serves the reader of `[theme]` and the lint of mails. Pure.
"""

RGB = tuple[float, float, float]
"""Red, green and blue, each from 0 to 1."""

_LINEAR = 0.04045
"""Below this a channel of sRGB is proportional to light (IEC 61966-2-1)."""


def rgb(colour: str) -> RGB:
    """Return a colour written `#rrggbb`. Raises ValueError."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def contrast(one: RGB, other: RGB) -> float:
    """Return the contrast ratio of two colours, 1 to 21, by their relative luminance."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: RGB) -> float:
    red, green, blue = (
        part / 12.92 if part <= _LINEAR else ((part + 0.055) / 1.055) ** 2.4 for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
