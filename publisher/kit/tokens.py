"""Signed tokens for links and return addresses: opaque, bound to one purpose, without an expiry.

Serves the port Tokens (unsubscribe, preferences, confirm, private feeds) and VERP addresses. May
touch one file, the key file, which it makes when missing. A token is the same each time it is
made, because a parcel is a pure function of edition and subscriber: the construction is a
synthetic IV as in RFC 5297, with keyed BLAKE2b (RFC 7693) for both the tag and the key stream.
"""

import hmac
import os
import secrets
from base64 import b32decode, b32encode, urlsafe_b64decode, urlsafe_b64encode
from binascii import b2a_base64
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from pathlib import Path

from publisher.errors import ConfigError, TokenError

_TAG = 16  # octets of a link's tag
_VERP_TAG = 10  # octets of a return address's tag: RFC 5321 leaves 64 for the whole local part
_KEY = 32  # octets of a key
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_MAX_KEY_ID = 255
_MAX_LOCAL = 64
_MAX_TOKEN = 2_048  # characters looked at before refusing


class SignedTokens:
    """The port Tokens over a ring of keys: `current` signs, every key of the ring is read."""

    def __init__(self, keys: Mapping[int, bytes], current: int) -> None:
        self._keys = dict(keys)
        self._current = current
        self._mark = bytes([current])

    @classmethod
    def load(cls, path: Path) -> "SignedTokens":
        """Read the key file, or make it (mode 0600, whole or not at all) when it is missing.

        A line is `ID HEX`, with ID from 0 to 255 and 64 hexadecimal digits; the last line signs.
        Raises ConfigError when the file is damaged, unreadable or cannot be made.
        """
        try:
            text = _read_or_make(path)
        except OSError as error:
            raise ConfigError(str(path), f"cannot be used: {error.strerror}") from None
        keys = _parse(path, text)
        return cls(keys, next(reversed(keys)))

    def sign(self, purpose: str, value: str) -> str:
        """Return a token of letters, digits, `-` and `_` that holds `value` for one purpose."""
        sealed = self._seal(purpose, value, _TAG)
        coded = b2a_base64(sealed, newline=False).translate(_URL_SAFE)
        return coded.rstrip(b"=").decode("ascii")

    def read(self, purpose: str, token: str) -> str:
        """Return the value. Raises TokenError, which never says what was wrong."""
        if len(token) > _MAX_TOKEN:
            raise _refused()
        try:
            sealed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError:
            raise _refused() from None
        if urlsafe_b64encode(sealed).rstrip(b"=") != token.encode("utf-8", "replace"):
            raise _refused()  # a second spelling of the same octets
        return self._open(purpose, sealed, _TAG)

    def return_address(self, mailbox: str, value: str) -> str:
        """Return `local+TOKEN@domain` (VERP); its case may be lost on the way without harm.

        Raises ConfigError when the local part would pass 64 octets.
        """
        local, _, domain = mailbox.rpartition("@")
        sealed = self._seal("verp", value, _VERP_TAG)
        token = b32encode(sealed).rstrip(b"=").decode("ascii").lower()
        if not local or len(local) + 1 + len(token) > _MAX_LOCAL:
            raise ConfigError(
                mailbox, "needs an address whose part before the @ leaves room for a token"
            )
        return f"{local}+{token}@{domain}"

    def read_return_address(self, address: str) -> str:
        """Return the value of a VERP address. Raises TokenError for any other address."""
        token = address.rpartition("@")[0].rpartition("+")[2].upper()
        if not token or len(token) > _MAX_LOCAL:
            raise _refused()
        try:
            sealed = b32decode(token + "=" * (-len(token) % 8))
        except ValueError:
            raise _refused() from None
        return self._open("verp", sealed, _VERP_TAG)

    def _seal(self, purpose: str, value: str, size: int) -> bytes:
        tagging, masking = _begun(self._keys[self._current], purpose)
        data = value.encode("utf-8")
        tag = _went_on(tagging, data)[:size]
        return self._mark + tag + _mask(masking, tag, data)

    def _open(self, purpose: str, sealed: bytes, size: int) -> str:
        key = self._keys.get(sealed[0]) if sealed else None
        tag = sealed[1 : 1 + size]
        if key is None or len(tag) != size:
            raise _refused()
        tagging, masking = _begun(key, purpose)
        data = _mask(masking, tag, sealed[1 + size :])
        if not hmac.compare_digest(tag, _went_on(tagging, data)[:size]):
            raise _refused()
        return data.decode("utf-8")


def _refused() -> TokenError:
    return TokenError("token", "is not valid here")


@cache  # purposes are names in our own code
def _begun(key: bytes, purpose: str) -> tuple[blake2b, blake2b]:
    """Return the hashes for a tag and for its mask; they have read key and label already.

    To go on from there is cheaper than to begin anew, and each copy of a digest has three tokens.
    """
    label = purpose.encode("utf-8")
    mark = f"{len(label)}:".encode("ascii") + label
    return blake2b(b"tag:" + mark, key=key), blake2b(b"mask:" + mark, key=key)


def _went_on(begun: blake2b, data: bytes) -> bytes:
    went = begun.copy()
    went.update(data)
    return went.digest()


def _mask(masking: blake2b, tag: bytes, data: bytes) -> bytes:
    """XOR data with a stream that depends on key, purpose and tag (its own inverse)."""
    size = len(data)
    stream = _went_on(masking, tag)
    while len(stream) < size:
        stream += _went_on(masking, tag + len(stream).to_bytes(4, "big"))
    mixed = int.from_bytes(data, "big") ^ int.from_bytes(stream[:size], "big")
    return mixed.to_bytes(size, "big")


def _parse(path: Path, text: str) -> dict[int, bytes]:
    keys: dict[int, bytes] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        try:
            identifier, key = int(words[0]), bytes.fromhex("".join(words[1:]))
        except ValueError:
            identifier, key = -1, b""
        if not 0 <= identifier <= _MAX_KEY_ID or len(key) != _KEY or identifier in keys:
            raise ConfigError(
                f"{path}:{number}",
                "is not `ID HEX` with a new ID up to 255 and 64 hexadecimal digits;"
                " restore the file from a backup, or every link sent so far stops working",
            )
        keys[identifier] = key
    if not keys:
        raise ConfigError(
            str(path), "holds no key; restore it from a backup, or delete it to start anew"
        )
    return keys


def _read_or_make(path: Path) -> str:
    with suppress(FileNotFoundError):
        return path.read_text("utf-8", errors="replace")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write("# Signs links and return addresses. Keep it; add a line to change keys.\n")
            file.write(f"1 {secrets.token_hex(_KEY)}\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another process was first: its keys count
            os.link(aside, path)
    finally:
        aside.unlink()
    return path.read_text("utf-8", errors="replace")
