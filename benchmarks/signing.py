"""DKIM: a reader's copy joined and signed, to dkimpy signing the same mail when it is ready."""

from base64 import b64encode
from collections.abc import Callable, Sequence

import dkim
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from benchmarks.measure import Figure, compare
from publisher.core.composing import Composed
from publisher.engine.ahead import Threads
from publisher.kit.dkim import ED25519, RSA, DkimSigner, Signature, new_key, read_key
from publisher.kit.mime import CompiledLetter, MimePress
from publisher.model.messages import Copy
from publisher.testing.digests import example_delivery

TOLD = 20
MAILS = {ED25519: 2_000, RSA: 600}
NAIVE = 20
THREADS = 2
NAMES = {ED25519: "sign ed", RSA: "sign rsa"}


def signed(composed: Composed) -> list[Figure]:
    """Measure Ed25519, RSA, and RSA in two threads."""
    one_by_one = [_one_by_one(composed, kind) for kind in (ED25519, RSA)]
    return [*one_by_one, _in_threads(composed)]


def _one_by_one(composed: Composed, kind: str) -> Figure:
    pem = new_key(kind)
    letter, copies = _letter(composed, pem), _copies(composed, MAILS[kind])

    def ours() -> int:
        for number, copy in enumerate(copies):
            letter.parcel(copy, number)
        return len(copies)

    bare = _bare(composed, kind, pem)
    return compare(NAMES[kind], "copies/s", ours, f"dkimpy, {kind}, mail ready", bare)


def _in_threads(composed: Composed) -> Figure:
    pem = new_key(RSA)
    letter, copies = _letter(composed, pem), _copies(composed, MAILS[RSA])
    mine = composed.edition.articles[:TOLD]
    rows = [example_delivery(number, mine) for number in range(len(copies))]
    threads = Threads(THREADS)

    def ours() -> int:
        made = threads.ahead(
            (row, lambda one: letter.parcel(copies[one.subscriber], one.id)) for row in rows
        )
        return sum(len(copy().data) > 0 for _, copy in made)

    try:
        bare = _bare(composed, RSA, pem)
        return compare(f"sign rsa×{THREADS}", "copies/s", ours, "dkimpy, rsa, mail ready", bare)
    finally:
        threads.close()


def _letter(composed: Composed, pem: bytes) -> CompiledLetter:
    signature = Signature(
        domain="gazette.example", selector="s1", key=read_key(pem.decode("ascii"))
    )
    version = composed.version("")
    envelope = composed.composer.envelope(composed.edition, composed.schedule)
    return MimePress(lambda: DkimSigner([signature])).compile(version.message, envelope)


def _copies(composed: Composed, number: int) -> Sequence[Copy]:
    version, mine = composed.version(""), composed.edition.articles[:TOLD]
    return [version.copy(example_delivery(reader, mine)) for reader in range(number)]


def _bare(composed: Composed, kind: str, pem: bytes) -> Callable[[], int]:
    mail = composed.parcel(example_delivery(1, composed.edition.articles[:TOLD])).data
    names = [line.partition(b":")[0] for line in mail.partition(b"\r\n\r\n")[0].split(b"\r\n")]
    headers = [name for name in names if name[:1] not in (b" ", b"\t")]
    key = load_pem_private_key(pem, None)
    if kind == ED25519:
        form = (Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        private, algorithm = b64encode(key.private_bytes(*form)), b"ed25519-sha256"
    else:
        form = (Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        private, algorithm = key.private_bytes(*form), b"rsa-sha256"

    def bare() -> int:
        for _ in range(NAIVE):
            dkim.sign(
                mail,
                b"s1",
                b"gazette.example",
                private,
                canonicalize=(b"relaxed", b"relaxed"),
                signature_algorithm=algorithm,
                include_headers=headers,
            )
        return NAIVE

    return bare
