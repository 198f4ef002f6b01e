"""Hostile articles on their whole way into a digest: each changes nothing but itself."""

import email
import email.policy
import re
from pathlib import Path

import pytest
from lxml import html as markup

from publisher.app import App
from publisher.app.actions import runner
from publisher.app.releasing import release
from publisher.model.subscribers import NewSubscriber
from publisher.model.timetable import PlannedRun

PUBLICATION = """
[publication]
title = "The Test Gazette"
url = "https://gazette.example/"
postal_address = "1 Quay Street"

[mail]
from = "The Test Gazette <news@gazette.example>"
transport = "outbox"

[transports.outbox]
type = "maildir"
path = "var/outbox"
"""
FEED = 'title = "Harbour"\n[[sources]]\ntype = "folder"\npath = "articles"\n'
SCHEDULE = 'action = "digest"\ntitle = "Morning"\nwhen = "daily at 07:30"\n'
GOOD = (
    "---\ntitle: Good story {n}\ndate: 2026-03-0{n}T08:00:00Z\n---\nThe good story {n} is told.\n"
)
NASTY = {
    "markup": ("<script>alert(1)</script><b>Bold</b> & </td></table>", "<h1>x</h1></body></html>"),
    "header": ("Two\\r\\nBcc: everybody@x.example", "Subject: no\r\n\r\nbody"),
    "template": ("{{ field.unsubscribe_url }} {% raw %}", "{{ 6007 * 7 }} {% for x in y %}"),
    "inliner": ("A p of style", '<p style="p">x</p><div style="head">y</div>'),
    "depth": ("Deep", "<div>" * 10_000 + "deep" + "</div>" * 10_000),
    "long": ("Long", "word " * 2_300_000),
    "bidi": ("\u202egpj.exe \u2067over \u202b \u200b", "text \u202e reversed"),
    "links": (
        "Links",
        (
            '<a href="javascript:alert(1)">a</a> <a href="data:text/html,x">b</a>'
            '<img src="data:image/png;base64,AAAA"> <a href="vbscript:x">c</a>'
        ),
    ),
    "controls": ("Nul and \\x00 \\x08 bell", "a\x0bb\x0cc"),
    "marks": ("<!--/end:0--> <!--block:0:00-->", "https://slot.invalid/slot-0-why-"),
}


def publication(root: Path, nasty: tuple[str, str] | None) -> App:
    for name in ("articles", "feeds", "schedules"):
        (root / name).mkdir(parents=True)
    (root / "publisher.toml").write_text(PUBLICATION)
    (root / "feeds/harbour.toml").write_text(FEED)
    (root / "schedules/morning.toml").write_text(SCHEDULE)
    for number in (1, 3):
        (root / f"articles/good-{number}.md").write_text(GOOD.format(n=number))
    if nasty:
        title, body = nasty
        head = f'---\ntitle: "{title}"\ndate: 2026-03-02T08:00:00Z\n---\n'
        (root / "articles/nasty.md").write_bytes((head + body).encode("utf-8", "surrogatepass"))
    return App.open(root)


def opened(app: App):
    """Collect and open an edition for one reader; return it composed, with the reader's row."""
    now = app.now()
    reader = NewSubscriber(email="ada@example.org", subscriptions=(("harbour", "morning"),))
    app.store.add_subscriber(reader, now)
    assert [report.error for report in app.collect()] == [""]
    app.store.add_run("morning", PlannedRun(key="manual:1", slot="2026-03-04T07:30", due=now))
    ((_, (state, reason)),) = runner(app).work("morning")
    assert str(state) == "done", reason
    (edition,) = app.store.editions()
    assert release(app, edition, app.schedule("morning")) == edition, "let go once"
    (row,) = app.store.deliveries(edition.id)
    return app.frozen(edition), row


def good_blocks(composed) -> dict[str, list[object]]:
    """Return the blocks of the good stories in both parts, by title and size."""
    message = composed.version("").message
    return {
        f"{story.title} {size}": [
            body.blocks[f"{size}:{story.id}"] for body in (message.html, message.text)
        ]
        for story in composed.content.stories
        if story.title.startswith("Good")
        for size in ("lead", "story", "brief", "line")
    }


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The good stories' blocks in an edition of their own."""
    app = publication(tmp_path_factory.mktemp("alone") / "gazette", None)
    composed, _ = opened(app)
    app.close()
    return good_blocks(composed)


@pytest.mark.parametrize("name", NASTY)
def test_a_hostile_article_changes_nothing_but_itself(name: str, tmp_path: Path, alone):
    app = publication(tmp_path / "gazette", NASTY[name])
    try:
        composed, row = opened(app)
        assert good_blocks(composed) == alone
        data = composed.parcel(row).data
    finally:
        app.close()
    mail = email.message_from_bytes(data, policy=email.policy.SMTP)
    assert mail.defects == []
    assert not {"Bcc", "bcc"} & set(mail.keys())
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    text, html = (part.get_content() for part in mail.iter_parts())
    tree = markup.document_fromstring(html)
    assert not tree.xpath("//script|//iframe|//form|//object")
    addresses = [str(value) for value in tree.xpath("//@href|//@src")]
    assert all(re.match(r"https://", address) for address in addresses), addresses
    assert len(tree.xpath("//h1")) == 1
    assert len(html.encode()) < 95_000
    assert len(text) < 20_000
    assert not re.search("[\u202d\u202e\u200b\x00-\x08\x0b\x0c]", html + text + mail["Subject"])
    assert "\u2067" not in html + text
    assert "42049" not in html + text
    assert "Good story 1" in html
    assert "Good story 3" in text
