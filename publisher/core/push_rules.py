"""What we decide as a subscriber at a source's WebSub hub (W3C Recommendation of 23 January 2018): pure.

Serves core.pushes: which hub is asked, what its answers mean, how long a lease is trusted, and whose
signature counts.
"""

import hmac
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import ip_address
from urllib.parse import urljoin, urlsplit
from zlib import crc32

from publisher.model.pushes import Listening, ListeningState, Offer

LEASE = timedelta(days=10)
"""What hubs are asked for: what the standard calls a good default (section 8.2)."""

LONGEST_LEASE = timedelta(days=365)

USUAL_LEASE = LEASE
"""Of a hub that says nothing, although it must (section 5.3)."""

RENEWED_AT = 0.8
"""The share of a lease after which it is renewed."""

SOONEST = timedelta(minutes=1)
"""No hub is asked again sooner, however short its leases are."""

ANSWER = timedelta(hours=1)
"""A hub that has not asked back by then has failed."""

CONFIRMED_FOR = timedelta(days=1)
"""For so long after we asked is a hub told that we did: it may have lost our answer."""

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(days=1)
"""Waits between tries: as long as it has failed already, within these bounds."""

LONGEST_ASKED = timedelta(days=30)
"""No hub makes us wait longer."""

LATE = timedelta(minutes=15)
"""How much later than a poll a push may come without doubt."""

PARTING = timedelta(days=1)
"""For so long a hub is told that we leave."""

DOUBTFUL = "doubtful"
MOST_HUBS = 5
LONGEST_NUMBER = 12  # digits
METHODS = frozenset({"sha1", "sha256", "sha384", "sha512"})
"""What a push may be signed with (section 7.1.1)."""

PRIVATE = ("localhost", "local", "internal", "lan", "home.arpa", "test", "example", "invalid")
"""Ends of names that nobody else can find (RFC 6761, RFC 6762, RFC 8375)."""

MOVED = (307, 308)
_GOOD = range(200, 300)
_CLIENT = range(400, 500)
_PASSING = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done about one source: listenings to change or to drop, and a hub to begin with."""

    change: tuple[Listening, ...] = ()
    again: tuple[Listening, ...] = ()
    drop: tuple[Listening, ...] = ()
    begin: str = ""


def plan(offer: Offer | None, rows: Sequence[Listening], now: datetime) -> Plan:
    """Return what is to be done: one hub is enough; another is tried while one fails.

    None is for a source that is no more, or that takes no pushes. What is listened to although it
    is not offered any more is left.
    """
    hubs = offer.hubs[:MOST_HUBS] if offer and offer.topic else ()
    wanted = {(hub, offer.topic) for hub in hubs} if offer else set()
    by_hub = {row.hub: row for row in rows if (row.hub, row.topic) in wanted}
    strange = [row for row in rows if (row.hub, row.topic) not in wanted]
    parting = tuple(left(row, now) for row in strange if row.state is ListeningState.ALIVE)
    dropped = tuple(
        row for row in strange if row.state not in {ListeningState.ALIVE, ListeningState.LEAVING}
    )
    made = Plan(change=parting, drop=dropped)
    used = (ListeningState.ASKING, ListeningState.ALIVE)
    if any(row.state in used for row in by_hub.values()):
        return made
    for hub in hubs:
        row = by_hub.get(hub)
        if row is None:
            return replace(made, begin=hub)
        if row.state is ListeningState.LEAVING or (row.due is not None and row.due <= now):
            return replace(made, again=(row,))
    return made


def is_alive(row: Listening, now: datetime) -> bool:
    """Tell whether the hub may be relied on: verified, its lease not over, nothing missed."""
    return listens(row, now) and (row.missed is None or now - row.missed < LATE)


def listens(row: Listening, now: datetime) -> bool:
    """Tell whether what a hub brings is taken."""
    return row.state is ListeningState.ALIVE and row.until is not None and now < row.until


def standing(row: Listening, now: datetime) -> str:
    """Return where a listening stands in an operator's eyes: its state, or `doubtful`."""
    doubtful = row.state is ListeningState.ALIVE and not is_alive(row, now)
    return DOUBTFUL if doubtful else row.state.value


def counts(rows: Sequence[Listening], now: datetime) -> Mapping[str, int]:
    """Return how many stand where, nothing left out."""
    found = Counter(standing(row, now) for row in rows)
    return {state: found[state] for state in (*(one.value for one in ListeningState), DOUBTFUL)}


def begun(row: Listening, token: str, secret: str, now: datetime) -> Listening:
    """Return a listening that begins again, under another address and secret."""
    return replace(
        row,
        state=ListeningState.ASKING,
        token=token,
        secret=secret,
        waits=False,
        asked=None,
        verified=None,
        until=None,
        due=now,
        missed=None,
    )


def left(row: Listening, now: datetime) -> Listening:
    """Return a listening whose hub is to be told that we want no more."""
    return replace(
        row, state=ListeningState.LEAVING, waits=False, asked=None, due=now, since=None, error=""
    )


def asking(row: Listening, now: datetime) -> Listening:
    """Return a listening whose hub is asked at this moment; to be kept before it is."""
    return replace(row, waits=True, asked=now, due=now + ANSWER)


