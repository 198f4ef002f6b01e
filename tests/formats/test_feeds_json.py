"""JSON Feed 1.1: valid by the public schema, with everything the view says."""

import json

import jsonschema
import pytest

from publisher.formats import json as json_feed
from publisher.model.views import ArchiveLinks
from publisher.testing.formats import BASE, HOSTILE, example_entry, example_feed


def document(view):
    return json.loads(json_feed.create(json_feed.Options()).render(view))


def views():
    yield example_feed([])
    yield example_feed([example_entry(n) for n in range(1, 4)], ended=True)
    yield example_feed([example_entry(1, title=text, tags=(text,)) for text in HOSTILE])
    yield example_feed(
        [example_entry(1, html="", summary="", image="", enclosures=(), key_points=())],
        links={"json": f"{BASE}f.json"},
        hubs=(f"{BASE}hub",),
        archive=ArchiveLinks(previous=f"{BASE}a/1.json"),
        description="",
        contact="",
        language="",
    )


def test_schema_accepts_every_document(json_feed_schema):
    for view in views():
        json_feed_schema.validate(document(view))


def test_schema_can_refuse(json_feed_schema):
    broken = document(example_feed([example_entry(1)]))
    broken["items"][0]["id"] = 1
    with pytest.raises(jsonschema.ValidationError):
        json_feed_schema.validate(broken)


def test_head():
    view = example_feed([], links={"json": f"{BASE}f.json"}, hubs=(f"{BASE}hub",), ended=True)
    assert document(view) == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Harbour news",
        "home_page_url": f"{BASE}feeds/harbour/",
        "feed_url": f"{BASE}f.json",
        "description": "Ships, quays & the people on them",
        "language": "en",
        "authors": [{"name": "The Harbour Gazette"}],
        "hubs": [{"type": "WebSub", "url": f"{BASE}hub"}],
        "expired": True,
        "items": [],
    }


def test_item():
    (item,) = document(example_feed([example_entry(1)]))["items"]
    content = item.pop("content_html")
    assert "<li>It costs less &amp; runs later.</li>" in content
    for extension in ("_key_points", "_related"):
        assert item[extension].pop("about")
    assert item == {
        "id": "urn:uuid:00000000-0000-4000-8000-000000000001",
        "url": f"{BASE}articles/story-1/",
        "title": "Story 1",
        "summary": "What story 1 says in short.",
        "image": f"{BASE}pictures/1.jpg",
        "date_published": "2026-03-02T11:00:00Z",
        "date_modified": "2026-03-02T11:01:00Z",
        "authors": [{"name": "Ada Quill"}, {"name": "Ben Ink"}],
        "tags": ["harbour", "R&D"],
        "language": "en",
        "attachments": [
            {
                "url": f"{BASE}sound/1.mp3",
                "mime_type": "audio/mpeg",
                "size_in_bytes": 1234,
            },
            {"url": f"{BASE}papers/1.pdf", "mime_type": "application/pdf"},
        ],
        "_key_points": {"points": ["The ferry is back.", "It costs less & runs later."]},
        "_related": {
            "items": [
                {
                    "id": "tag:gazette.example,2026:night",
                    "url": f"{BASE}articles/night-ferry/",
                    "title": "The night ferry",
                },
                {"title": "A story without an address"},
            ]
        },
    }


def test_older_pages_are_the_next_url_and_a_page_does_not_claim_to_be_the_feed():
    links = ArchiveLinks(
        current=f"{BASE}feeds/harbour.json", previous=f"{BASE}a/1.json", is_archive=True
    )
    found = document(example_feed([], archive=links))
    assert found["next_url"] == f"{BASE}a/1.json"
    assert "feed_url" not in found


def test_entry_with_nothing_to_say_of_itself_still_has_a_content():
    bare = example_entry(
        1, html="", summary="", key_points=(), read_also=(), standfirst="", image=""
    )
    (item,) = document(example_feed([bare]))["items"]
    assert item["content_html"] == ""
    assert not [name for name in item if name.startswith("_")]
