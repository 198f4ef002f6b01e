"""Which articles tell one story: pure decisions. Serves clustering.

Precision goes before recall: two stories in one cluster are a story that is never told. So a cluster
is tight. It spans a few days; an article joins one that covers the same event only when it is tied
to half of it at least, and never one that holds another story of its own source: that is a sequel.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from publisher.core.leading import Policy
from publisher.model.articles import ArticleId
from publisher.model.clusters import NEAR, Bond, Partner, Placed, Resemblance, Settled, Standing
from publisher.model.enrichment import Tie

AGAIN = 0.9
"""The same within one source, which may publish a text again, but also fills in forms."""

STRONG = 0.425
"""Strength of a tie (cosine of what two articles are found by) from which two sources tell one event.
Chosen by cross-validation over the stories of the sample articles (`benchmarks clusters`)."""

MOST = 200
"""Articles that a cluster takes by itself: more are no story but a flood, and cost the square of them."""

STAYS = 0.75
"""Share of these that keeps two together: what lies at the edge does not come and go."""


def copies(one: Standing, others: Mapping[ArticleId, float], known: "Known") -> list[Partner]:
    """Return those whose texts are like one's own: likeness by article."""
    found = []
    for number, likeness in others.items():
        least = AGAIN if same_source(one, known[number]) else NEAR
        if likeness >= least * STAYS:
            joins = likeness >= least
            found.append(Partner(article=number, bond=Bond.COPY, strength=likeness, joins=joins))
    return found


def coverage(
    one: Standing, own: float, ties: Iterable[Tie], owns: Mapping[ArticleId, float], known: "Known"
) -> list[Partner]:
    """Return those of other sources that are strongly tied to one; `owns` is what theirs are to themselves."""
    found = []
    for tie in ties:
        other = known.get(tie.article)
        theirs = owns.get(tie.article, 0.0)
        if other is None or same_source(one, other) or not own * theirs:
            continue
        strength = tie.score / math.sqrt(own * theirs)
        if strength >= STRONG * STAYS:
            joins = strength >= STRONG
            found.append(
                Partner(article=other.id, bond=Bond.COVERAGE, strength=strength, joins=joins)
            )
    return found


def resemblance(
    one: Standing, partners: Sequence[Partner], known: "Known", days: timedelta
) -> Resemblance:
    """Return what is to be settled of an article: its partners of these days, the strongest first."""
    best: dict[ArticleId, Partner] = {}
    for partner in sorted(partners, key=_weakest_first):
        best.pop(partner.article, None)  # the strongest says where it stands
        if abs(known[partner.article].published - one.published) <= days:
            best[partner.article] = partner
    return Resemblance(article=one.id, partners=tuple(reversed(best.values())))


def _weakest_first(partner: Partner) -> tuple[object, ...]:
    return partner.joins, partner.bond is Bond.COPY, partner.strength, -partner.article


def may_cover(one: Standing, other: Standing, days: timedelta) -> bool:
    """Tell whether two may tell one event as two sources do."""
    return abs(one.published - other.published) <= days and not same_source(one, other)


def same_source(one: Standing, other: Standing) -> bool:
    """Tell whether two come from one source, or from one site by two."""
    return one.source == other.source or site(one.url) == site(other.url) != ""


