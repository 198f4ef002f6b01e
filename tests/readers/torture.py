"""A publication of everything that breaks feeds, collected and published the way an operator would.

Half of it are files of a folder, half a feed of somebody else's, served from loopback: control
characters and broken markup come that way.
"""

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from publisher.app import App
from tests.sources.loopback import site

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
URL = "https://gazette.example/"
LIMIT = 8
FORMATS = ("rss", "atom", "json")

PUBLICATION = f"""
[publication]
title = "The <Torture> & Gazette"
url = "{URL}"
language = "en"
timezone = "Europe/Berlin"
postal_address = "1 Quay Street, Harbour"
contact = "editor@gazette.example"

[collect]
allow_private_addresses = true
"""
FEED = f"""
title = "I <3 AT&T: the \\"worst\\" of everything"
description = "Quotes \\" and 'single' ones, <tags>, & ampersands; ]]> too"
limit = {LIMIT}

[[sources]]
type = "folder"
path = "articles"

[[sources]]
type = "feed"
url = "{{url}}/feed.json"
"""
RTL = """
title = "أخبار الميناء"
language = "ar"
limit = 50

[[sources]]
type = "folder"
path = "arabic"
"""

TITLES = (
    "I <3 AT&T",
    "a<b and <script>alert(1)</script>",
    "Fish &amp; chips, twice &amp;amp; escaped",
    "Nested \"quotes “inside” quotes\" and 'more'",
    "CDATA ends ]]> here <![CDATA[ and begins",
    "Emoji: 🦀👩‍👩‍👧‍👦🏳️‍🌈 and a flag 🇩🇪",
    "مرحبا بالعالم (hello) \u200f" + "والبقية",
    "Ünïcödé ﬁ Ω 中文 標題",
    "Very" + "long" * 200 + "word",
    "100% of &nbsp; and %20",
)
BODIES = (
    "A plain paragraph.",
    '<p>Pictures <img src="a.jpg" srcset="b.jpg 1x, /c.jpg 2x, d%20e.jpg 3w" alt="one"></p>',
    "<p>Open <b>tags <i>never closed</p><div><table><tr><td>cell",
    "<p onclick='x()'>Script <script>alert(1)</script><a href='javascript:x()'>no</a></p>",
    "<p>End ]]&gt; of CDATA, literally ]]></p>",
    '<p><a href="../up">relative</a> <a href="//host.example/x">schemeless</a> <a href="#f">here</a></p>',
    "<p>Entities: &lt;b&gt; &amp;amp; &nbsp; &bogus; &#0; &#x1F600; &#xD800;</p>",
    "<blockquote>" * 60 + "deep" + "</blockquote>" * 60,
    "<p>" + "word " * 200_000 + "</p>",
    "",
)
CONTROL = "A\x00 null,\x0b a tab\x1f, \x7f\x85, a lone \ud800 surrogate, \ufffe\uffff and \ufffd"


def _story(number: int) -> str:
    """Return one file with front matter in TOML; number 3 has no date, 4 and 5 the same one."""
    at = NOW - timedelta(hours=min(number, 4) if number in {4, 5} else number)
    head: dict[str, Any] = {"title": TITLES[number % len(TITLES)], "tags": ["a<b", "R&D", "Über"]}
    if number != 3:
        head["date"] = at.isoformat()
    if number == 1:
        head["authors"] = ["Ann <Editor> & Sons", "Bo “B” Beta"]
        head["key_points"] = ["One < two", "Three & four", 'Five "six"']
        head["read_also"] = ["https://else.example/?a=1&b=2"]
        head["enclosures"] = [
            {
                "url": f"https://media.example/{n}.mp3?x=1&y=2",
                "type": "audio/mpeg",
                "length": n * 10,
            }
            for n in range(20)
        ]
        head["image"] = "https://media.example/picture one.jpg"
    if number in {6, 7}:
        head["id"] = "the-same-id"  # twice: the second is told as a problem, or told apart
    if number == 9:
        head["title"] = ""
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()]
    toml = "\n".join(lines).replace('"url":', "url =").replace('"type":', "type =")
    toml = toml.replace('"length":', "length =")
    return f"+++\n{toml}\n+++\n{BODIES[number % len(BODIES)]}\n"


def _foreign() -> bytes:
    """Return somebody's JSON Feed, whose words hold what neither XML nor mail can."""
    items = [
        {
            "id": f"urn:x:{number}",
            "url": f"https://other.example/{number}?q=ü&b=[1]",
            "title": f"{CONTROL} {number}" if number % 3 else "",
            "content_html": f"<p>{CONTROL}</p><p><img src='/p.png' srcset='q.png 2x'></p>"
            f"<p>Story {number} has a body of its own words.</p>",
            "date_published": (NOW - timedelta(days=1, minutes=number)).isoformat(),
            "tags": [CONTROL, "", "dup", "dup"],
            "authors": [{"name": CONTROL}],
            "attachments": [{"url": "https://m.example/a b.mp3", "mime_type": "audio/mpeg"}],
        }
        for number in range(12)
    ]
    items.append({**items[0], "title": "One id, two stories"})  # an id twice in one document
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": CONTROL, "items": items}
    return json.dumps(feed).encode()


@contextlib.contextmanager
def published(root: Path) -> Iterator[SimpleNamespace]:
    """Collect and publish it; yield the application, its clock and the folder of documents."""
    clock = SimpleNamespace(time=NOW)
    clock.now = lambda: clock.time
    with site() as elsewhere:
        elsewhere.document("/feed.json", _foreign(), Content_Type="application/feed+json")
        (root / "articles").mkdir(parents=True)
        (root / "arabic").mkdir()
        (root / "feeds").mkdir()
        (root / "publisher.toml").write_text(PUBLICATION)
        (root / "feeds" / "torture.toml").write_text(FEED.replace("{url}", elsewhere.url))
        (root / "feeds" / "rtl.toml").write_text(RTL)
        for number in range(14):
            (root / "articles" / f"{number:02}.html").write_text(_story(number))
        (root / "arabic" / "one.md").write_text(
            "+++\ntitle = 'سفينة (ship) في الميناء'\ndate = 2026-11-23T10:00:00Z\n+++\nوصلت السفينة.\n"
        )
        complaints: list[str] = []
        app = App.open(
            root, clock=clock, complain=lambda *said: complaints.append(": ".join(said))
        )
        try:
            reports = app.collect()
            report = app.publish()
            yield SimpleNamespace(
                app=app,
                clock=clock,
                folder=root / "public",
                reports=reports,
                report=report,
                complaints=complaints,
            )
        finally:
            app.close()
