"""The posting index: which articles hold which terms; serves enrichers through `ports.Library`."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import delete, func, select

from publisher.model.articles import ArticleId
from publisher.store.database import Part, chunks
from publisher.store.schema import posting
from publisher.store.types import clean


class SqlLibrary(Part):
    """Postings in the store."""

    def size(self) -> int:
        """Return how many articles are indexed."""
        with self._db.read() as tx:
            counted = select(func.count(posting.c.article.distinct()))
            return int(tx.execute(counted).scalar_one())

    def index(self, article: ArticleId, terms: Mapping[str, float]) -> None:
        """Replace the article's terms and their weights."""
        weights = {clean(term): weight for term, weight in terms.items()}
        rows = [
            {"term": term, "article": article, "weight": weight}
            for term, weight in sorted(weights.items())
        ]
        with self._db.write() as tx:
            tx.execute(delete(posting).where(posting.c.article == article))
            if rows:
                tx.execute(posting.insert(), rows)

    def frequencies(self, terms: Collection[str]) -> Mapping[str, int]:
        """Return in how many articles each known term stands."""
        asked = {clean(term): term for term in terms}
        with self._db.read() as tx:
            return {
                asked[term]: count
                for part in chunks(asked)
                for term, count in tx.execute(
                    select(posting.c.term, func.count())
                    .where(posting.c.term.in_(part))
                    .group_by(posting.c.term)
                )
            }

    def postings(
        self, terms: Sequence[str], budget: int
    ) -> Mapping[str, Sequence[tuple[int, float]]]:
        """Return (article id, weight) lists term by term, newest articles first within a term.

        At most `budget` rows in all, in the order of the terms given: the rarest should come first.
        """
        found: dict[str, Sequence[tuple[int, float]]] = {}
        with self._db.read() as tx:
            for term in terms:
                if budget <= 0:
                    break
                listed = select(posting.c.article, posting.c.weight).where(posting.c.term == term)
                newest = listed.order_by(posting.c.article.desc()).limit(budget)
                rows = [(int(number), float(weight)) for number, weight in tx.execute(newest)]
                if rows and term not in found:
                    found[term] = rows
                    budget -= len(rows)
        return found
