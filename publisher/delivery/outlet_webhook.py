"""Documents to an address of somebody's: each one posted and signed, after Standard Webhooks.

Serves core.mirroring. Touches the address it is given. What arrives there may arrive twice (an answer
can be lost): a receiver goes by `path` and `sha256`.
"""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http import HTTPStatus
from threading import Event
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from publisher.errors import ConfigError, FetchError, OutletError, OutletUnavailable
from publisher.kit.asking import Patience
from publisher.kit.webhooks import key_of, signed
from publisher.model.views import Document
from publisher.net import HttpSender, Limits
from publisher.ports import Fetched, TransportContext

PUBLISHED, REMOVED, PROBE = "document.published", "document.removed", "probe"
OF_ONE = frozenset({HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY})
"""Answers that are about this document; any other refusal would meet every document."""

Filled = Annotated[str, Meta(extra={"kind": "text that is not empty"})]
Address = Annotated[str, Meta(extra={"kind": "web address"})]


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of a `webhook` outlet."""

    url: Address  # where each document is posted
    secret: Filled  # signs: `whsec_` and base64, or any text; best as `{ env = "…" }`
    old_secret: str = ""  # signs as well, while the receiver learns the new one
    content: bool = True  # the document itself, too; else only that it changed
    max_bytes: Annotated[int, Meta(ge=0)] = 5_000_000  # of a larger one only that it changed
    connections: Annotated[int, Meta(ge=1, le=64)] = 4  # requests at once
    timeout: Annotated[float, Meta(gt=0, le=600)] = 20  # seconds for each request


class WebhookOutlet:
    """The outlet. Thread-safe."""

    def __init__(
        self, options: Options, keys: Sequence[bytes], sender: HttpSender, patience: Patience
    ) -> None:
        self._options = options
        self._keys = keys
        self._sender = sender
        self._patience = patience

    @property
    def form(self) -> str:
        """Return where documents go, and what is said of them."""
        return repr((self._options.url, self._options.content, self._options.max_bytes))

    def write(self, documents: Iterable[Document]) -> Sequence[str]:
        """Post documents, several at once; return their paths, in order. Raises OutletError."""
        return self._post_all([(one.path, self._event(one)) for one in documents])

    def remove(self, paths: Iterable[str]) -> None:
        """Post that documents are gone. Raises OutletError."""
        self._post_all([(path, _event(REMOVED, {"path": path})) for path in paths])

    def lacks(self, paths: Iterable[str]) -> bool:  # noqa: ARG002  nobody can be asked
        """Return that nothing is missing: a receiver only listens."""
        return False

    def probe(self) -> str:
        """Post an event of the type `probe`; return what was answered. Raises OutletError."""
        self._post(PROBE, _event(PROBE, {}))
        return f"{urlsplit(self._options.url).netloc} takes what is posted"

    def _event(self, document: Document) -> bytes:
        """Return what is posted of a document."""
        data: dict[str, object] = {
            "path": document.path,
            "media_type": document.media_type,
            "size": len(document.data),
            "sha256": hashlib.sha256(document.data).hexdigest(),
        }
        if self._options.content and len(document.data) <= self._options.max_bytes:
            try:
                data |= {"encoding": "utf-8", "content": document.data.decode()}
            except UnicodeDecodeError:
                coded = base64.b64encode(document.data).decode()
                data |= {"encoding": "base64", "content": coded}
        return _event(PUBLISHED, data)

    def _post_all(self, events: Sequence[tuple[str, bytes]]) -> Sequence[str]:
        down = Event()

        def post(one: tuple[str, bytes]) -> OutletError | None:
            if down.is_set():
                return OutletError(one[0], "not tried any more")
            try:
                self._post(*one)
            except OutletError as error:
                if isinstance(error, OutletUnavailable):
                    down.set()
                return error
            return None

        with ThreadPoolExecutor(self._options.connections, thread_name_prefix="hook") as threads:
            errors = list(threads.map(post, events))
        told = [path for (path, _), error in zip(events, errors, strict=True) if error is None]
        failed = [error for error in errors if error]
        if failed:
            unavailable = (error for error in failed if isinstance(error, OutletUnavailable))
            worst = next(unavailable, failed[0])
            raise type(worst)(worst.subject, worst.reason, written=told) from worst
        return told

    def _post(self, subject: str, body: bytes) -> None:
        """Post one event until it is taken, signed anew at each try. Raises OutletError."""
        number, url = f"msg_{secrets.token_hex(16)}", self._options.url

        def attempt() -> Fetched:
            proof = signed(self._keys, number, datetime.fromtimestamp(time.time(), UTC), body)
            headers = {"Content-Type": "application/json", **proof}
            return self._sender.send("POST", url, headers, body)

        host = urlsplit(url).netloc
        try:
            answer = self._patience.ask(attempt)
        except FetchError as error:
            raise OutletUnavailable(host, f"is not reached: {error.reason}") from error
        if answer.status in OF_ONE:
            raise OutletError(subject, f"{host} answered {answer.status}")
        if answer.status not in range(200, 300):
            raise OutletUnavailable(host, _refused(answer))


def _event(kind: str, data: dict[str, object]) -> bytes:
    stamp = datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="seconds")
    said = {"type": kind, "timestamp": stamp.replace("+00:00", "Z"), "data": data}
    return json.dumps(said, ensure_ascii=False).encode()


def _refused(answer: Fetched) -> str:
    if answer.status in range(300, 400):
        return f"leads to {answer.headers.get('location', 'nowhere')}: write that as `url`"
    if answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return f"answered {answer.status}: look at `secret`, and whether the receiver knows it"
    return f"answered {answer.status}"


def create(
    options: Options, context: TransportContext, patience: Patience | None = None
) -> WebhookOutlet:
    """Make the outlet; nothing is posted yet. Raises ConfigError for a secret that is none."""
    keys = []
    for name, secret in (("secret", options.secret), ("old_secret", options.old_secret)):
        try:
            keys += [key_of(str(secret))] if secret else []
        except ValueError as error:
            raise ConfigError(
                f"publisher.toml: outlets.{context.name}.{name}", str(error)
            ) from None
    # The operator names the address: it may lie in their own network.
    limits = Limits(seconds=options.timeout)
    sender = HttpSender(connections=options.connections, allow_private=True, limits=limits)
    return WebhookOutlet(options, keys, sender, patience or Patience())
