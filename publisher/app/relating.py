"""What is related within a handful of texts, without a store: serves the command `read-also`.

The same enricher, the same choice and the same near-copies as in a publication; texts in a file have
no dates, so none is fresher than another.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import cast

from publisher.app.parts import plain
from publisher.core.enriching import ASKED
from publisher.core.relating import chosen
from publisher.kit.memory_library import MemoryLibrary
from publisher.kit.near_copies import near_copies, sketch
from publisher.model.articles import ArticleId
from publisher.model.clusters import Sketch
from publisher.model.enrichment import Relative
from publisher.ports import ReadAlso

UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
Story = tuple[str, str]
"""A title and a text."""


def related_among(
    stories: Sequence[Story], count: int, advance: Callable[[int], None] = lambda _done: None
) -> Iterator[list[int]]:
    """Yield for each text the places of at most `count` others, best first; `advance` hears of each read."""
    finder, library = cast("ReadAlso", plain("enrich", "read_also")), MemoryLibrary()
    terms = {}
    sketches: list[Sketch] = []
    for at, (title, text) in enumerate(stories):
        terms[ArticleId(at)] = finder.terms(title, text)
        sketches.append(sketch(title, text))
        advance(at + 1)
    library.index(terms)
    known = {number: Relative(id=number, published=UNDATED) for number in terms}
    for number, its in terms.items():
        found = finder.related(its, library, ASKED)
        tied = [tie.article for tie in found.ties if tie.article != number]
        copies = near_copies(sketches[number], [sketches[other] for other in tied])
        without = {tied[at] for at in copies}
        yield [tie.article for tie in chosen(known[number], found, known, count, without).ties]
