"""Illustrate: give the stories of an edition pictures that are ours: fetched, resized, served by us.

So nobody else learns who opens a mail, and when. A picture is an ornament: one that fails or comes
late is left out with one complaint, and the edition goes without it.

A picture of somebody else's is fetched once. What became of it is remembered like the state of a
source: where its copy lies, or what went wrong and when to try again.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from urllib.parse import unquote, urlsplit

from publisher.errors import OutletError, ParseError, PublisherError
from publisher.model.articles import SourceState
from publisher.model.definitions import ImageSettings
from publisher.model.views import Document, StoryView
from publisher.ports import Articles, Clock, Fetcher, Outlet, Picture, Pictures

MEDIA = "media/"
PROXIED = "media/proxy/"
ACCEPT = "image/jpeg, image/png, image/webp, image/gif, image/avif"
SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png"}

SECONDS = 20.0
"""How long the pictures of one edition may take in all."""

AGAIN = timedelta(days=1)
"""When a picture that failed is asked for again, at the earliest."""

THREADS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Illustrated:
    """A picture to show: its address, its size in CSS pixels (`height` 0 while unknown)."""

    url: str
    width: int
    height: int


@dataclass(slots=True)
class _Harvest:
    """What came of the pictures asked for, by address."""

    pictures: dict[str, Picture] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Illustrator:
    """The illustrate use-case. `base_url` is the publication's.

    `media` returns a picture of the publication's folder by its path; `holds` tells whether a
    document written earlier is still there.
    """

    store: Articles
    clock: Clock
    settings: ImageSettings
    base_url: str
    fetcher: Fetcher
    pictures: Pictures
    media: Callable[[str], Document | None]
    holds: Callable[[str], bool]
    outlets: Sequence[Outlet]
    complain: Callable[[str, str], None]
    seconds: float = SECONDS

    def illustrate(self, stories: Sequence[StoryView]) -> tuple[StoryView, ...]:
        """Return the stories with the pictures to show; doing it twice changes nothing.

        Raises StoreError only.
        """
        done = self.base_url + PROXIED
        wanted = {story.image: story for story in stories if not story.image.startswith(done)}
        addresses = [address for address in wanted if address]
        found = self._proxied(addresses) if self.settings.proxy else self._as_they_are(addresses)
        return tuple(
            _illustrated(story, found.get(story.image)) if story.image in wanted else story
            for story in stories
        )

    def _proxied(self, addresses: Collection[str]) -> Mapping[str, Illustrated]:
        """Return copies of our own for as many as can be had in time."""
        found: dict[str, Illustrated] = {}
        new: list[str] = []
        states = self.store.source_states([self._key(address) for address in addresses])
        for address in addresses:
            state = states.get(self._key(address))
            if state is None or self._own(address):
                new.append(address)
            elif kept := self._kept(state):
                found[address] = kept
            elif state.next_check is None or state.next_check <= self.clock.now():
                new.append(address)
        harvest = self._harvest(new)
        self._forgo(harvest.failures)
        return found | self._written(harvest.pictures)

    def _kept(self, state: SourceState) -> Illustrated | None:
        """Return the copy made earlier, unless somebody has emptied the output folder."""
        path = state.cursor.get("path", "")
        if not path or not self.holds(path):
            return None
        width, height = int(state.cursor["width"]), int(state.cursor["height"])
        return Illustrated(url=self.base_url + path, width=width, height=height)

    def _harvest(self, addresses: Collection[str]) -> _Harvest:
        """Fetch and fit side by side; what is not there in time is complained of and left."""
        harvest = _Harvest()
        threads = ThreadPoolExecutor(THREADS, thread_name_prefix="picture")
        tasks = {threads.submit(self._fit, address): address for address in addresses}
        done, late = wait(tasks, timeout=self.seconds)
        threads.shutdown(wait=False, cancel_futures=True)  # each thread has a limit of its own
        for task in done:
            error = task.exception()
            if isinstance(error, Exception):
                harvest.failures[tasks[task]] = _reason(error)
            else:
                harvest.pictures[tasks[task]] = task.result()
        for task in late:
            self._leave_out(tasks[task], f"was not there after {self.seconds:g} s")
        return harvest

    def _fit(self, address: str) -> Picture:
        return self.pictures.fit(self._bytes(address))

    def _bytes(self, address: str) -> bytes:
        """Return a picture as it is. Raises FetchError, ParseError."""
        path = self._own(address)
        if not path:
            return self.fetcher.get(address, accept=ACCEPT).body
        document = self.media(path)
        if document is None:
            raise ParseError(address, "there is no such picture in the publication's folder")
        return document.data

    def _written(self, pictures: Mapping[str, Picture]) -> dict[str, Illustrated]:
        """Publish the copies under the hash of their bytes, and remember whose they are."""
        found: dict[str, Illustrated] = {}
        for address, picture in pictures.items():
            document = _document(picture)
            try:
                for outlet in self.outlets:
                    outlet.write([document])
            except OutletError as error:
                self._leave_out(address, f"{error.subject}: {error.reason}")
                continue
            path, width, height = document.path, picture.width, picture.height
            found[address] = Illustrated(url=self.base_url + path, width=width, height=height)
            self._remember(address, path=path, width=str(width), height=str(height))
        return found

    def _remember(self, address: str, **copy: str) -> None:
        """Remember a copy; our own pictures may change, and are made anew each time."""
        if not self._own(address):
            now, key = self.clock.now(), self._key(address)
            state = SourceState(key=key, last_checked=now, last_success=now, cursor=copy)
            self.store.save_state(state)

    def _forgo(self, failures: Mapping[str, str]) -> None:
        """Complain of what failed, and leave strangers alone for a while."""
        now = self.clock.now()
        for address, reason in failures.items():
            self._leave_out(address, reason)
            if not self._own(address):
                key = self._key(address)
                self.store.save_state(
                    SourceState(
                        key=key, last_checked=now, next_check=now + AGAIN, last_error=reason
                    )
                )

    def _as_they_are(self, addresses: Iterable[str]) -> Mapping[str, Illustrated]:
        """Return pictures where they lie: ours measured, others' not even asked for.

        Others' over plain http are left out: readers of mail warn of them, or show a hole.
        """
        found: dict[str, Illustrated] = {}
        for address in addresses:
            try:
                if self._own(address):
                    width, height = self.pictures.measure(self._bytes(address))
                    found[address] = Illustrated(url=address, width=width, height=height)
                elif urlsplit(address).scheme == "https":
                    found[address] = Illustrated(url=address, width=self.settings.width, height=0)
            except Exception as error:  # noqa: BLE001  one odd picture ends no edition
                self._leave_out(address, _reason(error))
        return found

    def _own(self, address: str) -> str:
        """Return the path of a picture of the publication's folder, "" for anybody else's."""
        if not address.startswith(self.base_url + MEDIA):
            return ""
        path = address.removeprefix(self.base_url + MEDIA)
        return unquote(path.partition("#")[0].partition("?")[0])

    def _key(self, address: str) -> str:
        """Return under which name a picture is remembered, whatever the length of its address."""
        made_with = f"{self.settings.width} {self.settings.quality} {address}"
        return f"picture:{_hash(made_with.encode())}"

    def _leave_out(self, subject: str, reason: str) -> None:
        self.complain(subject, f"picture left out: {reason}")


def _illustrated(story: StoryView, picture: Illustrated | None) -> StoryView:
    if picture is None:
        return replace(story, image="", image_width=0, image_height=0)
    return replace(
        story, image=picture.url, image_width=picture.width, image_height=picture.height
    )


def _reason(error: Exception) -> str:
    """Return why a picture failed, in one line; also when odd bytes tripped the decoder."""
    if isinstance(error, PublisherError):
        return error.reason
    return " ".join([type(error).__name__, *str(error).split()])


def _document(picture: Picture) -> Document:
    return Document(
        path=f"{PROXIED}{_hash(picture.data)}{SUFFIXES[picture.media_type]}",
        data=picture.data,
        media_type=picture.media_type,
    )


def _hash(data: bytes) -> str:
    return sha256(data).hexdigest()[:32]
