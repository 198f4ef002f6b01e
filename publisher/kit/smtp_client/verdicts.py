"""What a relay's answer means for one parcel, and when it means the whole edition.

Serves the session. Pure. RFC 5321 section 4.2.1 for the digits, RFC 3463 for enhanced codes.
"""

from dataclasses import dataclass

from publisher.errors import TransportRejected
from publisher.kit.smtp_client.replies import Reply
from publisher.model.editions import OutcomeState

_AUTHENTICATION = frozenset({530, 534, 535, 538})  # RFC 4954 section 6, RFC 3207 section 4
_STORAGE_EXCEEDED = 552
_TOO_BIG = "5.3.4"
_DONE, _NOT_NOW, _NEVER = 2, 4, 5
_TOO_FAST = "4.7.28"  # "unusual rate of mail", RFC 7372 section 3.1 and Gmail


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one parcel: the state, the code as it stood, one line for people."""

    state: OutcomeState
    reason: str = ""
    code: str = ""

    @property
    def asks_for_less(self) -> bool:
        """Tell whether it means that too much comes at once (421 about a recipient, 4.7.28)."""
        deferred = self.state is OutcomeState.DEFERRED
        return deferred and (self.code == _TOO_FAST or self.reason.startswith("421"))


def accepted(reply: Reply) -> Verdict:
    """Return the verdict on a message taken over; the reply usually names a queue id."""
    return Verdict(OutcomeState.ACCEPTED, str(reply), reply.status)


def at_sender(reply: Reply, peer: str) -> Verdict:
    """Judge a refused MAIL; the declared SIZE may be the cause (RFC 1870 section 6.1).

    Raises TransportRejected for any other 5xx: the sender is refused, no reader is.
    """
    if reply.code == _STORAGE_EXCEEDED or reply.enhanced == _TOO_BIG:
        return Verdict(OutcomeState.FAILED, str(reply), reply.status)
    if reply.kind == _NEVER:
        raise TransportRejected(peer, f"the relay refuses this sender: {reply}")
    return _not_now(reply)


def at_recipient(reply: Reply, peer: str) -> Verdict:
    """Judge a refused RCPT. Raises TransportRejected when the relay wants a login."""
    _check_login(reply, peer)
    if reply.code == _STORAGE_EXCEEDED:  # to be read as 452, RFC 5321 section 4.5.3.1.10
        return _not_now(reply)
    return _by_digit(reply)


def at_data(reply: Reply, peer: str) -> Verdict:
    """Judge a refused DATA. Raises TransportRejected when the relay wants a login."""
    _check_login(reply, peer)
    return _by_digit(reply)


def at_end(reply: Reply) -> Verdict:
    """Judge the answer to the final dot; one that is none (1xx, 3xx) proves nothing either way."""
    if reply.kind == _DONE:
        return accepted(reply)
    if reply.kind in {_NOT_NOW, _NEVER}:
        return _by_digit(reply)
    return Verdict(OutcomeState.UNCERTAIN, f"unexpected answer to the message: {reply}")


def _check_login(reply: Reply, peer: str) -> None:
    if reply.code in _AUTHENTICATION:
        raise TransportRejected(peer, f"the relay refuses the login: {reply}")


def _by_digit(reply: Reply) -> Verdict:
    if reply.kind == _NEVER:
        return Verdict(OutcomeState.FAILED, str(reply), reply.status)
    return _not_now(reply)


def _not_now(reply: Reply) -> Verdict:
    return Verdict(OutcomeState.DEFERRED, str(reply), reply.status)
