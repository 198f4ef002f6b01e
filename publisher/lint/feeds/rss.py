"""RSS 2.0, and what is left of 0.9x, with the profile of the RSS Advisory Board.

Serves DocumentInspector. Rules R1 to R12 of the profile: what a channel and an item have, dates, guids,
enclosures, where the full text stands.
"""

from publisher.lint.feeds import dates, values
from publisher.lint.feeds.atom_links import LINK, judge_links
from publisher.lint.feeds.atom_text import walk_xhtml
from publisher.lint.feeds.extensions import judge_stranger
from publisher.lint.feeds.grammar import Field, Kind, judge_children, judge_field, local
from publisher.lint.feeds.history import judge_entry_links, judge_history
from publisher.lint.feeds.markup import judge_html, judge_plain
from publisher.lint.feeds.podcast import judge_enclosure, judge_podcast, judge_podcast_tags
from publisher.lint.feeds.reading import Node
from publisher.lint.feeds.rss_head import CATEGORY, HEAD, PERSON, PLAIN, PUB_DATE, judge_head
from publisher.lint.feeds.sheet import Sheet
from publisher.lint.feeds.standing import Standing, judge_self

_VERSIONS = frozenset({"0.91", "0.92", "0.93", "0.94", "2.0"})


def _description(sheet: Sheet, node: Node) -> None:
    judge_html(sheet, node.text, node.line, "description")


def _guid(sheet: Sheet, node: Node) -> None:
    text = node.text.strip()
    permanent = node.attrs.get("isPermaLink", "true")
    if not text:
        message = "is empty, which is one guid for all items: give each its own"
        sheet.add("rss.guid", message, node.line, "guid")
    elif permanent == "true" and values.web(text):
        message = "is no web address: write isPermaLink=false, or an address"
        sheet.add("rss.guid", message, node.line, "guid", text)


def _enclosure(sheet: Sheet, node: Node) -> None:
    length, url = node.attrs.get("length", ""), node.attrs.get("url", "")
    if not url.strip():
        sheet.add("rss.enclosure", "has no url: add one", node.line, "enclosure")
    elif fault := values.web(url):
        sheet.add("rss.enclosure", fault, node.line, "enclosure url", url)
    if values.whole(length):
        message = "has no length in octets: write it, 0 when it is unknown"
        sheet.add("rss.enclosure", message, node.line, "enclosure", length)
    kind = node.attrs.get("type", "")
    if fault := values.media_type(kind):
        sheet.add("rss.enclosure", fault, node.line, "enclosure type", kind)


def _source(sheet: Sheet, node: Node) -> None:
    url = node.attrs.get("url", "")
    if url.strip() and (fault := values.absolute(url)):
        sheet.add("address.syntax", fault, node.line, "source url", url)
    judge_plain(sheet, node.text, node.line, "source")


_ITEM = Kind(
    fields={
        "title": PLAIN,
        "link": Field(check=values.absolute, rule="address.syntax"),
        "description": Field(judge=_description, blank=True),
        "author": PERSON,
        "category": CATEGORY,
        "comments": Field(check=values.absolute, rule="address.syntax"),
        "enclosure": Field(
            many=True,
            blank=True,
            attributes=dict.fromkeys(("url", "length", "type")),
            judge=_enclosure,
        ),
        "guid": Field(rule="rss.guid", attributes={"isPermaLink": values.boolean}, judge=_guid),
        "pubDate": PUB_DATE,
        "source": Field(
            attributes={"url": None}, needs=frozenset({"url"}), judge=_source, blank=True
        ),
        "atom:link": LINK,
    },
    attributes=frozenset(),
)
_CHANNEL = Kind(
    fields=HEAD,
    required=("title", "link", "description"),
    missing="rss.required",
)
_ROOT = Kind(
    fields={"channel": Field(children=True)},
    required=("channel",),
    missing="rss.channel",
    attributes=frozenset({"version"}),
)
_DOUBLES = {
    "pubDate": ("dc:date", "atom:published"),
    "author": ("dc:creator", "atom:author"),
    "category": ("dc:subject",),
    "guid": ("atom:id",),
    "source": ("dc:source",),
}


