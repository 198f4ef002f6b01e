"""A publication whose mail goes to a scripted relay on loopback, with as many readers as asked."""

import atexit
import shutil
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from publisher import assets
from publisher.app import App
from publisher.app.sending import send_due
from publisher.core.editing import Opening
from publisher.model.subscribers import NewSubscriber
from publisher.model.timetable import PlannedRun

SETTINGS = """
[alerts]
to = ["ops@gazette.example"]
transport = "pager"

[transports.pager]
type = "maildir"
path = "var/pager"

[transports.relay]
type = "smtp"
host = "127.0.0.1"
port = {port}
security = "none"
timeout = 10
connections = {connections}
"""


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.time = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)

    def now(self):
        return self.time


@cache
def collected(time):
    """Return a folder with the starter's articles collected at a time, to be copied; made once."""
    root = Path(tempfile.mkdtemp(prefix="collected"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    assets.write_starter(root)
    clock = Clock()
    clock.time = time
    with closing(App.open(root, clock=clock)) as app:
        app.collect()
    return root


def publication(root, relay, *, more="", connections=1, clock=None):
    """Write a publication whose mail goes to a relay, its articles collected, and open it."""
    clock = clock or Clock()
    shutil.copytree(collected(clock.now()), root, dirs_exist_ok=True)
    path = root / "publisher.toml"
    said = path.read_text().replace('transport = "outbox"', 'transport = "relay"')
    said = said.partition("[subscribers]")[0]
    path.write_text(said + SETTINGS.format(port=relay.port, connections=connections) + more)
    app = App.open(root, clock=clock, complain=lambda *said: app.complaints.append(said))
    app.complaints = []
    return app


def readers(app, count, domain="reader.example"):
    """Let people subscribe: `reader1@…` and so on."""
    wanted = tuple((slug, "morning") for slug in app.definitions.feeds)
    rows = [
        NewSubscriber(email=f"reader{number}@{domain}", subscriptions=wanted)
        for number in range(1, count + 1)
    ]
    app.store.import_subscribers(rows, app.now())


def opened(app, key="x"):
    """Open an edition of the morning digest."""
    run, _ = app.store.add_run("morning", PlannedRun(key=f"manual:{key}", slot=key, due=app.now()))
    opening = Opening(store=app.store, clock=app.clock, calendar=app.calendar, home="UTC")
    edition = opening.open(run, app.schedule("morning"), "relay")
    assert edition is not None
    return edition


def sent(app):
    """Send what is due; return the notes."""
    return [report.note for report in send_due(app) if report.note]


def counts(app, edition):
    """Return the edition's counts that are not zero, by name."""
    found = app.store.edition(edition.id)
    assert sum(found.counts.values()) == found.audience
    return {str(state): number for state, number in found.counts.items() if number}


def later(app, **time):
    """Let time pass as it does where `run` goes on: the store never looks like an old copy."""
    until(app, app.clock.time + timedelta(**time))


def until(app, end):
    """Let time pass until an instant."""
    while app.clock.time < end:
        app.clock.time = min(end, app.clock.time + timedelta(hours=5))
        app.store.beat(app.clock.time)
