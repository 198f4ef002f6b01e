"""Where each story of one reader's copy stands, and in which size. Pure.

Serves composing. Order is given (the edition's ranking); sections follow the order in which their
first stories come. What would pass the size that mail programs show is moved from the end to "more
on the web", never cut; of lines there are as many as fit.
"""

from collections import deque
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
    there takes none. `room` is what the blocks may take together: stories are moved to the lines
    until they fit, and once the lead alone is left the last lines are left out, which the page of
    the copy on the web has all the same.
    """
    told = [*stories[:1], *_grouped(stories[1:], sections)]
    keys, left = _keys(told, sections), deque(lines)

    def size(*blocks: str) -> int:
        return sum(sizes.get(key, 0) for key in blocks)

    taken = size(*keys, *_more(left))
    while taken > room and len(told) > 1:
        number = told.pop()
        taken -= size(keys.pop())
        if keys[-1].startswith("section:"):  # it has no story left
            taken -= size(keys.pop())
        taken += size(f"line:{number}") + (0 if left else size("more"))
        left.appendleft(number)
    while taken > room and left:
        taken -= size(f"line:{left.pop()}")
    places = {"lead": tuple(keys[:1]), "stories": tuple(keys[1:]), "more": _more(left)}
    return Arrangement(places=places, stories=tuple(told), lines=tuple(left))


def section_of(feeds: Sequence[str], wanted: Collection[str]) -> str:
    """Return the first feed, in the schedule's order, by which a reader gets a story, or ""."""
    for slug in feeds:  # hot: once a story and selection
        if not wanted or slug in wanted:
            return slug
    return ""


def _grouped(stories: Sequence[ArticleId], sections: Mapping[ArticleId, str]) -> list[ArticleId]:
    """Return stories with those of one section together, sections by their first story."""
    groups: dict[str, list[ArticleId]] = {}
    for number in stories:
        groups.setdefault(sections[number], []).append(number)
    return [number for group in groups.values() for number in group]


def _keys(told: Sequence[ArticleId], sections: Mapping[ArticleId, str]) -> list[str]:
    keys = [f"lead:{number}" for number in told[:1]]
    here, count = None, 0
    for number in told[1:]:
        if sections[number] != here:
            here, count = sections[number], 0
            keys.append(f"section:{here}")
        count += 1
        keys.append(f"story:{number}" if count <= AT_LENGTH else f"brief:{number}")
    return keys


def _more(lines: Collection[ArticleId]) -> tuple[str, ...]:
    return ("more", *(f"line:{number}" for number in lines)) if lines else ()
