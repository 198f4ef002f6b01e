"""Numbers as Chinese, Japanese and Korean write them: 三十二, 400万, 1億2000万, 3천만.

Serves the amounts of a text. Pure and total.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

_DIGITS = {
    "\u3007": 0,
    "零": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "兩": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_SMALL = {"十": 10, "百": 100, "千": 1_000, "십": 10, "백": 100, "천": 1_000}
_LARGE = {
    "万": 10**4,
    "萬": 10**4,
    "만": 10**4,
    "亿": 10**8,
    "億": 10**8,
    "억": 10**8,
    "兆": 10**12,
    "조": 10**12,
}
_SIGNS = "".join((*_DIGITS, *_SMALL, *_LARGE))
_RUN = re.compile(rf"(?:\d[\d,]*(?:\.\d+)?|[{_SIGNS}])+")
_PART = re.compile(rf"\d[\d,]*(?:\.\d+)?|[{_SIGNS}]")
_COUNTED = re.compile("[人名个個年月日天岁歳次件台号號位家所倍か]")
CJK = frozenset(("zh", "ja", "ko"))
UNITS = frozenset((*_SMALL, *_LARGE))


def cjk_numbers(text: str, code: str) -> Iterator[tuple[Decimal, int, int]]:
    """Yield value, start and end of the numbers in which such signs stand.

    A single sign counts only where something is counted by it (三人), 一 never: it is in many words.
    """
    if code not in CJK:
        return
    for match in _RUN.finditer(text):
        run = match[0]
        if run.replace(",", "").replace(".", "").isascii():
            continue  # plain figures are read elsewhere
        counted = _COUNTED.match(text, match.end()) or text.endswith("之", 0, match.start())
        if len(run) == 1 and (run == "一" or not counted):
            continue
        yield _value(_PART.findall(run)), match.start(), match.end()


def _value(parts: list[str]) -> Decimal:
    """Return what signs are worth, read from the left: each unit takes what stands before it."""
    total = section = Decimal(0)
    digits = ""
    for part in parts:
        if part in _DIGITS:
            digits += str(_DIGITS[part])
        elif part in _SMALL:
            section += Decimal(digits or 1) * _SMALL[part]
            digits = ""
        elif part in _LARGE:
            section += Decimal(digits or 0)
            total += (section or Decimal(1)) * _LARGE[part]
            section, digits = Decimal(0), ""
        else:
            digits = part.replace(",", "")
    return total + section + Decimal(digits or 0)
