"""Read also: relates an article to others that share its rarest words.

Serves core.enriching and the command `read-also`. Touches the library it is handed, nothing else.
An article is indexed by its heaviest terms; a query reads the rarest of them first until its budget
of postings is used up, so that the time it takes does not grow with the archive.
"""

import math
from collections import defaultdict
from collections.abc import Mapping

import msgspec

from publisher.kit.language import guess_language
from publisher.kit.terms import telling, term
from publisher.model.articles import Article, ArticleId
from publisher.model.enrichment import Reason, Relations, Tie, WhyTie
from publisher.ports import Library, ReadAlso

TERMS = 48  # per article
TITLE = 3.0
NAMED = 1.5  # a proper noun or a number
MAX_TITLE, MAX_TEXT = 400, 6_000  # characters; news says what it is about early
BUDGET = 4_000  # postings read per query


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Read also takes no options; how many is said by each feed."""


class PostingIndex:
    """The enricher `read_also`."""

    def terms(self, title: str, text: str, language: str = "") -> Mapping[str, float]:
        """Return an article's heaviest terms; the squares of their weights add up to 1."""
        return weigh(title, text, language)

    def related(self, terms: Mapping[str, float], library: Library, count: int) -> Relations:
        """Return what an article of these terms is tied to: at most `count`, itself included."""
        spread = library.frequencies(terms)
        rarity = _rarity(spread, library)
        asked = {
            word: (wanted, terms[word] * rarity[word]) for word, wanted in _wanted(spread).items()
        }
        best = library.scores(asked, count)
        ties = tuple(Tie(ArticleId(other), score) for other, score in best)
        return Relations(own=_own(terms, rarity), ties=ties)

    def own(self, terms: Mapping[str, float], library: Library) -> float:
        """Return the score that an article of these terms has with itself now."""
        return _own(terms, _rarity(library.frequencies(terms), library))

    def explain(self, article: Article, other: Article, library: Library) -> WhyTie:
        """Return the words that tie `other` to `article`, as they stand in the latter."""
        mine, theirs = (weigh(one.title, one.text, one.language) for one in (article, other))
        rarity = _rarity(library.frequencies(mine), library)
        own = _own(mine, rarity)
        shared = {
            word: mine[word] * theirs[word] * worth
            for word, worth in rarity.items()
            if word in theirs
        }
        whole = sum(shared.values())
        spelled = _spelled(article)
        heaviest = sorted(shared.items(), key=lambda item: (-item[1], item[0]))
        return WhyTie(
            alike=whole / own if own else 0.0,
            terms=tuple(Reason(spelled.get(word, word), part / whole) for word, part in heaviest),
        )


def _rarity(spread: Mapping[str, int], library: Library) -> dict[str, float]:
    """Return what sharing each term is worth.

    Squared, because a term counts once for the article asked about and once for the other.
    """
    size = max(library.size(), 1)
    return {word: math.log(1 + size / count) ** 2 for word, count in spread.items()}


def _own(terms: Mapping[str, float], rarity: Mapping[str, float]) -> float:
    return sum(terms[word] ** 2 * rarity[word] for word in sorted(rarity))


def _spelled(article: Article) -> dict[str, str]:
    """Return each term of an article as it is first written there."""
    body = article.text[:MAX_TEXT]
    spoken = article.language or guess_language(body or article.title)
    words: dict[str, str] = {}
    for token in (*telling(article.title[:MAX_TITLE], spoken), *telling(body, spoken)):
        words.setdefault(term(token, spoken), token)
    return words


def _wanted(spread: Mapping[str, int]) -> dict[str, int]:
    """Return how many postings of each term are read: all of the rarest ones', until the budget is used."""
    wanted: dict[str, int] = {}
    left = BUDGET
    for word in sorted(spread, key=lambda word: (spread[word], word)):
        if left <= 0:
            break
        wanted[word] = min(left, spread[word])
        left -= wanted[word]
    return wanted


def create(options: Options, context: object = None) -> ReadAlso:
    """Return the enricher; it needs neither options nor context."""
    del options, context
    return PostingIndex()


def weigh(title: str, text: str, language: str = "") -> dict[str, float]:
    """Return an article's heaviest terms; the squares of their weights add up to 1."""
    body = text[:MAX_TEXT]
    spoken = language or guess_language(body or title[:MAX_TITLE])
    counts: defaultdict[str, float] = defaultdict(float)
    for token in telling(title[:MAX_TITLE], spoken):
        counts[term(token, spoken)] += TITLE
    for token in telling(body, spoken):
        named = token[0].isupper() or token[0].isdecimal()
        counts[term(token, spoken)] += NAMED if named else 1.0
    heaviest = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:TERMS]
    weights = {word: 1 + math.log(count) for word, count in heaviest}
    length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {word: weight / length for word, weight in weights.items()}
