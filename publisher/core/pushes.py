"""Be told of changes by the hubs of our sources: ask, confirm, renew, leave; believe what is signed.

Serves the page that hubs call, and whatever does what is due. What a hub brings is kept before it is
told so, and read elsewhere (core.push_reading). Polling goes on: a hub that fails costs time, no news.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from urllib.parse import urlencode, urlsplit

from publisher.core import push_rules as rules
from publisher.core.hubbing import FORM, HELD, Experience
from publisher.errors import FetchError
from publisher.model.articles import SourceReport
from publisher.model.pushes import Listening, ListeningState
from publisher.ports import Caller, Clock, Pushes

CALLBACK = "websub/callback/"
"""The path that hubs call below the publication's address; a token follows."""

PLANNED = timedelta(minutes=1)
"""How often what sources offer is compared with what is listened to."""

MOST = 500
"""Hubs asked in one go; then others are looked at."""

MOST_WAITING = 100
"""Pushes of one source that may wait; its hub is to come back with more."""

HOPS = 3
SAID = 300
"""Bytes of a refusal that are read, for operators."""

TRIES = 3


class Heard(StrEnum):
    """What became of a push."""

    KEPT = "kept"
    DROPPED = "dropped"
    GONE = "gone"
    EARLY = "early"
    FULL = "full"


