"""Keys for signing: what is made can be used, what cannot be used is told, records fit into DNS."""

import sys
import threading
import time
from base64 import b64decode
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
)
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import ConfigError
from publisher.kit.dkim import KINDS, aligned, new_key, read_key, record_name, txt_strings

PKCS8, OLD = PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL
DIGEST = sha256(b"what is signed").digest()


def pem(key, form=PKCS8, lock=None):
    return key.private_bytes(Encoding.PEM, form, lock or NoEncryption()).decode()


def rsa_of(bits):
    return rsa.generate_private_key(65_537, bits)


def test_a_new_rsa_key_signs_and_its_record_verifies():
    key = read_key(new_key("rsa").decode())
    assert (key.kind, key.bits, key.algorithm) == ("rsa", 2_048, "rsa-sha256")
    assert key.record.startswith("v=DKIM1; k=rsa; p=")
    public = load_der_public_key(b64decode(key.record.partition("p=")[2]))
    public.verify(key.sign(DIGEST), DIGEST, padding.PKCS1v15(), Prehashed(SHA256()))


def test_a_new_ed25519_key_signs_and_its_record_verifies():
    key = read_key(new_key("ed25519").decode())
    assert (key.kind, key.algorithm) == ("ed25519", "ed25519-sha256")
    raw = b64decode(key.record.partition("v=DKIM1; k=ed25519; p=")[2])
    assert len(raw) == 32
    Ed25519PublicKey.from_public_bytes(raw).verify(key.sign(DIGEST), DIGEST)


@pytest.mark.parametrize("kind", KINDS)
def test_a_signature_is_a_pure_function_of_what_is_signed(kind):
    text = new_key(kind).decode()
    assert read_key(text).sign(DIGEST) == read_key(text).sign(DIGEST)
    assert new_key(kind) != new_key(kind)
    assert "lambda" not in repr(read_key(text)), "a log shows nothing of the private half"


def test_rsa_lets_other_threads_run():
    key, ran = read_key(new_key("rsa").decode()), threading.Event()
    gate = threading.Lock()
    gate.acquire()

    def run():
        with gate:
            ran.set()

    other = threading.Thread(target=run)
    other.start()
    before = sys.getswitchinterval()
    sys.setswitchinterval(1_000)  # from here on nothing but the signing lets the other thread in
    try:
        gate.release()
        end = time.monotonic() + 20
        while not ran.is_set() and time.monotonic() < end:
            key.sign(DIGEST)
    finally:
        sys.setswitchinterval(before)
        other.join()
    assert time.monotonic() < end


def test_keys_made_by_other_tools_are_read():
    assert read_key(pem(rsa_of(2_048), OLD)).kind == "rsa"
    assert read_key("\n" + new_key("rsa").decode() + "\n\n").kind == "rsa"


def public_half():
    public = rsa_of(2_048).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (lambda: "", "begins with -----BEGIN"),
        (lambda: "secret", "begins with -----BEGIN"),
        (lambda: "é\0", "no private key"),
        (lambda: new_key("rsa").decode()[:900], "no private key"),
        (lambda: pem(ec.generate_private_key(ec.SECP256R1())), "neither RSA nor Ed25519"),
        (lambda: pem(rsa_of(1_024)), "RSA of 1,024 bits; .*`publisher dkim new`"),
        (lambda: pem(rsa_of(2_048), PKCS8, BestAvailableEncryption(b"x")), "by a passphrase"),
        (public_half, "public half"),
    ],
    ids=["empty", "word", "odd", "torn", "other kind", "short", "locked", "public"],
)
def test_what_cannot_sign_is_told(made, expected):
    with pytest.raises(ConfigError, match=expected):
        read_key(made())


@given(st.text(st.characters(codec="ascii"), max_size=1_500))
def test_the_strings_of_a_record_fit_and_join_to_it(text):
    strings = txt_strings(text)
    assert "".join(strings) == text
    assert all(0 < len(string) <= 255 for string in strings)


def test_where_a_record_stands():
    assert record_name("s1", "gazette.example") == "s1._domainkey.gazette.example"


@pytest.mark.parametrize(
    ("domain", "sender", "counts"),
    [
        ("gazette.example", "gazette.example", True),
        ("Gazette.Example.", "gazette.example", True),
        ("gazette.example", "news.gazette.example", True),
        ("mail.gazette.example", "gazette.example", True),
        ("gazette.example", "othergazette.example", False),
        ("relay.example", "gazette.example", False),
    ],
)
def test_whom_a_domain_may_sign_for(domain, sender, counts):
    assert aligned(domain, sender) is counts
