"""What a WebSub hub decides (W3C Recommendation of 23 January 2018): pure.

Serves hubbing: reads requests, says what is asked of a callback and what its answer means, and how a
change is signed. Redirects are never followed: sections 5.3 and 7 count them as failures.
"""

import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from ipaddress import ip_address
from urllib.parse import SplitResult, urlencode, urlsplit

from publisher.core.hubs import HUB
from publisher.model.definitions import WebsubSettings
from publisher.model.hubs import HubAnswer, HubMode, HubRequest

LONGEST_ADDRESS = 2_000
LONGEST_SECRET = 200
"""Bytes; a secret must be shorter (section 5.1)."""

_LONGEST_NUMBER = 12  # digits
_REFUSED = 400
_GONE = 410
_GOOD = range(200, 300)

REASONS = {
    HubAnswer.NO_TOPIC: "hub.topic: this hub knows no such feed; it tells of its own publication's feeds only",
    HubAnswer.NO_SUBSCRIPTION: "there is no subscription of this hub.callback to this hub.topic",
    HubAnswer.FULL: "this hub takes no further subscriptions",
    HubAnswer.HOST_FULL: "this hub takes no further subscriptions with callbacks on this host",
}


class Verdict(StrEnum):
    """What an answer to a change means."""

    TAKEN = "taken"
    GONE = "gone"
    AGAIN = "again"


def read_request(
    form: Mapping[str, Sequence[str]],
    settings: WebsubSettings,
    reachable: Callable[[str], bool],
) -> HubRequest | str:
    """Return what a form asks for, or why it is refused, in plain words. Other fields are ignored.

    `reachable` tells whether an IP address may be asked.
    """
    said = {name: values[-1] for name, values in form.items() if values}
    callback = said.get("hub.callback", "")
    if reason := _refused(said, settings, reachable):
        return reason
    secret = said.get("hub.secret", "")
    if len(secret.encode(errors="replace")) >= LONGEST_SECRET:
        return f"hub.secret: must be shorter than {LONGEST_SECRET} bytes"
    lease = _lease(said.get("hub.lease_seconds", ""), settings)
    if lease is None:
        return "hub.lease_seconds: must be a whole number of seconds"
    return HubRequest(
        mode=HubMode(said["hub.mode"]),
        topic=said["hub.topic"],
        callback=callback,
        host=_host(callback),
        secret=secret,
        lease=lease,
    )


def _refused(
    said: Mapping[str, str], settings: WebsubSettings, reachable: Callable[[str], bool]
) -> str:
    """Return why a request is refused whatever else it says, "" when it is not."""
    if said.get("hub.mode", "") not in tuple(HubMode):
        return 'hub.mode: must be "subscribe" or "unsubscribe"'
    if not said.get("hub.topic"):
        return "hub.topic: is missing"
    host = _host(said.get("hub.callback", ""))
    if not host:
        return (
            f"hub.callback: must be an http or https address of at most {LONGEST_ADDRESS} letters"
        )
    if not settings.allow_private_addresses and _is_private(host, reachable):
        return f"hub.callback: {host} is a private address"
    return ""


def asked_again(request: HubRequest, challenge: str) -> str:
    """Return the address that asks a callback whether it wants what was asked for (section 5.3)."""
    said = {
        "hub.mode": request.mode.value,
        "hub.topic": request.topic,
        "hub.challenge": challenge,
    }
    if request.mode is HubMode.SUBSCRIBE:
        said["hub.lease_seconds"] = str(int(request.lease.total_seconds()))
    return _with(request.callback, said)


def denied(request: HubRequest, reason: str) -> str:
    """Return the address that tells a callback of a refusal (section 5.2)."""
    said = {"hub.mode": "denied", "hub.topic": request.topic, "hub.reason": reason}
    return _with(request.callback, said)


def is_confirmed(status: int, body: bytes, challenge: str) -> bool:
    """Tell whether a callback wants it: a good status and the challenge, nothing else."""
    return status in _GOOD and body == challenge.encode()


def is_final(status: int) -> bool:
    """Tell whether a callback that did not confirm will not do so later."""
    return status < 500  # noqa: PLR2004  the class of the server's own errors


def judged(status: int) -> Verdict:
    """Return what an answer to a change means (section 7)."""
    if status in _GOOD:
        return Verdict.TAKEN
    return Verdict.GONE if status == _GONE else Verdict.AGAIN


def push_headers(
    url: str, topic: str, media_type: str, secret: str, body: bytes
) -> dict[str, str]:
    """Return the headers of a change: whose it is, where it is from, and that it is ours (section 7.1)."""
    headers = {
        "Content-Type": media_type,
        "Link": f'<{url}{HUB}>; rel="hub", <{topic}>; rel="self"',
    }
    if secret:
        signature = hmac.new(secret.encode(errors="replace"), body, sha256).hexdigest()
        headers["X-Hub-Signature"] = f"sha256={signature}"
    return headers


def _with(callback: str, said: Mapping[str, str]) -> str:
    """Append to a callback's query, which stays as it is."""
    join = "" if callback.endswith(("?", "&")) else "&" if "?" in callback else "?"
    return f"{callback}{join}{urlencode(said)}"


def _host(callback: str) -> str:
    """Return the host of a callback, "" for one that cannot be called."""
    good = callback.isascii() and callback.isprintable() and " " not in callback
    parts = _parts(callback) if good and len(callback) <= LONGEST_ADDRESS else None
    if parts is None or parts.scheme.lower() not in {"http", "https"}:
        return ""
    if parts.fragment or "@" in parts.netloc:
        return ""
    return (parts.hostname or "").lower().rstrip(".")


def _parts(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        _ = parts.port  # a port that is none is an error
    except ValueError:
        return None
    return parts


def _is_private(host: str, reachable: Callable[[str], bool]) -> bool:
    """Tell whether a host is, as written, an address that may not be asked; names are looked at later."""
    try:
        ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return not reachable(host)


def _lease(text: str, settings: WebsubSettings) -> timedelta | None:
    """Return the lease that is granted, None when what is asked for is no number."""
    if not text.strip():
        return settings.lease
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit()) or len(digits) > _LONGEST_NUMBER:
        return None
    wanted = (
        timedelta(seconds=int(digits)) if len(digits) < _LONGEST_NUMBER else settings.max_lease
    )
    return min(max(wanted, settings.min_lease), settings.max_lease)
