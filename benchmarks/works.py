"""What is measured: collect, publish, digests; each against a baseline named in its line."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from feedgen.feed import FeedGenerator
from markdown_it import MarkdownIt

from benchmarks import digests, material, signing
from benchmarks.measure import Figure, compare
from publisher.app import App
from publisher.model.views import FeedView

STORIES = 100


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
        fresh = replace(view, entries=(*view.entries,))  # not those that were cleaned last
        for form in publishing.formats.values():
            form.render(fresh)
        return len(view.entries)

    return compare("publish", "entries/s", ours, "feedgen, RSS + Atom only", bare_feedgen(view))


def bare_feedgen(view: FeedView) -> Callable[[], int]:
    """Return what writes a feed's entries by feedgen as it comes: RSS and Atom."""

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

    return bare


def everything() -> list[Figure]:
    """Run all."""
    composed = digests.edition()
    figures = [collect(), digests.join(composed), digests.personal(composed), digests.unlike()]
    figures += signing.signed(composed)
    with tempfile.TemporaryDirectory() as folder:
        app = App.open(material.publication(Path(folder), STORIES))
        app.collect()
        figures.append(publish(app))
        app.close()
    return figures
