"""Publish: write every feed, its archive pages and the site around them to the outlets.

A document changes only when its content does; a feed that fails is reported and the others go out.
"""

import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from publisher.core.viewing import EPOCH, distinct, entry, site
from publisher.errors import OutletError, RenderError
from publisher.model.articles import Article
from publisher.model.definitions import FeedDefinition, Publication
from publisher.model.views import ArchiveLinks, Document, EntryView, FeedView, SiteView
from publisher.ports import Articles, Clock, DocumentFormat, Outlet, Pages, Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishReport:
    """What publishing came to: documents made, paths that changed, what failed (subject, reason)."""

    documents: int = 0
    changed: tuple[str, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Pile:
    documents: list[Document] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """The publish use-case. `formats` by name; `identity` is the publication's permanent uuid.

    `media` returns a picture of the publication's folder, by its path below `media/`, or None.
    `logos` are the addresses of pictures that belong to no story. `archive` says whether there are
    editions that everybody may read online, `by_mail` whether somebody may subscribe to mail.
    """

    store: Articles
    clock: Clock
    publication: Publication
    formats: Mapping[str, DocumentFormat]
    pages: Pages
    outlets: Sequence[Outlet]
    identity: str
    media: Callable[[str], Document | None]
    archive: bool = False
    by_mail: bool = False
    logos: tuple[str, ...] = ()

    def publish(
        self,
        feeds: Sequence[FeedDefinition],
        all_feeds: Sequence[FeedDefinition],
        progress: Progress | None = None,
    ) -> PublishReport:
        """Write these feeds and the site of all of them. Raises StoreError and OutletError."""
        pile = _Pile()
        views = {feed.slug: self.view(feed) for feed in all_feeds}
        for number, feed in enumerate(feeds, 1):
            pile.documents.extend(self._feed_documents(feed, views[feed.slug], pile))
            if progress:
                progress(number, len(feeds), feed.title)
        try:
            pile.documents.extend(self.pages.site(self._site(all_feeds, views)))
        except RenderError as error:
            pile.failed.append(("site", str(error)))
        pile.documents.extend(self._pictures(views.values()))
        changed = [path for outlet in self.outlets for path in self._write(outlet, pile)]
        return PublishReport(
            documents=len(pile.documents), changed=tuple(changed), failed=tuple(pile.failed)
        )

    def _write(self, outlet: Outlet, pile: _Pile) -> Sequence[str]:
        try:
            return outlet.write(pile.documents)
        except OutletError:
            if len(self.outlets) == 1:
                raise
            pile.failed.append((type(outlet).__name__, "could not be written"))
            return ()

    def _pictures(self, views: Iterable[FeedView]) -> Iterator[Document]:
        """Yield every picture of our own that the documents point at, once."""
        ours = re.compile(re.escape(f"{self.publication.url}media/") + r"([^\s\"'<>?#]+)")
        texts = (f"{item.image} {item.html}" for view in views for item in view.entries)
        paths = {path for text in (*texts, *self.logos) for path in ours.findall(text)}
        for path in sorted(paths):
            document = self.media(unquote(path))
            if document is not None:
                yield document

    def view(self, feed: FeedDefinition) -> FeedView:
        """Return the feed's current document as a view."""
        articles = self.store.articles(feed=feed.slug, limit=feed.limit, now=self.clock.now())
        entries = distinct(tuple(entry(article, feed) for article in articles))
        return self._view(feed, newest_first(entries), ArchiveLinks())

    def _view(
        self, feed: FeedDefinition, entries: tuple[EntryView, ...], archive: ArchiveLinks
    ) -> FeedView:
        base = f"{self.publication.url}feeds/{feed.slug}"
        return FeedView(
            slug=feed.slug,
            uid=f"urn:uuid:{uuid.uuid5(uuid.UUID(self.identity), f'feed:{feed.slug}')}",
            title=feed.title,
            description=feed.description,
            language=feed.language or self.publication.language,
            home=f"{base}/",
            links={name: f"{base}.{self.formats[name].extension}" for name in feed.formats},
            publication=self.publication.title,
            contact=self.publication.contact,
            updated=max((item.updated for item in entries), default=EPOCH),
            entries=entries,
            site=self.publication.url,
            archive=archive,
            ended=feed.ended,
        )

    def _feed_documents(
        self, feed: FeedDefinition, current: FeedView, pile: _Pile
    ) -> Iterator[Document]:
        chunks = self._chunks(feed) if len(current.entries) >= feed.limit else []
        for name in feed.formats:
            form = self.formats[name]
            base = f"{self.publication.url}feeds/{feed.slug}"
            pages = [f"{base}/archive/{n}.{form.extension}" for n in range(1, len(chunks) + 1)]
            newest = ArchiveLinks(previous=pages[-1]) if pages else ArchiveLinks()
            todo = [self._view(feed, current.entries, newest)]
            for index, chunk in enumerate(chunks):
                links = ArchiveLinks(
                    current=current.links[name],
                    previous=pages[index - 1] if index else "",
                    next=pages[index + 1] if index + 1 < len(pages) else "",
                    is_archive=True,
                )
                view = self._view(feed, chunk, links)
                todo.append(replace(view, links={**view.links, name: pages[index]}))
            for view in todo:
                path = view.links[name].removeprefix(self.publication.url)
                try:
                    data = form.render(view)
                    yield Document(path=path, data=data, media_type=form.media_type)
                except RenderError as error:
                    pile.failed.append((path, str(error)))

    def _chunks(self, feed: FeedDefinition) -> list[tuple[EntryView, ...]]:
        """Cut a feed longer than one document into full archive pages, oldest first (RFC 5005)."""
        everything = self.store.articles(feed=feed.slug, now=self.clock.now())
        if len(everything) <= feed.limit:
            return []
        oldest: list[Article] = sorted(everything, key=lambda article: article.id)
        full = len(oldest) // feed.limit
        return [
            newest_first(
                distinct([entry(a, feed) for a in oldest[n * feed.limit : (n + 1) * feed.limit]])
            )
            for n in range(full)
        ]

    def _site(self, feeds: Sequence[FeedDefinition], views: Mapping[str, FeedView]) -> SiteView:
        public = tuple(views[feed.slug] for feed in feeds if feed.public)
        return site(self.publication, public, archive=self.archive, by_mail=self.by_mail)


def newest_first(entries: Sequence[EntryView]) -> tuple[EntryView, ...]:
    """Return entries as readers expect them: newest publication first."""
    return tuple(sorted(entries, key=lambda item: (item.published, item.id), reverse=True))