def site(url: str) -> str:
    """Return the name of a site."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


Known = Mapping[ArticleId, Standing]


def settle(
    standings: Sequence[Standing],
    found: Iterable[Resemblance],
    fresh: Collection[ArticleId],
    policy: Policy,
    days: timedelta,
) -> Mapping[ArticleId, Settled]:
    """Return where articles are put that were looked at, as far as anything changes.

    `standings` holds them, their partners, and all that is in their clusters. `fresh` ones have not
    been in any document yet, so that the policy may still say which of them leads there.
    """
    board = _Board(standings, days)
    for one in sorted(found, key=lambda one: one.article):
        board.look_at(one)
    return board.settled(fresh, policy)


def split(standings: Sequence[Standing], article: ArticleId) -> Mapping[ArticleId, Settled]:
    """Return where an article and its cluster are put when an operator takes it out."""
    board = _Board(standings, timedelta(0))
    board.leave(article)
    board.placed[article] = Placed.APART
    return board.settled()


def join(
    standings: Sequence[Standing], articles: Collection[ArticleId]
) -> Mapping[ArticleId, Settled]:
    """Return where articles are put when an operator says that they tell one story."""
    board = _Board(standings, timedelta(0))
    first, *others = sorted(articles)
    for other in others:
        board.unite(first, other)
    board.placed.update(dict.fromkeys(articles, Placed.JOINED))
    return board.settled()


class _Board:
    """Clusters as they are and as they become."""

    def __init__(self, standings: Sequence[Standing], days: timedelta) -> None:
        self._known = {one.id: one for one in standings}
        self._days = days
        self._cluster = {one.id: one.cluster for one in standings}
        self._members: dict[int, set[ArticleId]] = {}
        self._new = 0
        self._touched: set[ArticleId] = set()
        self.placed = {one.id: one.placed for one in standings}
        for one in standings:
            if one.cluster is not None:
                self._members.setdefault(one.cluster, set()).add(one.id)

    def look_at(self, found: Resemblance) -> None:
        """Let an article leave a cluster that it is not like any more, and join those that it is."""
        me = found.article
        if self.placed.get(me, Placed.APART) is Placed.APART:
            return
        partners = {
            one.article: one
            for one in found.partners
            if self.placed.get(one.article, Placed.APART) is not Placed.APART
        }
        if self.placed[me] is not Placed.JOINED and not partners.keys() & self._with(me):
            self.leave(me)
        joining = {number: one for number, one in partners.items() if one.joins}
        for partner in joining.values():
            if self._may_unite(me, partner, joining.keys()):
                self.unite(me, partner.article)

    def leave(self, article: ArticleId) -> None:
        """Take an article out of its cluster; one that is left alone is no cluster."""
        cluster = self._cluster[article]
        if cluster is None:
            return
        self._touched |= self._members[cluster]
        self._members[cluster].discard(article)
        self._cluster[article] = None
        if len(self._members[cluster]) == 1:
            self._cluster[self._members.pop(cluster).pop()] = None

    def unite(self, one: ArticleId, other: ArticleId) -> None:
        """Make one cluster of two articles and all that is with them; the older one's number stays."""
        together = {one, other} | self._with(one) | self._with(other)
        numbers = {self._cluster[number] for number in together} - {None}
        if not numbers:
            self._new -= 1
        old = [number for number in numbers if number is not None]
        # Negative numbers are not given yet: one that is goes before them, and the lower before others.
        cluster = min(old, key=lambda number: (number < 0, abs(number)), default=self._new)
        for number in old:
            self._members.pop(number)
        self._members[cluster] = together
        self._cluster.update(dict.fromkeys(together, cluster))
        self._touched |= together

    def settled(
        self, fresh: Collection[ArticleId] = (), policy: Policy = lambda one: (one.id,)
    ) -> Mapping[ArticleId, Settled]:
        """Return where articles are put whose place changes."""
        changed = {}
        touched = self._touched | {
            number for number, one in self._known.items() if self.placed[number] is not one.placed
        }
        for number in sorted(touched):
            one, cluster = self._known[number], self._cluster[number]
            leader = number if cluster is None else self._leader(cluster, fresh, policy)
            now = Settled(cluster=cluster, placed=self.placed[number], follows=number != leader)
            if now != Settled(cluster=one.cluster, placed=one.placed, follows=one.follows):
                changed[number] = now
        return changed

    def _leader(self, cluster: int, fresh: Collection[ArticleId], policy: Policy) -> ArticleId:
        """Return who leads in documents: who did so before, else whom the policy says."""
        members = [self._known[number] for number in self._members[cluster]]
        shown = [one for one in members if one.id not in fresh]
        if shown:
            return min(shown, key=lambda one: (one.follows, one.id)).id
        return min(members, key=policy).id

    def _with(self, article: ArticleId) -> set[ArticleId]:
        """Return the others in an article's cluster."""
        cluster = self._cluster[article]
        return set() if cluster is None else self._members[cluster] - {article}

    def _may_unite(self, me: ArticleId, partner: Partner, joining: Collection[ArticleId]) -> bool:
        """Tell whether an article may join a partner's cluster, and bring its own along."""
        cluster = self._cluster[me]
        if cluster is not None and cluster == self._cluster[partner.article]:
            return False
        mine, theirs = {me} | self._with(me), {partner.article} | self._with(partner.article)
        if len(mine) + len(theirs) > MOST or not self._is_short(mine | theirs):
            return False
        by_hand = Placed.JOINED in {self.placed[number] for number in mine | theirs}
        if by_hand and len(mine) > 1 and len(theirs) > 1:
            return False
        if partner.bond is Bond.COPY:
            return True
        return self._are_strangers(mine, theirs) and 2 * len(theirs & set(joining)) >= len(theirs)

    def _is_short(self, together: Collection[ArticleId]) -> bool:
        """Tell whether what would be together spans no more than the days it may."""
        dates = [self._known[number].published for number in together]
        return max(dates) - min(dates) <= self._days

    def _are_strangers(self, mine: Collection[ArticleId], theirs: Collection[ArticleId]) -> bool:
        """Tell whether no source has a story in both."""
        known = self._known
        return not any(same_source(known[one], known[two]) for one in mine for two in theirs)
