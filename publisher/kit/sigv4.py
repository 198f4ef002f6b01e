"""Signs requests as stores of S3's kind want them: AWS Signature Version 4.

Serves the `s3` outlet. Pure: the moment is passed in. Source: "Signature Version 4" in the reference
of the S3 API; its published examples are the tests.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, quote, urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Who signs, and for which region of which service; `token` belongs to keys that expire."""

    access_key: str
    secret_key: str = field(repr=False)
    region: str
    service: str = "s3"
    token: str = field(default="", repr=False)


def encoded(text: str, *, safe: str = "") -> str:
    """Return text as S3 writes it in addresses: all but unreserved characters as %XX."""
    return quote(text, safe=f"-_.~{safe}")


def signed(
    who: Credentials,
    method: str,
    url: str,
    headers: Mapping[str, str],
    digest: str,
    moment: datetime,
) -> dict[str, str]:
    """Return the headers to send: those given and what signing adds, `Authorization` at last.

    `digest` is the body's SHA-256 in hex. `url` is absolute, its path encoded already (S3's paths are
    encoded once and not normalised). All headers are signed, and the host.
    """
    stamp = moment.strftime("%Y%m%dT%H%M%SZ")
    sent = {**headers, "x-amz-date": stamp}
    if who.service == "s3":
        sent["x-amz-content-sha256"] = digest
    if who.token:
        sent["x-amz-security-token"] = who.token
    parts = urlsplit(url)
    named = {name.lower(): " ".join(value.split()) for name, value in sent.items()}
    named["host"] = parts.netloc
    names = ";".join(sorted(named))
    canonical = "\n".join(
        (
            method,
            parts.path or "/",
            _query(parts.query),
            *(f"{name}:{named[name]}" for name in sorted(named)),
            "",
            names,
            digest,
        )
    )
    scope = f"{stamp[:8]}/{who.region}/{who.service}/aws4_request"
    told = "\n".join((ALGORITHM, stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    signature = hmac.digest(_key(who, stamp[:8]), told.encode(), "sha256").hex()
    sent["Authorization"] = (
        f"{ALGORITHM} Credential={who.access_key}/{scope},"
        f"SignedHeaders={names},Signature={signature}"
    )
    return sent


def _query(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    return "&".join(sorted(f"{encoded(name)}={encoded(value)}" for name, value in pairs))


def _key(who: Credentials, day: str) -> bytes:
    key = f"AWS4{who.secret_key}".encode()
    for part in (day, who.region, who.service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
