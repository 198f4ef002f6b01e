"""Which articles are offered under another one, from both sides. Pure.

Serves enriching. A tie is as strong seen from either end, so a newcomer tells its elders by itself:
nothing is searched again for them.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from publisher.model.articles import ArticleId
from publisher.model.enrichment import Relations, Relative, Tie

FLOOR = 0.12
"""Share of an article's own score that another must reach. Below it stand stories that share only
common words: on the sample articles it costs 0.3 % of the right links and keeps out 86 % of the
best links to another topic."""

FADING = timedelta(days=365)
FADED = 0.15
"""How much a tie loses over a year between two stories, and no more after that: what is fresher comes
first where both are about equally related, and an old story of the same affair before a new one of
another."""


def closeness(one: datetime, other: datetime) -> float:
    """Return what of a tie is left for the time between two stories, from 1 down."""
    return 1 - FADED * min(1.0, abs(one - other) / FADING)


def chosen(
    asked: Relative,
    found: Relations,
    known: Mapping[ArticleId, Relative],
    count: int,
    without: Collection[ArticleId] = (),
) -> Relations:
    """Return the best ties of an article among those found, at most `count`, above the floor.

    `known` holds what may be shown; the article itself, its cluster and those `without` are no
    further reading.
    """
    fit = (
        tie
        for tie in found.ties
        if tie.score >= FLOOR * found.own
        and tie.article not in without
        and (other := known.get(tie.article)) is not None
        and _strange(asked, other)
    )
    return Relations(own=found.own, ties=_best(asked, fit, known, count))


def told(
    elder: Relative,
    newcomer: Relative,
    score: float,
    known: Mapping[ArticleId, Relative],
    count: int,
) -> Relations | None:
    """Return what an elder is tied to now that it knows of a newcomer; None when nothing changes.

    `known` holds whom the elder is tied to, as far as they may still be shown.
    """
    kept = elder.relations
    if score < FLOOR * kept.own or not kept.own or not _strange(elder, newcomer):
        return None
    others = [tie for tie in kept.ties if tie.article != newcomer.id]
    everybody = {**known, newcomer.id: newcomer}
    best = _best(elder, [*others, Tie(newcomer.id, score)], everybody, count)
    return None if best == kept.ties else Relations(own=kept.own, ties=best)


def all_told(
    newcomers: Mapping[ArticleId, Relative], known: Mapping[ArticleId, Relative], count: int
) -> dict[ArticleId, Relations]:
    """Return what elders are tied to once newcomers have told them, as far as anything changes.

    `known` holds the elders as they are now, and whom these are tied to.
    """
    now, changed = dict(known), {}
    for _, newcomer in sorted(newcomers.items()):
        for tie in newcomer.relations.ties:
            elder = now.get(tie.article)
            if elder is None or tie.article in newcomers:
                continue
            fresh = told(elder, newcomer, tie.score, {**known, **newcomers}, count)
            if fresh is not None:
                changed[elder.id] = fresh
                now[elder.id] = replace(elder, relations=fresh)
    return changed


def _strange(one: Relative, other: Relative) -> bool:
    """Tell whether two are neither the same nor of one cluster."""
    return one.id != other.id and (one.cluster is None or one.cluster != other.cluster)


def _best(
    asked: Relative, ties: Iterable[Tie], known: Mapping[ArticleId, Relative], count: int
) -> tuple[Tie, ...]:
    def rank(tie: Tie) -> tuple[float, int]:
        near = closeness(asked.published, known[tie.article].published)
        return (-tie.score * near, -tie.article)

    return tuple(sorted((tie for tie in ties if tie.article in known), key=rank)[:count])
