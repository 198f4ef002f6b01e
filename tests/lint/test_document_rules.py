"""Every rule for documents: one small example in which it does not hold, beside those in which all do."""

import pytest

from publisher.lint.feeds.rules import RULES
from publisher.model.findings import Severity
from tests.lint.documents import ATOM, INDEX, JSON, OPML, RSS, SITEMAP, judged, rules, spoilt

GOOD = {"rss": RSS, "atom": ATOM, "json": JSON, "opml": OPML, "sitemap": SITEMAP, "index": INDEX}
TITLE = "<title>Second</title>"
GUID = '<guid isPermaLink="false">tag:example.org,2026-01-01:2</guid>'
ENCLOSURE = '<enclosure url="https://example.org/2.mp3" length="12" type="audio/mpeg"/>'
CHANNEL_LINK = "<link>https://example.org/</link>\n<description>"
HTML = "&lt;p&gt;&lt;a "
PICTURE = '<media:content url="https://example.org/2.jpg" medium="image" type="image/jpeg"/>'
SELF = '<link rel="self" type="application/atom+xml" href="https://example.org/f.atom"/>'
PREVIOUS = '<link rel="prev-archive" href="https://example.org/f/1.atom"/>'
CURRENT = '<link rel="current" href="https://example.org/f.atom"/>'
AUTHOR = "<author><name>The desk</name><email>desk@example.org</email></author>"
XHTML = (
    '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Words</p></div></content>'
)
FIRST = '<link rel="first" href="https://example.org/f.atom"/>'
BEFORE = '<link rel="previous" href="https://example.org/f/1.atom"/>'
SUMMARY = "<summary>Short words</summary>"
LINK_1 = '<link href="https://example.org/1"/>'
OUTLINE = '<outline type="rss" text="Land" title="Land" xmlUrl="https://example.org/g.rss"/>'
MANY_NEWS = "".join(
    f"<url><loc>https://example.org/{number}</loc><news:news/></url>" for number in range(1001)
)
MANY_MAPS = "".join(
    f"<url><loc>https://example.org/{number}</loc></url>" for number in range(50_001)
)