class RssJudge:
    """Judges a channel and its items."""

    entries = frozenset({"item"})

    def __init__(self, sheet: Sheet, standing: Standing, root: Node) -> None:
        """Begin with the document's root."""
        self.sheet, self.standing = sheet, standing
        self.version = root.attrs.get("version", "").strip()
        self.count = 0
        self.head = -1  # children of the channel before its first item
        self.guids: set[str] = set()
        self.podcast = False
        if self.version not in _VERSIONS:
            message = "is no version of RSS: write 2.0"
            sheet.add("rss.version", message, root.line, "rss version", self.version)
        elif self.version != "2.0":
            message = "was given up: write 2.0"
            sheet.add("document.old", message, root.line, "rss version", self.version)

    def entry(self, node: Node, parent: Node) -> None:
        """Judge an item."""
        if parent.tag != "channel":
            message = "stands outside the channel: put items into it"
            self.sheet.add("element.unknown", message, node.line, "item")
            return
        self.count += 1
        if self.head < 0:
            self.head = len(parent.children)
            self.podcast = any(one.tag.startswith("itunes:") for one in parent.children)
        sheet = self.sheet
        seen = judge_children(sheet, node, _ITEM, _stranger)
        judge_podcast_tags(sheet, node)
        body = node.first("xhtml:body")
        if body is not None:
            walk_xhtml(sheet, body, "xhtml:body")
        if not seen & {"title", "description"}:
            message = "has neither title nor description: add one of them"
            sheet.add("rss.item", message, node.line, "item")
        self._guid(node)
        self._enclosures(node, seen)
        _order(sheet, node, seen)
        _doubles(sheet, node, seen)
        if "atom:link" in seen:
            judge_links(sheet, node)
            judge_entry_links(sheet, node)
        self.standing.date(sheet, node.first("pubDate"))

    def _guid(self, node: Node) -> None:
        guid = node.first("guid")
        text = guid.text.strip() if guid else ""
        if guid is None or not text:
            if self.version == "2.0":
                message = "has no guid: readers take it for new when it changes; add one"
                self.sheet.add("rss.guid-missing", message, node.line, "item")
            return
        if text in self.guids:
            message = "is the guid of another item, too: give each its own"
            self.sheet.add("rss.guid-repeated", message, guid.line, "guid", text)
        self.guids.add(text)

    def _enclosures(self, node: Node, seen: set[str]) -> None:
        if "enclosure" not in seen:
            return
        found = node.all("enclosure")
        if len(found) > 1:
            message = "is a second enclosure: readers take any; put others into media:content"
            self.sheet.add("rss.enclosures", message, found[1].line, "enclosure")
        if self.podcast:
            judge_enclosure(self.sheet, found[0])

    def finish(self, root: Node) -> None:
        """Judge the channel."""
        sheet = self.sheet
        judge_children(sheet, root, _ROOT, _stranger)
        channel = root.first("channel")
        if channel is None:
            return
        judge_children(sheet, channel, _CHANNEL, _stranger)
        for child in channel.children[self.head :] if self.head >= 0 else ():
            if ":" not in child.tag:
                message = "stands after items: some readers miss it; move it before the first"
                sheet.add("rss.order", message, child.line, child.tag)
        links = channel.all("atom:link")
        judge_head(sheet, channel, links)
        judge_podcast_tags(sheet, channel)
        judge_podcast(sheet, channel, self.count)
        judge_links(sheet, channel)
        judge_self(sheet, self.standing, channel, links, "rss")
        judge_history(sheet, self.standing, channel, links)


def _stranger(sheet: Sheet, node: Node, parent: Node) -> None:
    """Judge an element of another namespace; of Atom, RSS borrows single elements."""
    known = _BORROWED.get(node.tag)
    if known is None:
        judge_stranger(sheet, node, parent)
    else:
        judge_field(sheet, node, known)


_BORROWED = {
    "atom:link": LINK,
    "atom:id": Field(check=values.identity, rule="atom.id"),
    "atom:updated": Field(check=dates.rfc3339, rule="atom.date"),
    "atom:published": Field(check=dates.rfc3339, rule="atom.date"),
    **{
        f"atom:{name}": Field(
            many=True,
            blank=True,
            children=True,
            attributes=dict.fromkeys(("type", "src", "term", "scheme", "label", "uri", "version")),
        )
        for name in values.names(
            "author contributor title subtitle summary content rights source category generator"
            " icon logo"
        )
    },
}


def _order(sheet: Sheet, node: Node, seen: set[str]) -> None:
    if "content:encoded" not in seen:
        return
    tags = [child.tag for child in node.children]
    if "description" not in seen:
        message = "stands without description, which older readers show: add a summary"
        where = node.children[tags.index("content:encoded")].line
        sheet.add("rss.description-first", message, where, "content:encoded")
        return
    if tags.index("content:encoded") < tags.index("description"):
        message = "stands before description: some readers show the last; put it after"
        where = node.children[tags.index("content:encoded")].line
        sheet.add("rss.description-first", message, where, "content:encoded")


def _doubles(sheet: Sheet, node: Node, seen: set[str]) -> None:
    for name, others in _DOUBLES.items():
        for other in others if name in seen else ():
            child = node.first(other)
            if child is not None:
                message = f"says again what {name} says: keep {name}"
                sheet.add("extension.double", message, child.line, local(other))
