"""Whoever changes between mail and feed, however often: each story is told once, and none is missed.

Stories, slots and changes come in any order; the feed is read over HTTP from a running server.
"""

import json
import re
import shutil
import tempfile
import urllib.request
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.app.releasing import release
from publisher.app.sending import send_all
from publisher.model.timetable import PlannedRun
from publisher.web.server import WebServer
from tests.web.conftest import Site

STEPS = st.lists(st.sampled_from(["story", "slot", "mail", "feed", "read"]), max_size=12)
STORY = re.compile(r"Tale \d+\b")
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def write(site: Site, number: int) -> None:
    text = f"---\ntitle: Tale {number}\n---\nNobody knows how tale number {number} ends.\n"
    (site.root / f"articles/harbour/tale-{number}.md").write_text(text)
    site.app.collect(everything=True)


def slot(site: Site) -> None:
    site.clock.advance(timedelta(hours=1))
    site.app.store.beat(site.app.now())
    slug = f"s{site.app.now():%d%H}"
    run, _ = site.app.store.add_run("morning", PlannedRun(key=slug, slot=slug, due=site.app.now()))
    schedule = site.app.schedule("morning")
    edition = site.app.opening.open(run, schedule, "outbox")
    if edition is not None:
        release(site.app, edition, schedule)
    send_all(site.app)


def mailed(site: Site) -> list[str]:
    """Return the tales that went to Ada by mail; as many mails lie in the outbox."""
    rows = site.app.store.deliveries_to(site.person().id, 100)
    rows = [row for row in rows if row.transport == "outbox"]
    assert len(rows) == sum("ada@" in str(letter["To"]) for letter in site.letters())
    numbers = [number for row in rows for number in row.articles]
    titles = [one.title for one in site.app.store.articles_by_id(numbers).values()]
    assert len(titles) == len(numbers)
    return [title for title in titles if STORY.fullmatch(title)]


def fed(site: Site, address: str) -> list[str]:
    ours = site.app.definitions.publication.url
    path = site.app.feeding.address(site.person(), "json").removeprefix(ours)
    with OPENER.open(address + path, timeout=10) as answer:
        items: list[dict[str, Any]] = json.load(answer)["items"]
    return sorted(item["title"] for item in items if STORY.fullmatch(item["title"]))


@settings(max_examples=5)
@given(steps=STEPS)
def test_nothing_is_missed_and_nothing_repeated(made: Path, steps: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(shutil.copytree(made, Path(folder) / "gazette")))
        server = WebServer(site.app, "127.0.0.1:0")
        try:
            server.start()
            told: list[str] = []  # by mail, as far as the outbox must have it
            waiting: list[str] = []
            send_all(site.app)
            for number, step in enumerate([*steps, "slot"]):
                if step == "story":
                    write(site, number)
                    waiting.append(f"Tale {number}")
                elif step == "slot":
                    slot(site)
                    told += [] if site.person().by_feed else waiting
                    waiting = []
                elif step != "read":
                    by_feed = step == "feed"
                    site.app.store.change_subscriber(site.person().id, by_feed=by_feed)
                fed(site, server.address)
            tales = sorted(f"Tale {n}" for n, step in enumerate(steps) if step == "story")
            assert fed(site, server.address) == tales
            assert sorted(mailed(site)) == sorted(told)
        finally:
            server.stop()
            site.close()
