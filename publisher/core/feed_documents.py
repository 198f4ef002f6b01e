"""The documents of one feed: its newest entries and its archive, in every format it has.

Serves core.publishing. Makes one document at a time: a feed of 100,000 articles needs the memory of
one page. An archive page whose content and neighbours are as they were is not made again.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from publisher.core.archiving import lay_out
from publisher.core.elsewhere import Elsewhere
from publisher.core.gallery import Gallery
from publisher.core.gating import Gate
from publisher.core.leading import leaders
from publisher.core.viewing import EPOCH, distinct, newest_first
from publisher.errors import RenderError
from publisher.model.archives import Archive, ArchivePage, FeedRecord, Layout, Member
from publisher.model.articles import ArticleId
from publisher.model.definitions import FeedDefinition
from publisher.model.views import ArchiveLinks, Document, EntryView, FeedView
from publisher.ports import Articles, DocumentFormat

PEOPLE = "people"
"""The page for people among a feed's documents."""

ENDING = "/index.html"


@dataclass(slots=True, kw_only=True)
class FeedDocuments:
    """What is made of a feed, after what was made of it `before` (None: nothing that still stands).

    `head` is its view without entries, `known` its archive up to now, whose addresses are kept.
    `public` are the feeds that everybody may read. Of a cluster there is one entry, its leader here.
    `making` tells one state of its settings from another, and behind a plus sign one of its pages for
    people, which `people` makes; None for a feed without any.
    `failed` tells which documents could not be made or did not pass the gate: what stands at their
    paths stays.
    """

    store: Articles
    members: Sequence[Member]
    feed: FeedDefinition
    formats: Mapping[str, DocumentFormat]
    head: FeedView
    url: str
    now: datetime
    public: Collection[str]
    before: FeedRecord | None
    known: Archive
    making: str
    gate: Gate
    gallery: Gallery
    people: Callable[[FeedView], Document] | None = None
    failed: list[tuple[str, str]] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)
    layout: Layout = field(init=False)

    def __post_init__(self) -> None:
        self.layout = lay_out(self.known, leaders(self.members), self.feed.limit)

    def documents(self) -> Iterator[Document]:
        """Yield the archive first, then the subscription documents that point at it."""
        joints, made = _joints(self.layout.archive), self._unchanged()
        newest = ""
        for page in self.layout.archive.every:
            newest = page.name
            paths = {name: self._path(page.name, name) for name in self.names}
            due = {
                name: path for name, path in paths.items() if not self._stands(page, path, made)
            }
            self.kept.update(paths[name] for name in paths.keys() - due.keys())
            entries = self._entries(page.articles) if due else ()
            yield from self.gallery.shown(entries)
            for name, path in due.items():
                view = self._paged(page, joints[page.name], name, entries)
                yield from self._document(name, path, view)
        current = self.view()
        yield from self.gallery.shown(current.entries)
        yield from self.gallery.named([current.podcast.image] if current.podcast else ())
        for name in self.names:
            links = ArchiveLinks(previous=self._address(newest, name), is_complete=not newest)
            path = f"feeds/{self.feed.slug}{self._ending(name)}"
            yield from self._document(name, path, replace(current, archive=links))

    @property
    def names(self) -> tuple[str, ...]:
        """Return what is made: each format of the feed, and PEOPLE where it has pages."""
        return (*self.feed.formats, PEOPLE) if self.people else self.feed.formats

    def view(self) -> FeedView:
        """Return the subscription document as a view."""
        return _dated(self.head, self._entries(self.layout.current))

    def moves(self) -> Mapping[str, str]:
        """Return the paths of archive pages that are gone, each with its heir's ("" for none)."""
        return {
            self._path(name, form): self._path(heir, form) if heir else ""
            for name, heir in self.layout.gone.items()
            for form in self.names
        }

    def _unchanged(self) -> Collection[str]:
        """Return the names of pages that stand between the same neighbours as before."""
        if self.before is None:
            return ()
        joints = _joints(self.layout.archive)
        return {
            name for name, both in _joints(self.before.archive).items() if joints.get(name) == both
        }

    def _stands(self, page: ArchivePage, path: str, unchanged: Collection[str]) -> bool:
        """Tell whether a document of the archive was made so before."""
        if self.before is None or page.name not in unchanged or path not in self.before.paths:
            return False
        if self._is_for_people(path):
            return self.before.making == self.making
        return self.before.making.partition("+")[0] == self.making.partition("+")[0]

    def _is_for_people(self, path: str) -> bool:
        return path.endswith(ENDING)

    def _document(self, name: str, path: str, view: FeedView) -> Iterator[Document]:
        if name == PEOPLE:
            yield from self._page(path, view)
            return
        form = self.formats[name]
        try:
            document = _made(form, path, view)
            reason = self.gate.refuses(document)
            if reason and (good := self._good(form, path, view)):
                document = _made(form, path, replace(view, entries=good))
                reason = self.gate.refuses(document)
        except RenderError as error:
            self.failed.append((path, str(error)))
            return
        if reason:
            self.failed.append((path, reason))
        else:
            yield document

    def _page(self, path: str, view: FeedView) -> Iterator[Document]:
        try:
            if self.people:
                yield self.people(view)
        except RenderError as error:
            self.failed.append((path, str(error)))

    def _good(self, form: DocumentFormat, path: str, view: FeedView) -> tuple[EntryView, ...]:
        """Return the entries of a refused document that have nothing wrong in them.

        One bad story must not keep the others back: it is left out, and told. Returns nothing when
        it is not the entries that are at fault.
        """
        faults = {
            one.id: self.gate.faults(_made(form, path, replace(view, entries=(one,))))
            for one in view.entries
        }
        good = tuple(one for one in view.entries if not faults[one.id])
        for one in view.entries if good else ():
            if faults[one.id]:
                told = f"left out {one.title!r} ({one.url}): {faults[one.id]}"
                self.gate.warned.append((path, told))
        return good if len(good) < len(view.entries) else ()

    def _entries(self, articles: Sequence[ArticleId]) -> tuple[EntryView, ...]:
        found = self.store.articles_by_id(articles)
        shown = [found[number] for number in articles if number in found]
        feeds = {*self.public, self.feed.slug}
        elsewhere = Elsewhere(store=self.store, feeds=feeds, now=self.now)
        return newest_first(distinct(elsewhere.entries(shown, self.feed)))

    def _paged(
        self,
        page: ArchivePage,
        joint: tuple[str, str],
        name: str,
        entries: tuple[EntryView, ...],
    ) -> FeedView:
        head = self.head
        links = ArchiveLinks(
            current=head.home if name == PEOPLE else head.links[name],
            previous=self._address(joint[0], name),
            next=self._address(joint[1], name),
            is_archive=True,
        )
        own = self._address(page.name, name)
        if name == PEOPLE:
            return replace(_dated(head, entries), archive=links, home=own)
        return replace(_dated(head, entries), archive=links, links={**head.links, name: own})

    def _ending(self, name: str) -> str:
        return ENDING if name == PEOPLE else f".{self.formats[name].extension}"

    def _path(self, page: str, name: str) -> str:
        return f"feeds/{self.feed.slug}/archive/{page}{self._ending(name)}"

    def _address(self, page: str, name: str) -> str:
        path = f"{self.url}{self._path(page, name)}" if page else ""
        return path.removesuffix("index.html") if name == PEOPLE else path


def _made(form: DocumentFormat, path: str, view: FeedView) -> Document:
    """Return a document. Raises RenderError."""
    return Document(path=path, data=form.render(view), media_type=form.media_type)


def _dated(view: FeedView, entries: tuple[EntryView, ...]) -> FeedView:
    """Return a view with entries, its date that of the newest change among them."""
    newest = max((item.updated for item in entries), default=EPOCH)
    return replace(view, entries=entries, updated=newest)


def _joints(archive: Archive) -> Mapping[str, tuple[str, str]]:
    """Return what each page points back and forward at, by its name.

    The page that is not full yet is nobody's next: what points at it would change with it.
    """
    names = ["", *(page.name for page in archive.every)]
    full = [page.name for page in archive.pages]
    forward = [*full[1:], *("" for _ in range(len(names) - len(full)))]
    return dict(zip(names[1:], zip(names, forward, strict=False), strict=False))
