"""One bucket of a store that speaks S3's protocol: put, remove, list, and what its errors mean.

Serves the `s3` outlet. Touches the store it is given, by the function `send`.
"""

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from publisher.errors import FetchError, OutletError, OutletUnavailable
from publisher.kit.asking import Patience, passes
from publisher.kit.sigv4 import Credentials, encoded, signed
from publisher.ports import Fetched

if TYPE_CHECKING:
    from lxml.etree import _Element

MANY = 1_000
"""Keys in one request to remove (DeleteObjects), and in one page of a listing."""

PAGES = 10_000
"""Pages of a listing that are read: ten million keys."""

FINE = frozenset({200, 204})
PASSING = frozenset({"RequestTimeout", "OperationAborted", "SlowDown", "InternalError"})
UNDONE = frozenset({405, 501})  # DeleteObjects is not there: Google's and some small ones
OF_ONE = frozenset(
    {"KeyTooLongError", "EntityTooLarge", "InvalidURI", "InvalidArgument", "InvalidObjectName"}
)
"""Errors that are about this document; any other would meet every document."""

Send = Callable[[str, str, Mapping[str, str], bytes], Fetched]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A bucket at an endpoint (`https://host`), its name in the host (`virtual`) or in the path."""

    endpoint: str
    name: str
    virtual: bool
    who: Credentials
    send: Send
    now: Callable[[], datetime]
    patience: Patience = field(default_factory=Patience)

    def put(self, key: str, data: bytes, headers: Mapping[str, str]) -> None:
        """Store an object whole. Raises OutletError."""
        self._ask("PUT", key, headers={**headers, "Content-MD5": _md5(data)}, body=data)

    def remove(self, keys: Sequence[str]) -> None:
        """Remove objects, many at a time; those that are not there are passed over.

        Raises OutletError.
        """
        for start in range(0, len(keys), MANY):
            part = keys[start : start + MANY]
            objects = "".join(f"<Object><Key>{escape(key)}</Key></Object>" for key in part)
            body = f"<Delete><Quiet>true</Quiet>{objects}</Delete>".encode()
            headers = {"Content-MD5": _md5(body), "Content-Type": "application/xml"}
            answer = self._ask(
                "POST", query="delete=", headers=headers, body=body, fine=UNDONE | {200}
            )
            if answer.status in UNDONE:
                for key in part:
                    self._ask("DELETE", key, fine=frozenset({200, 204, 404}))
            else:
                self._told(answer)

    def listing(self, prefix: str, *, most: int = MANY * PAGES) -> Iterator[str]:
        """Yield the keys that begin with a prefix. Raises OutletError."""
        token, seen = "", 0
        size = min(most, MANY)
        while seen < most:
            more = f"continuation-token={encoded(token)}&" if token else ""
            query = f"{more}list-type=2&max-keys={size}&prefix={encoded(prefix)}"
            root = self._xml(self._ask("GET", query=query))
            found = (one.findtext("{*}Key") for one in root.iterfind("{*}Contents"))
            keys = [key for key in found if key]
            yield from keys
            seen += len(keys)
            following = root.findtext("{*}NextContinuationToken") or ""
            if root.findtext("{*}IsTruncated") != "true" or not following or not keys:
                return
            if following == token:
                raise OutletUnavailable(self.name, "the store lists the same page again and again")
            token = following

    def _ask(
        self,
        method: str,
        key: str = "",
        *,
        query: str = "",
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        fine: frozenset[int] = FINE,
    ) -> Fetched:
        """Ask, signed anew at each try. Raises OutletError for what is not fine."""
        url, digest = self._url(key, query), hashlib.sha256(body).hexdigest()

        def attempt() -> Fetched:
            sent = signed(self.who, method, url, headers or {}, digest, self.now())
            return self.send(method, url, sent, body)

        try:
            answer = self.patience.ask(attempt, _again)
        except FetchError as error:
            host = urlsplit(url).netloc
            raise OutletUnavailable(host, _unreached(error.reason)) from error
        if answer.status not in fine:
            raise self._error(answer, key)
        return answer

    def _url(self, key: str, query: str) -> str:
        parts = urlsplit(self.endpoint)
        base, path = parts.path.rstrip("/"), encoded(key, safe="/")
        host = f"{self.name}.{parts.netloc}" if self.virtual else parts.netloc
        place = base if self.virtual else f"{base}/{encoded(self.name)}"
        found = f"{parts.scheme}://{host}{place}/{path}"
        return f"{found}?{query}" if query else found

    def _told(self, answer: Fetched) -> None:
        """Look for errors in an answer that says 200 (DeleteObjects). Raises OutletError."""
        error = self._xml(answer).find("{*}Error") if answer.body.strip() else None
        if error is not None:
            key, code = error.findtext("{*}Key") or "", error.findtext("{*}Code") or ""
            reason = error.findtext("{*}Message") or code
            raise OutletUnavailable(f"{self.name}/{key}", f"cannot be removed: {code}: {reason}")

    def _xml(self, answer: Fetched) -> "_Element":
        root = _parsed(answer.body)
        if root is None:
            raise OutletUnavailable(urlsplit(self.endpoint).netloc, "its answer is not S3's XML")
        return root

    def _error(self, answer: Fetched, key: str) -> OutletError:
        """Return what an answer means, in a line for people."""
        code, said = _code(answer)
        host = urlsplit(self.endpoint).netloc
        reason = self._reason(answer, code, host)
        if reason:
            return OutletUnavailable(self.name, reason)
        kind = OutletError if code in OF_ONE else OutletUnavailable
        told = f"{host} answered {answer.status}{f' {code}' if code else ''}"
        return kind(
            f"{self.name}/{key}" if key else self.name, f"{told}: {said}" if said else told
        )

    def _reason(self, answer: Fetched, code: str, host: str) -> str:
        region = answer.headers.get("x-amz-bucket-region", "")
        if region and region != self.who.region:
            return f'the bucket lies in another region: write region = "{region}"'
        if code == "RequestTimeTooSkewed":
            here = self.now().strftime("%Y-%m-%d %H:%M:%S")
            there = answer.headers.get("date", "another time")
            return f"this machine's clock says {here} UTC, {host} says {there}: set the clock"
        known = {
            "NoSuchBucket": f"there is no such bucket at {host}: make it, or correct `bucket`",
            "SignatureDoesNotMatch": f"{host} refuses the signature: `secret_key` does not fit",
            "InvalidAccessKeyId": f"{host} does not know this `access_key`",
            "ExpiredToken": "`session_token` has expired",
            "AccessDenied": f"{host} does not allow it: the key needs to list, put and delete here",
        }
        if code in known:
            return known[code]
        if answer.status == HTTPStatus.FORBIDDEN:
            return f"{host} refuses access: look at `access_key` and `secret_key`"
        lost = answer.status == HTTPStatus.NOT_FOUND and not code
        return f"there is no bucket at {host}" if lost else ""


def _again(answer: Fetched) -> bool:
    return passes(answer) or (answer.status not in FINE and _code(answer)[0] in PASSING)


def _code(answer: Fetched) -> tuple[str, str]:
    """Return code and message of an error, both "" when the body has none."""
    root = _parsed(answer.body)
    if root is None:
        return "", ""
    return root.findtext("{*}Code") or "", root.findtext("{*}Message") or ""


def _parsed(body: bytes) -> "_Element | None":
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _unreached(reason: str) -> str:
    """Return why a host was not reached, in words when it is its name."""
    if "Name or service not known" in reason or "[Errno -" in reason:
        return "there is no host of this name (DNS): look at `endpoint`"
    return f"is not reached: {reason}"


def _md5(data: bytes) -> str:
    """Return the check against damage on the way (RFC 1864); no secret depends on it."""
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
