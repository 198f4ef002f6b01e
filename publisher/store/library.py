"""The posting index: which articles hold which terms; serves enrichers through `ports.Library`.

Each posting counts: it is its term's `nth`, so the newest one tells in how many articles the term
stands, and nothing costs more because the archive is larger. An edited article leaves the count of a
term it lost too high by one, which its logarithm does not notice. The term "" stands for all articles.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from publisher.model.articles import ArticleId
from publisher.store.database import Part, Raw
from publisher.store.types import clean

EVERY = ""
"""The term in which every indexed article stands."""

_ADD = (
    "INSERT INTO posting (term, article, weight, nth) VALUES (?, ?, ?, 1 + coalesce((SELECT nth FROM posting"
    " WHERE term = ? AND article < ? ORDER BY article DESC LIMIT 1), 0))"
)
_WEIGH = "UPDATE posting SET weight = ? WHERE term = ? AND article = ?"
_DROP = "DELETE FROM posting WHERE term = ? AND article = ?"
_NEWEST = "SELECT article, weight, nth FROM posting WHERE term = ? ORDER BY article DESC LIMIT ?"
_ALL_NEWEST = (
    "SELECT j.word, p.article, p.weight, p.nth FROM unnest(?::text[], ?::bigint[]) AS j(word, wanted),"
    " LATERAL (SELECT article, weight, nth FROM posting WHERE term = j.word"
    " ORDER BY article DESC LIMIT j.wanted) AS p"
)
_SCORES = (
    "SELECT p.article, sum(p.weight * j.share) AS score"
    " FROM unnest(?::text[], ?::bigint[], ?::float8[]) AS j(word, wanted, share),"
    " LATERAL (SELECT article, weight FROM posting WHERE term = j.word"
    " ORDER BY article DESC LIMIT j.wanted) AS p"
)
_PART = (
    "SELECT article, weight * ? AS part FROM"
    " (SELECT article, weight FROM posting WHERE term = ? ORDER BY article DESC LIMIT ?)"
)
_BEST = " GROUP BY article ORDER BY score DESC, article LIMIT ?"

Key = tuple[str, int]
"""A term and an article."""


class SqlLibrary(Part):
    """Postings in the store."""

    def size(self) -> int:
        """Return how many articles are indexed."""
        with self._db.read() as tx:
            return next((nth for _, _, nth in self._db.raw(tx).rows(_NEWEST, EVERY, 1)), 0)

    def index(self, articles: Mapping[ArticleId, Mapping[str, float]]) -> None:
        """Replace the terms of articles, and their weights."""
        if not articles:
            return
        new: dict[Key, float] = {}
        for number, terms in articles.items():
            new |= {(clean(term), int(number)): weight for term, weight in terms.items() if term}
            if terms:
                new[EVERY, int(number)] = 0.0
        with self._db.write() as tx:
            raw = self._db.raw(tx)
            place, values = raw.among(sorted(articles))
            held = f"SELECT term, article, weight FROM posting WHERE article {place}"  # noqa: S608  ours
            old = {(term, number): weight for term, number, weight in raw.rows(held, *values)}
            # In the order of the index: neighbours share a page, and each counts on from the one before.
            raw.many(_DROP, sorted(old.keys() - new.keys()))
            raw.many(_WEIGH, [(new[key], *key) for key in sorted(_changed(old, new))])
            raw.many(_ADD, [(*key, new[key], *key) for key in sorted(new.keys() - old.keys())])

    def frequencies(self, terms: Collection[str]) -> Mapping[str, int]:
        """Return in how many articles each known term stands."""
        asked = {clean(term): term for term in terms if term}
        found = self._newest(dict.fromkeys(asked, 1))
        return {asked[word]: rows[0][2] for word, rows in found.items() if rows}

    def postings(self, wanted: Mapping[str, int]) -> Mapping[str, list[tuple[int, float]]]:
        """Return (article id, weight) lists by term: of each the newest articles, as many as wanted."""
        asked = {clean(term): term for term, count in wanted.items() if count > 0}
        found = self._newest({word: wanted[term] for word, term in asked.items()})
        return {
            asked[word]: [(number, weight) for number, weight, _ in rows]
            for word, rows in found.items()
            if rows
        }

    def scores(
        self, asked: Mapping[str, tuple[int, float]], count: int
    ) -> Sequence[tuple[int, float]]:
        """Return the best articles with their scores: the sums of weight times share over the postings.

        `asked` says of each term how many of its newest postings are read, and its share.
        """
        rows = [
            (clean(term), wanted, share) for term, (wanted, share) in asked.items() if wanted > 0
        ]
        if not rows:
            return []
        with self._db.read() as tx:
            raw = self._db.raw(tx)
            if not self._db.sqlite:
                return raw.rows(_SCORES + _BEST, *map(list, zip(*rows, strict=True)), count)
            parts = " UNION ALL ".join([_PART] * len(rows))
            values = [value for word, wanted, share in rows for value in (share, word, wanted)]
            summed = f"SELECT article, sum(part) AS score FROM ({parts}){_BEST}"  # noqa: S608  ours
            return raw.rows(summed, *values, count)

    def _newest(self, wanted: Mapping[str, int]) -> Mapping[str, list[tuple[Any, ...]]]:
        """Return (article, weight, nth) lists by word, newest articles first, as many as wanted."""
        with self._db.read() as tx:
            raw = self._db.raw(tx)
            if not self._db.sqlite:
                return _at_once(raw, wanted)
            # Where a statement costs microseconds, one a term is faster than one for all.
            return {word: raw.rows(_NEWEST, word, count) for word, count in wanted.items()}


def _at_once(raw: Raw, wanted: Mapping[str, int]) -> Mapping[str, list[tuple[Any, ...]]]:
    """Read all terms in one round trip."""
    found: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for word, *row in raw.rows(_ALL_NEWEST, list(wanted), list(wanted.values())):
        found[word].append(tuple(row))
    return found


def _changed(old: Mapping[Key, float], new: Mapping[Key, float]) -> Iterable[Key]:
    """Yield what stays, with another weight."""
    return (key for key in old.keys() & new.keys() if old[key] != new[key])
