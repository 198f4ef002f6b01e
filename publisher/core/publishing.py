"""Publish: write what has changed of every feed, and of the site around them, to the outlets.

A feed whose articles and settings are as they were at its last complete publish is left alone. A
document changes only when its content does; a feed that fails is reported and the others go out.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Protocol
from urllib.parse import unquote, urlsplit

from publisher.core.feed_documents import FeedDocuments, newest_first
from publisher.core.gating import Gate
from publisher.core.viewing import EPOCH, distinct, entry, site, style_of
from publisher.errors import OutletError, RenderError
from publisher.model.archives import Archive, FeedRecord, FeedState, Newest
from publisher.model.definitions import FeedDefinition, Publication
from publisher.model.views import Document, FeedView, SiteView
from publisher.ports import (
    Articles,
    Clock,
    DocumentFormat,
    Documents,
    Judge,
    Outlet,
    Pages,
    Progress,
)

MAKING = "2"
"""Raised when the same articles and settings make other documents than before."""

SITE = ""
"""The name under which the pages around the feeds are remembered."""

BATCH = 50
"""How many documents are handed to the outlets at a time."""

_PAGE = re.compile(r"articles/([^/]+)/index\.html")


class PublishStore(Articles, Documents, Protocol):
    """What publishing needs of the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishReport:
    """What publishing came to.

    `documents` stand in all, `changed` and `removed` are paths, `failed` (subject, reason) pairs,
    `untouched` counts the feeds that needed no look. `warned` are (path, findings) of documents that
    went out although they could be better.
    """

    documents: int = 0
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    untouched: int = 0
    warned: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Tally:
    gate: Gate
    documents: int = 0
    changed: dict[str, None] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    untouched: int = 0
    recorded: set[str] = field(default_factory=set)
    refused: OutletError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """The publish use-case. `formats` by name.

    `media` returns a picture of the publication's folder, by its path below `media/`, or None.
    `logos` are the addresses of pictures that belong to no story. `archive` says whether there are
    editions that everybody may read online, `by_mail` whether somebody may subscribe to mail.
    `look` tells one state of the templates from another. `judge` keeps documents back that have an
    error.
    """

    store: PublishStore
    clock: Clock
    publication: Publication
    formats: Mapping[str, DocumentFormat]
    pages: Pages
    outlets: Sequence[Outlet]
    media: Callable[[str], Document | None]
    judge: Judge
    archive: bool = False
    by_mail: bool = False
    logos: tuple[str, ...] = ()
    look: str = ""

    def publish(
        self,
        feeds: Sequence[FeedDefinition],
        all_feeds: Sequence[FeedDefinition],
        progress: Progress | None = None,
    ) -> PublishReport:
        """Write these feeds and the site of all of them.

        Raises StoreError, and OutletError at the end when the only outlet refused a document.
        """
        now = self.clock.now()
        tally = _Tally(Gate(judge=self.judge, url=self.publication.url, now=now))
        newest, records = self.store.newest(now), self.store.feed_records()
        states = _known(records, newest, now) or self.store.feed_states(now)
        for number, feed in enumerate(feeds, 1):
            state = states.get(feed.slug, FeedState())
            self._feed(feed, state, records, now, tally)
            if progress:
                progress(number, len(feeds), feed.title)
        whole = len(feeds) == len(all_feeds) and not tally.failed
        around = _Around(all_feeds, states, newest if whole else Newest(), now)
        self._site(around, records, tally)
        self._drop(_dropped(all_feeds, records, tally.recorded), records, tally)
        if tally.refused and len(self.outlets) == 1:
            raise tally.refused
        return PublishReport(
            documents=tally.documents,
            changed=tuple(tally.changed),
            removed=tuple(tally.removed),
            failed=tuple(tally.failed),
            untouched=tally.untouched,
            warned=tuple(tally.gate.warned),
        )

    def view(self, feed: FeedDefinition) -> FeedView:
        """Return the feed's newest entries as a view. Raises StoreError."""
        return self._view(feed, self.store.feed_records())

    def _view(self, feed: FeedDefinition, records: Mapping[str, FeedRecord]) -> FeedView:
        articles = self.store.articles(feed=feed.slug, limit=feed.limit, now=self.clock.now())
        entries = newest_first(distinct([entry(article, feed) for article in articles]))
        former = _former(feed, records)
        head = self._head(feed, former.uid if former else self._uid(feed))
        updated = max((item.updated for item in entries), default=EPOCH)
        return replace(head, entries=entries, updated=updated)

    def outline(self, feeds: Sequence[FeedDefinition]) -> SiteView:
        """Return the publication with these feeds, none of their entries. Raises StoreError."""
        records = self.store.feed_records()
        heads = []
        for feed in feeds:
            former = _former(feed, records)
            heads.append(self._head(feed, former.uid if former else self._uid(feed)))
        return site(self.publication, heads, archive=self.archive, by_mail=self.by_mail)

    def _feed(
        self,
        feed: FeedDefinition,
        state: FeedState,
        records: Mapping[str, FeedRecord],
        now: datetime,
        tally: _Tally,
    ) -> None:
        before, former = records.get(feed.slug), _former(feed, records)
        uid = former.uid if former else self._uid(feed)
        making = _digest(MAKING, self.publication, uid, feed)
        if self._is_same(before, making, state):
            tally.documents += len(before.paths) if before else 0
            tally.untouched += 1
            return
        made = FeedDocuments(
            store=self.store,
            memory=self.store,
            feed=feed,
            formats=self.formats,
            head=self._head(feed, uid),
            url=self.publication.url,
            now=now,
            before=before if before and not self._lacks(before) else None,
            known=former.archive if former else Archive(),
            making=making,
            gate=tally.gate,
        )
        paths, whole = self._write(made.documents(), tally)
        tally.failed += made.failed
        old = before.paths if before else {}
        kept = made.kept | {path for path, _ in made.failed}
        paths |= {path: old[path] for path in kept if path in old}
        tally.documents += len(paths)
        if whole:
            # What failed is tried again at the next publish; what is hidden goes all the same.
            making = "" if made.failed else making
            moves = {path: to for path, to in made.moves().items() if path in old}
            gone = dict.fromkeys(old.keys() - paths.keys(), "") | moves
            record = FeedRecord(
                making=making, state=state, archive=made.layout.archive, paths=paths, uid=uid
            )
            self.store.record_feed(feed.slug, record, gone)
            tally.recorded.add(feed.slug)
            self._remove(gone, tally)

    def _site(self, what: "_Around", records: Mapping[str, FeedRecord], tally: _Tally) -> None:
        """Write the pages around the feeds; pages of stories stay as long as these may be read."""
        feeds, before = what.feeds, records.get(SITE)
        settings = (self.publication, self.archive, self.by_mail, self.logos, self.look)
        held = [(feed, what.states.get(feed.slug, FeedState())) for feed in feeds]
        making = _digest(MAKING, settings, held)
        state, until = FeedState(revision=what.newest.revision), what.newest.until
        if before and self._is_same(before, making, before.state):
            if (before.state, before.until) != (state, until):
                self.store.record_feed(SITE, replace(before, state=state, until=until), {})
            tally.documents += len(before.paths)
            return
        views = {feed.slug: self._view(feed, records) for feed in feeds}
        public = tuple(views[feed.slug] for feed in feeds if feed.public)
        around = site(
            self.publication,
            public,
            languages={view.language for view in views.values()},
            archive=self.archive,
            by_mail=self.by_mail,
        )
        try:
            documents = self.pages.site(around)
        except RenderError as error:
            tally.failed.append(("site", str(error)))
            return
        refused = {one.path: reason for one in documents if (reason := tally.gate.refuses(one))}
        tally.failed += refused.items()
        good = [one for one in documents if one.path not in refused]
        paths, whole = self._write((*good, *self._pictures(views.values())), tally)
        old = before.paths if before else {}
        paths |= {path: old[path] for path in refused if path in old}
        stories = {path: found[1] for path in old if (found := _PAGE.fullmatch(path))}
        readable = self.store.readable_slugs(set(stories.values()), what.now)
        paths |= {path: old[path] for path, slug in stories.items() if slug in readable}
        paths = {**{path: old[path] for path in old if path.startswith("media/")}, **paths}
        tally.documents += len(paths)
        if whole:
            making = "" if refused else making
            gone = dict.fromkeys(old.keys() - paths.keys(), "")
            record = FeedRecord(
                making=making, state=state, archive=Archive(), paths=paths, until=until
            )
            self.store.record_feed(SITE, record, gone)
            self._remove(gone, tally)

    def _drop(self, slugs: set[str], records: Mapping[str, FeedRecord], tally: _Tally) -> None:
        """Take away what was made of feeds that are no more."""
        for slug in sorted(slugs):
            self._remove(records[slug].paths, tally)
        if slugs:
            self.store.forget_feeds(slugs)

    def _is_same(self, before: FeedRecord | None, making: str, state: FeedState) -> bool:
        if before is None or (before.making, before.state) != (making, state):
            return False
        return not self._lacks(before)

    def _lacks(self, before: FeedRecord) -> bool:
        return any(outlet.lacks(before.paths) for outlet in self.outlets)

    def _write(self, documents: Iterable[Document], tally: _Tally) -> tuple[dict[str, str], bool]:
        """Hand documents to every outlet; return their digests by path, and whether all took all."""
        paths: dict[str, str] = {}
        whole = True
        stream = iter(documents)
        while batch := tuple(islice(stream, BATCH)):
            paths.update((one.path, sha256(one.data).hexdigest()) for one in batch)
            for outlet in self.outlets:
                try:
                    tally.changed.update(dict.fromkeys(outlet.write(batch)))
                except OutletError as error:
                    tally.refused = tally.refused or error
                    tally.failed.append((type(outlet).__name__, str(error)))
                    whole = False
        return paths, whole

    def _remove(self, paths: Iterable[str], tally: _Tally) -> None:
        gone = sorted(paths)
        for outlet in self.outlets if gone else ():
            try:
                outlet.remove(gone)
            except OutletError as error:
                tally.failed.append((type(outlet).__name__, str(error)))
        tally.removed += gone

    def _pictures(self, views: Iterable[FeedView]) -> Iterator[Document]:
        """Yield every picture of our own that the documents point at, once."""
        ours = re.compile(re.escape(f"{self.publication.url}media/") + r"([^\s\"'<>?#]+)")
        texts = (f"{item.image} {item.html}" for view in views for item in view.entries)
        paths = {path for text in (*texts, *self.logos) for path in ours.findall(text)}
        for path in sorted(paths):
            document = self.media(unquote(path))
            if document is not None:
                yield document

    def _uid(self, feed: FeedDefinition) -> str:
        return self.store.tag(f"feed:{feed.slug}")

    def _head(self, feed: FeedDefinition, uid: str) -> FeedView:
        base = f"{self.publication.url}feeds/{feed.slug}"
        language = feed.language or self.publication.language
        return FeedView(
            slug=feed.slug,
            uid=uid,
            title=feed.title,
            description=feed.description,
            language=language,
            home=f"{base}/",
            links={name: f"{base}.{self.formats[name].extension}" for name in feed.formats},
            publication=self.publication.title,
            contact=self.publication.contact,
            updated=EPOCH,
            entries=(),
            site=self.publication.url,
            ended=feed.ended,
            style=f"{urlsplit(self.publication.url).path or '/'}{style_of(language)}",
            category_scheme=feed.category_scheme or self.publication.url,
        )


