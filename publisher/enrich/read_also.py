"""Read also: relates an article to others that share its rarest words.

Serves core.enriching and the command `read-also`. Touches the library it is handed, nothing else.
An article is indexed by its heaviest terms; a query reads the rarest of them first until its budget
of postings is used up, so that the time it takes does not grow with the archive.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from publisher.kit.language import guess_language
from publisher.kit.memory_library import MemoryLibrary
from publisher.kit.terms import telling, term
from publisher.model.articles import ArticleId
from publisher.ports import Library, ReadAlso

TERMS = 48  # per article
TITLE = 3.0
NAMED = 1.5  # a proper noun or a number
MAX_TEXT = 6_000  # characters; news says what it is about early
BUDGET = 4_000  # postings read per query

FLOOR = 0.12
"""Share of an article's own score that another must reach. Below it stand stories that share only
common words: on the sample articles it costs 0.2 % of the right links and keeps out 86 % of the
best links to another topic."""


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Read also takes no options; how many is said by each feed."""


class PostingIndex:
    """The enricher `read_also`."""

    def index(self, article: ArticleId, title: str, text: str, library: Library) -> None:
        """Make the article findable."""
        library.index(article, weigh(title, text))

    def related(
        self, article: ArticleId, title: str, text: str, count: int, library: Library
    ) -> tuple[ArticleId, ...]:
        """Return at most `count` other articles, best first; none rather than unrelated ones."""
        weights = weigh(title, text)
        spread = library.frequencies(weights)
        rarest = sorted(spread, key=lambda word: (spread[word], word))
        size = max(library.size(), 1)
        # Squared, because a term counts once for the article asked about and once for the other.
        rarity = {word: math.log(1 + size / spread[word]) ** 2 for word in rarest}
        scores: defaultdict[int, float] = defaultdict(float)
        for word, found in library.postings(rarest, BUDGET).items():
            for other, weight in found:
                scores[other] += weight * weights[word] * rarity[word]
        floor = FLOOR * sum(weights[word] ** 2 * rarity[word] for word in rarest)
        ranked = sorted((-score, other) for other, score in scores.items() if score >= floor)
        return tuple(ArticleId(other) for _, other in ranked if other != article)[:count]


def create(options: Options, context: object = None) -> ReadAlso:
    """Return the enricher; it needs neither options nor context."""
    del options, context
    return PostingIndex()


def weigh(title: str, text: str) -> dict[str, float]:
    """Return an article's heaviest terms; the squares of their weights add up to 1."""
    body = text[:MAX_TEXT]
    language = guess_language(body or title)
    counts: defaultdict[str, float] = defaultdict(float)
    for token in telling(title, language):
        counts[term(token)] += TITLE
    for token in telling(body, language):
        named = token[0].isupper() or token[0].isdecimal()
        counts[term(token)] += NAMED if named else 1.0
    heaviest = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:TERMS]
    weights = {word: 1 + math.log(count) for word, count in heaviest}
    length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {word: weight / length for word, weight in weights.items()}


def read_also_rows(
    rows: Iterable[Mapping[str, object]], k: int = 3
) -> Iterator[dict[str, object]]:
    """Yield `{id, read_also: [id…]}` for rows `{id, title, text}`, related among themselves.

    All rows are read before the first answer, because any may be related to any.
    """
    enricher, library = PostingIndex(), MemoryLibrary()
    known = [
        (row.get("id"), str(row.get("title") or ""), str(row.get("text") or "")) for row in rows
    ]
    for number, (_, title, text) in enumerate(known):
        enricher.index(ArticleId(number), title, text, library)
    for number, (name, title, text) in enumerate(known):
        found = enricher.related(ArticleId(number), title, text, k, library)
        yield {"id": name, "read_also": [known[other][0] for other in found]}
