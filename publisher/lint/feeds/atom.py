"""Atom 1.0 (RFC 4287): feeds, entry documents, and the parts that RSS borrows.

Serves DocumentInspector. Rule by rule: what is there and how often (4.1), ids (4.2.6), authors (4.1.2),
dates (3.3), links (4.2.7), content (4.1.3).
"""

from datetime import timedelta

from publisher.lint.feeds import dates, values
from publisher.lint.feeds.atom_links import LINK, judge_links
from publisher.lint.feeds.atom_text import is_elsewhere, judge_content, judge_text
from publisher.lint.feeds.extensions import judge_stranger
from publisher.lint.feeds.grammar import Field, Kind, judge_children, local
from publisher.lint.feeds.history import judge_entry_links, judge_history
from publisher.lint.feeds.markup import judge_plain
from publisher.lint.feeds.podcast import judge_podcast_tags
from publisher.lint.feeds.reading import Node
from publisher.lint.feeds.sheet import Sheet
from publisher.lint.feeds.standing import Standing, judge_self


def _person(sheet: Sheet, node: Node) -> None:
    judge_children(sheet, node, _PERSON, judge_stranger)


def _category(sheet: Sheet, node: Node) -> None:
    scheme = node.attrs.get("scheme", "")
    if scheme.strip() and (fault := values.exact(scheme) or values.absolute(scheme)):
        sheet.add("address.syntax", fault, node.line, "category scheme", scheme)
    judge_plain(sheet, node.attrs.get("label", ""), node.line, "category label")


def _id(sheet: Sheet, node: Node) -> None:
    text = node.text
    if fault := values.identity(text):
        sheet.add("atom.id", fault, node.line, "id", text.strip())
    elif fault := values.uncanonical(text):
        sheet.add("atom.id-address", fault, node.line, "id", text)


def _plain(sheet: Sheet, node: Node) -> None:
    judge_plain(sheet, node.text, node.line, local(node.tag))


_PERSON = Kind(
    fields={
        "atom:name": Field(advice=values.no_address, advised="text.markup", judge=_plain),
        "atom:uri": Field(check=values.exact, rule="atom.person"),
        "atom:email": Field(check=values.email, rule="atom.person"),
    },
    required=("atom:name",),
    missing="atom.person",
)
_DATE = Field(
    check=dates.rfc3339, rule="atom.date", advice=dates.implausible, advised="date.implausible"
)
_TEXT = Field(attributes={"type": None}, children=True, judge=judge_text)
_ENTRY_FIELDS = {
    "atom:id": Field(judge=_id),
    "atom:title": _TEXT,
    "atom:updated": _DATE,
    "atom:rights": _TEXT,
    "atom:author": Field(many=True, children=True, judge=_person),
    "atom:contributor": Field(many=True, children=True, judge=_person),
    "atom:category": Field(
        many=True,
        blank=True,
        children=True,
        attributes={"term": None, "scheme": None, "label": None},
        needs=frozenset({"term"}),
        judge=_category,
    ),
    "atom:link": LINK,
}
_FEED_FIELDS = {
    **_ENTRY_FIELDS,
    "atom:subtitle": _TEXT,
    "atom:generator": Field(
        rule="address.syntax", attributes={"uri": values.exact, "version": None}, judge=_plain
    ),
    "atom:icon": Field(check=values.exact, rule="address.syntax"),
    "atom:logo": Field(check=values.exact, rule="address.syntax"),
}
_REQUIRED = ("atom:id", "atom:title", "atom:updated")
_FEED = Kind(fields=_FEED_FIELDS, required=_REQUIRED, missing="atom.required")
_SOURCE = Kind(fields=_FEED_FIELDS, required=_REQUIRED, missing="atom.source")


def _source(sheet: Sheet, node: Node) -> None:
    judge_children(sheet, node, _SOURCE, judge_stranger)
    judge_links(sheet, node)


_ENTRY = Kind(
    fields={
        **_ENTRY_FIELDS,
        "atom:published": _DATE,
        "atom:summary": _TEXT,
        "atom:content": Field(
            attributes={"type": None, "src": None},
            children=True,
            blank=True,
            judge=judge_content,
        ),
        "atom:source": Field(children=True, judge=_source),
    },
    required=_REQUIRED,
    missing="atom.required",
)


_SECOND = timedelta(seconds=1)  # updated may have lost the fractions that published has