CASES: tuple[tuple[str, str, str, str], ...] = (
    # rule, document, what is replaced, by what
    ("document.kind", OPML, "<opml version", "<html version"),
    ("document.malformed", RSS, "</rss>", ""),
    ("document.malformed", JSON, '"items": [', '"items": [,'),
    ("document.depth", OPML, "<body>", "<body>" + "<outline text='x'>" * 300),
    ("document.entity", RSS, "<rss ", "<!DOCTYPE rss [<!ENTITY x 'y'>]>\n<rss "),
    ("document.doctype", RSS, "<rss ", "<!DOCTYPE rss>\n<rss "),
    ("document.encoding", RSS, 'encoding="UTF-8"', 'encoding="windows-1252"'),
    ("document.control", RSS, "Second", "Sec\u0090ond"),
    ("document.old", RSS, 'rss version="2.0"', 'rss version="0.92"'),
    ("element.unknown", RSS, TITLE, f"{TITLE}<mood>good</mood>"),
    ("element.repeated", RSS, TITLE, TITLE * 2),
    ("element.empty", RSS, TITLE, f"{TITLE}<comments/>"),
    ("element.text", RSS, TITLE, f"{TITLE}stray"),
    ("attribute.unknown", RSS, "<guid ", "<guid mood='good' "),
    ("attribute.missing", ATOM, '<category term="Ships" ', "<category "),
    ("attribute.empty", ATOM, 'scheme="https://example.org/tags"', 'scheme=""'),
    ("extension.unknown", RSS, "dc:creator>Ann Quill</dc:creator", "dc:mood>good</dc:mood"),
    ("extension.value", RSS, "hourly", "sometimes"),
    ("extension.double", RSS, GUID, f"{GUID}<author>a@b.example (A)</author>"),
    ("address.syntax", RSS, "<link>https://example.org/2</link>", "<link>example.org/2</link>"),
    ("address.relative", ATOM, 'href="https://example.org/2"', 'href="/2"'),
    ("language.tag", RSS, "en-GB", "English"),
    ("date.implausible", ATOM, "2026-11-25T07:30:00+01:00", "1926-11-25T07:30:00Z"),
    (
        "date.future",
        RSS,
        "Thu, 26 Nov 2026 07:30:00 GMT</pub",
        "Fri, 27 Nov 2026 07:30:00 GMT</pub",
    ),
    ("order.newest", RSS, "Wed, 25 Nov 2026 07:30:00 +0100", "Thu, 26 Nov 2026 08:30:00 GMT"),
    ("html.script", RSS, HTML, "&lt;script&gt;1&lt;/script&gt;&lt;a "),
    ("html.script", RSS, HTML, '&lt;a onclick="x" '),
    ("html.script", ATOM, 'href="https://example.org/x"', 'href="java&amp;#115;cript:x"'),
    ("html.script", ATOM, "<p>Words", "<p onclick='x'>Words"),
    ("html.unsafe", RSS, HTML, "&lt;iframe&gt;&lt;/iframe&gt;&lt;a "),
    ("html.style", RSS, HTML, '&lt;a style="position:fixed" '),
    ("html.relative", RSS, 'a href="https://example.org/x"', 'a href="/x"'),
    ("html.relative", RSS, HTML, '&lt;img srcset="https://a.example/x 1x, /y 2x"&gt;&lt;a '),
    ("html.relative", ATOM, "<p>Words", "<p><img src='x.png' alt=''/>Words"),
    ("html.control", RSS, HTML, "\u0090&lt;a "),
    ("text.markup", RSS, TITLE, "<title>a&lt;b</title>"),
    ("text.escaped", RSS, TITLE, "<title>AT&amp;amp;T</title>"),
    ("self.missing", ATOM, SELF, ""),
    ("self.repeated", ATOM, SELF, SELF + SELF.replace("f.atom", "g.atom")),
    ("self.relative", ATOM, 'href="https://example.org/f.atom"', 'href="f.atom"'),
    ("self.type", RSS, 'type="application/rss+xml"', 'type="application/atom+xml"'),
    ("rss.version", RSS, 'rss version="2.0"', 'rss version="3.0"'),
    ("rss.required", RSS, "<description>What comes in</description>", ""),
    ("rss.link", RSS, CHANNEL_LINK, "<link>https://example.org/f.rss</link>\n<description>"),
    ("rss.item", RSS, TITLE, ""),
    ("rss.date", RSS, "Wed, 25 Nov 2026 07:30:00 +0100", "2026-11-25"),
    ("rss.date", RSS, "Wed, 25 Nov", "Mon, 25 Nov"),
    ("rss.date-form", RSS, "Wed, 25 Nov 2026", "Wed, 25 Nov 26"),
    ("rss.guid-missing", RSS, GUID, ""),
    ("rss.guid", RSS, ' isPermaLink="false"', ""),
    ("rss.guid-repeated", RSS, GUID, "<guid>https://example.org/1</guid>"),
    ("rss.enclosure", RSS, 'length="12" ', ""),
    ("rss.enclosures", RSS, ENCLOSURE, ENCLOSURE * 2),
    ("rss.person", RSS, "desk@example.org (The desk)", "The desk"),
    ("rss.person-name", RSS, "desk@example.org (The desk)", "desk@example.org"),
    (
        "rss.description-first",
        RSS,
        "<description>Short &lt;em&gt;words&lt;/em&gt;</description>",
        "",
    ),
    ("rss.value", RSS, "<hour>3</hour>", "<hour>25</hour>"),
    ("rss.value", RSS, "<width>88</width>", "<width>888</width>"),
    ("rss.image", RSS, "<url>https://example.org/logo.png", "<url>https://example.org/logo.exe"),
    ("rss.order", RSS, "</channel>", "<copyright>Us</copyright></channel>"),
    ("rss.text-input", RSS, "<ttl>", "<textInput/><ttl>"),
    ("atom.namespace", ATOM, "http://www.w3.org/2005/Atom", "http://www.w3.org/2005/atom"),
    ("atom.required", ATOM, "<title>Second</title>", ""),
    ("atom.id", ATOM, "<id>tag:example.org,2026-01-01:2</id>", "<id>2</id>"),
    ("atom.id", ATOM, "<id>tag:example.org,2026-01-01:2</id>", "<id>tag:example.org,01-01:2</id>"),
    (
        "atom.id-versions",
        ATOM,
        "urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a",
        "tag:example.org,2026-01-01:2",
    ),
    ("atom.id-address", ATOM, "<id>https://else.example/", "<id>https://Else.example"),
    ("atom.author", ATOM, AUTHOR, ""),
    ("atom.date", ATOM, "2026-11-25T07:30:00+01:00", "2026-11-25 07:30"),
    ("atom.date", ATOM, "2026-11-25T07:30:00+01:00", "2026-02-30T07:30:00Z"),
    ("atom.updated", ATOM, "2026-11-26T07:30:00.5Z", "2026-11-26T08:30:00Z"),
    ("atom.updated-repeated", ATOM, "2026-11-25T07:30:00+01:00", "2026-11-26T07:30:00Z"),
    ("atom.order", ATOM, "</feed>", "<rights>Ours</rights></feed>"),
    ("atom.alternate", ATOM, LINK_1, LINK_1 * 2),
    (
        "atom.no-text",
        ATOM,
        XHTML,
        "",
    ),
    ("atom.summary", ATOM, f'{SUMMARY}\n<content type="html">', '<content type="image/png">'),
    ("atom.content-type", ATOM, 'content type="html"', 'content type="multipart/mixed"'),
    ("atom.text-type", ATOM, 'title type="text"', 'title type="text/plain"'),
    ("atom.xhtml", ATOM, ' xmlns="http://www.w3.org/1999/xhtml"', ""),
    ("atom.inline", ATOM, "<title>Second</title>", "<title>The <b>second</b></title>"),
    ("atom.html", ATOM, "/a&gt;&lt;/p&gt;</content>", "/a&gt;&lt;/p</content>"),
    ("atom.base", ATOM, 'xml:lang="en"', 'xml:lang="en" xml:base="http://a b/"'),
    ("atom.source", ATOM, "<title>Else</title>", ""),
    ("atom.link", ATOM, LINK_1, '<link href="https://a b/"/>'),
    ("atom.link-rel", ATOM, 'rel="hub"', 'rel="wheel"'),
    ("atom.link-empty", ATOM, LINK_1, '<link href="https://example.org/1">One</link>'),
    ("atom.link-type", ATOM, ' length="12" type="audio/mpeg"', ' length="12"'),
    ("atom.person", ATOM, "<name>The desk</name>", ""),
    ("json.version", JSON, "version/1.1", "version/9"),
    ("json.required", JSON, '"title": "Harbour news",', ""),
    ("json.advised", JSON, '"home_page_url": "https://example.org/",', ""),
    ("json.type", JSON, '"title": "I <3 AT&T"', '"title": 3'),
    ("json.type", JSON, '"title": "I <3 AT&T"', '"title": null'),
    ("json.unknown", JSON, '"title": "Harbour news"', '"mood": 1, "title": "x"'),
    ("json.extension", JSON, '{"about": "https://example.org/about"}', "{}"),
    ("json.repeated", JSON, '"title": "Harbour news"', '"title": "x", "title": "y"'),
    ("json.address", JSON, '"url": "https://example.org/2"', '"url": "/2"'),
    ("json.next", JSON, "https://example.org/f/1.json", "https://example.org/f.json"),
    ("json.date", JSON, "2026-11-25T07:30:00+01:00", "Wed, 25 Nov 2026 07:30:00 GMT"),
    ("json.modified", JSON, "2026-11-26T07:40:00Z", "2026-11-26T06:40:00Z"),
    ("json.id", JSON, '"id": "https://example.org/1",', ""),
    (
        "json.id-repeated",
        JSON,
        '"id": "https://example.org/1"',
        '"id": "tag:example.org,2026-01-01:2"',
    ),
    ("json.content", JSON, '"content_text": "Words",', ""),
    ("json.author", JSON, '{"name": "The desk"}', "{}"),
    (
        "json.old-author",
        JSON,
        '"authors": [{"name": "The desk"}]',
        '"author": {"name": "The desk"}',
    ),
    ("json.attachment", JSON, ', "mime_type": "audio/mpeg"', ""),
    ("json.attachment", JSON, '"size_in_bytes": 12', '"size_in_bytes": -1'),
    ("json.hub", JSON, '"type": "WebSub", ', ""),
    ("html.relative", JSON, "https://example.org/x", "/x"),
    ("document.control", JSON, '"Words"', '"Wo\\u0007rds"'),
    ("history.complete", ATOM, PREVIOUS, f"{PREVIOUS}<fh:complete/>"),
    ("history.both", ATOM, f"{CURRENT}\n{PREVIOUS}", "<fh:complete/><fh:archive/>"),
    (
        "history.end",
        ATOM,
        PREVIOUS,
        FIRST + BEFORE,
    ),
    ("history.current", ATOM, CURRENT, "<fh:archive/>"),
    ("history.chain", ATOM, CURRENT, CURRENT.replace("f.atom", "g.atom")),
    ("history.alone", ATOM, f"{CURRENT}\n{PREVIOUS}", f"{CURRENT}<fh:archive/>"),
    ("history.entry", ATOM, LINK_1, LINK_1 + PREVIOUS),
    ("history.own", ATOM, "https://example.org/f/1.atom", "https://example.org/f.atom"),
    ("hub.address", ATOM, 'href="https://hub.example.org/"', 'href="/hub"'),
    ("hub.self", ATOM, SELF, ""),
    ("media.namespace", RSS, "http://search.yahoo.com/mrss/", "http://search.yahoo.com/mrss"),
    ("media.content", RSS, 'medium="image"', 'medium="smell"'),
    ("media.group", RSS, PICTURE, f"<media:group>{PICTURE}</media:group>"),
    ("media.value", RSS, PICTURE, f"{PICTURE}<media:rating>fine</media:rating>"),
    ("media.deprecated", RSS, PICTURE, f"{PICTURE}<media:adult>false</media:adult>"),
    ("podcast.required", RSS, '<itunes:image href="https://example.org/logo.png"/>', ""),
    ("podcast.value", RSS, "1:02:03", "an hour"),
    ("podcast.category", RSS, 'text="Daily News"', 'text="Weekly News"'),
    ("podcast.format", RSS, 'type="audio/mpeg"', 'type="audio/x-wma"'),
    ("podcast.guid", RSS, "ead4c236-bf58-58c6-a2c6-a6b28d128cb6", "harbour"),
    ("podcast.tag", RSS, '<podcast:funding url="https://example.org/give">', "<podcast:funding>"),
    ("opml.version", OPML, 'opml version="2.0"', 'opml version="3.0"'),
    ("opml.text", OPML, 'text="Land" ', ""),
    ("opml.feed", OPML, ' xmlUrl="https://example.org/g.rss"', ""),
    ("opml.value", OPML, "Thu, 26 Nov 2026 07:30:00 GMT", "today"),
    ("opml.repeated", OPML, OUTLINE, OUTLINE * 2),
    ("sitemap.namespace", SITEMAP, "schemas/sitemap/0.9", "schemas/sitemap/0.8"),
    ("sitemap.loc", SITEMAP, "<loc>https://example.org/2</loc>", "<loc>/2</loc>"),
    ("sitemap.loc", INDEX, "<loc>https://example.org/one.xml</loc>", ""),
    ("sitemap.repeated", SITEMAP, "https://example.org/2", "https://example.org/"),
    ("sitemap.host", SITEMAP, "https://example.org/2", "https://else.example/2"),
    ("sitemap.value", SITEMAP, "daily", "often"),
    ("sitemap.size", SITEMAP, "<url>", MANY_MAPS + "<url>"),
    ("news.required", SITEMAP, "<news:title>Words</news:title>", ""),
    ("news.value", SITEMAP, "<news:language>en<", "<news:language>English<"),
    ("news.age", SITEMAP, "2026-11-26T07:30:00Z", "2026-11-23T07:30:00Z"),
    ("news.count", SITEMAP, "<url>", MANY_NEWS + "<url>"),
)
SPECIAL = frozenset(
    {
        *("document.media-type", "document.rdf", "self.wrong", "rss.channel"),
        *("atom.id-repeated", "atom.content", "opml.required"),
    }
)


