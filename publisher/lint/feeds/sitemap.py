"""Sitemaps, their indexes, and sitemaps of news.

Serves DocumentInspector. Sources: sitemaps.org/protocol, Google's page on news sitemaps.
"""

import re
from datetime import timedelta
from urllib.parse import urlsplit

from publisher.lint.feeds import dates, values
from publisher.lint.feeds.grammar import Field, Kind, judge_children, local
from publisher.lint.feeds.markup import judge_plain
from publisher.lint.feeds.reading import Node
from publisher.lint.feeds.sheet import Sheet
from publisher.lint.feeds.standing import Standing

MOST, LARGEST = 50_000, 52_428_800
MOST_NEWS, OLDEST_NEWS = 1_000, timedelta(days=2)
LONGEST = 2_048
_PRIORITY = re.compile(r"0(?:\.\d+)?|1(?:\.0+)?|\.\d+")
_LANGUAGE = re.compile(r"[a-z]{2,3}|zh-cn|zh-tw")


def _priority(text: str) -> str:
    good = _PRIORITY.fullmatch(text.strip())
    return "" if good else "is no priority: write one from 0.0 to 1.0"


def _loc(text: str) -> str:
    if len(text.strip()) >= LONGEST:
        return f"is longer than {LONGEST} characters: shorten it"
    return values.web(text)


def _news_language(text: str) -> str:
    good = _LANGUAGE.fullmatch(text.strip()) and not values.language(text)
    return "" if good else "is no language of news: write two letters, or zh-cn, zh-tw"


def _plain(sheet: Sheet, node: Node) -> None:
    judge_plain(sheet, node.text, node.line, node.tag)


def _stranger(sheet: Sheet, node: Node, parent: Node) -> None:
    prefix, _, name = node.tag.rpartition(":")
    if prefix in {"", "sitemap", "news"}:
        message = f"is no element of {local(parent.tag)}: take it out"
        sheet.add("element.unknown", message, node.line, local(parent.tag), name)


def _publication(sheet: Sheet, node: Node) -> None:
    judge_children(sheet, node, _PUBLICATION, _stranger)


def _news(sheet: Sheet, node: Node) -> None:
    judge_children(sheet, node, _NEWS, _stranger)


def _value(check: values.Check) -> Field:
    return Field(check=check, rule="sitemap.value")


_PUBLICATION = Kind(
    fields={
        "news:name": Field(judge=_plain),
        "news:language": Field(check=_news_language, rule="news.value"),
    },
    required=("news:name", "news:language"),
    missing="news.required",
)
_NEWS = Kind(
    fields={
        "news:publication": Field(children=True, judge=_publication),
        "news:publication_date": Field(check=dates.w3c, rule="news.value"),
        "news:title": Field(judge=_plain),
        **{
            f"news:{name}": Field(blank=True)
            for name in ("keywords", "genres", "access", "stock_tickers", "geo_locations")
        },
    },
    required=("news:publication", "news:publication_date", "news:title"),
    missing="news.required",
)
_LOC = Field(check=_loc, rule="sitemap.loc")
_URL = Kind(
    fields={
        "sitemap:loc": _LOC,
        "sitemap:lastmod": _value(dates.w3c),
        "sitemap:changefreq": _value(
            values.one_of("always", "hourly", "daily", "weekly", "monthly", "yearly", "never")
        ),
        "sitemap:priority": _value(_priority),
        "news:news": Field(children=True, judge=_news),
    },
    required=("sitemap:loc",),
    missing="sitemap.loc",
)
_MAP = Kind(
    fields={"sitemap:loc": _LOC, "sitemap:lastmod": _value(dates.w3c)},
    required=("sitemap:loc",),
    missing="sitemap.loc",
)
_ROOT = Kind(fields={})


class SitemapJudge:
    """Judges a sitemap or an index of them, entry by entry."""

    entries = frozenset({"sitemap:url", "sitemap:sitemap"})

    def __init__(self, sheet: Sheet, standing: Standing, size: int) -> None:
        """Begin with how large the document is, in octets."""
        self.sheet, self.standing = sheet, standing
        self.count = self.news = 0
        self.seen: set[str] = set()
        self.host = ""
        if size > LARGEST:
            message = "is larger than 50 MB: split it, and list the parts in an index"
            sheet.add("sitemap.size", message, 1)

    def entry(self, node: Node, parent: Node) -> None:
        """Judge one address."""
        self.count += 1
        expected = "sitemap:urlset" if node.tag == "sitemap:url" else "sitemap:sitemapindex"
        if parent.tag != expected:
            _stranger(self.sheet, node, parent)
        judge_children(self.sheet, node, _URL if node.tag == "sitemap:url" else _MAP, _stranger)
        loc = node.first("sitemap:loc")
        if loc is not None:
            self._loc(loc)
        news = node.first("news:news")
        if news is not None:
            self.news += 1
            self._age(news)

    def _loc(self, loc: Node) -> None:
        address = loc.text.strip()
        if address in self.seen:
            message = "is listed twice: keep one"
            self.sheet.add("sitemap.repeated", message, loc.line, "loc", address)
        self.seen.add(address)
        try:
            host = urlsplit(address).netloc.lower()
        except ValueError:
            return
        self.host = self.host or host
        if host != self.host:
            message = f"is not on {self.host} like those before: a map is of one host"
            self.sheet.add("sitemap.host", message, loc.line, "loc", address)

    def _age(self, news: Node) -> None:
        date = news.first("news:publication_date")
        made = dates.instant(date.text) if date else None
        if date and made and self.standing.now and self.standing.now - made > OLDEST_NEWS:
            message = "is older than two days: leave it out"
            self.sheet.add("news.age", message, date.line, date.tag, date.text)

    def finish(self, root: Node) -> None:
        """Judge the root, and how much there is."""
        judge_children(self.sheet, root, _ROOT, _stranger)
        if self.count > MOST:
            message = f"has more than {MOST:,} entries: split it, and list the parts in an index"
            self.sheet.add("sitemap.size", message, root.line, local(root.tag))
        if self.news > MOST_NEWS:
            message = f"has more than {MOST_NEWS:,} of news: leave out the oldest"
            self.sheet.add("news.count", message, root.line, local(root.tag))
