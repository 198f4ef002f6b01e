"""Where each story of one reader's copy stands, and in which size. Pure.

Serves composing. Order is given (the edition's ranking); sections follow the order in which their
first stories come. What would pass the size that mail programs show is moved from the end to "more
on the web", never cut; of lines there are as many as fit.
"""

from collections import Counter, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from publisher.model.articles import ArticleId

AT_LENGTH = 3
"""How many stories of a section are told at length; those after them are brief."""

ROOM = 95_000
"""Octets of decoded HTML that a copy may have; Gmail shows 102 KB."""


class Arrangement(NamedTuple):
    """The block keys of each place, and the stories told there: `stories` in reading order."""

    places: Mapping[str, tuple[str, ...]]
    stories: tuple[ArticleId, ...]
    lines: tuple[ArticleId, ...]


class Arranger:
    """Arranges selections of one edition.

    `sizes` are the octets of each block; a block that is not there takes none. `room` is what the
    blocks of a copy may take together.
    """

    def __init__(self, sizes: Mapping[str, int], room: int = ROOM) -> None:
        self._sizes = Counter(sizes)
        self._room = room
        self._leads, self._stories, self._briefs, self._lines = map(
            _Keys, ("lead", "story", "brief", "line")
        )

    def arrange(
        self,
        stories: Sequence[ArticleId],
        lines: Sequence[ArticleId],
        sections: Mapping[ArticleId, str],
    ) -> Arrangement:
        """Arrange a selection: `stories` (the first one leads), then `lines` by title only.

        `sections` names each story's section. Stories are moved to the lines until all fits, and
        once the lead alone is left the last lines are left out, which the page of the copy on the
        web has all the same.
        """
        groups = _grouped(stories[1:], sections)
        told = [*stories[:1], *chain.from_iterable(groups.values())]
        keys, left = self._keys(stories[:1], groups), deque(lines)
        taken = self._size(keys) + self._size(self._more(left))
        while taken > self._room and len(told) > 1:
            number = told.pop()
            taken -= self._sizes[keys.pop()]
            if keys[-1].startswith("section:"):  # it has no story left
                taken -= self._sizes[keys.pop()]
            taken += self._sizes[self._lines[number]] + (0 if left else self._sizes["more"])
            left.appendleft(number)
        while taken > self._room and left:
            taken -= self._sizes[self._lines[left.pop()]]
        places = {"lead": tuple(keys[:1]), "stories": tuple(keys[1:]), "more": self._more(left)}
        return Arrangement(places=places, stories=tuple(told), lines=tuple(left))

    def _size(self, keys: Iterable[str]) -> int:
        return sum(map(self._sizes.__getitem__, keys))

    def _keys(
        self, lead: Sequence[ArticleId], groups: Mapping[str, Sequence[ArticleId]]
    ) -> list[str]:
        keys = [self._leads[number] for number in lead]
        for section, stories in groups.items():
            keys.append(f"section:{section}")
            keys += map(self._stories.__getitem__, stories[:AT_LENGTH])
            keys += map(self._briefs.__getitem__, stories[AT_LENGTH:])
        return keys

    def _more(self, lines: Collection[ArticleId]) -> tuple[str, ...]:
        return ("more", *map(self._lines.__getitem__, lines)) if lines else ()


class _Keys(dict[ArticleId, str]):
    """The keys of an edition's blocks in one size, each made once: every copy names some."""

    def __init__(self, size: str) -> None:
        super().__init__()
        self._size = size

    def __missing__(self, number: ArticleId) -> str:
        key = self[number] = f"{self._size}:{number}"
        return key


def section_of(feeds: Sequence[str], wanted: Collection[str]) -> str:
    """Return the first feed, in the schedule's order, by which a reader gets a story, or "".

    Somebody who named no feeds wants all.
    """
    if not wanted:
        return feeds[0] if feeds else ""
    for slug in feeds:
        if slug in wanted:
            return slug
    return ""


def _grouped(
    stories: Sequence[ArticleId], sections: Mapping[ArticleId, str]
) -> Mapping[str, list[ArticleId]]:
    """Return stories by their section, sections by their first story."""
    groups: dict[str, list[ArticleId]] = {}
    for number in stories:
        section = sections[number]
        if section in groups:
            groups[section].append(number)
        else:
            groups[section] = [number]
    return groups