@pytest.mark.parametrize("name", GOOD)
def test_nothing_is_found_where_nothing_is_wrong(name: str):
    report = judged(GOOD[name])
    assert [str(found) for found in report.findings] == []
    assert report.kind
    assert report.entries >= 1


@pytest.mark.parametrize(("rule", "document", "old", "new"), CASES)
def test_a_rule_that_does_not_hold_is_found(rule: str, document: str, old: str, new: str):
    assert rule in rules(spoilt(document, old, new))


def test_every_rule_has_an_example():
    assert {rule for rule, *_ in CASES} | SPECIAL == RULES.keys()


def test_every_finding_says_where_what_and_who_asks():
    for rule, document, old, new in CASES:
        report = judged(spoilt(document, old, new))
        for found in report.findings:
            assert found.severity is RULES[found.rule].severity
            assert found.source
            assert found.message == found.message.strip()
            assert "\n" not in found.message
            if found.rule == rule and rule != "json.repeated":
                assert found.line >= 1


def test_errors_come_first():
    report = judged(spoilt(spoilt(RSS, GUID, ""), "</channel>", "<mood/></channel>"))
    weights = [found.severity for found in report.findings]
    assert weights[0] is Severity.ERROR
    assert weights == sorted(weights, key=list(Severity).index)


