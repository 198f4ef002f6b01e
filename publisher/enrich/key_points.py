"""Key points by extraction: whole, clean sentences of the text, for articles that bring none.

Serves core.enriching and the command `key-points`. Pure: no model, no file, no clock. Sentences that
could not stand alone are left out; of the others a linear score, learned from articles with key points
(`kit/sentence_weights.py`), takes the best that do not repeat one another.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from publisher.kit.language import guess_language
from publisher.kit.selection import choose, score
from publisher.kit.sentence_features import FEATURES, Sentence, cosine, look_at, vector
from publisher.kit.sentence_weights import HABITS, WEIGHTS
from publisher.kit.sentences import sentences
from publisher.kit.terms import terms
from publisher.model.enrichment import Reason, WhyPoint
from publisher.ports import KeyPoints

MAX_TEXT, MAX_SENTENCES = 100_000, 400
"""Characters and sentences looked at; what stands later in a text is not its main point."""

TITLE_REPEATED = 0.9
"""The cosine to the title from which on a sentence is the title again."""

_OPENING = WEIGHTS["like_opening"][0]
TITLE, STANDFIRST = _OPENING / 2, _OPENING / 4
"""Points for a cosine of 1. The articles learned from have neither. A title says what the first sentences
say, so sharing its words counts like sharing theirs; a standfirst is often the first paragraph again,
which has counted already, so it counts half."""

_WEIGHTS = [weight for weight, _ in WEIGHTS.values()]
_USUAL = [usual for _, usual in WEIGHTS.values()]


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Key points take no options; how many is said by each feed."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A text's sentences with their scores; `likeness` is that to title and standfirst."""

    sentences: Sequence[Sentence]
    likeness: Sequence[tuple[float, float]]
    scores: Sequence[float]


class Extractive:
    """The enricher `key_points`."""

    def points(
        self, title: str, text: str, count: int, language: str = "", standfirst: str = ""
    ) -> tuple[str, ...]:
        """Return at most `count` sentences, in text order, never more than half of the text's."""
        read = _read(title, standfirst, text, language)
        return tuple(read.sentences[place].text for place in sorted(_chosen(read, count)))

    def explain(
        self,
        title: str,
        text: str,
        count: int,
        language: str = "",
        standfirst: str = "",
        *,
        more: int = 0,
    ) -> tuple[WhyPoint, ...]:
        """Return what `points` returns with the reasons, then `more` sentences that came near."""
        read = _read(title, standfirst, text, language)
        chosen = sorted(_chosen(read, count))
        others = sorted(
            (at for at, one in enumerate(read.sentences) if not one.flaw and at not in chosen),
            key=lambda place: -read.scores[place],
        )
        return tuple(_why(read, place) for place in (*chosen, *others[:more]))


def create(options: Options, context: object = None) -> KeyPoints:
    """Return the enricher; it needs neither options nor context."""
    del options, context
    return Extractive()


def _read(title: str, standfirst: str, text: str, language: str) -> _Read:
    """Read a text's beginning; the last sentence of what was cut has no end, and is left out so."""
    beginning = text[:MAX_TEXT]
    spoken = language or guess_language(beginning)
    found = look_at(sentences(beginning, spoken)[:MAX_SENTENCES], spoken)
    heads = [vector(terms(head[:MAX_TEXT], spoken), {}) for head in (title, standfirst)]
    likeness = [(cosine(one.vector, heads[0]), cosine(one.vector, heads[1])) for one in found]
    scores = [
        score(one.features, _WEIGHTS, _USUAL) + TITLE * like[0] + STANDFIRST * like[1]
        for one, like in zip(found, likeness, strict=True)
    ]
    return _Read(found, likeness, scores)


def _chosen(read: _Read, count: int) -> list[int]:
    """Return the places of the key points, best first."""
    wanted = min(count, len(read.sentences) // 2)
    fresh = [place for place, (title, _) in enumerate(read.likeness) if title < TITLE_REPEATED]
    places = choose(
        [read.sentences[place] for place in fresh],
        [read.scores[place] for place in fresh],
        wanted,
        HABITS,
    )
    return [fresh[place] for place in places]


def _why(read: _Read, place: int) -> WhyPoint:
    one, (title, standfirst) = read.sentences[place], read.likeness[place]
    sums: dict[str, float] = defaultdict(float)
    for words, value, weight, usual in zip(
        FEATURES.values(), one.features, _WEIGHTS, _USUAL, strict=True
    ):
        sums[words] += weight * (value - usual)
    sums["shares words with the title"] = TITLE * title
    sums["shares words with the standfirst"] = STANDFIRST * standfirst
    reasons = sorted(sums.items(), key=lambda reason: -abs(reason[1]))
    return WhyPoint(
        point=one.text,
        score=read.scores[place],
        reasons=tuple(Reason(words, weight) for words, weight in reasons if weight),
    )


def key_points_rows(
    rows: Iterable[Mapping[str, object]], points: int = 3
) -> Iterator[dict[str, object]]:
    """Yield `{id, key_points}` for rows `{id, title?, text, language?}`, one by one."""
    enricher = Extractive()
    for row in rows:
        title, text, language = (
            str(row.get(name) or "") for name in ("title", "text", "language")
        )
        yield {
            "id": row.get("id"),
            "key_points": list(enricher.points(title, text, points, language)),
        }
