"""A publication to be tortured: its folder, its readers, one story after the other, its balance."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from publisher.model.editions import DeliveryState, Edition
from publisher.model.subscribers import NewSubscriber
from publisher.store import open_store
from publisher.store.store import SqlStore
from tests.torture.sink import Sink

PUBLICATION = """
[publication]
title = "The Harbour Gazette"
url = "https://gazette.example/"
postal_address = "1 Quay Street, Harbour"
contact = "editor@gazette.example"

[store]
url = "{url}"

[mail]
from = "The Harbour Gazette <news@gazette.example>"
transport = "relay"
on_crash = "{on_crash}"

[transports.relay]
type = "smtp"
host = "127.0.0.1"
port = {port}
security = "{security}"
connections = {connections}
timeout = {timeout}
{more}
"""
FEED = """
title = "Harbour"
[[sources]]
type = "folder"
path = "articles/harbour"
"""
SCHEDULE = """
action = "{action}"
when = "every day at {hour:02}:30"
{more}
"""
STORY = """---
title: Story {number} of the harbour
---
The {number}. ferry came in at noon and nobody on the quay had expected it, least of all the seals.
"""
UNFINISHED = (DeliveryState.QUEUED, DeliveryState.CLAIMED, DeliveryState.SENDING)


def reader(number: int) -> str:
    """Return the address of a reader."""
    return f"reader{number}@reader.example"


@dataclass
class Gazette:
    """A publication with readers; `url` is its store's address, relative ones count from `folder`."""

    folder: Path
    url: str
    port: int
    connections: int = 4
    timeout: float = 30.0
    on_crash: str = "resend"
    security: str = "none"
    more: str = ""
    stories: int = 0
    readers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name in ("feeds", "schedules", "articles/harbour"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.define()
        (self.folder / "feeds/harbour.toml").write_text(FEED, "utf-8")
        # Not due while this lasts: only what a test asks for is run.
        hour = (datetime.now(UTC) + timedelta(hours=12)).hour
        for slug, action, more in [
            ("collect", "collect", ""),
            ("morning", "digest", 'feeds = ["*"]\nsubject = "{{ lead.title }}"'),
        ]:
            text = SCHEDULE.format(action=action, hour=hour, more=more)
            (self.folder / f"schedules/{slug}.toml").write_text(text, "utf-8")

    def define(self, **changes: object) -> None:
        """Write the definitions, with changes."""
        for name, value in changes.items():
            setattr(self, name, value)
        text = PUBLICATION.format(
            url=self.url,
            on_crash=self.on_crash,
            port=self.port,
            connections=self.connections,
            timeout=self.timeout,
            security=self.security,
            more=self.more,
        )
        (self.folder / "publisher.toml").write_text(text, "utf-8")

    @contextmanager
    def store(self) -> Iterator[SqlStore]:
        """Open the store as another process would."""
        with closing(open_store(self.url, self.folder)) as opened:
            yield opened

    def subscribe(self, count: int) -> None:
        """Let so many people subscribe."""
        names = [reader(number) for number in range(len(self.readers), len(self.readers) + count)]
        pairs = (("harbour", "morning"),)
        with self.store() as store:
            rows = [NewSubscriber(email=name, subscriptions=pairs) for name in names]
            store.import_subscribers(rows, datetime.now(UTC))
        self.readers += names

    def write(self) -> int:
        """Write a new story; return its number."""
        self.stories += 1
        path = self.folder / f"articles/harbour/story-{self.stories}.md"
        path.write_text(STORY.format(number=self.stories), "utf-8")
        return self.stories

    def edition(self) -> Edition | None:
        """Return the newest edition."""
        with self.store() as store:
            return next(iter(store.editions(limit=1)), None)

    def rows(self, *states: DeliveryState) -> list[str]:
        """Return who stands in one of these states in the newest edition."""
        with self.store() as store:
            newest = next(iter(store.editions(limit=1)), None)
            found = store.deliveries(newest.id, states) if newest else []
            return [row.email for row in found]

    def quiet(self) -> None:
        """Wait until a dead process's transactions have ended: PostgreSQL notices at their end."""
        if not self.url.startswith("postgresql"):
            return
        import psycopg

        others = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        with psycopg.connect(self.url, autocommit=True) as connection:
            while connection.execute(others).fetchone() != (0,):
                connection.execute("SELECT pg_sleep(0.01)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """An edition held against what the sink received."""

    lost: list[str]
    twice: list[str]
    unmarked: list[str]
    changed: list[str]
    adds_up: bool


def balance(gazette: Gazette, sink: Sink, marked: Counter[str]) -> Balance:
    """Hold the newest edition against the sink; `marked` counts how often a copy was on the wire.

    Lost is who has no copy and is not said to be without one (or uncertain). Unmarked is who has
    more copies than the promise allows: one, and one more for each time it was on a dead wire.
    """
    sink.settle()
    with gazette.store() as store:
        edition = next(iter(store.editions(limit=1)))
        rows = store.deliveries(edition.id)
    said = {row.email: row.state for row in rows}
    excused = {DeliveryState.FAILED, DeliveryState.SUPPRESSED, DeliveryState.UNCERTAIN}
    copies = sink.copies
    return Balance(
        lost=[who for who in gazette.readers if not copies[who] and said.get(who) not in excused],
        twice=[who for who, count in copies.items() if count > 1],
        unmarked=[who for who, count in copies.items() if count > 1 + marked[who]],
        changed=[who for who, versions in sink.versions.items() if len(versions) > 1],
        adds_up=edition.complete and edition.audience == len(rows) == sum(edition.counts.values()),
    )
