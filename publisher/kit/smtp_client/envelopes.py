"""What a relay's extensions mean for one parcel: whether it can go, and with which parameters.

Serves the session. Pure. SIZE (RFC 1870), 8BITMIME (RFC 6152), SMTPUTF8 (RFC 6531), DSN (RFC 3461).
"""

from collections.abc import Mapping

from publisher.kit.smtp_client.settings import SmtpSettings
from publisher.kit.smtp_client.verdicts import Verdict
from publisher.model.editions import OutcomeState
from publisher.model.messages import Parcel

_UNSENDABLE = frozenset("\r\n\0<>")


class Envelopes:
    """The commands before a message, as one relay wants them."""

    def __init__(self, settings: SmtpSettings, features: Mapping[str, str]) -> None:
        size = features.get("SIZE", "")
        self._sized = "SIZE" in features
        self._limit = int(size) if size.isascii() and size.isdigit() else 0
        self._eight = "8BITMIME" in features
        self._utf8 = "SMTPUTF8" in features
        wanted = settings.notify if "DSN" in features else ()
        self._notify = f" NOTIFY={','.join(wanted).upper()}" if wanted else ""
        self._returned = settings.returned

    def unfit(self, parcel: Parcel) -> Verdict | None:
        """Judge without asking the relay; None when it may be asked."""
        if self._limit and parcel.size > self._limit:
            reason = f"the message has {parcel.size} octets, the relay takes {self._limit}"
            return Verdict(OutcomeState.FAILED, reason, "5.3.4")
        addresses = parcel.sender + parcel.recipient
        plain = addresses.isascii()
        if _UNSENDABLE & set(addresses) or not (plain or addresses.isprintable()):
            return Verdict(OutcomeState.FAILED, "the address cannot go on the wire", "5.1.3")
        if not plain and not self._utf8:
            reason = "the address has letters that this relay does not carry (no SMTPUTF8)"
            return Verdict(OutcomeState.FAILED, reason, "5.6.7")
        if not (self._eight or self._utf8) and _eight_bit(parcel):
            reason = "the message is not ASCII, and this relay takes nothing else (no 8BITMIME)"
            return Verdict(OutcomeState.FAILED, reason, "5.6.3")
        return None

    def commands(self, parcel: Parcel) -> list[bytes]:
        """Return MAIL, RCPT and DATA."""
        return [
            f"MAIL FROM:<{parcel.sender}>{self._parameters(parcel)}\r\n".encode(),
            f"RCPT TO:<{parcel.recipient}>{self._notify}\r\n".encode(),
            b"DATA\r\n",
        ]

    def _parameters(self, parcel: Parcel) -> str:
        parameters = f" SIZE={parcel.size}" if self._sized else ""
        if not (parcel.sender + parcel.recipient).isascii():
            parameters += " BODY=8BITMIME SMTPUTF8"  # RFC 6531 section 3.1 wants both
        elif _eight_bit(parcel):
            parameters += " BODY=8BITMIME"
        if self._notify:
            parameters += f" RET={self._returned}"
            parameters += f" ENVID={xtext(parcel.message_id.strip('<>'))}"
        return parameters


def _eight_bit(parcel: Parcel) -> bool:
    """Tell whether a message to an ASCII address holds octets above 127; a composed one is known."""
    return not (parcel.dotless or all(map(bytes.isascii, parcel.pieces)))


def xtext(text: str) -> str:
    """Return text as a parameter's value (RFC 3461 section 4)."""
    return "".join(
        chr(octet) if ord("!") <= octet <= ord("~") and octet not in b"+=" else f"+{octet:02X}"
        for octet in text.encode("utf-8")
    )
