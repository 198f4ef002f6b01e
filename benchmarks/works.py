"""What is measured: collect, publish, digests, send; each against a baseline named in its line."""

import smtplib
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from feedgen.feed import FeedGenerator
from markdown_it import MarkdownIt

from benchmarks import digests, material, signing, sink
from benchmarks.measure import Figure, compare
from publisher.app import App
from publisher.app.releasing import release
from publisher.core.composing import Composed
from publisher.model.definitions import AdapterDefinition
from publisher.model.editions import Edition
from publisher.model.subscribers import NewSubscriber
from publisher.model.timetable import PlannedRun
from publisher.ports import LEASE

STORIES = 100
READERS = 3_000
CONNECTIONS = 4


def collect() -> Figure:
    """Read, judge, store, enrich and index a folder; baseline: turn the same files into HTML only."""

    def ours() -> int:
        with tempfile.TemporaryDirectory() as folder:
            app = App.open(material.publication(Path(folder), STORIES))
            reports = app.collect()
            app.close()
            return sum(report.new for report in reports)

    def bare() -> int:
        with tempfile.TemporaryDirectory() as folder:
            root = material.publication(Path(folder), STORIES)
            paths = sorted((root / "articles").iterdir())
            for path in paths:
                MarkdownIt().render(path.read_text(encoding="utf-8"))
            return len(paths)

    return compare("collect", "articles/s", ours, "markdown-it alone", bare, rounds=3)


def publish(app: App) -> Figure:
    """Render RSS, Atom and JSON Feed; baseline: feedgen's RSS and Atom as they come."""
    publishing = app.publishing
    (feed,) = app.feeds()
    view = publishing.view(feed)

    def ours() -> int:
        for form in publishing.formats.values():
            form.render(view)
        return len(view.entries)

    def bare() -> int:
        document = FeedGenerator()
        document.id(view.uid)
        document.title(view.title)
        document.description(view.description or view.title)
        document.link(href=view.home)
        for item in view.entries:
            entry = document.add_entry(order="append")
            entry.id(item.uid)
            entry.title(item.title)
            entry.link(href=item.url)
            entry.content(item.html, type="html")
            entry.updated(item.updated)
        document.rss_str()
        document.atom_str()
        return len(view.entries)

    return compare("publish", "entries/s", ours, "feedgen, RSS + Atom only", bare)


def _opened(app: App, readers: int) -> tuple[Edition, Composed]:
    """Open an edition for so many invented readers."""
    now = datetime.now(UTC)
    people = [
        NewSubscriber(email=f"reader{number}@example.org", subscriptions=(("stories", "daily"),))
        for number in range(readers)
    ]
    app.store.import_subscribers(people, now)
    app.collect()
    schedule = app.schedule("daily")
    app.store.add_run("daily", PlannedRun(key="manual:bench", slot="", due=now))
    run = app.store.claim_run(app.workers.me(), now, now + LEASE)
    edition = release(app, app.opening.open(run, schedule, "outbox"), schedule)
    return edition, app.composed(edition)


def send(app: App, edition: Edition, composed: Composed, port: int) -> Figure:
    """Send every reader's copy with its ledger; baseline: smtplib with one ready copy."""
    options = {"host": "127.0.0.1", "port": port, "security": "none", "connections": CONNECTIONS}
    options["messages_per_connection"] = READERS
    relay = AdapterDefinition(name="relay", type="smtp", options=options, where="bench: relay")
    app.replace_definitions(replace(app.definitions, transports={"relay": relay}))
    parcel = composed.parcel(app.store.deliveries(edition.id, limit=1)[0])

    def ours() -> int:
        app.store.retry(edition.id, (), app.now())
        report = app.sender.send(edition, app.transport("relay"), lambda: composed.parcel)
        return sum(report.counts.values())

    def bare() -> int:
        with smtplib.SMTP("127.0.0.1", port) as relay:
            for number in range(READERS // 4):
                relay.sendmail("news@bench.example", [f"r{number}@example.org"], parcel.data)
        return READERS // 4

    return compare("send", "mails/s", ours, "smtplib, no ledger", bare, rounds=1)


def everything() -> list[Figure]:
    """Run all, on one publication where they share it."""
    composed = digests.edition()
    figures = [collect(), digests.join(composed), digests.personal(composed), digests.unlike()]
    figures += signing.signed(composed)
    with tempfile.TemporaryDirectory() as folder, sink.running() as port:
        app = App.open(material.publication(Path(folder), STORIES))
        edition, composed = _opened(app, READERS)
        figures += [publish(app), send(app, edition, composed, port)]
        app.close()
    return figures
