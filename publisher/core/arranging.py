"""Where each story of one reader's copy stands, and in which size. Pure.

Serves composing. Order is given (the edition's ranking); sections follow the order in which their
first stories come. What would pass the size that mail programs show is moved from the end to "more
on the web", never cut.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from publisher.model.articles import ArticleId

AT_LENGTH = 3
"""How many stories of a section are told at length; those after them are brief."""

ROOM = 95_000
"""Octets of decoded HTML that a copy may have; Gmail shows 102 KB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """The block keys of each place, and the stories told there: `stories` in reading order."""

    places: Mapping[str, tuple[str, ...]]
    stories: tuple[ArticleId, ...]
    lines: tuple[ArticleId, ...]


def arrange(
    stories: Sequence[ArticleId],
    lines: Sequence[ArticleId],
    sections: Mapping[ArticleId, str],
    sizes: Mapping[str, int],
    room: int,
) -> Arrangement:
    """Arrange a selection: `stories` (the first one leads), then `lines` by title only.

    `sections` names each story's section, `sizes` the octets of each block; a block that is not
    there takes none. `room` is what the blocks may take together.
    """
    told = [*stories[:1], *_grouped(stories[1:], sections)]
    left = list(lines)
    while True:
        keys = _keys(told, sections)
        more = ("more", *(f"line:{number}" for number in left)) if left else ()
        taken = sum(sizes.get(key, 0) for key in (*keys, *more))
        if taken <= room or len(told) <= 1:
            break
        left.insert(0, told.pop())
    places = {"lead": keys[:1], "stories": keys[1:], "more": more}
    return Arrangement(places=places, stories=tuple(told), lines=tuple(left))


def section_of(feeds: Sequence[str], wanted: Collection[str]) -> str:
    """Return the first feed, in the schedule's order, by which a reader gets a story, or ""."""
    return next((slug for slug in feeds if not wanted or slug in wanted), "")


def _grouped(stories: Sequence[ArticleId], sections: Mapping[ArticleId, str]) -> list[ArticleId]:
    """Return stories with those of one section together, sections by their first story."""
    groups: dict[str, list[ArticleId]] = {}
    for number in stories:
        groups.setdefault(sections[number], []).append(number)
    return [number for group in groups.values() for number in group]


def _keys(told: Sequence[ArticleId], sections: Mapping[ArticleId, str]) -> tuple[str, ...]:
    keys = [f"lead:{number}" for number in told[:1]]
    here, count = None, 0
    for number in told[1:]:
        if sections[number] != here:
            here, count = sections[number], 0
            keys.append(f"section:{here}")
        count += 1
        keys.append(f"story:{number}" if count <= AT_LENGTH else f"brief:{number}")
    return tuple(keys)
