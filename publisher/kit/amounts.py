"""The amounts that a text names, compared by what they are worth: 1,000 is 1 000 is "a thousand".

Serves the support of key points that somebody else has written. Pure and total. What can be read in
two ways has both values: "1.000" where no language is known, "100m". Words of numbers stand in
`amount_words.txt`; languages that are not there are read by their figures alone.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from importlib.resources import files

from publisher.kit.cjk_numbers import CJK, UNITS, cjk_numbers

_POINT = frozenset(("en", "zh", "ja", "ko", "he", "th", "hi", "bn", "ta", "te", "mr", "ms"))
"""Languages that write 1,000.5; most others write 1.000,5 or 1 000,5."""

_EITHER = frozenset(("", "ar", "fa", "ur"))
_BLANKS = frozenset(("en", "de", "tr", "it", "nl", "zh", "ja", "ko", "he", "th", "hi", ""))
"""Languages that never group by a plain blank."""

_LONGEST = 40  # figures of one number
_HOURS = 24
_LED = re.compile("(?:^|[^0-9])%$|(?:yüzde|百分之)[ \u00a0]?$")
_BETWEEN = re.compile(r"\W{0,3}(?:[^\W\d\u3040-\u9fff]{0,4}|[至到和])\W{0,3}")
"""What may stand between numbers that share a unit: "from 5 to 7 per cent"."""

_FIGURES = re.compile(
    r"(?<![^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])(?<!\d[.,:])"
    r"(?:\d{1,3}(?:(?P<gap>['’\u00a0\u202f\u2009 ])\d{3})(?:(?P=gap)\d{3})*(?:[.,]\d+)?(?!\d)"
    r"|\d+(?:[.,]\d+)*)"
)
_TAIL = re.compile(r"[ \u00a0\u202f-]?([^\W\d_]+)\.?")
_CLOCK = re.compile(r"[ \u00a0\u202f]?(?:[ap]\.?m\b|uhr\b|h\d{0,2}\b|:\d\d)", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_SHORT: Mapping[str, int] = {"k": 3, "m": 6, "b": 9, "t": 12}
_SURE: Mapping[str, int] = {"bn": 9, "mn": 6, "tn": 12, "mln": 6, "mrd": 9, "mio": 6}
_SIGNS = {"$": "$", "€": "€", "£": "£", "¥": "¥", "₽": "₽", "₺": "₺", "₹": "₹", "₩": "₩", "₴": "₴"}
_MONEY = (
    ("$", ("dollar", "dólar", "доллар", "долар", "dolar", "دولار", "usd")),
    ("€", ("euro", "евро", "євро", "avro", "يورو", "eur")),
    ("£", ("pound", "pfund", "фунт", "sterlin", "gbp")),
    ("¥", ("yen", "yuan", "иен", "юан", "jpy", "cny", "rmb")),
    ("₽", ("rubel", "ruble", "rouble", "рубл", "rub")),
    ("₺", ("lira", "лир", "try")),
)
_PERCENT = "%"
_HUNDRED, _THOUSAND = 2, 3  # powers of ten
_JOINTS = frozenset((" ", "-", "\u00a0"))


@dataclass(frozen=True, slots=True)
class Amount:
    """A number that stands in a text: what it may be worth, and of what it may be (`%`, `$`)."""

    values: frozenset[Decimal]
    units: frozenset[str] = frozenset()
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class _Language:
    """A language's line of `amount_words.txt`."""

    numbers: Mapping[str, int]
    powers: Mapping[str, int]
    stems: tuple[tuple[str, int], ...]
    percent: tuple[str, ...]

    @property
    def alone(self) -> frozenset[str]:
        """Return the words that are numbers by themselves in languages without "a" (cien, mille)."""
        small = (word for word, power in self.powers.items() if power <= _THOUSAND)
        return frozenset() if "a" in self.numbers else frozenset(small)

    def counts_alone(self, plain: str, match: re.Match[str]) -> bool:
        """Tell whether a word is a number by itself, and does not end a "per cent"."""
        said = plain[max(0, match.start() - 12) : match.end()].casefold()
        return match[0].casefold() in self.alone and not said.endswith(self.percent)

    def power(self, word: str) -> int:
        """Return the power of ten that a word stands for, 0 for what is none."""
        known = self.powers.get(word, 0)
        return known or next((n for stem, n in self.stems if word.startswith(stem)), 0)