def test_a_mistake_of_many_entries_is_one_finding_with_the_first_line():
    bad = RSS.replace("<guid", "<guid mood='x'")
    (found,) = [item for item in judged(bad).findings if item.rule == "attribute.unknown"]
    assert found.times == 2
    assert found.line == bad[: bad.index("<guid")].count("\n") + 1
    assert str(found).endswith(f"(line {found.line}, guid and 1 more)")


def test_its_own_address_is_the_one_it_is_served_at():
    assert rules(RSS, url="https://example.org/f.rss") == set()
    assert rules(RSS, url="https://example.org/g.rss") == {"self.wrong"}
    assert rules(ATOM, url="https://example.org/g.atom") >= {"self.wrong"}
    assert rules(JSON, url="https://example.org/g.json") == set()  # a page of many: next_url
    alone = spoilt(JSON, '"next_url": "https://example.org/f/1.json",', "")
    assert rules(alone, url="https://example.org/g.json") == {"self.wrong"}


@pytest.mark.parametrize(
    ("document", "good"),
    [
        (RSS, "application/rss+xml; charset=utf-8"),
        (ATOM, "application/atom+xml"),
        (JSON, "application/feed+json"),
        (OPML, "text/x-opml"),
        (SITEMAP, "application/xml"),
    ],
)
def test_documents_are_served_under_their_own_media_type(document: str, good: str):
    assert rules(document, media_type=good) == set()
    assert rules(document, media_type="text/html") == {"document.media-type"}


