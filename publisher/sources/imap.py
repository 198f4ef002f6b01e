"""Source `imap`: newsletters in a mailbox on a server, or in a Maildir of this machine.

Touches the network (a guarded connection), or one folder inside the publication. The mailbox is only
read: nothing in it is marked, moved or deleted. Mails are read in a process of their own. A mail
that cannot be read is a problem of that mail; the others come through.
"""

import re
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Protocol
from urllib.parse import unquote, urlsplit

import msgspec
from msgspec import Meta

from publisher.errors import FetchError, ParseError
from publisher.kit.imap import PORTS, Mailbox
from publisher.kit.newsletter import Newsletter, read_newsletter
from publisher.kit.worker import read_apart
from publisher.model.articles import (
    SOURCE,
    Collected,
    CollectedArticle,
    SourceProblem,
    SourceState,
)
from publisher.ports import SourceContext

LARGEST = 10 * 1024 * 1024
"""Bytes of a mail that is read."""

AT_ONCE = 50
"""Mails that are read in one collection; the others come in the next ones."""

SECONDS = 60.0
"""How long one collection may talk to the server."""

READING = 10.0
"""How long one mail may be read."""

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
Backlog = Annotated[int, Meta(ge=0, le=1_000)]
Names = tuple[str, ...]


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of an `imap` source."""

    url: str  # imap+tls://user@host/INBOX, imap+starttls://…, or maildir:path inside the publication
    password: str = ""  # of the user; best as `{ env = "…" }`
    lists: Names = ()  # only mails of these lists: what List-Id says between < and >
    senders: Names = ()  # only mails from these addresses, or from everybody at `@domain`
    backlog: Backlog = 20  # mails of before that are taken at first, the newest
    ca_file: str = ""  # a file of certificates to trust instead of the system's
    insecure: bool = False  # plain imap to another machine, which tells everybody the password


class _Letters(Protocol):
    """Where mails lie: their names after those of a cursor, oldest first, and their bytes."""

    def names(self, cursor: Mapping[str, str]) -> Sequence[str]: ...

    def goes_on(self, cursor: Mapping[str, str]) -> bool: ...

    def read(self, name: str) -> bytes: ...

    def cursor(self, name: str, before: Mapping[str, str]) -> Mapping[str, str]: ...


class Newsletters:
    """The source. A mail's Message-ID is its article's permanent id."""

    def __init__(
        self,
        options: Options,
        context: SourceContext,
        *,
        at_once: int = AT_ONCE,
        seconds: float = SECONDS,
    ) -> None:
        self._options = options
        self._context = context
        self._at_once = at_once
        self._seconds = seconds

    def collect(self, state: SourceState, now: datetime) -> Collected:  # noqa: ARG002 - the port's
        """Read the mails that came since the last time. Raises FetchError."""
        with self._open() as letters:
            cursor, names = state.cursor, letters.names(state.cursor)
            if state.last_success is None or not letters.goes_on(cursor):
                skipped = max(0, len(names) - self._options.backlog)
                cursor = letters.cursor(names[skipped - 1] if skipped else "", cursor)
                names = names[skipped:]
            if not names:
                return Collected(
                    unchanged=state.last_success is not None,
                    partial=True,
                    cursor=letters.cursor("", cursor),
                )
            return self._read(letters, names[: self._at_once], cursor)

    def _read(
        self, letters: _Letters, names: Sequence[str], cursor: Mapping[str, str]
    ) -> Collected:
        """Read mails. Raises FetchError when not even the first can be had."""
        articles: list[CollectedArticle] = []
        problems: list[SourceProblem] = []
        for name in names:
            try:
                articles += self._taken(letters.read(name))
            except ParseError as error:
                problems.append(SourceProblem(where=f"mail {name}", message=error.reason))
            except FetchError as error:
                if name == names[0]:
                    raise
                problems.append(SourceProblem(where=f"mail {name}", message=error.reason))
                break  # what was read comes through; the rest is tried the next time
            cursor = letters.cursor(name, cursor)
        return Collected(
            articles=tuple(articles), problems=tuple(problems), partial=True, cursor=cursor
        )

    def _taken(self, data: bytes) -> Iterator[CollectedArticle]:
        """Yield a mail's article, if it is one of those that are wanted. Raises ParseError."""
        if not data:  # it was deleted meanwhile
            return
        mail = read_apart("mail", READING, read_newsletter, data)
        if not self._wanted(mail):
            return
        if mail.confirm:
            raise ParseError(
                "mail", f'"{mail.article.title}" asks for confirmation; open {mail.confirm}'
            )
        said = {"title": (mail.article.tags or mail.article.authors or ("",))[0]}
        yield replace(mail.article, attributes={SOURCE: said} if said["title"] else {})

    def _wanted(self, mail: Newsletter) -> bool:
        """Tell whether a mail is of the lists or senders that are to be taken."""
        options = self._options
        if options.lists and mail.list_id not in {
            name.lower().strip("<>") for name in options.lists
        }:
            return False
        domain = "@" + mail.sender.rpartition("@")[2]
        senders = {name.lower() for name in options.senders}
        return not senders or bool({mail.sender, domain} & senders)

    @contextmanager
    def _open(self) -> Iterator[_Letters]:
        """Open the mailbox or the Maildir. Raises FetchError."""
        kind, _, path = self._options.url.partition(":")
        if kind.lower() == "maildir":
            yield _Maildir(self._folder(path))
            return
        place = _Place.of(self._options)
        with self._dialled(place) as mailbox, closing(_Leaving(mailbox)):
            if place.kind == "imap+starttls":
                mailbox.secure(self._trusted())
            mailbox.enter(place.user, self._options.password)
            yield _Server(mailbox, mailbox.examine(place.name), place.where)

    @contextmanager
    def _dialled(self, place: "_Place") -> Iterator[Mailbox]:
        """Connect to the server, by TLS where the address says so. Raises FetchError."""
        try:
            with self._context.dial(place.host, place.port, self._seconds) as sock:
                if place.kind == "imap+tls":
                    with self._trusted().wrap_socket(sock, server_hostname=place.host) as secured:
                        yield Mailbox(secured, place.host, place.where, LARGEST)
                else:
                    yield Mailbox(sock, place.host, place.where, LARGEST)
        except OSError as error:
            raise FetchError(place.where, f"cannot be reached: {error}") from error

    def _trusted(self) -> ssl.SSLContext:
        """Return how TLS is spoken: the server's certificate is verified. Raises FetchError."""
        said = self._options.ca_file
        try:
            return ssl.create_default_context(
                cafile=str(self._context.root / said) if said else None
            )
        except (OSError, ssl.SSLError) as error:
            raise FetchError(said, f"holds no certificates: {error}") from error

    def _folder(self, path: str) -> Path:
        """Return a Maildir inside the publication. Raises FetchError."""
        root = self._context.root.resolve()
        folder = (root / unquote(path)).resolve()
        if not (folder.is_relative_to(root) or self._context.allow_outside):
            raise FetchError(self._options.url, "lies outside the publication's folder")
        if not (folder / "cur").is_dir():
            raise FetchError(self._options.url, "there is no such Maildir (it has a folder cur)")
        return folder


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A mailbox's address taken apart; `where` names it without a password."""

    kind: str
    user: str
    host: str
    port: int
    name: str
    where: str

    @classmethod
    def of(cls, options: Options) -> "_Place":
        """Read an address. Raises FetchError for what is none, and for what would tell the password."""
        try:
            parts = urlsplit(options.url)
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        where = re.sub(r":[^:@/]*@", "@", options.url)
        if parts.scheme not in PORTS or not parts.hostname or not parts.username:
            raise FetchError(where, "is no mailbox; write imap+tls://user@host/INBOX")
        if parts.password:
            raise FetchError(
                where, 'keep the password out of the address: password = { env = "…" }'
            )
        if parts.scheme == "imap" and not (options.insecure or parts.hostname in LOCAL):
            raise FetchError(where, "plain imap tells everybody the password; write imap+tls")
        return cls(
            kind=parts.scheme,
            user=unquote(parts.username),
            host=parts.hostname,
            port=port or PORTS[parts.scheme],
            name=unquote(parts.path.strip("/")) or "INBOX",
            where=where,
        )


