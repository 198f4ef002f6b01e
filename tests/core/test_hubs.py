"""Which hubs documents name, and what can be subscribed to."""

from publisher.core.hubs import hub_addresses, link_header, topic_paths
from publisher.model.definitions import FeedDefinition, WebsubSettings

URL = "https://gazette.example/news/"


def test_our_own_hub_comes_first_and_none_comes_twice():
    settings = WebsubSettings(hub=True, hubs=("https://hub.example/", f"{URL}websub"))
    assert hub_addresses(URL, settings) == (f"{URL}websub", "https://hub.example/")


def test_without_a_hub_none_is_named():
    assert hub_addresses(URL, WebsubSettings()) == ()
    assert link_header(URL, "feeds/a.rss", ()) == f'<{URL}feeds/a.rss>; rel="self"'


def test_every_document_of_a_feed_and_its_page_can_be_subscribed_to():
    feed = FeedDefinition(slug="harbour", title="Harbour", formats=("rss", "json"))
    assert topic_paths([feed], {"rss": "rss", "json": "json"}) == {
        "feeds/harbour.rss": "feeds/harbour.rss",
        "feeds/harbour.json": "feeds/harbour.json",
        "feeds/harbour/": "feeds/harbour/index.html",
    }
