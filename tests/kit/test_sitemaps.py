"""Maps for search engines: every address once, in parts that hold, the same bytes for the same ones."""

import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.kit import sitemaps
from publisher.lint.feeds import DocumentInspector
from publisher.model.views import MapEntry, MapPart, NewsEntry

URL = "https://g.example/"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"


def entry(number, changed=NOON):
    return MapEntry(url=f"{URL}articles/{number}/", changed=changed)


def locs(document):
    return [loc.text for loc in ET.fromstring(document.data).iter(f"{MAP}loc")]


def faults(document):
    report = DocumentInspector().inspect(
        document.data, url=f"{URL}{document.path}", media_type=document.media_type, now=NOON
    )
    return report.findings


def parts(count, most=10):
    """Return as many parts as so many addresses need."""
    return [
        part(f"sitemaps/{begin // most + 1}.xml", range(begin, min(begin + most, count)))
        for begin in range(0, count, most)
    ]


def part(path, numbers, changed=NOON):
    return MapPart(path=path, entries=tuple(map(entry, numbers)), changed=changed)


@given(st.integers(0, 40), st.integers(1, 12))
def test_every_address_stands_once_and_in_its_order(count, most):
    made = list(sitemaps.sitemaps(URL, parts(count, most)))
    index = made[-1]
    assert index.path == "sitemap.xml"
    written = made[:-1] if len(made) > 1 else made
    assert [loc for one in written for loc in locs(one)] == [
        f"{URL}articles/{number}/" for number in range(count)
    ]
    if len(made) > 1:
        assert locs(index) == [f"{URL}{one.path}" for one in written]
    assert made == list(sitemaps.sitemaps(URL, parts(count, most)))


def test_a_part_that_stands_is_in_the_index_and_not_written():
    whole = list(sitemaps.sitemaps(URL, parts(25)))
    standing = [replace(parts(25)[0], entries=None), *parts(25)[1:]]
    assert list(sitemaps.sitemaps(URL, standing)) == whole[1:]


def test_a_part_says_when_its_newest_address_changed():
    dated = [
        part("a.xml", [1]),
        part("b.xml", [2], NOON + timedelta(days=2)),
        part("c.xml", [3], None),
    ]
    index = ET.fromstring(list(sitemaps.sitemaps(URL, dated))[-1].data)
    assert [one.text for one in index.iter(f"{MAP}lastmod")] == [
        "2026-11-24T12:00:00Z",
        "2026-11-26T12:00:00Z",
    ]


def test_the_lint_has_nothing_to_say():
    for document in sitemaps.sitemaps(URL, parts(25)):
        assert faults(document) == ()
    assert faults(sitemaps.news("Gazette", [])) == ()
    told = NewsEntry(
        url=f"{URL}articles/1/",
        title="I <3 AT&T \x08",
        language="zh-Hant",
        published=NOON - timedelta(hours=3),
    )
    document = sitemaps.news("A & B", [told])
    assert faults(document) == ()
    root = ET.fromstring(document.data)
    assert [one.text for one in root.iter(f"{NEWS}title")] == ["I <3 AT&T"]
    assert [one.text for one in root.iter(f"{NEWS}language")] == ["zh-tw"]


@pytest.mark.parametrize(
    ("tag", "said"), [("pt-BR", "pt"), ("zh", "zh-cn"), ("zh-HK", "zh-tw"), ("de", "de")]
)
def test_languages_are_said_as_maps_of_news_know_them(tag, said):
    document = sitemaps.news("G", [NewsEntry(url=URL, title="T", language=tag, published=NOON)])
    assert f"<news:language>{said}</news:language>".encode() in document.data


def test_addresses_of_others_are_left_out():
    others = [MapEntry(url="https://else.example/"), MapEntry(url="javascript:alert(1)")]
    (document,) = sitemaps.sitemaps(URL, [MapPart(path="a.xml", entries=(*others, entry(1)))])
    assert locs(document) == [f"{URL}articles/1/"]


def test_a_hundred_thousand_addresses_need_the_memory_of_one_part():
    each = (part(f"sitemaps/{n}.xml", range(n * 1_000, n * 1_000 + 1_000)) for n in range(100))
    tracemalloc.start()
    size = sum(len(one.data) for one in sitemaps.sitemaps(URL, each))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > 8_000_000
    assert peak < size / 5


def test_robots_are_shown_the_maps_and_kept_from_what_is_one_persons():
    from urllib.robotparser import RobotFileParser

    document = sitemaps.robots("https://g.example/news/", "/news/")
    rules = RobotFileParser()
    rules.parse(document.data.decode().splitlines())
    assert rules.site_maps() == [
        "https://g.example/news/sitemap.xml",
        "https://g.example/news/news-sitemap.xml",
    ]
    for path in ("", "articles/1/", "feeds/harbour.rss", "feeds/harbour/", "editions/3", "opml"):
        assert rules.can_fetch("anybody", f"https://g.example/news/{path}"), path
    for path in ("preferences/x", "unsubscribe/x", "confirm/x", "feeds/private/x.atom", "metrics"):
        assert not rules.can_fetch("anybody", f"https://g.example/news/{path}"), path
