"""Be a WebSub hub, and tell other hubs: verify requests, bring changes, again until they are taken.

Serves the web page of the hub and whatever does what is due. What is to be done stands in the store:
nothing is lost with a process, and no two bring the same. A callback that fails costs itself time.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from publisher.core import hub_rules as rules
from publisher.core.hub_rules import REASONS, Verdict
from publisher.core.retrying import next_try
from publisher.errors import FetchError
from publisher.model.definitions import WebsubSettings
from publisher.model.hubs import HubAnswer, PendingIntent, PendingPing, PendingPush
from publisher.model.views import Document
from publisher.ports import Caller, Clock, Hubs

HELD = timedelta(minutes=5)
"""How long who does a piece of work has it: longer than a callback may take to answer."""

ASKED = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
"""When a callback that did not answer is asked for its intent again, counted from the first time."""

FORGOTTEN = timedelta(days=1)
"""Requests that nobody has confirmed by then are dropped."""

REST = timedelta(minutes=1)
"""A host that gave no answer is left alone for so long, whoever of it is due."""

MOST = 500
"""Pieces of work in one go; then others are looked at."""

ALARMING = timedelta(hours=1)
"""A hub that fails for so long is told of."""

CHALLENGE = 200
"""Bytes of an answer that are read."""

_GOOD = range(200, 300)
FORM = "application/x-www-form-urlencoded"


@dataclass(slots=True)
class Experience:
    """What a process has seen of hosts and hubs; forgotten with it."""

    resting: dict[str, datetime] = field(default_factory=dict)
    failing: set[str] = field(default_factory=set)

    def rests(self, host: str, now: datetime) -> bool:
        """Tell whether a host is left alone; says so until it is asked again."""
        return now < self.resting.get(host, now)

    def tire(self, host: str, now: datetime) -> None:
        """Leave a host alone for a while; other threads may do the same with others."""
        for name, until in self.resting.copy().items():
            if until <= now:
                self.resting.pop(name, None)
        self.resting[host] = now + REST


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """The hub use-case, for our own hub and for pings to others.

    `url` is the publication's. `load` returns the document behind a topic, None when there is none.
    `challenge` makes what nobody guesses. `complain` hears of hubs that cannot be told, once until
    one can be; `alarm` of those that could not for long.
    """

    store: Hubs
    clock: Clock
    caller: Caller
    settings: WebsubSettings
    url: str
    load: Callable[[str], Document | None]
    reachable: Callable[[str], bool]
    challenge: Callable[[], str]
    complain: Callable[[str, str], None]
    alarm: Callable[[str, str, str], object]
    experience: Experience = field(default_factory=Experience)

    def ask(self, form: Mapping[str, Sequence[str]]) -> str:
        """Keep a request until its intent is verified; return why it is refused, "" when it is not.

        Raises StoreError.
        """
        request = rules.read_request(form, self.settings, self.reachable)
        if isinstance(request, str):
            return request
        answer = self.store.ask_hub(
            request,
            self.clock.now(),
            total=self.settings.max_subscriptions,
            per_host=self.settings.max_per_host,
        )
        return "" if answer is HubAnswer.TAKEN else REASONS[answer]

    def due(self) -> int:
        """Sweep, and return how many pieces of work there are. Raises StoreError."""
        now = self.clock.now()
        self.store.sweep_hub(now, now - FORGOTTEN)
        return self.store.hub_due(now)

    def work(self, stop: Callable[[], bool] = lambda: False, most: int = MOST) -> int:
        """Do what is due, but not without end; several threads may. Return how much was done.

        Raises StoreError.
        """
        done = 0
        ours = (self.verify, self.bring) if self.settings.hub else ()
        for step in (self.tell_hub, *ours):
            while done < most and not stop() and step():
                done += 1
        return done

    def verify(self) -> bool:
        """Ask one callback whether it wants what was asked for; False when none is due."""
        now = self.clock.now()
        found = self.store.take_intent(now, now + HELD)
        if found is None:
            return False
        request = found.request
        if not found.known:
            self._deny(found)
            return True
        if self.experience.rests(request.host, now):
            self._ask_later(found, now)
            return True
        challenge = self.challenge()
        try:
            answer = self.caller.call(
                "GET", rules.asked_again(request, challenge), {}, keep=CHALLENGE
            )
        except FetchError:
            self.experience.tire(request.host, now)
            self._ask_later(found, now)
            return True
        if rules.is_confirmed(answer.status, answer.body, challenge):
            self.store.confirm_intent(found.id, self.clock.now())
        elif rules.is_final(answer.status):
            self.store.drop_intent(found.id)
        else:
            self._ask_later(found, now)
        return True

    def bring(self) -> bool:
        """Bring one subscription what its topic holds now; False when none is due."""
        now = self.clock.now()
        push = self.store.take_push(now, now + HELD)
        if push is None:
            return False
        if self.experience.rests(push.host, now):
            self._bring_later(push, now, "its host gave no answer")
            return True
        document = self.load(push.topic)
        if document is None:
            self._bring_later(push, now, "the document is not there")
            return True
        headers = rules.push_headers(
            self.url, push.topic, document.media_type, push.secret, document.data
        )
        try:
            answer = self.caller.call("POST", push.callback, headers, document.data)
        except FetchError as error:
            self.experience.tire(push.host, now)
            self._bring_later(push, now, error.reason)
            return True
        verdict = rules.judged(answer.status)
        if verdict is Verdict.TAKEN:
            self.store.settle_push(push.id, push.change)
        elif verdict is Verdict.GONE:
            self.store.drop_subscription(push.id)
        else:
            self._bring_later(push, now, f"answered {answer.status}")
        return True

    def tell_hub(self) -> bool:
        """Tell one other hub of one topic; False when none is due."""
        now = self.clock.now()
        ping = self.store.take_ping(now, now + HELD)
        if ping is None:
            return False
        if ping.hub not in self.settings.hubs:
            self.store.settle_ping(ping.id, ping.change)  # no longer one of ours
            return True
        host = _host(ping.hub)
        if self.experience.rests(host, now):
            self._tell_later(ping, now, "it gave no answer")
            return True
        # `hub.topic` is how some hubs call what others call `hub.url` (section 6 leaves it open).
        said = {"hub.mode": "publish", "hub.url": ping.topic, "hub.topic": ping.topic}
        headers = {"Content-Type": FORM}
        try:
            status = self.caller.call("POST", ping.hub, headers, urlencode(said).encode()).status
            reason = "" if status in _GOOD else f"answered {status}"
        except FetchError as error:
            self.experience.tire(host, now)
            reason = error.reason
        if reason:
            self._tell_later(ping, now, reason)
        else:
            self.experience.failing.discard(ping.hub)
            self.store.settle_ping(ping.id, ping.change)
        return True

    def _deny(self, found: PendingIntent) -> None:
        """Say that a topic is gone, once; nobody waits for an answer."""
        address = rules.denied(found.request, REASONS[HubAnswer.NO_TOPIC])
        self.store.drop_intent(found.id)
        try:
            self.caller.call("GET", address, {})
        except FetchError:
            return

    def _ask_later(self, found: PendingIntent, now: datetime) -> None:
        since = found.since or now
        due = next((since + wait for wait in ASKED if since + wait > now), None)
        if due is None:
            self.store.drop_intent(found.id)
        else:
            self.store.put_off_intent(found.id, since, due)

    def _bring_later(self, push: PendingPush, now: datetime, reason: str) -> None:
        """Have it tried again; after days without success, when something changes again."""
        since = push.since or now
        due = next_try(push.id, since, now)
        self.store.put_off_push(push.id, push.change, since, due, reason)

    def _tell_later(self, ping: PendingPing, now: datetime, reason: str) -> None:
        since = ping.since or now
        host = _host(ping.hub)
        if ping.hub not in self.experience.failing:
            self.experience.failing.add(ping.hub)
            self.complain(f"hub {host}", f"could not be told of a change: {reason}; tried again")
        if now - since >= ALARMING:
            self.alarm(
                f"hub:{ping.hub}",
                f"hub {host} does not hear of changes",
                f"{ping.hub} could not be told of changes since {since.isoformat(timespec='minutes')}:"
                f" {reason}\n\nIt is tried again for three days; feeds are published all the same.",
            )
        due = next_try(ping.id, since, now)
        if due is None:
            self.store.settle_ping(ping.id, ping.change)
        else:
            self.store.put_off_ping(ping.id, ping.change, since, due, reason)


def _host(address: str) -> str:
    return urlsplit(address).hostname or address
