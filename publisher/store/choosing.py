"""What each group of readers gets of an edition; serves freezing. Pure.

A group's signature is text made in SQL of what its readers remember: `+N:START:WATERMARK` for feed
number N they get through the schedule, `-N:…` for one they only remember, `oID` owed, `sID` sent,
`fID` a selection under way to them. Equal signatures get equal selections; order means nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from publisher.model.articles import ArticleId
from publisher.model.editions import Candidate, Choice, FeedMemory, ReaderGroup
from publisher.store.memory import Selected

Choose = Callable[[Sequence[Candidate], ReaderGroup], Choice]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What lies on the table when an edition opens.

    `feeds` are named by their number in signatures; `order` holds the schedule's as it names them;
    places up to `floors` are all one to everybody; `candidates` come best first; `places` holds those
    of every article concerned, in every feed; `mates` the other articles of a candidate's cluster;
    `held` those that cannot be read now; `flights` the articles of each selection under way; `upto`
    where watermarks move to (empty: they stay).
    """

    feeds: tuple[str, ...]
    order: tuple[str, ...]
    floors: Mapping[str, int]
    candidates: tuple[Candidate, ...]
    places: Mapping[int, Mapping[str, int]]
    mates: Mapping[int, tuple[int, ...]]
    held: frozenset[int]
    flights: Mapping[int, tuple[int, ...]]
    upto: Mapping[str, int]
    min_articles: int


@dataclass(slots=True)
class Reader:
    """A signature, read."""

    subscribed: set[str] = field(default_factory=set)
    memory: dict[str, tuple[int, int]] = field(default_factory=dict)
    owed: set[int] = field(default_factory=set)
    sent: set[int] = field(default_factory=set)
    flying: set[int] = field(default_factory=set)


def read_signature(table: Table, signature: str) -> Reader:
    """Return what a signature says."""
    reader = Reader()
    for tag in signature.split():
        kind, rest = tag[0], tag[1:]
        if kind == "o":
            reader.owed.add(int(rest))
        elif kind == "s":
            reader.sent.add(int(rest))
        elif kind == "f":
            reader.flying.update(table.flights[int(rest)])
        else:
            number, start, watermark = rest.split(":")
            slug = table.feeds[int(number)]
            reader.memory[slug] = (int(start), int(watermark))
            if kind == "+":
                reader.subscribed.add(slug)
    return reader


class News:
    """Which candidates are news to a reader; remembers what readers share, feed by feed, as bits.

    A hundred thousand readers with feeds of their own choice are as many groups, but they remember
    each feed in one of a few ways. Who has exceptions is judged story by story.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self._above: dict[tuple[str, int], int] = {}
        self._dealt: dict[tuple[str, int, int], int] = {}

    def for_reader(self, reader: Reader) -> list[Candidate]:
        """Return the candidates that are news to a reader, in the table's order."""
        candidates = self.table.candidates
        if reader.owed or reader.sent:
            return [one for one in candidates if _may_get(self.table, reader, one)]
        bits = dealt = 0
        for slug in reader.subscribed:
            bits |= self._news_above(slug, reader.memory[slug][1])
        for slug, (start, watermark) in reader.memory.items():
            dealt |= self._dealt_with(slug, start, watermark)
        bits &= ~dealt
        return [one for place, one in enumerate(candidates) if bits >> place & 1]

    def _news_above(self, slug: str, watermark: int) -> int:
        key = (slug, watermark)
        if key not in self._above:
            self._above[key] = _bits(
                one.feeds.get(slug, watermark) > watermark for one in self.table.candidates
            )
        return self._above[key]

    def _dealt_with(self, slug: str, start: int, watermark: int) -> int:
        key = (slug, start, watermark)
        if key not in self._dealt:
            places = self.table.places
            self._dealt[key] = _bits(
                any(
                    start < places.get(mate, {}).get(slug, start) <= watermark
                    for mate in _cluster(self.table, one)
                )
                for one in self.table.candidates
            )
        return self._dealt[key]


