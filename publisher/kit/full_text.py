"""The following of links: entries that bring a teaser get the text of their own page, once.

Serves the sources. What was followed is written down in a few characters an entry, which the source
keeps in its cursor: a page is read once, and again only when its entry has changed. An entry whose
stored text is the page's is handed over as one to keep, so a teaser never replaces a text.
"""

import hashlib
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from publisher.errors import FetchError, ParseError, SourceError
from publisher.kit.polite_pages import Barred
from publisher.kit.teasers import fuller, is_alike, is_cut, is_teaser, is_whole
from publisher.model.articles import CollectedArticle, SourceProblem
from publisher.ports import PageReader

PAGES = 10
"""Pages read in one collection of a source; the others come with the next ones."""

PATIENCE = 6.0
"""Seconds that one collection waits for hosts' turns, all its pages together."""

SECONDS = 30.0
"""Seconds after which one collection begins no further page."""

TRIES = 3
"""How often a page is asked for that does not answer."""

MAX_NOTES = 1_000
_GONE = frozenset({401, 402, 403, 404, 410, 451})
_FILES = frozenset(
    (
        *(".mp3", ".m4a", ".ogg", ".opus", ".wav", ".mp4", ".m4v", ".webm", ".mov", ".mkv"),
        *(".jpg", ".jpeg", ".png", ".gif", ".webp", ".svg", ".avif", ".pdf", ".epub"),
        *(".zip", ".gz", ".xz", ".7z", ".exe", ".dmg", ".iso", ".deb", ".rpm", ".apk"),
    )
)
_NOTE = re.compile(r"([0-9a-f]{10})([0-9a-f]{10})([0-9a-f]{4})([01])([0-3])(\d{6,7})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What is known of an entry whose link was followed.

    `words` and `date` are digests of the entry as it was, `day` is when (a proleptic ordinal). `full`
    means that the stored text is whole; `tries` counts failures since then.
    """

    words: str
    date: str
    full: bool = False
    tries: int = 0
    day: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """Entries after their links were followed; `kept` and `notes` are for the source to hand on.

    `later` means that pages wait for the next collection, so the feed must be read again then.
    """

    articles: tuple[CollectedArticle, ...]
    problems: tuple[SourceProblem, ...] = ()
    kept: frozenset[str] = frozenset()
    notes: str = ""
    later: bool = False


def follow(
    articles: Sequence[CollectedArticle],
    notes: str,
    pages: PageReader,
    now: datetime,
    *,
    partial: bool = False,
    ticks: Callable[[], float] = time.monotonic,
) -> Followed:
    """Return the entries, those whose teasers are new with their pages' texts. Total.

    `notes` are those of the last collection. Links that several entries share are not followed: their
    page is not one story's. Where `articles` are but a part of the feed
    (`partial`), notes of others stay. A page that cannot be read is a problem; its entry is
    handed over as it came.
    """
    known = read_notes(notes)
    round_ = _Round(pages=pages, known=known, today=now.toordinal(), ticks=ticks)
    links = Counter(_page(article.url) for article in articles)
    told = [
        round_.hand_over(article) if links[_page(article.url)] == 1 else article
        for article in _in_turn(articles, known)
    ]
    order = {article.external_id: number for number, article in enumerate(articles)}
    told.sort(key=lambda article: order[article.external_id])
    others = known if partial else {}
    return Followed(
        articles=tuple(told),
        problems=tuple(round_.problems),
        kept=frozenset(round_.kept),
        notes=write_notes({**round_.notes, **others} | round_.notes),
        later=round_.later,
    )


def kept_of(articles: Iterable[CollectedArticle], notes: str) -> frozenset[str]:
    """Return the ids of teasers whose stored texts are whole, for what came unasked."""
    known = read_notes(notes)
    return frozenset(
        article.external_id
        for article in articles
        if is_teaser(article) and (note := known.get(_digest(article.external_id))) and note.full
    )


def _in_turn(
    articles: Sequence[CollectedArticle], known: Mapping[str, Note]
) -> list[CollectedArticle]:
    """Return entries in the order in which pages are read: new ones before those that failed."""
    return sorted(
        articles,
        key=lambda article: note.tries if (note := known.get(_digest(article.external_id))) else 0,
    )


@dataclass(slots=True, kw_only=True)
class _Round:
    """One collection: what it has read so far, and what it has cost."""

    pages: PageReader
    known: Mapping[str, Note]
    today: int
    ticks: Callable[[], float]
    notes: dict[str, Note] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    problems: list[SourceProblem] = field(default_factory=list)
    later: bool = False
    read: int = 0
    waited: float = 0.0
    failures: int = 0
    begun: float = 0.0

    def __post_init__(self) -> None:
        self.begun = self.ticks()

    def hand_over(self, article: CollectedArticle) -> CollectedArticle:
        """Return an entry as it is handed over: whole, or as it came."""
        name, fresh = _digest(article.external_id), _note(article, self.today)
        before = self.known.get(name)
        if not is_teaser(article):
            self.notes[name] = replace(fresh, full=True)
            return article
        if not _leads_to_page(article.url):
            return article
        if before is not None and not _again(before, fresh):
            self._settle(name, article, before)
            return article
        if not self._may(article.url):
            self.later = True
            if before is not None:
                self._settle(name, article, before)
            return article
        return self._follow(name, article, fresh, before)

    def _follow(
        self, name: str, article: CollectedArticle, fresh: Note, before: Note | None
    ) -> CollectedArticle:
        """Read an entry's page."""
        self.read += 1
        full = before is not None and before.full
        try:
            page = self.pages.story(article.url, language=article.language)
        except SourceError as error:
            self._fail(article.url, error)
            unchanged = before is not None and before.words == fresh.words
            tries = (before.tries if before is not None and unchanged else 0) + 1
            tries = TRIES if _is_final(error) else tries
            self.later = self.later or tries < TRIES
            self._settle(name, article, replace(fresh, full=full, tries=tries))
            return article
        self.failures = 0
        if is_whole(article, page):
            self.notes[name] = replace(fresh, full=True)
            return fuller(article, page)
        # A story may have become short; but where there is more of it, or the page is another one
        # (a wall of some kind), what is stored stays.
        stays = full and (is_cut(article) or not is_alike(article, page))
        self._settle(name, article, replace(fresh, full=stays))
        return article

    def _settle(self, name: str, article: CollectedArticle, note: Note) -> None:
        """Write down what is known of an entry that is handed over as it came."""
        self.notes[name] = note
        if note.full:
            self.kept.add(article.external_id)

    def _fail(self, url: str, error: SourceError) -> None:
        if not _is_final(error):
            self.failures += 1
        self.problems.append(SourceProblem(where=url, message=f"full text: {error.reason}"))

    def _may(self, url: str) -> bool:
        """Tell whether one more page may be read in this collection."""
        spent = self.read >= PAGES or self.failures > 1 or self.ticks() - self.begun >= SECONDS
        wait = 0.0 if spent else self.pages.wait(url)
        if spent or self.waited + wait > PATIENCE:
            return False
        self.waited += wait
        return True


def _again(before: Note, now: Note) -> bool:
    """Tell whether an entry's link is followed again.

    That is when its words have changed, and a few times when its page did not answer; for one whose
    text is its page's at most once a day when only its date has changed (some feeds date everything
    anew each time).
    """
    if before.words != now.words or 0 < before.tries < TRIES:
        return True
    return before.full and before.date != now.date and before.day < now.day


def _leads_to_page(url: str) -> bool:
    """Tell whether an address may be that of one story's page: not a site's front page, no file."""
    path = urlsplit(_page(url)).path
    return path not in {"", "/"} and PurePosixPath(path).suffix.lower() not in _FILES


def _page(url: str) -> str:
    """Return the address of the page that an address leads to, "" for what is no address."""
    try:
        return urlsplit(url)._replace(fragment="").geturl()
    except ValueError:
        return ""


def _is_final(error: SourceError) -> bool:
    """Tell whether asking again for the page would be in vain."""
    if isinstance(error, FetchError):
        return isinstance(error, Barred) or error.status in _GONE
    return isinstance(error, ParseError)


def _note(article: CollectedArticle, today: int) -> Note:
    """Return a note of an entry as it came."""
    changed = article.updated or article.published
    return Note(
        words=_digest("\n".join((article.title, article.url, " ".join(article.text.split())))),
        date=_digest(changed.isoformat() if changed else "")[:4],
        day=today,
    )


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()


def read_notes(text: str) -> dict[str, Note]:
    """Return notes by the digest of the entry's id, the newest first. Total."""
    found = {}
    for one in text.split()[:MAX_NOTES]:
        if match := _NOTE.fullmatch(one):
            name, words, date, full, tries, day = match.groups()
            found[name] = Note(
                words=words, date=date, full=full == "1", tries=int(tries), day=int(day)
            )
    return found


def write_notes(notes: Mapping[str, Note]) -> str:
    """Return notes as text, those of `MAX_NOTES` entries."""
    return " ".join(
        f"{name}{note.words}{note.date}{note.full:d}{note.tries}{note.day:06}"
        for name, note in list(notes.items())[:MAX_NOTES]
    )