_NONE = _Language({}, {}, (), ())


@cache
def _table() -> dict[str, _Language]:
    lines = files(__package__).joinpath("amount_words.txt").read_text("utf-8").splitlines()
    rows = (line.partition(":") for line in lines if line and not line.startswith("#"))
    return {code: _language(words) for code, _, words in rows}


def _language(line: str) -> _Language:
    numbers, powers, percent = (column.split() for column in line.split("|"))
    pairs = [item.rpartition("=") for item in powers]
    return _Language(
        numbers={word: int(value) for word, _, value in (one.rpartition("=") for one in numbers)},
        powers={word: int(value) for word, _, value in pairs if not word.endswith("*")},
        stems=tuple((word[:-1], int(value)) for word, _, value in pairs if word.endswith("*")),
        percent=tuple(word.replace("_", " ").rstrip("*") for word in percent),
    )


def plain_figures(text: str) -> str:
    """Return a text with every alphabet's figures as 0 to 9, and wide forms as plain ones."""
    if text.isascii():
        return text
    known = unicodedata.normalize("NFKC", text)
    odd = {one for one in set(known) if one.isdecimal() and not one.isascii()}
    table = {ord(one): str(unicodedata.decimal(one)) for one in odd}
    return known.translate(table | {0x066B: ".", 0x066C: ",", 0x066A: "%"})


def names_unit(word: str, language: str) -> bool:
    """Tell whether a word says of what an amount is, or by which power of ten it counts."""
    known = _table().get(language.partition("-")[0].lower(), _NONE)
    folded = word.casefold()
    stems = (*(stem for _, names in _MONEY for stem in names), *known.percent)
    return folded.startswith(stems) or bool(known.power(folded) or _SURE.get(folded))


def amounts(text: str, language: str = "") -> list[Amount]:
    """Return every amount of a text, in figures and in words."""
    plain = plain_figures(text)
    code = language.partition("-")[0].lower()
    known = _table().get(code, _NONE)
    found = list(_in_figures(plain, code, known))
    spans = [(one.start, one.end) for one in found]
    found += [
        one for one in _in_words(plain, known) if not any(a <= one.start < b for a, b in spans)
    ]
    found += [
        Amount(frozenset([value]), _around(plain, start, end, known), start, end)
        for value, start, end in cjk_numbers(plain, code)
    ]
    return _shared(plain, sorted(found, key=lambda one: one.start))


def _in_figures(plain: str, code: str, known: _Language) -> Iterator[Amount]:
    for match in _FIGURES.finditer(plain):
        blank = match["gap"] == " " and code in _BLANKS
        pieces = match[0].split(" ") if blank else [match[0]]
        end = match.start()
        for piece in pieces:
            start = plain.index(piece, end)
            end = start + len(piece)
            if code in CJK and plain[end : end + 1] in UNITS:
                continue  # read with its unit
            for values in readings(piece[:_LONGEST], code):
                yield _scaled(plain, Amount(values, frozenset(), start, end), known)


def readings(figures: str, code: str) -> list[frozenset[Decimal]]:
    """Return what figures with separators may be worth; parts of a date or a version one by one."""
    bare = re.sub(r"['’\s]", "", figures)
    marks = [one for one in bare if one in ".,"]
    if not marks:
        return [frozenset([Decimal(bare)])]
    if len(set(marks)) > 1:
        whole, _, rest = bare.rpartition(marks[-1])
        if marks.count(marks[-1]) == 1:
            return [frozenset([Decimal(f"{re.sub('[.,]', '', whole)}.{rest}")])]
        return [frozenset([Decimal(one)]) for one in re.split("[.,]", bare)]
    parts = bare.split(marks[0])
    if len(marks) > 1:
        grouped = len(parts[-1]) == 3 and all(1 < len(one) <= 3 for one in parts[1:])  # noqa: PLR2004  a thousand has three
        joined = [frozenset([Decimal("".join(parts))])]
        return joined if grouped else [frozenset([Decimal(one)]) for one in parts]
    return [_one_mark(parts, marks[0], code)]