def _former(feed: FeedDefinition, records: Mapping[str, FeedRecord]) -> FeedRecord | None:
    """Return what was made of a feed last, under this slug or one that it had."""
    slugs = (feed.slug, *reversed(feed.was))
    return next((records[slug] for slug in slugs if slug in records), None)


def _dropped(
    feeds: Sequence[FeedDefinition], records: Mapping[str, FeedRecord], recorded: set[str]
) -> set[str]:
    """Return the slugs of feeds that are no more; one that was renamed lasts until its heir stands."""
    known = records.keys() | recorded
    awaited = {old for feed in feeds if feed.slug not in known for old in feed.was}
    return set(records) - {feed.slug for feed in feeds} - awaited - {SITE}


@dataclass(frozen=True, slots=True)
class _Around:
    """What the pages around the feeds are made of; `newest` is nothing after a publish of a few."""

    feeds: Sequence[FeedDefinition]
    states: Mapping[str, FeedState]
    newest: Newest
    now: datetime


def _known(
    records: Mapping[str, FeedRecord], newest: Newest, now: datetime
) -> Mapping[str, FeedState] | None:
    """Return the states of the feeds when nothing at all has changed since all were published."""
    last = records.get(SITE)
    if last is None or not newest.revision or last.state.revision != newest.revision:
        return None
    if last.until is not None and now >= last.until:
        return None
    return {slug: record.state for slug, record in records.items()}


def _digest(*parts: object) -> str:
    """Return what tells one set of settings from another: they are frozen, and say all in `repr`."""
    return sha256(repr(parts).encode()).hexdigest()