def _bits(flags: Iterable[bool]) -> int:
    return sum(1 << place for place, flag in enumerate(flags) if flag)


def choose_for(news: News, signature: str, size: int, choose: Choose) -> Selected | None:
    """Return what a group gets, None when that is too little."""
    table = news.table
    reader = read_signature(table, signature)
    wanted = news.for_reader(reader)
    flying = _under_way(table, reader, wanted)
    offered = [one for one in wanted if one.id not in flying]
    choice = choose(offered, _group(reader, size)) if offered else Choice(articles=())
    may: set[int] = {one.id for one in offered}
    articles = tuple(dict.fromkeys(one for one in choice.articles if one in may))
    if len(articles) < max(1, table.min_articles):
        return None
    more = tuple(one for one in dict.fromkeys(choice.more) if one in may - set(articles))
    left = may - {*articles, *more}
    owed: set[int] = left & set(choice.owed)
    # What is under way (itself, or its story from another source) or cannot be read now is owed,
    # lest the watermark pass it.
    later: set[int] = set(flying)
    later |= {one for one in table.held if _is_new(reader, table.places[one])}
    upto = {slug: table.upto[slug] for slug in sorted(reader.subscribed) if slug in table.upto}
    return Selected(
        articles=articles,
        more=more,
        feeds=tuple(slug for slug in table.order if slug in reader.subscribed),
        owed=tuple(sorted((owed | later) - reader.owed)) if upto else (),
        paid=tuple(sorted((left - owed) & reader.owed)) if upto else (),
        upto=upto,
        beside=_beside(table, (*articles, *more), left - owed) if upto else {},
    )


def _beside(table: Table, told: Sequence[int], passed: set[int]) -> Mapping[int, tuple[int, ...]]:
    """Return what is passed over because another one of its cluster is told, by that one."""
    found = {one: tuple(sorted(passed & set(table.mates.get(one, ())))) for one in told}
    return {one: mates for one, mates in found.items() if mates}


def _group(reader: Reader, size: int) -> ReaderGroup:
    return ReaderGroup(
        subscribed=tuple(sorted(reader.subscribed)),
        memory=tuple(
            FeedMemory(feed=slug, start=start, watermark=watermark)
            for slug, (start, watermark) in sorted(reader.memory.items())
        ),
        owed=frozenset(ArticleId(one) for one in reader.owed),
        sent=frozenset(ArticleId(one) for one in reader.sent | reader.flying),
        size=size,
    )


def _may_get(table: Table, reader: Reader, candidate: Candidate) -> bool:
    """Tell whether a candidate is news to the group: neither it nor its cluster was dealt with."""
    here = reader.subscribed & candidate.feeds.keys()
    if not here:
        return False
    if candidate.id not in reader.owed and not _is_new(reader, candidate.feeds):
        return False
    return not any(_dealt_with(table, reader, one) for one in _cluster(table, candidate))


def _under_way(table: Table, reader: Reader, wanted: Sequence[Candidate]) -> set[int]:
    """Return those that are on their way to the group, themselves or from another source."""
    if not reader.flying:
        return set()
    return {one.id for one in wanted if reader.flying.intersection(_cluster(table, one))}


def _cluster(table: Table, candidate: Candidate) -> tuple[int, ...]:
    return (candidate.id, *table.mates.get(candidate.id, ()))


def _is_new(reader: Reader, places: Mapping[str, int]) -> bool:
    """Tell whether a place lies above the watermark of a feed the group gets."""
    return any(
        place > reader.memory[slug][1]
        for slug, place in places.items()
        if slug in reader.subscribed
    )


def _dealt_with(table: Table, reader: Reader, one: int) -> bool:
    """Tell whether the group was sent an article, or an edition decided that it need not be."""
    if one in reader.sent:
        return True
    if one in reader.owed:
        return False
    return any(
        slug in reader.memory and reader.memory[slug][0] < place <= reader.memory[slug][1]
        for slug, place in table.places.get(one, {}).items()
    )