@dataclass(slots=True)
class Memory:
    """What a process remembers: hosts that gave no answer, complaints made, when it planned last.

    `doubted` and `unread` are the sources of which was said that a push was not signed, not read.
    """

    hosts: Experience = field(default_factory=Experience)
    doubted: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)
    planned: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """The listen use-case. `url` is the publication's; `wanted` are the sources that take pushes.

    `unguessable` makes a token or a secret of at least 32 bytes of chance, fit for an address.
    `complain` hears of hubs that fail, once until they work again.
    """

    store: Pushes
    clock: Clock
    caller: Caller
    url: str
    wanted: Callable[[], Collection[str]]
    unguessable: Callable[[], str]
    complain: Callable[[str, str], None]
    memory: Memory = field(default_factory=Memory)

    def alive(self, now: datetime) -> Collection[str]:
        """Return the sources that need polling rarely: their hubs bring what is new. Raises StoreError."""
        return self.store.alive_sources(now, rules.LATE)

    # What is due

    def due(self) -> int:
        """Plan when it is time to, and return how much there is to do. Raises StoreError."""
        now, last = self.clock.now(), self.memory.planned
        if last is None or not timedelta(0) <= now - last < PLANNED:
            self.plan()
            self.memory.planned = now
        return self.store.pushes_due(now)

    def plan(self) -> None:
        """Compare what sources offer with what is listened to, and begin or leave. Raises StoreError."""
        now, offers, wanted = self.clock.now(), self.store.offers(), set(self.wanted())
        found = groupby(self.store.listenings(), key=lambda row: row.source)
        rows: dict[str, Sequence[Listening]] = {source: list(mine) for source, mine in found}
        for source in rows.keys() | (offers.keys() & wanted):
            offer = offers.get(source) if source in wanted else None
            plan = rules.plan(offer, rows.get(source, ()), now)
            for row in plan.change:
                self.store.put_listening(row, now)
            for row in plan.again:
                again = rules.begun(row, self.unguessable(), self.unguessable(), now)
                self.store.put_listening(again, now)
            for row in plan.drop:
                self.store.drop_listening(row)
            if offer is not None and plan.begin:
                token, secret = self.unguessable(), self.unguessable()
                self.store.begin_listening(offer, plan.begin, token, secret, now)

    def work(self, stop: Callable[[], bool] = lambda: False, most: int = MOST) -> int:
        """Ask the hubs that are due, but not without end; several threads may. Raises StoreError."""
        done = 0
        while done < most and not stop() and self.ask():
            done += 1
        return done

    def ask(self) -> bool:
        """Do what is due about one listening; False when there is nothing. Raises StoreError."""
        now = self.clock.now()
        row = self.store.take_listening(now, now + HELD)
        if row is None:
            return False
        if rules.parted(row, now):
            self.store.drop_listening(row)
        elif row.waits:
            hours = int(rules.ANSWER / timedelta(hours=1))
            self._fail(row, f"has not asked back for {hours} hour")
        elif row.state is ListeningState.ALIVE and not rules.listens(row, now):
            self._told(row, row.error or "its lease ended")
            self.store.put_listening(rules.over(row, now), now)
        else:
            self._ask(row, now)
        return True

    def _ask(self, row: Listening, now: datetime) -> None:
        """Ask a hub; that we do stands in the store before it hears of it: it may ask back at once."""
        host = urlsplit(row.hub).hostname or row.hub
        if self.memory.hosts.rests(host, now):
            self._fail(row, "its host gave no answer")
            return
        asked = self.store.put_listening(rules.asking(row, now), now)
        if asked is None:
            return
        try:
            reason, wait = self._request(asked)
        except FetchError as error:
            self.memory.hosts.tire(host, now)
            reason, wait = error.reason, timedelta(0)
        if reason:
            self._fail(asked, reason, wait)

    def _request(self, row: Listening) -> tuple[str, timedelta]:
        """Make the request; return why it was refused, "" when it was not, and how long to wait."""
        form = urlencode(rules.request(row, f"{self.url}{CALLBACK}{row.token}")).encode()
        address = row.hub
        for _ in range(HOPS + 1):
            answer = self.caller.call("POST", address, {"Content-Type": FORM}, form, keep=SAID)
            if rules.is_taken(answer.status):
                return "", timedelta(0)
            onwards = rules.next_hub(address, answer.status, answer.headers.get("location", ""))
            if not onwards:
                wait = rules.patience(answer.status, answer.headers.get("retry-after", ""))
                return _refusal(answer.status, answer.body), wait
            address = onwards
        return f"redirects more than {HOPS} times", timedelta(0)

    def _fail(self, row: Listening, reason: str, wait: timedelta = timedelta(0)) -> None:
        """Note a failure, unless the hub has asked back meanwhile."""
        now = self.clock.now()
        if self.store.put_listening(rules.failed(row, reason, now, wait=wait), now) is not None:
            self._told(row, reason)

    def _told(self, row: Listening, reason: str) -> None:
        """Complain of a hub that begins to fail; that one is not left in peace is its own affair."""
        if row.since is None and row.state is not ListeningState.LEAVING:
            self.complain(row.source, f"hub {row.hub}: {reason}; the source is polled as before")

    # What hubs say

    def confirm(self, token: str, said: Mapping[str, str]) -> bytes | None:
        """Answer a hub that asks back: the challenge when we did ask, None when we did not.

        `said` are the parameters of its request. Raises StoreError.
        """
        for _ in range(TRIES):  # others may decide about the same row at this moment
            row = self.store.listening_of(token)
            if row is None or said.get("hub.topic", "") != row.topic:
                return None
            if said.get("hub.mode") == "denied":
                done = self._denied(row, said.get("hub.reason", ""))
            else:
                done = self._confirm(row, said)
            if done is not None:
                return done or None
        return None

    def _confirm(self, row: Listening, said: Mapping[str, str]) -> bytes | None:
        """Return the challenge, b"" for a refusal, None when it is to be looked at again."""
        now, mode = self.clock.now(), said.get("hub.mode", "")
        challenge = said.get("hub.challenge", "").encode(errors="replace")
        if not challenge or not rules.confirms(row, mode, row.topic, now):
            return b""
        if row.state is ListeningState.LEAVING:
            self.store.drop_listening(row)
            return challenge
        lease = rules.lease_of(said.get("hub.lease_seconds", ""))
        made = self.store.put_listening(rules.verified(row, lease, now), now)
        return challenge if made is not None else None

    def _denied(self, row: Listening, reason: str) -> bytes | None:
        now, words = self.clock.now(), _line(reason)
        if row.state is ListeningState.LEAVING:
            self.store.drop_listening(row)
            return b"ok"
        denied = rules.denied(row, words, now)
        if self.store.put_listening(denied, now) is None:
            return None
        self._told(row, denied.error)
        self.memory.planned = None  # another hub may do
        return b"ok"

    def expects(self, token: str) -> tuple[Listening | None, Heard]:
        """Tell what becomes of a push to an address, before it is read. Raises StoreError."""
        row = self.store.listening_of(token)
        if row is None:
            return None, Heard.GONE
        if row.state is ListeningState.ASKING:
            return None, Heard.EARLY
        if not rules.listens(row, self.clock.now()):
            return None, Heard.GONE
        return row, Heard.KEPT

    def hear(self, row: Listening, signature: str, content_type: str, body: bytes) -> Heard:
        """Keep what a hub brings if it is signed, else count it. Raises StoreError."""
        if not rules.is_signed(row.secret, signature, body):
            self.store.drop_push(row.id)
            if row.source not in self.memory.doubted:
                self.memory.doubted.add(row.source)
                what = "with a wrong signature" if signature else "without a signature"
                self.complain(row.source, f"a push came {what} and was dropped")
            return Heard.DROPPED
        now = self.clock.now()
        kept = self.store.keep_push(row, body, content_type, now, most=MOST_WAITING)
        return Heard.KEPT if kept else Heard.FULL

    def polled(self, reports: Sequence[SourceReport]) -> None:
        """Note what polling found: news that no hub has brought raise doubt. Raises StoreError.

        Sources may also have named other hubs than before.
        """
        self.memory.planned = None
        news = {one.source: bool(one.new) for one in reports if not one.error}
        for source in self.store.polled(news, self.clock.now(), rules.LATE):
            self.complain(source, "polling found news that its hub has not brought")


def _refusal(status: int, body: bytes) -> str:
    words = _line(body.decode("utf-8", "replace"))
    return f"answered {status}" + (f": {words}" if words else "")


def _line(text: str) -> str:
    """Return a stranger's words as one short line that does no harm in a terminal."""
    clean = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(clean.split())[:200]
