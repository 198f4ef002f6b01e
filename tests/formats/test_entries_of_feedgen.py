"""Entries are written as feedgen writes them, but for what it gets wrong."""

from datetime import UTC, datetime

from feedgen.entry import FeedEntry
from hypothesis import given
from hypothesis import strategies as st

from publisher.kit import feedxml
from publisher.kit.feed_parts import Item
from publisher.model.articles import Enclosure
from tests.formats.test_feeds_xml import NS

WORDS = st.text(st.sampled_from('ab é<>&"\n\t'), min_size=1, max_size=12)
ADDRESSES = st.sampled_from(["https://example.org/a?b=1&c=2", "https://example.org/ü/"])
MOMENTS = st.integers(0, 4_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
ITEMS = st.builds(
    Item,
    uid=ADDRESSES,
    title=WORDS,
    url=ADDRESSES,
    published=MOMENTS,
    updated=MOMENTS,
    summary=WORDS | st.just(""),
    content=WORDS | st.just(""),
    summary_is_html=st.booleans(),
    authors=st.lists(WORDS, max_size=2).map(tuple),
    tags=st.lists(WORDS, min_size=2, max_size=2).map(tuple),
    schemes=st.sampled_from([(), ("https://example.org/tags/",), ("", "urn:x")]),
    enclosures=st.lists(
        st.builds(Enclosure, url=ADDRESSES, type=st.just("audio/mpeg"), length=st.integers(0, 9)),
        max_size=1,
    ).map(tuple),
)


def by_feedgen(item):
    entry = FeedEntry()
    entry.id(item.uid)
    entry.title(item.title)
    entry.published(item.published)
    entry.updated(item.updated)
    if item.summary:
        entry.summary(item.summary, type="html" if item.summary_is_html else None)
    if item.content:
        entry.content(item.content, type="html")
    schemes = (*item.schemes, "", "")
    for tag, scheme in zip(item.tags, schemes, strict=False):
        entry.category(term=tag, **({"scheme": scheme} if scheme else {}))
    entry.link(href=item.url, rel="alternate")
    for one in item.enclosures:
        entry.enclosure(one.url, str(one.length), one.type)
    entry.author([{"name": author} for author in item.authors])
    return entry


def flat(element, *, but=()):
    return [
        (one.tag, dict(one.attrib), one.text)
        for one in element.iter()
        if one.tag not in {element.tag, *but}
    ]


@given(ITEMS)
def test_items_of_rss_are_feedgens_and_name_their_authors(item):
    creator = f"{{{NS['dc']}}}creator"
    ours, theirs = feedxml._rss_item(item), by_feedgen(item).rss_entry()
    assert flat(ours, but=[creator]) == flat(theirs)
    assert [one.text for one in ours.iter(creator)] == list(item.authors)


@given(ITEMS)
def test_entries_of_atom_are_feedgens_with_whole_links_and_dates_in_z(item):
    ours, theirs = feedxml._atom_entry(item), by_feedgen(item).atom_entry()
    dates = ("updated", "published")
    assert flat(ours, but=[*dates, "link"]) == flat(theirs, but=[*dates, "link"])
    for name in dates:
        assert ours.findtext(name) == theirs.findtext(name).replace("+00:00", "Z")
    hrefs = [[link.get("href") for link in one.iter("link")] for one in (ours, theirs)]
    assert hrefs[0] == hrefs[1]
