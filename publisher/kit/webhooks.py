"""Signs what is posted to somebody's address, after Standard Webhooks (their specification, version 1).

Serves outlets. Pure: the moment is passed in.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

PREFIX = "whsec_"


def key_of(secret: str) -> bytes:
    """Return a secret's key: `whsec_` and base64, or else the text itself. Raises ValueError."""
    if not secret.startswith(PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("is not base64 after `whsec_`") from error


def signed(keys: Iterable[bytes], number: str, moment: datetime, body: bytes) -> dict[str, str]:
    """Return the headers that prove who posts: one signature for each key, for secrets that change.

    `number` is the message's own, the same at every attempt.
    """
    stamp = str(int(moment.timestamp()))
    said = b".".join((number.encode(), stamp.encode(), body))
    made = (base64.b64encode(hmac.digest(key, said, hashlib.sha256)).decode() for key in keys)
    return {
        "webhook-id": number,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{one}" for one in made),
    }
