"""ROUGE F1 of a summary, as rouge-score computes it with its stemmer (Lin 2004, ROUGE: a package ...).

Own, because rouge-score brings numpy and nltk for sixty lines of counting; its figures are in the
tests. ASCII words only, like the original.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, pairwise

import snowballstemmer

_WORD = re.compile(r"[a-z0-9]+")
_STEMMED_FROM = 4  # letters

_porter = snowballstemmer.stemmer("porter")


@dataclass(frozen=True, slots=True)
class Rouge:
    """F1 in percent of words, of pairs of words, and of longest common subsequences by sentence."""

    one: float
    two: float
    lsum: float


def rouge(reference: Sequence[str], summary: Sequence[str]) -> Rouge:
    """Compare a summary with a reference, each a list of sentences."""
    theirs, ours = [_words(one) for one in reference], [_words(one) for one in summary]
    their_words, our_words = list(chain(*theirs)), list(chain(*ours))
    return Rouge(
        _f1(_shared(their_words, our_words), len(their_words), len(our_words)),
        _f1(
            _shared(_pairs(their_words), _pairs(our_words)),
            max(0, len(their_words) - 1),
            max(0, len(our_words) - 1),
        ),
        _f1(_union(theirs, ours), len(their_words), len(our_words)),
    )


def _words(text: str) -> list[str]:
    return [_stem(word) for word in _WORD.findall(text.lower())]


@cache
def _stem(word: str) -> str:
    return str(_porter.stemWord(word)) if len(word) >= _STEMMED_FROM else word


def _pairs(words: Sequence[str]) -> list[tuple[str, str]]:
    return list(pairwise(words))


def _shared(one: Sequence[object], other: Sequence[object]) -> int:
    return sum((Counter(one) & Counter(other)).values())


def _f1(shared: int, theirs: int, ours: int) -> float:
    return 200 * shared / (theirs + ours) if shared else 0.0


def _union(theirs: Sequence[Sequence[str]], ours: Sequence[Sequence[str]]) -> int:
    """Count the words of the reference that stand in order in some sentence; each used up once."""
    left_theirs = Counter(word for sentence in theirs for word in sentence)
    left_ours = Counter(word for sentence in ours for word in sentence)
    hits = 0
    for sentence in theirs:
        places = {place for other in ours for place in _in_order(sentence, other)}
        for word in (sentence[place] for place in sorted(places)):
            if left_theirs[word] > 0 and left_ours[word] > 0:
                hits += 1
                left_theirs[word] -= 1
                left_ours[word] -= 1
    return hits


def _in_order(reference: Sequence[str], other: Sequence[str]) -> list[int]:
    """Return the places in `reference` of a longest common subsequence."""
    rows = [[0] * (len(other) + 1)]
    for word in reference:
        above, row = rows[-1], [0]
        for place, candidate in enumerate(other):
            row.append(
                above[place] + 1 if word == candidate else max(above[place + 1], row[place])
            )
        rows.append(row)
    found, i, j = [], len(reference), len(other)
    while i and j:
        if reference[i - 1] == other[j - 1]:
            found.append(i - 1)
            i, j = i - 1, j - 1
        elif rows[i][j - 1] > rows[i - 1][j]:
            j -= 1
        else:
            i -= 1
    return found
