"""Where and when a document stands: its own address, its hubs, its dates against today's.

Serves the judges of feeds. Sources: RFC 4287 section 4.1.1, WebSub section 4, RSS profile.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from publisher.lint.feeds import dates, values
from publisher.lint.feeds.atom_links import relation
from publisher.lint.feeds.reading import Node
from publisher.lint.feeds.sheet import Sheet

TYPES = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
}
_SLACK = timedelta(minutes=5)


@dataclass(slots=True)
class Standing:
    """What is known beside the document: `url` it is served at and the time, or nothing."""

    url: str = ""
    now: datetime | None = None
    last: datetime | None = field(default=None, init=False)

    def date(self, sheet: Sheet, node: Node | None) -> None:
        """Judge when an entry was published: not to come, and not after the one before."""
        if node is None:
            return
        self.moment(sheet, dates.instant(node.text), node.line, node.tag.rpartition(":")[2])

    def moment(self, sheet: Sheet, made: datetime | None, line: int, place: str) -> None:
        """Judge a moment of publication, given in the order of the document."""
        if made is None:
            return
        if self.now and made > self.now + _SLACK:
            message = "lies in the future: readers hide such entries; publish it then"
            sheet.add("date.future", message, line, place, made.isoformat())
        if self.last and made > self.last:
            message = "is newer than the entry before: readers expect the newest first"
            sheet.add("order.newest", message, line, place)
        self.last = made


def judge_self(sheet: Sheet, standing: Standing, head: Node, links: list[Node], kind: str) -> None:
    """Judge a feed's links to itself and to its hubs; `links` are those of its head."""
    own = [link for link in links if relation(link) == "self"]
    hubs = [link for link in links if relation(link) == "hub"]
    if not own:
        message = "the feed does not say where it is: add an atom:link with rel=self"
        sheet.add("self.missing", message, head.line, "link")
    for link in own[1:]:
        message = "is a second address of its own: keep the one it is served at"
        sheet.add("self.repeated", message, link.line, "link", link.attrs.get("href", ""))
    for link in own[:1]:
        _own(sheet, standing, head, link, kind)
    for link in hubs:
        if fault := values.web(link.attrs.get("href", "")):
            sheet.add("hub.address", fault, link.line, "link", link.attrs.get("href", ""))
    if hubs and not own:
        message = "is a hub of a feed that does not say where it is: add a link rel=self"
        sheet.add("hub.self", message, hubs[0].line, "link", hubs[0].attrs.get("href", ""))


def _own(sheet: Sheet, standing: Standing, head: Node, link: Node, kind: str) -> None:
    href = link.attrs.get("href", "").strip()
    if values.is_relative(href) and ("xml:base" in head.attrs or "xml:base" in link.attrs):
        return
    if values.is_relative(href):
        message = "is its own address, and needs another: write it whole"
        sheet.add("self.relative", message, link.line, "link href", href)
    elif standing.url and href != standing.url:
        message = f"is its own address, but it is served at {standing.url}: write that"
        sheet.add("self.wrong", message, link.line, "link href", href)
    given = link.attrs.get("type", "").partition(";")[0].strip().lower()
    if given and given not in {TYPES[kind], "application/xml", "text/xml"}:
        message = f"is not the type of this document: write {TYPES[kind]}"
        sheet.add("self.type", message, link.line, "link type", given)
