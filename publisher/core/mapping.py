"""The maps for machines: which parts of the sitemap are to be written anew, and the map of news.

Serves core.around. A part holds the stories' pages of a fixed range of articles, so that a new story
touches the newest part only, and one that is hidden its own; how many pages a part has and how new
they are tells whether it has changed. Reads one part at a time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from publisher.model.archives import FeedState, Listed, MapRecord
from publisher.model.views import MapEntry, MapPart, NewsEntry, SiteView
from publisher.ports import Documents

PART = 1_000
"""Articles to a part: a fiftieth of what is allowed, so that one story touches little."""

NEWS = timedelta(days=2)
MOST_NEWS = 1_000
"""What a map of news may hold (Google's page on news sitemaps)."""

FORM = "1"
"""Raised when the same pages make other parts than before."""

AROUND = "sitemaps/site.xml"
"""The part of what changes with every story: front page, feeds, archive."""


@dataclass(slots=True, kw_only=True)
class Maps:
    """What maps say. `known` are the parts that stand, by path; `part` the articles to one.

    After they were read, `records` tell what the parts were made of, and `until` when the oldest
    story leaves the map of news.
    """

    memory: Documents
    site: SiteView
    now: datetime
    known: Mapping[str, MapRecord]
    part: int = PART
    records: list[MapRecord] = field(default_factory=list)
    until: datetime | None = None

    def parts(self) -> Iterator[MapPart]:
        """Yield the parts of the sitemap; a single one where all stories have room in it."""
        states = self.memory.page_states(self.part)
        if sum(state.count for state in states.values()) <= self.part:
            stories = self.memory.listed_pages(self.now, limit=self.part)
            yield MapPart(path=AROUND, entries=(*map(self._entry, stories), *self._around()))
            return
        for number, state in sorted(states.items()):
            yield from self._part(number, state)
        yield MapPart(path=AROUND, entries=(*self._around(),), changed=self.site.updated)

    def news(self) -> Iterator[NewsEntry]:
        """Yield the newest stories."""
        for one in self.memory.news_pages(self.now - NEWS, self.now, MOST_NEWS):
            self.until = one.published + NEWS
            yield NewsEntry(
                url=self._address(one.path),
                title=one.title,
                language=one.language or self.site.language,
                published=one.published,
            )

    def _part(self, number: int, state: FeedState) -> Iterator[MapPart]:
        path = f"sitemaps/{number + 1}.xml"
        mark = f"{FORM} {self.part} {state.count} {state.revision} {self.site.url}"
        known = self.known.get(path)
        if known and known.mark == mark:
            self.records.append(known)
            yield MapPart(path=path, entries=None, changed=known.changed)
            return
        first = number * self.part
        found = self.memory.listed_pages(
            self.now, after=first - 1, limit=self.part, last=first + self.part - 1
        )
        if found:
            changed = max(one.updated for one in found)
            self.records.append(MapRecord(path=path, mark=mark, changed=changed))
            yield MapPart(path=path, entries=(*map(self._entry, found),), changed=changed)

    def _around(self) -> Iterator[MapEntry]:
        site = self.site
        yield MapEntry(url=site.url, changed=site.updated)
        if site.feeds:
            yield MapEntry(url=f"{site.url}feeds/", changed=site.updated)
        for view in site.feeds:
            yield MapEntry(url=view.home, changed=view.updated)
        if site.archive:
            yield MapEntry(url=site.archive)

    def _entry(self, one: Listed) -> MapEntry:
        return MapEntry(url=self._address(one.path), changed=one.updated)

    def _address(self, path: str) -> str:
        return f"{self.site.url}{path.removesuffix('index.html')}"