def _one_mark(parts: list[str], mark: str, code: str) -> frozenset[Decimal]:
    """Return the values of figures with one separator, which may group or part the fraction."""
    whole, rest = parts
    fraction, grouped = Decimal(f"{whole}.{rest}"), Decimal(whole + rest)
    if len(rest) != 3 or len(whole) > 3 or whole.startswith("0"):  # noqa: PLR2004  a thousand has three
        return frozenset([fraction])
    if code in _EITHER:
        return frozenset([fraction, grouped])
    return frozenset([fraction if (mark == ".") == (code in _POINT) else grouped])


def _scaled(plain: str, bare: Amount, known: _Language) -> Amount:
    """Return a number with the power of ten and the unit that follow it."""
    values, end = bare.values, bare.end
    if _CLOCK.match(plain, end) and max(values) <= _HOURS:
        hours = {value + shift for value in values for shift in (-12, 0, 12)}
        return replace(bare, values=frozenset(one for one in hours if 0 <= one <= _HOURS))
    for _ in range(2):  # "4 hundred thousand"
        tail = _TAIL.match(plain, end)
        word = tail[1].casefold() if tail else ""
        power = known.power(word) or _SURE.get(word, 0)
        if tail is None or not (power or word in _SHORT):
            break
        scaled = frozenset(value.scaleb(power or _SHORT[word]) for value in values)
        values, end = (scaled if power else scaled | values), tail.end()
    units = _around(plain, bare.start, end, known)
    return Amount(values, units, bare.start, end)


def _around(plain: str, start: int, end: int, known: _Language) -> frozenset[str]:
    """Return of what an amount is, by what stands before and after it."""
    before, after = plain[max(0, start - 8) : start].casefold(), plain[end : end + 40].casefold()
    lead, follow = before.rstrip(" \u00a0\u202f"), after.lstrip(" \u00a0\u202f-")
    found = {_SIGNS[one] for one in (lead[-1:], follow[:1]) if one in _SIGNS}
    per_cent = ("%", *known.percent, "パーセント")
    if follow.startswith(per_cent) or _LED.search(before):
        found.add(_PERCENT)
    following = re.findall(r"[^\W\d_]+", follow)[:3]
    found |= {sign for sign, stems in _MONEY for one in following if one.startswith(stems)}
    if lead.endswith(("usd", "eur", "gbp")):
        found.add({"usd": "$", "eur": "€", "gbp": "£"}[lead[-3:]])
    return frozenset(found)


def _in_words(plain: str, known: _Language) -> Iterator[Amount]:
    """Yield the amounts written in words, such as "two hundred and five thousand"."""
    run: list[re.Match[str]] = []
    for match in _WORD.finditer(plain) if known.numbers else ():
        word = match[0].casefold()
        goes_on = bool(run) and plain[run[-1].end() : match.start()] in _JOINTS
        if run and not (goes_on and (word in known.numbers or known.power(word))):
            yield from _worded(plain, run, known)
            run = []
        if run or word in known.numbers or known.counts_alone(plain, match):
            run.append(match)
    if run:
        yield from _worded(plain, run, known)


def _worded(plain: str, run: list[re.Match[str]], known: _Language) -> Iterator[Amount]:
    total = current = Decimal(0)
    largest = 0
    for match in run:
        word = match[0].casefold()
        power = known.power(word)
        if word in known.numbers:
            current += known.numbers[word]
        elif power <= _HUNDRED:  # of which there may be thousands
            current = (current or Decimal(1)).scaleb(power)
        elif power > largest:  # "two thousand million"
            total, current = ((total + current) or Decimal(1)).scaleb(power), Decimal(0)
            largest = power
        else:
            total, current = total + (current or Decimal(1)).scaleb(power), Decimal(0)
    value = total + current
    if value == 1:
        return  # an article or a pronoun
    start, end = run[0].start(), run[-1].end()
    yield Amount(frozenset([value]), _around(plain, start, end, known), start, end)


def _shared(plain: str, found: list[Amount]) -> list[Amount]:
    """Let a number without a unit share that of the next one close by: "from 5 to 7 per cent"."""
    for index in range(len(found) - 2, -1, -1):
        one, following = found[index], found[index + 1]
        near = _BETWEEN.fullmatch(plain, one.end, max(one.end, following.start))
        if not one.units and following.units and near:
            found[index] = replace(one, units=following.units)
    return found
