"""Feeds of profiles and channels."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.kit.known_sites import channel_feed, feed_address, known_site

UC = "UC0123456789-abcdefghi_Z"
VIDEOS = "https://www.youtube.com/feeds/videos.xml"


@pytest.mark.parametrize(
    ("written", "feed"),
    [
        ("@ada@social.example", "https://social.example/@ada.rss"),
        (" @ada@Social.Example ", "https://social.example/@ada.rss"),
        ("@ada@social.example:8443", "https://social.example:8443/@ada.rss"),
        ("https://social.example/@ada", "https://social.example/@ada.rss"),
        ("https://social.example/@ada/", "https://social.example/@ada.rss"),
        ("https://social.example/@ada.quill", "https://social.example/@ada.quill.rss"),
        ("https://social.example/@ada@other.example", "https://other.example/@ada.rss"),
        ("http://localhost:3000/@ada", "http://localhost:3000/@ada.rss"),
        ("https://bsky.app/profile/ada.example", "https://bsky.app/profile/ada.example/rss"),
        ("https://bsky.app/profile/did:plc:a1b2/", "https://bsky.app/profile/did:plc:a1b2/rss"),
        (f"https://www.youtube.com/channel/{UC}", f"{VIDEOS}?channel_id={UC}"),
        (f"https://m.youtube.com/channel/{UC}/videos", f"{VIDEOS}?channel_id={UC}"),
        ("https://youtube.com/user/harbour", f"{VIDEOS}?user=harbour"),
        ("https://www.youtube.com/playlist?list=PL12_-a", f"{VIDEOS}?playlist_id=PL12_-a"),
        ("https://www.reddit.com/r/ferries", "https://www.reddit.com/r/ferries/.rss"),
        ("https://old.reddit.com/r/ferries/", "https://www.reddit.com/r/ferries/.rss"),
        ("https://reddit.com/r/a+b/top/?t=week", "https://www.reddit.com/r/a+b/top/.rss?t=week"),
        ("https://www.reddit.com/user/ada", "https://www.reddit.com/user/ada/.rss"),
        ("https://www.reddit.com/u/ada/", "https://www.reddit.com/user/ada/.rss"),
        ("https://medium.com/@ada", "https://medium.com/feed/@ada"),
    ],
)
def test_an_address_for_people_leads_to_the_feed(written, feed):
    assert feed_address(written) == feed
    assert feed_address(feed) == feed


@pytest.mark.parametrize(
    "written",
    [
        "https://social.example/@ada/112233",
        "https://social.example/@ada.rss",
        "https://social.example/@ada.atom",
        "https://social.example/ada",
        "https://www.youtube.com/@harbour",
        "https://www.youtube.com/c/harbour",
        "https://www.youtube.com/channel/short",
        "https://www.youtube.com/playlist",
        "https://www.youtube.com/watch?v=abc",
        "https://www.tiktok.com/@ada",
        "https://www.reddit.com/",
        "https://www.reddit.com/r/ferries/.rss",
        "https://bsky.app/profile/ada.example/post/3k",
        "https://port.example/news.xml",
        "ftp://social.example/@ada",
        "articles/@ada",
        "@ada",
        "ada@social.example",
        "@ada@localhost",
        "https://[::1/@ada",
        "",
    ],
)
def test_any_other_address_stays_as_it_was_written(written):
    assert feed_address(written) == written


@given(
    st.text() | st.from_regex(r"https?://[a-z.]{1,20}/@?[a-zA-Z0-9@/._?=-]{0,30}", fullmatch=True)
)
def test_what_was_led_once_is_led_no_further(written):
    once = feed_address(written)
    assert feed_address(once) == once


PAGE = "<html><head><title>Harbour</title>{}</head><body>{}</body></html>"


@pytest.mark.parametrize(
    "said",
    [
        f'<link rel="alternate" type="application/rss+xml" href="{VIDEOS}?channel_id={UC}">',
        f'<link rel="canonical" href="https://www.youtube.com/channel/{UC}">',
        f'<meta itemprop="identifier" content="{UC}">',
        f'<script>var a = {{"externalId":"{UC}", "x": 1}}</script>',
    ],
)
def test_a_channel_page_names_its_id(said):
    other = '"channelId":"UC9999999999999999999999"'
    url = "https://www.youtube.com/@harbour"
    for page in (PAGE.format(said, other), PAGE.format("x" * 500_000, other + said)):
        assert channel_feed(url, page) == f"{VIDEOS}?channel_id={UC}"
        assert channel_feed("https://port.example/", page) == ""
    assert channel_feed(url, PAGE.format("", other)) == ""


def test_pages_are_searched_at_once():
    begun = time.process_time()
    for piece in ("<link ", "<meta ", '"externalId" ', "<link href='"):
        channel_feed("https://www.youtube.com/@harbour", piece * 200_000)
    assert time.process_time() - begun < 5


def test_which_sites_are_in_the_table():
    assert known_site("https://www.youtube.com/@harbour")
    assert not known_site("https://social.example/@ada")
    assert not known_site("https://[::1")