class AtomJudge:
    """Judges a feed, or a document that is one entry."""

    entries = frozenset({"atom:entry"})

    def __init__(self, sheet: Sheet, standing: Standing, root: Node) -> None:
        """Begin with the document's root."""
        self.sheet, self.standing = sheet, standing
        self.root = root
        self.count = 0
        self.head = -1  # children of the feed before its first entry
        self.authorless = 0
        self.seen: dict[str, list[str]] = {}
        self.moments: set[str] = set()

    def entry(self, node: Node, parent: Node) -> None:
        """Judge an entry of the feed."""
        if parent.tag != "atom:feed":
            if parent.tag:  # not an entry document's root
                message = "stands outside the feed: put entries directly into it"
                self.sheet.add("element.unknown", message, node.line, "entry")
                return
            parent.children.append(node)
            return
        if self.head < 0:
            self.head = len(parent.children)
        self._entry(node)

    def _entry(self, node: Node) -> None:
        sheet = self.sheet
        self.count += 1
        seen = judge_children(sheet, node, _ENTRY, judge_stranger)
        links = judge_links(sheet, node)
        judge_entry_links(sheet, node)
        judge_podcast_tags(sheet, node)
        self._author(node, seen)
        if "atom:content" not in seen:
            if "alternate" not in links:
                message = "entry has neither content nor an alternate link: add one of them"
                sheet.add("atom.content", message, node.line, "entry")
            elif "atom:summary" not in seen:
                message = "entry has no text: add content, or a summary"
                sheet.add("atom.no-text", message, node.line, "entry")
        elif "atom:summary" not in seen and is_elsewhere(node.first("atom:content")):
            message = "entry has content that is elsewhere or in base64, and no summary: add one"
            sheet.add("atom.summary", message, node.line, "entry")
        self._dates(node)

    def _author(self, node: Node, seen: set[str]) -> None:
        source = node.first("atom:source")
        if "atom:author" in seen or (source and source.first("atom:author")):
            return
        self.authorless = self.authorless or node.line

    def _dates(self, node: Node) -> None:
        updated = node.first("atom:updated")
        moment = updated.text.strip() if updated else ""
        uid = node.first("atom:id")
        if uid and uid.text.strip():
            self._unique(uid, moment)
        if updated and moment:
            if moment in self.moments:
                message = "is the date of another entry, too: keep dates distinct"
                self.sheet.add("atom.updated-repeated", message, updated.line, "updated", moment)
            self.moments.add(moment)
        self._order(node, updated)

    def _unique(self, uid: Node, moment: str) -> None:
        dates_of = self.seen.setdefault(uid.text.strip(), [])
        if moment in dates_of:
            message = "is the id of another entry with this date, too: give each its own"
            self.sheet.add("atom.id-repeated", message, uid.line, "id", uid.text)
        elif dates_of:
            message = "is the id of another entry, too: readers show one of them; list one"
            self.sheet.add("atom.id-versions", message, uid.line, "id", uid.text)
        dates_of.append(moment)

    def _order(self, node: Node, updated: Node | None) -> None:
        published = node.first("atom:published")
        if not published:
            self.standing.date(self.sheet, updated)
            return
        made = dates.instant(published.text)
        changed = dates.instant(updated.text) if updated else None
        if made and changed and changed + _SECOND <= made:
            message = "lies before published: an entry is not changed before it is there"
            self.sheet.add(
                "atom.updated", message, updated.line if updated else 0, "updated", published.text
            )
        self.standing.date(self.sheet, published)

    def finish(self, root: Node) -> None:
        """Judge the feed's own elements, or the one entry."""
        if root.tag == "atom:entry":
            self._entry(root)
            self._need_author()
            return
        sheet = self.sheet
        seen = judge_children(sheet, root, _FEED, judge_stranger)
        judge_links(sheet, root)
        if "atom:author" not in seen:
            self._need_author()
        for child in root.children[self.head :] if self.head >= 0 else ():
            if child.tag.startswith("atom:"):
                message = "stands after entries: move it before the first"
                sheet.add("atom.order", message, child.line, local(child.tag))
        links = root.all("atom:link")
        judge_self(sheet, self.standing, root, links, "atom")
        judge_history(sheet, self.standing, root, links)

    def _need_author(self) -> None:
        if self.authorless:
            message = "entry has no author, nor has the feed: name one in either"
            self.sheet.add("atom.author", message, self.authorless, "entry")
