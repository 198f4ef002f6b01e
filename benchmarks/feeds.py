"""Feeds at size: 1,000 entries in three formats; publishes of 100,000 articles, nothing or one story new."""

import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks import material
from benchmarks.measure import Figure, compare
from benchmarks.sender import peak_octets
from benchmarks.works import bare_feedgen
from publisher.app import App
from publisher.model.articles import CollectedArticle, SourceState
from publisher.model.views import FeedView
from publisher.ports import CollectionResult

FEEDS = 100
EACH = 1_000
FEED = 'title = "Feed {number}"\nlimit = {limit}\n[[sources]]\ntype = "folder"\npath = "of/{number}"\n'


def stored(root: Path, feeds: int, each: int, limit: int = 50) -> App:
    """Make a publication whose feeds hold so many articles each, taken from elsewhere."""
    material.publication(root, 0)
    (root / "feeds/stories.toml").unlink()
    (root / "schedules/daily.toml").unlink()
    for number in range(feeds):
        (root / f"of/{number}").mkdir(parents=True)
        definition = FEED.format(number=number, limit=limit)
        (root / f"feeds/f{number}.toml").write_text(definition, encoding="utf-8")
    app = App.open(root)
    for number in range(feeds):
        app.store.save_collected(_collected(number, each))
    return app


def _collected(feed: int, count: int) -> CollectionResult:
    now = datetime.now(UTC)
    stories = []
    for number in range(count):
        text = material.text(number % 50)
        one = CollectedArticle(
            external_id=str(number),
            title=f"Story {number} of feed {feed}",
            url=f"https://elsewhere.example/{feed}/{number}",
            html="".join(f"<p>{block}</p>" for block in text.split("\n\n")),
            text=text,
            authors=("Ann Quill",),
            tags=("bench",),
            published=now - timedelta(hours=count - number),
        )
        stories.append((one, [(f"f{feed}", True)]))
    return CollectionResult(state=SourceState(key=f"folder:of/{feed}"), now=now, new=stories)


def documents(app: App) -> Figure:
    """Clean and render 1,000 entries as RSS, Atom and JSON; baseline: feedgen's two as they come."""
    publishing = app.publishing
    view: FeedView = publishing.view(app.feeds()[0])

    def ours() -> int:
        fresh = replace(view, entries=(*view.entries,))  # not those that were cleaned last
        for form in publishing.formats.values():
            form.render(fresh)
        return len(view.entries)

    return compare("documents", "entries/s", ours, "feedgen, RSS + Atom only", bare_feedgen(view))


def unchanged(app: App) -> list[Figure]:
    """Publish what was published before; baseline: ask the disk for each document."""
    begun = app.publish()
    paths = [f"{app.definitions.root / app.definitions.output}/{path}" for path in begun.changed]
    peak = peak_octets() / 1e6
    first = Figure(
        what="first", rate=peak, unit="MB at peak", baseline="-", ratio=1, low=1, high=1
    )

    def ours() -> int:
        assert app.publish().untouched == FEEDS
        return 1

    def bare() -> int:
        assert all(map(os.path.isfile, paths))
        return 1

    work: Callable[[], int] = ours
    return [first, compare("unchanged", "publishes/s", work, "is each document there?", bare)]


def changed(app: App) -> Figure:
    """Publish after one new story of ours; baseline: read the current entries of every feed."""
    added = iter(range(1, 1_000))

    def ours() -> int:
        one = CollectedArticle(
            external_id=f"new {next(added)}",
            title="New",
            html="<p>x</p>",
            text="x",
            published=datetime.now(UTC),
        )
        state = SourceState(key="folder:of/0")
        new = [(one, [("f0", True)])]
        app.store.save_collected(CollectionResult(state=state, now=datetime.now(UTC), new=new))
        assert app.publish().untouched == FEEDS - 1
        return 1

    def bare() -> int:
        for feed in app.feeds():
            app.publishing.view(feed)
        return 1

    work: Callable[[], int] = ours
    return compare("one story", "publishes/s", work, "read all current entries", bare)


def everything() -> list[Figure]:
    """Run all; to store 100,000 articles takes a few minutes."""
    with tempfile.TemporaryDirectory() as folder:
        long = stored(Path(folder, "long"), 1, EACH, limit=EACH)
        figures = [documents(long)]
        long.close()
        many = stored(Path(folder, "many"), FEEDS, EACH)
        figures += [*unchanged(many), changed(many)]
        many.close()
        return figures
