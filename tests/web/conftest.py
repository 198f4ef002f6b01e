"""A small publication, collected, published and with one edition opened: made once, copied per test."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from publisher import assets
from publisher.app import App
from publisher.core.copying import PREFERENCES, UNSUBSCRIBE, VIEW
from publisher.core.editing import Opening
from publisher.core.greeting import CONFIRM, RETURN
from publisher.model.editions import Delivery, Edition
from publisher.model.subscribers import Subscriber
from publisher.model.timetable import PlannedRun
from publisher.web.server import create_app

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)


class HeldClock:
    def __init__(self, moment: datetime = NOW) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def advance(self, step: timedelta) -> None:
        self.moment += step


class Site:
    """One opened publication, a client of its pages, and shortcuts into its store."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.clock = HeldClock()
        self.app = App.open(root, clock=self.clock)
        self.client: TestClient[Any] = TestClient(create_app(self.app))

    def close(self) -> None:
        self.app.close()

    def person(self, email: str = "ada@example.org") -> Subscriber:
        return self.app.store.find_subscriber(email)

    @property
    def edition(self) -> Edition:
        return self.app.store.editions()[0]

    def delivery(self, email: str = "ada@example.org") -> Delivery:
        rows = self.app.store.deliveries(self.edition.id)
        return next(row for row in rows if row.email == email)

    def leave_path(self, email: str = "ada@example.org") -> str:
        return "/unsubscribe/" + self.app.tokens.sign(UNSUBSCRIBE, str(self.person(email).id))

    def choose_path(self, email: str = "ada@example.org") -> str:
        return "/preferences/" + self.app.tokens.sign(PREFERENCES, str(self.person(email).id))

    def confirm_paths(self, email: str = "ada@example.org") -> list[str]:
        """The page behind a confirmation: fresh, expired, and behind a goodbye."""
        person, sign = self.person(email).id, self.app.tokens.sign
        days = (NOW.date(), NOW.date() - timedelta(days=8))
        tokens = [sign(CONFIRM, f"{person}:{day}:morning=tides") for day in days]
        return [f"/confirm/{token}" for token in (*tokens, sign(RETURN, str(person)))]

    def letters(self) -> list[EmailMessage]:
        """What lies in the outbox, in order of coming."""
        files = sorted(
            (self.root / "var/outbox/new").glob("*"), key=lambda f: f.stat().st_mtime_ns
        )
        return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]

    def view_path(self, email: str = "ada@example.org") -> str:
        token = self.app.tokens.sign(VIEW, str(self.delivery(email).id))
        return f"/editions/{self.edition.id}/{token}"


def open_edition(app: App) -> None:
    schedule = app.schedule("morning")
    planned = PlannedRun(key="manual:test", slot="2026-11-24T07:30", due=app.now())
    run, _ = app.store.add_run("morning", planned)
    opening = Opening(store=app.store, clock=app.clock, calendar=app.calendar, home="UTC")
    opening.open(run, schedule, "outbox")
    for edition in app.store.editions():
        app.frozen(edition)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("publication") / "gazette"
    assets.write_starter(root)
    app = App.open(root, clock=HeldClock())
    try:
        app.seed()
        app.collect()
        app.publish()
        open_edition(app)
        assert app.tokens
    finally:
        app.close()
    return root


@pytest.fixture
def site(made: Path, tmp_path: Path) -> Iterator[Site]:
    root = tmp_path / "gazette"
    shutil.copytree(made, root)
    opened = Site(root)
    yield opened
    opened.close()


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Site]:
    """A publication before its first `publish`."""
    assets.write_starter(tmp_path / "bare")
    opened = Site(tmp_path / "bare")
    yield opened
    opened.close()


def dump(site: Site) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table of the store."""
    import sqlite3

    connection = sqlite3.connect(f"file:{site.root / 'var/publisher.db'}?mode=ro", uri=True)
    try:
        named = connection.execute("select name from sqlite_master where type = 'table'")
        tables = sorted(name for (name,) in named)
        return {
            name: sorted(connection.execute(f'select * from "{name}"'), key=repr)
            for name in tables
        }
    finally:
        connection.close()


@pytest.fixture
def snapshot(site: Site) -> Any:
    """A function that returns every row of the store."""
    return lambda: dump(site)
