"""The site around the feeds: front page, stories' pages, maps for machines; and what needs to be made anew.

Serves core.publishing. Stories are read in batches, so that 100,000 of them need the memory of a few;
a story's page is made again when the story has changed, or what every page says.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from publisher.core.elsewhere import Elsewhere
from publisher.core.gallery import MEDIA, Gallery
from publisher.core.leading import leaders
from publisher.core.mapping import PART, Maps
from publisher.core.output import Output
from publisher.core.viewing import entry, newest_first
from publisher.errors import RenderError
from publisher.model.archives import MapRecord, PageRecord
from publisher.model.articles import ArticleId
from publisher.model.definitions import FeedDefinition
from publisher.model.views import (
    ArticlePage,
    Document,
    FeedView,
    SiteView,
)
from publisher.ports import Articles, Documents, Pages

SHOWN, FRONT = 12, 12
"""Of how many feeds the front page is given how many stories; of the others the newest."""

STORIES = 50
"""How many stories are read and rendered at a time."""

LISTED = 5_000
"""How many pages are looked for at each publish."""

TURN = 300
"""Seconds after which the next part of many pages is looked for."""

FULL = FeedDefinition(slug="-", title="-")
"""How a story is told that stands in no public feed any more, and whose page stays."""


@dataclass(slots=True, kw_only=True)
class Around:
    """What is made around the feeds.

    `heads` are the public feeds; their views, and those of `frame`, have no entries. `making` tells
    one state of settings and look from another. After `write`, `refused` tells whether a document
    did not pass the gate, and `until` when the oldest story leaves the map of news. `mapped` are the
    parts of the sitemap as they were last, and then as they are; `part` how many articles one is for.
    """

    articles: Articles
    memory: Documents
    pages: Pages
    heads: Sequence[tuple[FeedDefinition, FeedView]]
    frame: SiteView
    making: str
    now: datetime
    output: Output
    gallery: Gallery
    logos: Sequence[str] = ()
    mapped: tuple[MapRecord, ...] = ()
    part: int = PART
    refused: bool = False
    until: datetime | None = None
    _front: SiteView = field(init=False)

    def __post_init__(self) -> None:
        self._front = self.frame

    def stand(self) -> bool:
        """Tell whether the stories' pages are there; of many, each publish looks for some in turn.

        Those that are not are forgotten, so that they are made again. Raises OutletError.
        """
        parts = self.memory.count_pages() // LISTED + 1
        paths = self.memory.page_paths(int(self.now.timestamp()) // TURN % parts, parts)
        if not self.output.lacks(paths):
            return True
        missing = [path for path in paths if self.output.lacks([path])]
        self.memory.drop_pages(missing, gone=False)
        return False

    def write(self, old: Mapping[str, str]) -> tuple[dict[str, str], bool]:
        """Write what is to be made; return the documents but stories' pages, and whether all is well.

        `old` are those of the last time by their digests.
        """
        whole = self._stories()
        try:
            self._front = self._with_entries()
            documents = self.pages.around(self._front)
        except RenderError as error:
            self.output.failed.append(("site", str(error)))
            return {}, False
        paths, taken = self.output.write(self._passed(documents, old))
        written, taken_too = self.output.write(self._maps(old))
        mapped = {one.path: old[one.path] for one in self.mapped if one.path in old} | written
        lost = [path for path in old if path.startswith(MEDIA) and self.output.lacks([path])]
        self.output.write((*self.gallery.named(self.logos), *self.gallery.again(lost)))
        stays = {path: old[path] for path, _ in self.output.failed if path in old}
        return {**paths, **mapped, **stays}, whole and taken and taken_too

    def _with_entries(self) -> SiteView:
        """Return the site with the newest stories of each feed."""
        views: list[FeedView] = []
        for number, (feed, head) in enumerate(self.heads):
            limit = FRONT if number < SHOWN else 1
            if feed.gathers:  # of the others, which come first
                known = {one.id: one for view in views for one in view.entries}
                entries = newest_first(tuple(known.values()))[:limit]
            else:
                found = self.articles.articles(feed=feed.slug, limit=2 * limit, now=self.now)
                entries = newest_first([entry(one, feed) for one in leaders(found)])[:limit]
            newest = max((item.updated for item in entries), default=head.updated)
            views.append(replace(head, entries=entries, updated=newest))
        newest = max((view.updated for view in views), default=self.frame.updated)
        return replace(self.frame, feeds=tuple(views), updated=newest)

    def _passed(self, documents: Sequence[Document], old: Mapping[str, str]) -> list[Document]:
        good = self.output.passed(documents, old)
        self.refused = self.refused or len(good) < len(documents)
        return good

    def _stories(self) -> bool:
        whole, after = True, 0
        feeds = [feed.slug for feed, _ in self.heads]
        while batch := self.memory.stale_pages(feeds, self.making, self.now, after, STORIES):
            after = max(batch)
            whole = self._batch(batch) and whole
            if len(batch) < STORIES:
                break  # to ask for more means to look at every page once more
        while gone := self.memory.lost_pages(self.now):
            if not self.output.remove(gone):
                return False  # they are looked for again at the next publish
            self.memory.drop_pages(gone, gone=True)
        return whole

    def _batch(self, batch: Mapping[ArticleId, int]) -> bool:
        shown = self._shown(list(batch))
        try:
            documents = self.pages.stories(self.frame, shown)
        except RenderError as error:
            self.output.failed.append(("articles", str(error)))
            return False
        pictures = self.gallery.shown(page.entry for page in shown)
        made, whole = self.output.write((*documents, *pictures))
        if whole:
            known = {page.entry.page_path: page.entry.id for page in shown}
            records = [
                PageRecord(path=path, article=known[path], revision=batch[known[path]])
                for path in made
            ]
            self.memory.record_pages(records, self.making)
        return whole

    def _shown(self, numbers: Sequence[ArticleId]) -> list[ArticlePage]:
        """Return stories with their public feeds, told as the fullest of these tells them."""
        found, held = self.articles.articles_by_id(numbers), self.articles.memberships(numbers)
        also = Elsewhere(
            store=self.articles, feeds={feed.slug for feed, _ in self.heads}, now=self.now
        ).of(list(found.values()))
        pages = []
        for number in (one for one in numbers if one in found):
            mine = [pair for pair in self.heads if pair[0].slug in held[number]]
            told = max((feed for feed, _ in mine), key=_fullness, default=FULL)
            views = tuple(view for _, view in mine)
            shown = entry(found[number], told, also.get(number, ()))
            pages.append(ArticlePage(entry=shown, feeds=views))
        return pages

    def _maps(self, old: Mapping[str, str]) -> Iterator[Document]:
        """Yield the maps that are to be written and pass the gate, one part in memory at a time."""
        stand = {one.path: one for one in self.mapped if one.path in old}
        lost = [path for path in stand if self.output.lacks([path])]
        known = {path: one for path, one in stand.items() if path not in lost}
        maps = Maps(
            memory=self.memory, site=self._front, now=self.now, known=known, part=self.part
        )
        refused = set()
        for document in self.pages.maps(self._front, maps.parts(), maps.news()):
            good = self._passed([document], old)
            yield from good
            refused |= {document.path} if not good else set()
        self.mapped = tuple(one for one in maps.records if one.path not in refused)
        self.until = maps.until


def _fullness(feed: FeedDefinition) -> tuple[bool, int]:
    return feed.full_text, feed.key_points
