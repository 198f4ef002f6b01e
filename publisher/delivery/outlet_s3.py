"""Documents into a bucket of any store that speaks S3's protocol (AWS, MinIO, R2, Garage, Ceph …).

Serves core.mirroring. Touches the keys below its prefix that it is told to write or remove.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Event, Lock
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from publisher.errors import OutletError, OutletUnavailable
from publisher.kit.asking import Patience
from publisher.kit.pressing import is_pressable, press
from publisher.kit.s3 import Bucket
from publisher.kit.sigv4 import Credentials
from publisher.model.views import Document
from publisher.net import HttpSender, Limits
from publisher.ports import TransportContext

FOR_EVER = "public, max-age=31536000, immutable"
NAMED_BY_CONTENT = "media/proxy/"
"""Documents below it never change under their address."""

Filled = Annotated[str, Meta(extra={"kind": "text that is not empty"})]
Address = Annotated[str, Meta(extra={"kind": "web address"})]


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of an `s3` outlet."""

    bucket: Filled  # it must exist
    access_key: Filled  # best as `{ env = "…" }` or `{ file = "…" }`
    secret_key: Filled  # the same
    session_token: str = ""  # of keys that expire
    region: Filled = "us-east-1"  # what the store calls it; many take anything
    endpoint: Address = ""  # empty: AWS, in the region
    style: Literal["auto", "virtual", "path"] = "auto"  # bucket in the host, or in the path
    prefix: str = ""  # before every key, for example gazette/
    cache_control: str = "public, max-age=300"  # sent with each document to whoever reads it
    gzip: bool = False  # store text compressed: then every reader must understand gzip
    acl: str = ""  # for example public-read, where the store uses access lists
    connections: Annotated[int, Meta(ge=1, le=64)] = 8  # uploads at once
    timeout: Annotated[float, Meta(gt=0, le=600)] = 60  # seconds for each request
    look_again: Annotated[int, Meta(ge=0)] = 60  # minutes until it is listed again; 0 = never


class S3Outlet:
    """The outlet. Thread-safe; what was listed is kept until it is time to look again."""

    def __init__(self, options: Options, bucket: Bucket) -> None:
        self._options = options
        self._bucket = bucket
        self._prefix = f"{options.prefix.strip('/')}/" if options.prefix.strip("/") else ""
        self._lock = Lock()
        self._listed: set[str] | None = None
        self._until = 0.0

    @property
    def form(self) -> str:
        """Return where and how documents are stored: what they are served with beside their bytes."""
        made = self._options
        parts = (self._bucket.endpoint, made.bucket, self._prefix)
        return repr((*parts, made.cache_control, made.gzip, made.acl))

    def write(self, documents: Iterable[Document]) -> Sequence[str]:
        """Upload documents, several at once; return their paths, in order.

        Raises OutletError that says which of them stand there all the same; OutletUnavailable once
        the store takes nothing at all.
        """
        formed = {one.path: self._form(one) for one in documents}
        failed = self._put_all(formed)
        written = [path for path in formed if path not in failed]
        with self._lock:
            if self._listed is not None:
                self._listed.update(written)
        if failed:
            down = (error for error in failed.values() if isinstance(error, OutletUnavailable))
            worst = next(down, next(iter(failed.values())))
            raise type(worst)(worst.subject, worst.reason, written=written) from worst
        return written

    def _put_all(
        self, formed: Mapping[str, tuple[bytes, dict[str, str]]]
    ) -> dict[str, OutletError]:
        """Upload, several at once; return what went wrong by path."""
        down = Event()
        with ThreadPoolExecutor(self._options.connections, thread_name_prefix="s3") as threads:
            errors = threads.map(lambda path: self._put(path, *formed[path], down), formed)
            return {path: error for path, error in zip(formed, errors, strict=True) if error}

    def remove(self, paths: Iterable[str]) -> None:
        """Remove documents, a thousand at a time. Raises OutletError."""
        gone = list(paths)
        self._bucket.remove([self._prefix + path for path in gone])
        with self._lock:
            if self._listed is not None:
                self._listed.difference_update(gone)

    def lacks(self, paths: Iterable[str]) -> bool:
        """Tell whether a document is missing, by a listing that is renewed now and then.

        Raises OutletError.
        """
        if not self._options.look_again:
            return False
        with self._lock:
            if self._listed is None or time.monotonic() >= self._until:
                cut = len(self._prefix)
                self._listed = {key[cut:] for key in self._bucket.listing(self._prefix)}
                self._until = time.monotonic() + self._options.look_again * 60
            return not self._listed.issuperset(paths)

    def probe(self) -> str:
        """Try to list, to write and to remove; return what works. Raises OutletError."""
        key = f"{self._prefix}.publisher-probe"
        list(self._bucket.listing(self._prefix, most=1))
        self._bucket.put(key, b"publisher looks whether it may write here\n", {})
        self._bucket.remove([key])
        return f"{self._bucket.name} at {self._bucket.endpoint}: can list, write and remove"

    def _put(
        self, path: str, data: bytes, headers: dict[str, str], down: Event
    ) -> OutletError | None:
        """Upload one; return what went wrong, also when the store was found down meanwhile."""
        if down.is_set():
            return OutletError(path, "not tried any more")
        try:
            self._bucket.put(self._prefix + path, data, headers)
        except OutletUnavailable as error:
            down.set()
            return error
        except OutletError as error:
            return error
        return None

    def _form(self, document: Document) -> tuple[bytes, dict[str, str]]:
        """Return the bytes to store, and the headers that they are served with."""
        constant = document.path.startswith(NAMED_BY_CONTENT)
        headers = {"Content-Type": document.media_type}
        if self._options.cache_control:
            headers["Cache-Control"] = FOR_EVER if constant else self._options.cache_control
        if self._options.acl:
            headers["x-amz-acl"] = self._options.acl
        worth = self._options.gzip and is_pressable(document.media_type, len(document.data))
        pressed = press(document.data).get("gzip") if worth else None
        if pressed:
            headers["Content-Encoding"] = "gzip"
        return pressed or document.data, headers


def create(
    options: Options, _context: TransportContext, patience: Patience | None = None
) -> S3Outlet:
    """Make the outlet; nothing is asked of the store yet."""
    aws = f"https://s3.{options.region}.amazonaws.com"
    endpoint = options.endpoint.rstrip("/") or aws
    auto = endpoint.endswith(".amazonaws.com") and "." not in options.bucket
    # The operator names the endpoint: it may lie in their own network.
    sender = HttpSender(
        connections=options.connections,
        allow_private=True,
        limits=Limits(seconds=options.timeout),
    )
    bucket = Bucket(
        endpoint=endpoint,
        name=options.bucket,
        virtual=options.style == "virtual" or (options.style == "auto" and auto),
        who=Credentials(
            access_key=str(options.access_key),
            secret_key=str(options.secret_key),
            region=options.region,
            token=str(options.session_token),
        ),
        send=sender.send,
        now=lambda: datetime.fromtimestamp(time.time(), UTC),  # the store's clock is the true one
        patience=patience or Patience(),
    )
    return S3Outlet(options, bucket)
