"""The posting index: which articles hold which terms; serves enrichers through `ports.Library`.

In how many articles a term stands is counted as they come, so that no question costs more because the
archive is larger. Of each term the newest articles are read first; postings are kept in that order.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping

from publisher.model.articles import ArticleId
from publisher.store.database import Part, Raw
from publisher.store.types import clean

EVERY = ""
"""The term that stands for all articles: it counts them."""

_COUNT = (
    "INSERT INTO term (word, articles) VALUES (?, ?)"
    " ON CONFLICT (word) DO UPDATE SET articles = term.articles + excluded.articles"
)
_NEWEST = "SELECT article, weight FROM posting WHERE term = ? ORDER BY article DESC LIMIT ?"
_ALL_NEWEST = (
    "SELECT j.word, p.article, p.weight FROM unnest(?::text[], ?::bigint[]) AS j(word, wanted),"
    " LATERAL (SELECT article, weight FROM posting WHERE term = j.word"
    " ORDER BY article DESC LIMIT j.wanted) AS p"
)

Postings = dict[str, list[tuple[int, float]]]


class SqlLibrary(Part):
    """Postings in the store."""

    def size(self) -> int:
        """Return how many articles are indexed."""
        with self._db.read() as tx:
            found = self._db.raw(tx).rows("SELECT articles FROM term WHERE word = ?", EVERY)
            return int(found[0][0]) if found else 0

    def index(self, articles: Mapping[ArticleId, Mapping[str, float]]) -> None:
        """Replace the terms of articles, and their weights."""
        if not articles:
            return
        rows = {
            (clean(term), int(number)): weight
            for number, terms in articles.items()
            for term, weight in terms.items()
            if term
        }
        with self._db.write() as tx:
            raw = self._db.raw(tx)
            place, values = raw.among(sorted(articles))
            old = raw.rows(f"SELECT term, article FROM posting WHERE article {place}", *values)  # noqa: S608  ours
            if old:
                raw.run(f"DELETE FROM posting WHERE article {place}", *values)  # noqa: S608  ours
            raw.many(
                "INSERT INTO posting (term, article, weight) VALUES (?, ?, ?)",
                [(*key, rows[key]) for key in sorted(rows)],
            )
            _count(raw, rows.keys(), {(term, number) for term, number in old})

    def frequencies(self, terms: Collection[str]) -> Mapping[str, int]:
        """Return in how many articles each known term stands."""
        asked = {clean(term): term for term in terms if term}
        with self._db.read() as tx:
            raw = self._db.raw(tx)
            source, value = raw.each(asked)
            joined = f"{source} JOIN term AS t ON t.word = j.value"
            found = raw.rows(f"SELECT t.word, t.articles FROM {joined}", value)  # noqa: S608  ours
        return {asked[word]: count for word, count in found if count > 0}

    def postings(self, wanted: Mapping[str, int]) -> Mapping[str, list[tuple[int, float]]]:
        """Return (article id, weight) lists by term: of each the newest articles, as many as wanted."""
        asked = {clean(term): term for term, count in wanted.items() if count > 0}
        with self._db.read() as tx:
            raw = self._db.raw(tx)
            read = _one_by_one if self._db.sqlite else _at_once
            found = read(raw, {word: wanted[term] for word, term in asked.items()})
        return {asked[word]: rows for word, rows in found.items() if rows}


def _one_by_one(raw: Raw, wanted: Mapping[str, int]) -> Postings:
    """Read term by term, where a statement costs microseconds."""
    return {word: raw.rows(_NEWEST, word, count) for word, count in wanted.items()}


def _at_once(raw: Raw, wanted: Mapping[str, int]) -> Postings:
    """Read all terms in one round trip."""
    found: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    for word, number, weight in raw.rows(_ALL_NEWEST, list(wanted), list(wanted.values())):
        found[word].append((number, weight))
    return found


def _count(
    raw: Raw, now: Collection[tuple[str, int]], before: Collection[tuple[str, int]]
) -> None:
    """Count terms up and down, in one order everywhere, so that no two writers wait for each other."""
    change = Counter(term for term, _ in now)
    change.subtract(term for term, _ in before)
    change[EVERY] = len({number for _, number in now}) - len({number for _, number in before})
    raw.many(_COUNT, [(term, count) for term, count in sorted(change.items()) if count])