class _Leaving:
    """Leaves a mailbox when it is closed."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.close = mailbox.leave


class _Server:
    """Mails on a server, by their UIDs; these count from the start when UIDVALIDITY changes."""

    def __init__(self, mailbox: Mailbox, validity: str, where: str) -> None:
        self._mailbox, self._validity, self._where = mailbox, validity, where

    def names(self, cursor: Mapping[str, str]) -> Sequence[str]:
        """Return the UIDs after the last one. Raises FetchError."""
        last = int(cursor.get("uid", "0")) if self.goes_on(cursor) else 0
        return [str(uid) for uid in self._mailbox.uids(last)]

    def goes_on(self, cursor: Mapping[str, str]) -> bool:
        """Tell whether the UIDs are still those that the cursor means."""
        return cursor.get("validity") == self._validity

    def read(self, name: str) -> bytes:
        """Return a mail. Raises ParseError when it is too large, FetchError when the server fails."""
        size = self._mailbox.sizes([int(name)]).get(int(name), 0)
        if size > LARGEST:
            raise ParseError("mail", f"is larger than {LARGEST // 1024 // 1024} MiB")
        return self._mailbox.message(int(name))

    def cursor(self, name: str, before: Mapping[str, str]) -> Mapping[str, str]:
        """Return the cursor after a mail; "" leaves it where it is."""
        last = before.get("uid", "0") if self.goes_on(before) else "0"
        return {"validity": self._validity, "uid": name or last}


class _Maildir:
    """Mails in a Maildir, by the time they were delivered and their unique names; nothing is moved."""

    def __init__(self, folder: Path) -> None:
        self._found: dict[str, Path] = {}
        for path in (*(folder / "cur").iterdir(), *(folder / "new").glob("*")):
            if path.is_file() and not path.name.startswith("."):
                unique = path.name.partition(":")[0]
                self._found[f"{path.stat().st_mtime_ns:020d} {unique}"] = path

    def names(self, cursor: Mapping[str, str]) -> Sequence[str]:
        """Return the mails after the last one."""
        return sorted(name for name in self._found if name > cursor.get("last", ""))

    def goes_on(self, cursor: Mapping[str, str]) -> bool:
        """Tell that names mean what they always did."""
        return bool(cursor)

    def read(self, name: str) -> bytes:
        """Return a mail, b"" when it is gone. Raises ParseError when it is too large."""
        try:
            if self._found[name].stat().st_size > LARGEST:
                raise ParseError("mail", f"is larger than {LARGEST // 1024 // 1024} MiB")
            return self._found[name].read_bytes()
        except OSError:
            return b""

    def cursor(self, name: str, before: Mapping[str, str]) -> Mapping[str, str]:
        """Return the cursor after a mail; "" leaves it where it is."""
        return {"last": name or before.get("last", "")}


def create(options: Options, context: SourceContext) -> Newsletters:
    """Make the source."""
    return Newsletters(options, context)
