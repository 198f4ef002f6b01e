"""Publish: write what has changed of every feed, and of the site around them, to the outlets.

A feed whose articles and settings are as they were at its last complete publish is left alone. A
document changes only when its content does; a feed that fails is reported and the others go out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Protocol

from publisher.core.around import Around
from publisher.core.feed_documents import FeedDocuments
from publisher.core.gallery import MEDIA, Gallery
from publisher.core.gathering import public
from publisher.core.gating import Gate
from publisher.core.leading import leaders
from publisher.core.mapping import PART
from publisher.core.output import Output
from publisher.core.podcasting import podcast
from publisher.core.viewing import EPOCH, distinct, entry, founded, head, newest_first, site
from publisher.model.archives import Archive, FeedRecord, FeedState, Member, Newest
from publisher.model.definitions import FeedDefinition, Publication
from publisher.model.topics import ALL
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
    Topics,
)

MAKING = "3"
"""Raised when the same articles and settings make other documents than before."""

SITE = ""
"""The name under which the pages around the feeds are remembered."""


class PublishStore(Articles, Documents, Topics, Protocol):
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """The publish use-case. `formats` by name.

    `media` returns a picture of the publication's folder, by its path below `media/`, or None.
    `logos` are the addresses of pictures that belong to no story. `archive` says whether there are
    editions that everybody may read online, `by_mail` whether somebody may subscribe to mail.
    `hubs` are where programs ask to be told of changes.
    `look` tells one state of the templates from another. `part` is how many articles a part of the
    sitemap is for. `judge` keeps documents back that have an
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
    hubs: tuple[str, ...] = ()
    logos: tuple[str, ...] = ()
    look: str = ""
    part: int = PART

    def publish(
        self,
        feeds: Sequence[FeedDefinition],
        all_feeds: Sequence[FeedDefinition],
        progress: Progress | None = None,
        gathered: Mapping[str, FeedState] | None = None,
    ) -> PublishReport:
        """Write these feeds and the site of all of them; `gathered` are states of those nobody wrote.

        Raises StoreError, and OutletError at the end when the only outlet refused a document.
        """
        now = self.clock.now()
        gate = Gate(judge=self.judge, url=self.publication.url, now=now)
        output = Output(outlets=self.outlets, gate=gate)
        newest, records = self.store.newest(now), self.store.feed_records()
        known = _known_states(records, newest, now)
        states = {**(known or self.store.feed_states(now)), **(gathered or {})}
        round_ = _Round(
            feeds=all_feeds,
            heads=[(feed, self._headed(feed, records)) for feed in all_feeds if _is_listed(feed)],
            states=states,
            records=records,
            now=now,
            output=output,
            gallery=Gallery(media=self.media, url=self.publication.url),
        )
        for number, feed in enumerate(feeds, 1):
            self._feed(feed, states.get(feed.slug, FeedState()), round_)
            if progress:
                progress(number, len(feeds), feed.title)
        whole = len(feeds) == len(all_feeds) and not output.failed
        self._site(round_, newest if whole else Newest())
        self._drop(_dropped(all_feeds, records, output.recorded), records, output)
        if output.refused and len(self.outlets) == 1:
            raise output.refused
        return PublishReport(
            documents=output.documents,
            changed=tuple(output.changed),
            removed=tuple(output.removed),
            failed=tuple(output.failed),
            untouched=output.untouched,
            warned=tuple(gate.warned),
        )

    def view(self, feed: FeedDefinition) -> FeedView:
        """Return the feed's newest entries as a view. Raises StoreError."""
        return self._view(feed, self.store.feed_records())

    def _view(self, feed: FeedDefinition, records: Mapping[str, FeedRecord]) -> FeedView:
        found = self.store.articles(feed=feed.slug, limit=2 * feed.limit, now=self.clock.now())
        entries = newest_first(
            distinct([entry(one, feed) for one in leaders(found)[: feed.limit]])
        )
        updated = max((item.updated for item in entries), default=EPOCH)
        return replace(self._headed(feed, records), entries=entries, updated=updated)

    def outline(self, feeds: Sequence[FeedDefinition]) -> SiteView:
        """Return the publication with these feeds, none of their entries. Raises StoreError."""
        records = self.store.feed_records()
        return self._frame([self._headed(feed, records) for feed in feeds])

    def _frame(self, heads: Sequence[FeedView], languages: Sequence[str] = ()) -> SiteView:
        return site(
            self.publication,
            heads,
            languages=set(languages),
            archive=self.archive,
            by_mail=self.by_mail,
            founded=founded(self.store.tag("")),
        )

    def _feed(self, feed: FeedDefinition, state: FeedState, round_: "_Round") -> None:
        records, output = round_.records, round_.output
        before, former = records.get(feed.slug), _former(feed, records)
        mine = self._headed(feed, records)
        making = _digest(MAKING, self.publication, mine.uid, feed, self.hubs)
        # The page for people says more: a new look of it is no reason to make the feed again.
        going = [view for _, view in round_.heads if not view.ended]
        frame = self._frame(going[:1])
        making += f"+{_digest(frame, self.logos, self.look)}" if feed.public else ""
        if output.is_same(before, making, state):
            output.documents += len(before.paths) if before else 0
            output.untouched += 1
            return
        made = FeedDocuments(
            store=self.store,
            members=self._members(feed, round_),
            feed=feed,
            formats=self.formats,
            head=mine,
            url=self.publication.url,
            now=round_.now,
            public=public(round_.feeds),
            before=before if before and not output.lacks(before.paths) else None,
            known=former.archive if former else Archive(),
            making=making,
            gate=output.gate,
            gallery=round_.gallery,
            people=partial(self.pages.feed, frame) if feed.public else None,
        )
        paths, whole = output.write(made.documents())
        output.failed += made.failed
        old = before.paths if before else {}
        kept = made.kept | {path for path, _ in made.failed}
        paths |= {path: old[path] for path in kept if path in old}
        output.documents += len(paths)
        if whole:
            # What failed is tried again at the next publish; what is hidden goes all the same.
            making = "" if made.failed else making
            moves = {path: to for path, to in made.moves().items() if path in old}
            # What could not be taken away the last time has moved then.
            rest = old.keys() - paths.keys() - moves.keys()
            gone = {path: self.store.moved_to(path) or "" for path in rest} | moves
            lasting = {} if output.remove(gone) else {path: old[path] for path in gone}
            record = FeedRecord(
                making="" if lasting else making,
                state=state,
                archive=made.layout.archive,
                paths=lasting | paths,
                uid=mine.uid,
                guid=mine.podcast.guid if mine.podcast else former.guid if former else "",
            )
            self.store.record_feed(feed.slug, record, gone)
            output.recorded.add(feed.slug)

    def _members(self, feed: FeedDefinition, round_: "_Round") -> Sequence[Member]:
        """Return the readable articles of a feed; one that nobody wrote has those of public ones."""
        if not feed.gathers:
            return self.store.feed_members(feed.slug, round_.now)
        return self.store.topic_members(feed.slug, feed.lenders, round_.now)

    def _site(self, round_: "_Round", newest: Newest) -> None:
        """Write what is around the feeds, as far as it has changed."""
        output, before = round_.output, round_.records.get(SITE)
        spoken = [feed.language or self.publication.language for feed in round_.feeds]
        frame = self._frame([view for _, view in round_.heads], spoken)
        held = [(feed, round_.states.get(feed.slug, FeedState())) for feed in round_.feeds]
        settings = (MAKING, frame, self.logos, self.look)
        around = Around(
            articles=self.store,
            memory=self.store,
            pages=self.pages,
            heads=round_.heads,
            frame=frame,
            making=_digest(settings),
            now=round_.now,
            output=output,
            gallery=round_.gallery,
            logos=self.logos,
            mapped=before.maps if before else (),
            part=self.part,
        )
        making, state = _digest(settings, held), FeedState(revision=newest.revision)
        stands = around.stand() and not _is_due(before, round_.now)
        if before and stands and output.is_same(before, making, before.state):
            paths, until = before.paths, before.until
            gone: set[str] = set()
        else:
            old = before.paths if before else {}
            paths, whole = around.write(old)
            if not whole:
                return
            kept = {path: mark for path, mark in old.items() if path.startswith(MEDIA)}
            gone = old.keys() - paths.keys() - kept.keys() - _homes(round_.heads)
            gone = {path for path in gone if not _is_story(path)}
            paths, until = {**kept, **paths}, around.until
            making = "" if around.refused else making
        paths = {**paths, **output.pictures}
        if not output.remove(gone):
            making, paths = "", {**{path: before.paths[path] for path in gone if before}, **paths}
        record = FeedRecord(
            making=making,
            state=state,
            archive=Archive(),
            paths=paths,
            until=min(filter(None, (newest.until, until)), default=None),
            maps=around.mapped,
        )
        if record != before:
            self.store.record_feed(SITE, record, dict.fromkeys(gone, ""))
        output.documents += len(paths) + self.store.count_pages()

    def _drop(self, slugs: set[str], records: Mapping[str, FeedRecord], output: Output) -> None:
        """Take away what was made of feeds that are no more."""
        gone = {slug for slug in sorted(slugs) if output.remove(records[slug].paths)}
        if gone:
            self.store.forget_feeds(gone)

    def _headed(self, feed: FeedDefinition, records: Mapping[str, FeedRecord]) -> FeedView:
        former = _former(feed, records)
        uid = former.uid if former else self.store.tag(f"feed:{feed.slug}")
        endings = {name: self.formats[name].extension for name in feed.formats}
        made = head(self.publication, feed, uid, endings)
        kept = former.guid if former else ""
        heard = podcast(feed, self.publication, made.links.get("rss", ""), kept)
        return replace(made, hubs=self.hubs, podcast=heard)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    """What one publish is about: all feeds, the heads of public ones, and what is known of them."""

    feeds: Sequence[FeedDefinition]
    heads: Sequence[tuple[FeedDefinition, FeedView]]
    states: Mapping[str, FeedState]
    records: Mapping[str, FeedRecord]
    now: datetime
    output: Output
    gallery: Gallery


def _is_due(before: FeedRecord | None, now: datetime) -> bool:
    return before is not None and before.until is not None and now >= before.until


def _homes(heads: Sequence[tuple[FeedDefinition, FeedView]]) -> set[str]:
    """Return the paths of feeds' pages: those are remembered with their feeds."""
    return {f"feeds/{feed.slug}/index.html" for feed, _ in heads}


def _is_listed(feed: FeedDefinition) -> bool:
    """Tell whether a feed stands in lists for everybody: of those nobody wrote only that of all."""
    return feed.public and feed.gathers in {"", ALL}


def _is_story(path: str) -> bool:
    """Tell whether a document is a story's page: those are remembered one by one."""
    return path.startswith("articles/")


def _known_states(
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
