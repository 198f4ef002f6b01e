"""DKIM on `cryptography`: keys with their DNS records, and signatures of whole editions.

Serves the press (through the port Signer) and the command line. RFC 6376 with RSA and RFC 8463 with
Ed25519, relaxed/relaxed. dkimpy is the oracle in the tests.
"""

from publisher.kit.dkim.keys import ED25519, KINDS, RSA, SigningKey, new_key, read_key
from publisher.kit.dkim.names import aligned, record_name, txt_strings
from publisher.kit.dkim.signing import DkimSigner, Signature

__all__ = [
    "ED25519",
    "KINDS",
    "RSA",
    "DkimSigner",
    "Signature",
    "SigningKey",
    "aligned",
    "new_key",
    "read_key",
    "record_name",
    "txt_strings",
]
