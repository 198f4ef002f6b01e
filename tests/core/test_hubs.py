"""Which hubs documents name, and what can be subscribed to."""

import pytest

from publisher.core.hubs import hub_addresses, link_header, path_of, topic_of, topics_of
from publisher.model.archives import Archive, FeedRecord, FeedState
from publisher.model.definitions import WebsubSettings

URL = "https://gazette.example/news/"


def test_our_own_hub_comes_first_and_none_comes_twice():
    settings = WebsubSettings(hub=True, hubs=("https://hub.example/", f"{URL}websub"))
    assert hub_addresses(URL, settings) == (f"{URL}websub", "https://hub.example/")


def test_without_a_hub_none_is_named():
    assert hub_addresses(URL, WebsubSettings()) == ()
    assert link_header(URL, "feeds/a.rss", ()) == f'<{URL}feeds/a.rss>; rel="self"'


@pytest.mark.parametrize(
    ("path", "topic"),
    [
        ("feeds/harbour.rss", "feeds/harbour.rss"),
        ("feeds/tag/tides.json", "feeds/tag/tides.json"),
        ("feeds/harbour/index.html", "feeds/harbour/"),
        ("feeds/harbour/archive/1.atom", ""),
        ("feeds/harbour/archive/1/index.html", ""),
        ("articles/a/index.html", ""),
        ("opml.xml", ""),
    ],
)
def test_a_feed_in_every_format_and_its_page_can_be_subscribed_to(path, topic):
    assert topic_of(path) == topic
    if topic:
        assert path_of(topic) == path


def test_topics_are_what_was_published():
    paths = {"feeds/a.rss": "1", "feeds/a/archive/1.rss": "2", "index.html": "3"}
    record = FeedRecord(making="", state=FeedState(), archive=Archive(), paths=paths)
    assert topics_of(URL, {"a": record}) == {f"{URL}feeds/a.rss": "1"}
