"""A podcast from its files to what directories read, over the commands an operator types."""

import json
import re

TABLE = """
[podcast]
image = "covers/radio.png"
categories = ["News: Daily News", "Society & Culture"]
locked = true
[[podcast.people]]
name = "Ben <Ink> & Co"
role = "host"
"""
EPISODE = """---
title: I <3 AT&T
date: 2026-03-02T09:00:00+01:00
enclosures:
  - {url: "https://cdn.example/notes.pdf", type: application/pdf}
  - {url: "https://cdn.example/7.mp3", length: 9120033}
podcast: {duration: "32:10", season: 2, episode: 7, transcripts: 7.vtt, people: [Cy Sea]}
---
What you hear.
"""


def publish(cli, publication, name):
    assert cli("collect", "--all").code == 0
    assert cli("publish").code == 0
    document = publication / f"public/feeds/{name}.rss"
    judged = cli("--json", "lint", document)
    assert (judged.code, re.findall(r'"rule": "([^"]*)', judged.out)) == (0, [])
    return document.read_text()


def test_a_podcast_goes_out_whole_and_keeps_its_guid_under_a_new_name(cli, publication):
    feed = publication / "feeds/harbour.toml"
    feed.write_text(feed.read_text() + TABLE)
    (publication / "covers").mkdir()
    (publication / "covers/radio.png").write_bytes(b"\x89PNG")
    (publication / "articles/harbour/seven.md").write_text(EPISODE)
    first = publish(cli, publication, "harbour")
    for said in (
        '<itunes:image href="https://gazette.example/media/covers/radio.png"/>',
        "<itunes:duration>1930</itunes:duration>",
        '<enclosure url="https://cdn.example/7.mp3" length="9120033" type="audio/mpeg"/>',
        '<podcast:transcript url="https://gazette.example/7.vtt" type="text/vtt"/>',
        '<podcast:person role="host">Ben &lt; Ink&gt; &amp; Co</podcast:person>',
    ):
        assert said in first
    assert (publication / "public/media/covers/radio.png").read_bytes() == b"\x89PNG"
    items = json.loads((publication / "public/feeds/harbour.json").read_text())["items"]
    assert [one.get("duration_in_seconds") for one in items[0]["attachments"]] == [None, 1930]
    assert "itunes" not in (publication / "public/feeds/harbour.atom").read_text()

    feed.rename(publication / "feeds/radio.toml")
    named = (publication / "feeds/radio.toml").read_text()
    (publication / "feeds/radio.toml").write_text(f'was = ["harbour"]\n{named}')
    second = publish(cli, publication, "radio")
    guid = re.compile(r"<podcast:guid>[^<]*")
    assert guid.findall(second) == guid.findall(first)
    assert "<itunes:new-feed-url>https://gazette.example/feeds/radio.rss<" in second
