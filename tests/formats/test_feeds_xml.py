"""What feedgen gets wrong by default, shown to be right in our RSS and Atom."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from publisher.formats import atom, rss
from publisher.model.views import ArchiveLinks, SourceView
from publisher.testing.formats import BASE, example_entry, example_feed

NS = {
    "a": "http://www.w3.org/2005/Atom",
    "c": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "fh": "http://purl.org/syndication/history/1.0",
    "m": "http://search.yahoo.com/mrss/",
}


def tree(module, view):
    return etree.fromstring(module.create(module.Options()).render(view))


def one_rss(**changes):
    return tree(rss, example_feed([example_entry(1, **changes)])).find("channel/item")


def one_atom(**changes):
    return tree(atom, example_feed([example_entry(1, **changes)])).find("a:entry", NS)


def links(element):
    return [dict(link.attrib) for link in element.findall("a:link", NS)]


ENCLOSURES = [
    {
        "href": f"{BASE}sound/1.mp3",
        "rel": "enclosure",
        "type": "audio/mpeg",
        "length": "1234",
    },
    {"href": f"{BASE}papers/1.pdf", "rel": "enclosure", "type": "application/pdf"},
]


def test_atom_entry_links_keep_all_their_attributes():
    assert links(one_atom()) == [
        {"href": f"{BASE}articles/story-1/", "rel": "alternate"},
        {"href": f"{BASE}articles/night-ferry/", "rel": "related", "title": "The night ferry"},
        *ENCLOSURES,
    ]


def test_rss_has_one_enclosure_and_the_others_as_media():
    item = one_rss()
    (enclosure,) = item.findall("enclosure")
    assert dict(enclosure.attrib) == {
        "url": f"{BASE}sound/1.mp3",
        "length": "1234",
        "type": "audio/mpeg",
    }
    assert [dict(media.attrib) for media in item.findall("m:content", NS)] == [
        {"url": f"{BASE}pictures/1.jpg", "medium": "image"},
        {"url": f"{BASE}papers/1.pdf", "type": "application/pdf"},
    ]
    assert item.find("m:group", NS) is None


def test_unknown_enclosure_length_is_zero_in_rss():
    pdf = example_entry(1).enclosures[1:]
    assert one_rss(enclosures=pdf).find("enclosure").get("length") == "0"


def test_rss_guid_is_no_permalink():
    guid = one_rss().find("guid")
    assert guid.text.startswith("urn:uuid:")
    assert guid.get("isPermaLink") == "false"


def test_rss_channel_link_is_the_page_for_people():
    channel = tree(rss, example_feed([], links={"rss": f"{BASE}x.rss"})).find("channel")
    assert [link.text for link in channel.findall("link")] == [f"{BASE}feeds/harbour/"]


def test_no_hub_tells_of_an_archive_page_which_never_changes():
    view = example_feed(
        [], hubs=(f"{BASE}websub",), archive=ArchiveLinks(current=f"{BASE}f.x", is_archive=True)
    )
    for module, kind in ((rss, "rss"), (atom, "atom")):
        root = tree(module, view)
        head = root if kind == "atom" else root.find("channel")
        assert "hub" not in [link["rel"] for link in links(head)]


def test_self_hub_and_archive_links_stand_in_both_formats():
    view = example_feed(
        [],
        links={
            "rss": f"{BASE}f.rss",
            "atom": f"{BASE}f.atom",
        },
        hubs=(f"{BASE}websub", "https://hub.example/"),
        archive=ArchiveLinks(previous=f"{BASE}archive/2.x"),
    )
    for module, kind, other in ((rss, "rss", "atom"), (atom, "atom", "rss")):
        root = tree(module, view)
        head = root if kind == "atom" else root.find("channel")
        assert links(head)[:5] == [
            {"href": f"{BASE}f.{kind}", "rel": "self", "type": f"application/{kind}+xml"},
            {"href": f"{BASE}websub", "rel": "hub"},
            {"href": "https://hub.example/", "rel": "hub"},
            {"href": f"{BASE}f.{other}", "rel": "alternate", "type": f"application/{other}+xml"},
            {
                "href": f"{BASE}archive/2.x",
                "rel": "prev-archive",
                "type": f"application/{kind}+xml",
            },
        ]
        assert head.find("fh:archive", NS) is None


@pytest.mark.parametrize("module", [rss, atom])
def test_archive_page_says_so_and_does_not_claim_to_be_the_feed(module):
    name = module.__name__.rpartition(".")[2]
    own = f"{BASE}feeds/harbour.{name}"
    view = example_feed(
        [], archive=ArchiveLinks(current=own, next=f"{BASE}archive/3.x", is_archive=True)
    )
    root = tree(module, view)
    assert root.find(".//fh:archive", NS) is not None
    rels = {link.get("rel"): link.get("href") for link in root.iter(f"{{{NS['a']}}}link")}
    assert "self" not in rels
    assert rels["current"] == own
    assert rels["next-archive"] == f"{BASE}archive/3.x"


def test_atom_dates_are_in_z_and_rss_dates_in_gmt():
    entry = one_atom()
    assert entry.findtext("a:published", None, NS) == "2026-03-02T11:00:00Z"
    assert entry.findtext("a:updated", None, NS) == "2026-03-02T11:01:00Z"
    assert one_rss().findtext("pubDate") == "Mon, 02 Mar 2026 11:00:00 GMT"
    east = datetime(2026, 3, 2, 1, tzinfo=UTC).astimezone()
    assert one_rss(published=east).findtext("pubDate") == "Mon, 02 Mar 2026 01:00:00 GMT"


def test_no_date_is_ever_now():
    old = example_entry(1)
    for module in (rss, atom):
        data = module.create(module.Options()).render(example_feed([old], updated=old.updated))
        assert f"{time.gmtime().tm_year + 1}".encode() not in data
        for word in (b"<updated>", b"<lastBuildDate>"):
            assert all(b"2026" in part[:40] for part in data.split(word)[1:])


def test_dates_never_touch_the_locale_which_belongs_to_the_whole_process():
    called = []

    def listen(frame, *_):
        called.append(frame.f_code.co_name)

    sys.setprofile(listen)
    try:
        one_rss()
    finally:
        sys.setprofile(None)
    assert "rss_str" in called
    assert "setlocale" not in called


def test_threads_render_the_same_bytes():
    view = example_feed([example_entry(number) for number in range(1, 20)])
    form = rss.create(rss.Options())
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(form.render, [view] * 32))) == 1


def test_rss_names_authors_without_addresses():
    names = [creator.text for creator in one_rss().findall("dc:creator", NS)]
    assert names == ["Ada Quill", "Ben Ink"]
    assert one_rss().find("author") is None


def test_managing_editor_only_when_the_contact_is_an_address():
    channel = tree(rss, example_feed([])).find("channel")
    assert channel.findtext("managingEditor") == "editor@gazette.example (The Harbour Gazette)"
    channel = tree(rss, example_feed([], contact=BASE)).find("channel")
    assert channel.find("managingEditor") is None


def test_atom_feed_has_an_author_also_when_entries_have_none():
    feed = tree(atom, example_feed([example_entry(1, authors=())], contact=""))
    assert feed.findtext("a:author/a:name", None, NS) == "The Harbour Gazette"


def test_description_comes_before_content_and_is_html():
    item = one_rss(summary="Less < more & so on")
    names = [etree.QName(child).localname for child in item]
    assert names.index("description") < names.index("encoded")
    assert item.findtext("description") == "Less &lt; more &amp; so on"


def test_atom_has_summary_as_text_and_content_as_html():
    entry = one_atom(summary="Less < more & so on")
    assert entry.findtext("a:summary", None, NS) == "Less < more & so on"
    assert entry.find("a:summary", NS).get("type") in {None, "text"}
    assert entry.find("a:content", NS).get("type") == "html"


def test_a_summary_alone_is_no_content():
    entry = one_atom(html="")
    assert entry.find("a:content", NS) is None
    assert entry.find("a:summary", NS).get("type") == "html"
    item = one_rss(html="")
    assert item.find("c:encoded", NS) is None
    assert "What story 1 says" in item.findtext("description")


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("I <3 AT&T", "I <3 AT&T"),
        ("x < y", "x < y"),
        ("a<b", "a< b"),
        ("the <details> element", "the < details> element"),
        ("write &amp; for &", "write & amp; for &"),
    ],
)
def test_rss_titles_read_the_same_where_they_are_taken_for_html(title, shown):
    assert one_rss(title=title).findtext("title") == shown


def test_titles_are_escaped_once():
    data = atom.create(atom.Options()).render(example_feed([example_entry(1, title="I <3 AT&T")]))
    assert b"<title>I &lt;3 AT&amp;T</title>" in data


def test_languages_are_marked():
    view = example_feed([example_entry(1), example_entry(2, language="de")])
    feed = tree(atom, view)
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    assert feed.get(lang) == "en"
    assert [entry.get(lang) for entry in feed.findall("a:entry", NS)] == [None, "de"]
    channel = tree(rss, view).find("channel")
    assert channel.findtext("language") == "en"
    found = [item.findtext("dc:language", None, NS) for item in channel.findall("item")]
    assert found == [None, "de"]


def test_generator_is_ours_and_names_no_version():
    assert tree(rss, example_feed([])).findtext("channel/generator") == "publisher"
    generator = tree(atom, example_feed([])).find("a:generator", NS)
    assert (generator.text, dict(generator.attrib)) == ("publisher", {})


def test_feed_updated_is_the_views():
    moment = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
    view = example_feed([], updated=moment - timedelta(seconds=5))
    assert tree(atom, view).findtext("a:updated", None, NS) == "2025-01-02T03:04:00Z"
    built = tree(rss, view).findtext("channel/lastBuildDate")
    assert built == "Thu, 02 Jan 2025 03:04:00 GMT"


def test_source_of_a_republished_story_is_named():
    unknown = SourceView(title="Port news")
    assert one_rss(source=unknown).findtext("dc:source", None, NS) == "Port news"
    assert one_atom(source=unknown).findtext("dc:source", None, NS) == "Port news"
    known = SourceView(
        title="Port news",
        uid="tag:port.example,2020:feed",
        url="https://port.example/feed",
        home="https://port.example/",
    )
    written = one_rss(source=known).find("source")
    assert (written.text, written.get("url")) == ("Port news", "https://port.example/feed")
    head = one_atom(source=known).find("a:source", NS)
    said = [(child.tag.partition("}")[2], child.text, child.get("href")) for child in head]
    assert said == [
        ("id", "tag:port.example,2020:feed", None),
        ("title", "Port news", None),
        ("updated", "2026-03-02T11:01:00Z", None),
        ("link", None, "https://port.example/feed"),
        ("link", None, "https://port.example/"),
    ]


IPTC = "https://iptc.example/subjects/"


def categories(**changes):
    """Each category of one entry in both formats: its word, and which list it is from."""
    view = example_feed([example_entry(1, **changes)], category_scheme=BASE)
    item = tree(rss, view).find("channel/item")
    entry = tree(atom, view).find("a:entry", NS)
    in_rss = [(one.text, one.get("domain", "")) for one in item.findall("category")]
    in_atom = [(one.get("term"), one.get("scheme", "")) for one in entry.findall("a:category", NS)]
    assert in_rss == in_atom
    return in_rss


def test_our_tags_are_from_our_list():
    assert categories() == [("harbour", BASE), ("R&D", BASE)]


def test_tags_of_another_feed_are_from_its_lists_or_none():
    elsewhere = SourceView(title="Port news", url="https://port.example/news.xml")
    schemes = {"harbour": IPTC, "R&D": "no list of Atom's"}
    said = categories(source=elsewhere, attributes={"schemes": schemes})
    assert said == [("harbour", IPTC), ("R&D", "")]
    assert categories(source=elsewhere) == [("harbour", ""), ("R&D", "")]
    assert categories(source=elsewhere, attributes={"schemes": "odd"})[0] == ("harbour", "")