def test_rss_1_0_is_looked_at_for_its_form_only():
    rdf = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        ' xmlns="http://purl.org/rss/1.0/"><channel/></rdf:RDF>'
    )
    assert rules(rdf) == {"document.rdf"}


def test_what_must_be_there_at_all():
    assert "rss.channel" in rules('<rss version="2.0"/>')
    assert "opml.required" in rules('<opml version="2.0"><head/></opml>')
    bare = spoilt(ATOM, LINK_1, "").replace('<content type="xhtml">', "<content>")
    assert "atom.content" not in rules(bare)
    assert "atom.content" in rules(
        bare.replace("<content>", "<x>").replace("</div></content>", "</div></x>")
    )


def test_one_id_twice_at_one_time_is_an_error():
    entry = ATOM[ATOM.index("<entry>") : ATOM.index("</entry>") + 8]
    assert "atom.id-repeated" in rules(ATOM.replace("</feed>", f"{entry}</feed>"))


def test_an_entry_may_be_a_document():
    entry = ATOM[ATOM.index("<entry>") : ATOM.index("</entry>")]
    alone = entry.replace(
        "<entry>",
        '<entry xmlns="http://www.w3.org/2005/Atom"'
        ' xmlns:thr="http://purl.org/syndication/thread/1.0">',
    )
    assert rules(f"{alone}</entry>") == {"atom.author"}
    assert rules(f"{alone}{AUTHOR}</entry>") == set()


def test_json_members_are_found_on_their_lines():
    bad = spoilt(JSON, '"url": "https://example.org/2"', '"url": "/2"')
    (found,) = judged(bad).findings
    assert found.where == f"line {bad[: bad.index('/2')].count(chr(10)) + 1}, items[].url"
    assert found.message.startswith('"/2" is no web address')


def test_unknown_namespaces_are_passed_over():
    more = '<x:mood xmlns:x="https://example.org/ns">good</x:mood>'
    assert rules(spoilt(RSS, "</item>", f"{more}</item>")) == set()
    assert rules(spoilt(ATOM, "</entry>", f"{more}</entry>")) == set()


def test_a_complete_feed_and_an_archive_page_hold():
    complete = spoilt(spoilt(ATOM, PREVIOUS, ""), CURRENT, "<fh:complete/>")
    assert rules(complete) == set()
    archive = spoilt(
        ATOM, CURRENT, '<fh:archive/><link rel="current" href="https://example.org/c"/>'
    )
    assert rules(archive) == set()


def test_what_was_found_once_is_found_again():
    bad = spoilt(RSS, 'a href="https://example.org/x"', 'a href="/x"')
    assert rules(bad) == rules(bad) == {"html.relative"}
    assert rules(RSS) == rules(RSS) == set()
