"""Key points that somebody outside writes: questions, answers and what they cost; serves core.writing.

All processes share them: a question is asked by one at a time, and no day costs more than it may.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, func, select, update

from publisher.model.articles import ArticleId
from publisher.ports import Answer, Budget, Pointed, Service, Spent
from publisher.store.database import Part, chunks
from publisher.store.documents import renew
from publisher.store.schema import article as table
from publisher.store.schema import feed_article, on, readable
from publisher.store.writing_schema import answer as asked
from publisher.store.writing_schema import day as spending
from publisher.store.writing_schema import service as served

KEPT = timedelta(days=60)
"""How long an answer is remembered."""

READ = 100_000
"""Characters of a text that are read; nobody outside is told more."""


class WritingVerbs(Part):
    """Questions and answers."""

    def pointed(self, since: datetime, now: datetime, limit: int) -> Sequence[Pointed]:
        """Return readable articles published since then whose points were computed, newest first.

        Those that stand in no feed, or whose points somebody supplied, are not among them.
        """
        shown = exists().where(feed_article.c.article == table.c.id, on(feed_article.c.present))
        wanted = (
            select(
                table.c.id,
                func.coalesce(table.c.own_title, table.c.title).label("title"),
                func.substr(table.c.text, 1, READ).label("text"),
                table.c.language,
                table.c.computed_points,
                table.c.content_hash,
            )
            .where(readable(now), table.c.published >= since, on(table.c.enriched), shown)
            .where(table.c.key_points == [], table.c.own_points.is_(None))
            .order_by(table.c.published.desc(), table.c.id.desc())
            .limit(limit)
        )
        with self._db.read() as tx:
            return [
                Pointed(
                    id=ArticleId(row.id),
                    title=row.title,
                    text=row.text,
                    language=row.language,
                    points=tuple(row.computed_points),
                    content_hash=row.content_hash,
                )
                for row in tx.execute(wanted)
            ]

    def answers(self, keys: Collection[str]) -> Mapping[str, Answer]:
        """Return what is known of these questions; unknown ones are absent."""
        with self._db.read() as tx:
            return {
                row.key: Answer(points=tuple(row.points), tries=row.tries, due=row.due)
                for part in chunks(keys)
                for row in tx.execute(select(asked).where(asked.c.key.in_(part)))
            }

    def claim_answers(
        self, keys: Sequence[str], now: datetime, until: datetime, limit: int
    ) -> Sequence[str]:
        """Return the first of these that are due and nobody asks, and keep others from asking until then."""
        claimed: list[str] = []
        with self._db.write() as tx:
            for key in keys:
                if len(claimed) == limit:
                    break
                insert = self._db.insert(asked).values(key=key, due=until, at=now)
                mine = insert.on_conflict_do_update(
                    index_elements=["key"], set_={"due": until}, where=asked.c.due <= now
                )
                claimed += tx.execute(mine.returning(asked.c.key)).scalars()
        return claimed

    def keep_answer(self, key: str, answer: Answer, now: datetime) -> None:
        """Remember an answer, or that there is none yet. Old ones are forgotten."""
        values = {"points": list(answer.points), "tries": answer.tries, "due": answer.due}
        insert = self._db.insert(asked).values(key=key, at=now, **values)
        kept = insert.on_conflict_do_update(index_elements=["key"], set_={**values, "at": now})
        with self._db.write() as tx:
            tx.execute(kept)
            tx.execute(delete(asked).where(asked.c.at < now - KEPT))

    def set_points(self, article: Pointed, points: Sequence[str]) -> bool:
        """Replace the computed points of an article; False when it has changed since it was read."""
        here = (table.c.id == article.id, table.c.content_hash == article.content_hash)
        changed = update(table).where(*here, on(table.c.enriched))
        with self._db.write() as tx:
            done = tx.execute(changed.values(computed_points=list(points))).rowcount > 0
            if done:
                renew(self._db, tx, [article.id])
            return done

    def spend(self, purpose: str, day: str, budget: Budget, tokens: int) -> bool:
        """Count a request and its tokens, unless the day's budget is spent; tell which."""
        mine = {"purpose": purpose, "day": day}
        made = self._db.insert(spending).values(**mine).on_conflict_do_nothing()
        within = [
            spending.c.purpose == purpose,
            spending.c.day == day,
            spending.c.requests < budget.requests,
        ]
        if budget.tokens:
            within.append(spending.c.tokens + tokens <= budget.tokens)
        one_more = {"requests": spending.c.requests + 1, "tokens": spending.c.tokens + tokens}
        with self._db.write() as tx:
            tx.execute(made)
            return tx.execute(update(spending).where(*within).values(one_more)).rowcount > 0

    def settle(self, purpose: str, day: str, tokens: int) -> None:
        """Add to (or take from) the tokens of a day."""
        mine = (spending.c.purpose == purpose, spending.c.day == day)
        with self._db.write() as tx:
            tx.execute(update(spending).where(*mine).values(tokens=spending.c.tokens + tokens))

    def spent(self, purpose: str, day: str) -> Spent:
        """Return what a day has cost so far."""
        mine = (spending.c.purpose == purpose, spending.c.day == day)
        with self._db.read() as tx:
            row = tx.execute(select(spending.c.requests, spending.c.tokens).where(*mine)).first()
        return Spent() if row is None else Spent(requests=row.requests, tokens=row.tokens)

    def service_state(self, service: str) -> Service:
        """Return how a service has behaved."""
        with self._db.read() as tx:
            row = tx.execute(select(served).where(served.c.service == service)).first()
        if row is None:
            return Service()
        return Service(failures=row.failures, until=row.until, error=row.error)

    def note_service(self, service: str, state: Service) -> bool:
        """Remember how a service behaves; False when its error is the one that is known already."""
        values = {"failures": state.failures, "until": state.until, "error": state.error}
        insert = self._db.insert(served).values(service=service, **values)
        noted = insert.on_conflict_do_update(index_elements=["service"], set_=values)
        known = select(served.c.error).where(served.c.service == service)
        with self._db.write() as tx:
            before = tx.execute(known).scalar() or ""
            tx.execute(noted)
            return bool(before != state.error)
