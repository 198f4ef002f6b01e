"""Near-copies: how much of one text stands in another, told from small sketches of both.

Serves clusters and Read also. Pure, no dependency. A text is the set of its shingles (three words in a
row; Broder 1997, "On the resemblance and containment of documents"). Of their hashes the smallest are
kept: what two such samples share estimates what the sets share, and one shared value among the very
smallest is enough to find a copy. Bottom-k costs one hash a shingle where 128 permutations cost 128.
"""

import heapq
import zlib
from collections.abc import Sequence

from publisher.kit.terms import tokens
from publisher.model.clusters import NEAR, Sketch

SHINGLE = 3  # words, or pairs of characters in unspaced scripts
SAMPLE = 256
"""Hashes kept of a text. Most have fewer, which makes the likeness exact; else it is off by 0.03."""
SHORTEST = 12
"""Shingles below which a text says too little to be a copy of anything."""
MAX_TITLE, MAX_TEXT = 400, 1_500
"""Characters looked at: a copy shows itself early, and what agencies add stands at the end."""

_SPREAD, _WORD = 0x9E3779B1, 0xFFFFFFFF


def sketch(title: str, text: str) -> Sketch:
    """Return the sketch of a story; the same on every machine."""
    words = [token.casefold() for token in tokens(f"{title[:MAX_TITLE]}\n{text[:MAX_TEXT]}")]
    shingles = {" ".join(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1)}
    if len(shingles) < SHORTEST:
        return Sketch()
    # A CRC's low bits follow the text too closely to order by; one multiplication spreads them.
    hashes = {zlib.crc32(one.encode("utf-8", "replace")) * _SPREAD & _WORD for one in shingles}
    return Sketch(tuple(heapq.nsmallest(SAMPLE, hashes)), len(hashes))


def likeness(one: Sketch, other: Sketch) -> float:
    """Return the estimated share of all their shingles that two texts have in common, 0 to 1.

    Exact where both are kept whole.
    """
    if not one.marks or not other.marks:
        return 0.0
    mine, theirs = set(one.marks), set(other.marks)
    both = mine | theirs
    whole = len(mine) == one.size and len(theirs) == other.size
    sample = both if whole else set(heapq.nsmallest(SAMPLE, both))
    return len(sample & mine & theirs) / len(sample)


def near_copies(asked: Sketch, known: Sequence[Sketch]) -> list[int]:
    """Return the places in `known` of those that are near-copies of the sketch asked about."""
    return [at for at, one in enumerate(known) if likeness(asked, one) >= NEAR]
