"""Private keys for signing: made, read from PEM, and judged; and the public half as DNS wants it.

Serves the signer and `publisher dkim`. The only importer of `cryptography`. Touches nothing.
"""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from publisher.errors import ConfigError

RSA = "rsa"
ED25519 = "ed25519"
KINDS = (RSA, ED25519)

_BITS = 2_048
_MOST_BITS = 4_096  # verifiers need not go further (RFC 8301 section 3.2)
_EXPONENT = 65_537


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A private key. `kind` is rsa or ed25519; `public` the p= of its record.

    `sign` returns the signature over a SHA-256 digest; the same digest gives the same signature
    (PKCS #1 v1.5 and Ed25519 draw no random numbers). RSA lets other threads run meanwhile.
    """

    kind: str
    bits: int
    public: str
    sign: Callable[[bytes], bytes] = field(repr=False)

    @property
    def algorithm(self) -> str:
        """Return the a= of a signature."""
        return f"{self.kind}-sha256"

    @property
    def record(self) -> str:
        """Return the text of the DNS record (RFC 6376 section 3.6.1, RFC 8463 section 4)."""
        return f"v=DKIM1; k={self.kind}; p={self.public}"


def new_key(kind: str) -> bytes:
    """Return a new private key, `rsa` (2,048 bits) or `ed25519`, in PEM form (PKCS #8)."""
    made: RSAPrivateKey | Ed25519PrivateKey = (
        Ed25519PrivateKey.generate() if kind == ED25519 else generate_private_key(_EXPONENT, _BITS)
    )
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def read_key(pem: str) -> SigningKey:
    """Return a private key from PEM text (PKCS #8, or OpenSSL's older form).

    Raises ConfigError without a subject: for what is no such key, is locked by a passphrase, is of
    another kind, or is RSA of fewer than 2,048 or more than 4,096 bits (RFC 8301 section 3.2).
    """
    try:
        key = load_pem_private_key(pem.encode("utf-8", "replace"), None)
    except TypeError:
        raise ConfigError("", "is locked by a passphrase; nobody could type it in") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ConfigError("", f"is no private key in PEM form{_hint(pem)}") from None
    if isinstance(key, Ed25519PrivateKey):
        return _ed25519(key)
    if isinstance(key, RSAPrivateKey):
        return _rsa(key)
    raise ConfigError("", "is a private key, but neither RSA nor Ed25519")


def _hint(pem: str) -> str:
    if "PUBLIC KEY" in pem:
        return "; this is the public half"
    return "" if "-----BEGIN" in pem else "; it begins with -----BEGIN PRIVATE KEY-----"


def _ed25519(key: Ed25519PrivateKey) -> SigningKey:
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return SigningKey(kind=ED25519, bits=256, public=_base64(public), sign=key.sign)


def _rsa(key: RSAPrivateKey) -> SigningKey:
    if not _BITS <= key.key_size <= _MOST_BITS:
        reason = f"is RSA of {key.key_size:,} bits; mailbox providers want {_BITS:,}"
        raise ConfigError("", f"{reason}: make one with `publisher dkim new`")
    padding, hashed = PKCS1v15(), Prehashed(SHA256())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return SigningKey(
        kind=RSA,
        bits=key.key_size,
        public=_base64(public),
        sign=lambda digest: key.sign(digest, padding, hashed),
    )


def _base64(octets: bytes) -> str:
    return b64encode(octets).decode("ascii")
