"""Which language a text is in: by script, by letters and by its commonest words.

Serves the page form and the sources where nothing says so. Pure, no model, no dependency. Good for
a paragraph and more; a text too short or too mixed to tell gives "".
"""

import re
from collections import Counter
from functools import cache
from importlib.resources import files


@cache
def _read(name: str) -> dict[str, str]:
    """Return the `language: words` lines of a data file beside this module."""
    lines = files(__package__).joinpath(name).read_text("utf-8").splitlines()
    rows = (line.partition(": ") for line in lines if not line.startswith("#"))
    return {code: rest for code, _, rest in rows}


# Read when the first text is looked at: who only sends never does.
@cache
def _words() -> dict[str, frozenset[str]]:
    """Return the commonest words by language."""
    return {code: frozenset(words.split()) for code, words in _read("language_words.txt").items()}


_LETTER_CAP = 6.0  # a letter of a language's own counts half a word, and all of them so much

_SCRIPTS: tuple[tuple[str, str], ...] = (
    ("ja", "[\u3040-\u30ff]"),
    ("ko", "[\uac00-\ud7af\u1100-\u11ff]"),
    ("zh", "[\u4e00-\u9fff\u3400-\u4dbf]"),
    ("th", "[\u0e00-\u0e7f]"),
    ("ka", "[\u10a0-\u10ff]"),
    ("hy", "[\u0530-\u058f]"),
    ("bn", "[\u0980-\u09ff]"),
    ("ta", "[\u0b80-\u0bff]"),
    ("te", "[\u0c00-\u0c7f]"),
    ("el", "[\u0370-\u03ff\u1f00-\u1fff]"),
)
# The first language of a script is the answer when its words do not decide.
_WRITTEN_IN: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("[\u0400-\u04ff]", ("ru", "uk", "bg", "sr")),
    ("[\u0600-\u06ff]", ("ar", "fa", "ur")),
    ("[\u0590-\u05ff]", ("he", "yi")),
    ("[\u0900-\u097f]", ("hi", "mr")),
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_ELISION = re.compile(r"['’]")
_SAMPLE = 6_000
_ENOUGH = 3.0


def guess_language(text: str) -> str:
    """Return the BCP 47 primary language of a text, or "" when it cannot be told."""
    sample = text[:_SAMPLE].casefold()
    letters = sum(character.isalpha() for character in sample)
    if not letters:
        return ""
    for code, script in _SCRIPTS:
        # Japanese and Korean news mix in Han characters, so a fifth of the letters decides.
        if len(re.findall(script, sample)) > letters / 5:
            return code
    for script, codes in _WRITTEN_IN:
        if len(re.findall(script, sample)) > letters / 2:
            return _by_words(sample, codes) or codes[0]
    return _by_words(sample, _latin())


@cache
def _latin() -> tuple[str, ...]:
    """Return the languages that neither their script nor Greek letters tell."""
    return tuple(sorted(set(_words()).difference({"el"}, *(codes for _, codes in _WRITTEN_IN))))


def _by_words(sample: str, codes: tuple[str, ...]) -> str:
    """Return the language of `codes` whose common words and letters fit best, or ""."""
    words = Counter(part for word in _WORD.findall(sample) for part in _ELISION.split(word))
    scores = dict.fromkeys(codes, 0.0)
    for word, count in words.items():
        for code in _common_in().get(word, ()):
            if code in scores:
                scores[code] += count
    for code, letters in _read("language_letters.txt").items():
        if code in scores:
            scores[code] += min(sum(map(sample.count, letters)) / 2, _LETTER_CAP)
    best = max(scores, key=lambda code: scores[code])
    rest = max((score for code, score in scores.items() if code != best), default=0.0)
    return best if scores[best] > rest and scores[best] >= min(_ENOUGH, words.total() / 3) else ""


@cache
def _common_in() -> dict[str, tuple[str, ...]]:
    """Return the languages in which each common word is one."""
    found: dict[str, tuple[str, ...]] = {}
    for code, words in _words().items():
        found |= {word: (*found.get(word, ()), code) for word in words}
    return found