def failed(
    row: Listening, reason: str, now: datetime, *, wait: timedelta = timedelta(0)
) -> Listening:
    """Return a listening after a failure; `wait` is how long the hub wants to be left alone.

    A lease that still runs is kept to its end. Whatever fails is tried again, later and later.
    """
    since = row.since or now
    due = now + _spread(row, max(_backoff(now - since), wait))
    if row.state is ListeningState.ALIVE and row.until is not None:
        if row.until <= now:
            return over(replace(row, error=reason), now)
        return replace(row, waits=False, due=min(due, row.until), since=since, error=reason)
    state = ListeningState.FAILED
    if row.state is ListeningState.LEAVING:
        state, due = row.state, min(due, since + PARTING)
    return replace(row, state=state, waits=False, due=due, since=since, error=reason)


def over(row: Listening, now: datetime) -> Listening:
    """Return a listening whose lease has ended; another begins at once."""
    reason = row.error or "the lease ended and was not renewed"
    return replace(
        row,
        state=ListeningState.FAILED,
        waits=False,
        due=now,
        since=row.since or now,
        error=reason,
    )


def denied(row: Listening, reason: str, now: datetime) -> Listening:
    """Return a listening that the hub has denied (section 5.2); it is not asked again by itself."""
    said = f"the hub denied it: {reason}" if reason else "the hub denied it"
    return replace(
        row, state=ListeningState.FAILED, waits=False, due=None, since=row.since or now, error=said
    )


def verified(row: Listening, lease: timedelta, now: datetime) -> Listening:
    """Return a listening that its hub has verified; the lease counts from now (section 5.3)."""
    return replace(
        row,
        state=ListeningState.ALIVE,
        waits=False,
        verified=now,
        until=now + lease,
        due=now + max(_spread(row, lease * RENEWED_AT, -1), SOONEST),
        since=None,
        error="",
    )


def parted(row: Listening, now: datetime) -> bool:
    """Tell whether a hub that we leave need not be told any more."""
    if row.state is not ListeningState.LEAVING:
        return False
    ended = row.until is None or row.until <= now
    return ended or (row.since is not None and now - row.since >= PARTING)


def confirms(row: Listening, mode: str, topic: str, now: datetime) -> bool:
    """Tell whether a hub that asks back asks for what we asked for: else the answer is 404."""
    if topic != row.topic or row.asked is None or now - row.asked > CONFIRMED_FOR:
        return False
    if mode == "subscribe":
        return row.state in {ListeningState.ASKING, ListeningState.ALIVE}
    return mode == "unsubscribe" and row.state is ListeningState.LEAVING


def lease_of(text: str) -> timedelta:
    """Return the lease that a hub grants; its word counts, within reason."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit()):
        return USUAL_LEASE
    if len(digits) > LONGEST_NUMBER:
        return LONGEST_LEASE
    return min(timedelta(seconds=int(digits)), LONGEST_LEASE) or SOONEST


def request(row: Listening, callback: str) -> Mapping[str, str]:
    """Return the form that asks a hub for a listening, or for its end (section 5.1)."""
    said = {"hub.callback": callback, "hub.topic": row.topic}
    if row.state is ListeningState.LEAVING:
        return {"hub.mode": "unsubscribe", **said}
    seconds = str(int(LEASE.total_seconds()))
    return {
        "hub.mode": "subscribe",
        **said,
        "hub.lease_seconds": seconds,
        "hub.secret": row.secret,
    }


def is_signed(secret: str, signature: str, body: bytes) -> bool:
    """Tell whether a body is signed with a secret, by the method that the signature names."""
    method, _, said = signature.strip().partition("=")
    method = method.strip().lower()
    if method not in METHODS or not said.isascii():
        return False
    made = hmac.new(secret.encode(), body, method).hexdigest()
    return hmac.compare_digest(made, said.strip().lower())


def next_hub(here: str, status: int, location: str) -> str:
    """Return where a hub sends us (section 5.1.2: 307 and 308 only), "" when it does not.

    None is followed away from TLS: the request holds the secret.
    """
    if status not in MOVED or not location:
        return ""
    try:
        there = urljoin(here, location)
    except ValueError:
        return ""
    return "" if here.startswith("https:") and not there.startswith("https:") else there


def is_taken(status: int) -> bool:
    """Tell whether a hub has taken a request; it asks back then."""
    return status in _GOOD


def patience(status: int, asked: str) -> timedelta:
    """Return how long a hub is left alone that refuses: a day for our mistakes, or what it asks for.

    `asked` is its Retry-After header, of which only seconds are read.
    """
    digits = asked.strip() if asked.isascii() else ""
    number = int(digits) if digits.isdigit() and len(digits) <= LONGEST_NUMBER else 0
    wait = min(timedelta(seconds=number), LONGEST_ASKED)
    refused = status in _CLIENT and status not in _PASSING
    return max(wait, LONGEST_WAIT) if refused else wait


def unreachable(url: str, reachable: Callable[[str], bool]) -> str:
    """Return why strangers cannot call an address of the publication, "" when they can.

    `reachable` tells whether an IP address is one of the public internet. Names are not looked up.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower().rstrip(".")
    except ValueError:
        return f"{url} is no address"
    if parts.scheme not in {"http", "https"} or not host:
        return f"{url} is no address of the web"
    try:
        ip_address(host)
    except ValueError:
        hidden = "." not in host or any(host.endswith(f".{end}") for end in PRIVATE)
        return f"nobody else finds {host}" if hidden else ""
    return "" if reachable(host) else f"{host} is a private address"


def _backoff(passed: timedelta) -> timedelta:
    return min(max(passed, FIRST_WAIT), LONGEST_WAIT)


def _spread(row: Listening, span: timedelta, sign: int = 1) -> timedelta:
    """Return a span up to a tenth longer or shorter, always the same for one source's hub."""
    share = crc32(f"{row.source}\n{row.hub}".encode()) / 2**32
    return span * (1 + sign * 0.1 * share)
