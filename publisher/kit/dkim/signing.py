"""DKIM signatures (RFC 6376): what copies share is hashed once, each copy's own fields per copy.

Serves the press through the port Signer. Pure: t= is given, and both algorithms draw no random
numbers, so that a parcel stays the same bytes at every attempt. Relaxed/relaxed, without l= (which
would let anybody add text).
"""

from binascii import b2a_base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from publisher.kit.dkim.keys import RSA, SigningKey

BARRED = (
    *(b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"reply-to"),
    *(b"mime-version", b"content-type", b"list-id", b"list-unsubscribe", b"list-unsubscribe-post"),
)
"""Fields that nobody may add, also where a message has none: they change what readers see or press."""

_WIDTH = 76  # columns of a folded line, without the space before it
_LINE = 72  # characters of base64 in a line


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who signs: d= and s= as A-labels, and the private key whose public half stands there."""

    domain: str
    selector: str
    key: SigningKey


class DkimSigner:
    """The port Signer: one DKIM-Signature for each key, in the order given."""

    def __init__(self, signatures: Sequence[Signature]) -> None:
        self.signatures = tuple(signatures)

    @property
    def slow(self) -> bool:
        """Tell whether a signature takes so long that threads are worth their while."""
        return any(item.key.kind == RSA for item in self.signatures)

    def seal(self, shared: Sequence[bytes], when: datetime) -> "DkimSeal":
        """Return what signs messages that have these fields in common; `when` becomes t=."""
        return DkimSeal(self.signatures, shared, int(when.timestamp()))


class DkimSeal:
    """The port Seal. Thread-safe."""

    def __init__(
        self, signatures: Sequence[Signature], shared: Sequence[bytes], moment: int
    ) -> None:
        self._signatures = signatures
        self._moment = moment
        fields = [relaxed(field) for field in shared]
        self._names = tuple(map(_name, fields))
        self._hashed = sha256(b"".join(fields))
        self._known: dict[tuple[bytes, ...], list[tuple[SigningKey, bytes, bytes]]] = {}

    def sign(self, fields: Sequence[bytes], body: bytes) -> bytes:
        """Return the DKIM-Signature fields of a message, to stand above all others.

        It consists of the shared fields and these, each name once and each field whole with CRLF,
        and of a body in canonical form (RFC 6376 section 3.4.4), which is hashed as it is.
        """
        own = [relaxed(field) for field in fields]
        covered = self._hashed.copy()
        covered.update(b"".join(own))
        body_hash = b2a_base64(sha256(body).digest(), newline=False)
        made = []
        for key, written, canonical in self._beginnings(tuple(map(_name, own))):
            whole = covered.copy()
            whole.update(b"%b%b; b=" % (canonical, body_hash))
            value = b2a_base64(key.sign(whole.digest()), newline=False)
            lines = [value[at : at + _LINE] for at in range(0, len(value), _LINE)]
            made.append(b"%b%b;\r\n b=%b\r\n" % (written, body_hash, b"\r\n ".join(lines)))
        return b"".join(made)

    def _beginnings(self, own: tuple[bytes, ...]) -> list[tuple[SigningKey, bytes, bytes]]:
        """Return each key with its field up to the bh=, as written and canonical.

        Copies have a few sets of fields at most, so this is made once for nearly all of them.
        """
        known = self._known.get(own)
        if known is None:
            signed = _folded(*self._names, *own)
            written = [self._beginning(item, signed) for item in self._signatures]
            known = self._known[own] = [
                (item.key, text, relaxed(text)[:-2])
                for item, text in zip(self._signatures, written, strict=True)
            ]
        return known

    def _beginning(self, item: Signature, signed: bytes) -> bytes:
        start = (
            f"DKIM-Signature: v=1; a={item.key.algorithm}; c=relaxed/relaxed;\r\n"
            f" d={item.domain}; s={item.selector}; t={self._moment};\r\n"
        )
        return start.encode("ascii") + signed + b";\r\n bh="


def relaxed(field: bytes) -> bytes:
    """Return a header field as RFC 6376 section 3.4.2 wants it hashed."""
    name, _, value = field.partition(b":")
    return b"%b:%b\r\n" % (name.strip().lower(), b" ".join(value.split()))


def _name(field: bytes) -> bytes:
    return field.partition(b":")[0]


def _folded(*present: bytes) -> bytes:
    """Return the h=: every field, and every name once more.

    A name more than there are fields says that there are no others (RFC 6376 section 5.4.2): one
    that is added on the way breaks the signature.
    """
    absent = (name for name in BARRED if name not in present)
    lines = [b" h="]
    for name in (*present, *present, *absent):
        if len(lines[-1]) + len(name) >= _WIDTH:
            lines.append(b" ")
        lines[-1] += name + b":"
    return b"\r\n".join(lines).removesuffix(b":")
