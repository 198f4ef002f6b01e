"""Lists of feeds: OPML 1.0 to 2.0 (opml.org/spec2).

Serves DocumentInspector.
"""

from publisher.lint.feeds import dates, values
from publisher.lint.feeds.grammar import Field, Kind, judge_children
from publisher.lint.feeds.markup import judge_control
from publisher.lint.feeds.reading import Node
from publisher.lint.feeds.sheet import Sheet

_VERSIONS = frozenset({"1.0", "1.1", "2.0"})
_KINDS = frozenset({"rss", "rss1", "atom", "link", "include", "song", "photo", "blogpost", "text"})
_FEEDS = frozenset({"rss", "rss1", "atom"})
_READ = frozenset({"RSS", "RSS1", "RSS2", "scriptingNews", "ATOM", "0.91", "0.92", "2.0"})


def _pass(_sheet: Sheet, _node: Node, _parent: Node) -> None:
    """Pass over what is not OPML's."""


def _stranger(sheet: Sheet, node: Node, parent: Node) -> None:
    if ":" not in node.tag:
        message = f"is no element of {parent.tag}: take it out, or give it a namespace"
        sheet.add("element.unknown", message, node.line, parent.tag, node.tag)


def _numbers(text: str) -> str:
    good = all(part.strip().isdigit() for part in text.split(",")) or not text.strip()
    return "" if good else "is no list of line numbers: write them with commas between"


def _value(check: values.Check, *, blank: bool = False) -> Field:
    return Field(check=check, rule="opml.value", blank=blank)


_DATE = Field(check=dates.rfc822, rule="opml.value", advice=dates.loose, advised="rss.date-form")
_HEAD = Kind(
    fields={
        "title": Field(blank=True),
        "dateCreated": _DATE,
        "dateModified": _DATE,
        "ownerName": Field(blank=True),
        "ownerEmail": _value(values.email),
        "ownerId": _value(values.web),
        "docs": _value(values.web),
        "expansionState": _value(_numbers, blank=True),
        "vertScrollState": _value(values.whole),
        **{f"window{side}": _value(values.whole) for side in ("Top", "Left", "Bottom", "Right")},
    }
)
_ROOT = Kind(
    fields={"head": Field(children=True, blank=True), "body": Field(children=True)},
    required=("head", "body"),
    missing="opml.required",
    attributes=frozenset({"version"}),
)


class OpmlJudge:
    """Judges a list of feeds, when it has been read."""

    entries: frozenset[str] = frozenset()

    def __init__(self, sheet: Sheet, root: Node) -> None:
        """Begin with the document's root."""
        self.sheet = sheet
        self.count = 0
        self.version = root.attrs.get("version", "").strip()
        if self.version not in _VERSIONS:
            message = "is no version of OPML: write 2.0"
            sheet.add("opml.version", message, root.line, "opml version", self.version)

    def entry(self, node: Node, parent: Node) -> None:
        """Judge nothing: outlines hold others."""

    def finish(self, root: Node) -> None:
        """Judge head and body."""
        judge_children(self.sheet, root, _ROOT, _stranger)
        head, body = root.first("head"), root.first("body")
        if head:
            judge_children(self.sheet, head, _HEAD, _stranger)
        if body:
            if not body.first("outline"):
                message = "body has no outline: add one"
                self.sheet.add("opml.required", message, body.line, "body")
            self._outlines(body)

    def _outlines(self, body: Node) -> None:
        stack = [body]
        while stack:
            parent = stack.pop()
            seen: set[str] = set()
            for node in parent.children:
                if node.tag != "outline":
                    _stranger(self.sheet, node, parent)
                    continue
                stack.append(node)
                address = self._outline(node)
                if address and address in seen:
                    message = "is listed twice in one place: keep one"
                    self.sheet.add("opml.repeated", message, node.line, "outline", address)
                seen.add(address)

    def _outline(self, node: Node) -> str:
        """Judge an outline; return the address of its feed, "" when it is none."""
        self.count += 1
        sheet, attrs = self.sheet, node.attrs
        if "text" not in attrs:
            sheet.add(
                "opml.text", "has no text: people see nothing; add one", node.line, "outline"
            )
        judge_control(sheet, attrs.get("text", ""), node.line, "outline text")
        kind = attrs.get("type", "")
        if kind and kind.lower() not in _KINDS:
            message = "is no type that programs know: write rss for a feed"
            sheet.add("opml.feed", message, node.line, "outline type", kind)
        for name in ("xmlUrl", "htmlUrl", "url"):
            value = attrs.get(name, "")
            if value.strip() and (fault := values.absolute(value)):
                sheet.add("opml.value", fault, node.line, f"outline {name}", value)
        for name in ("isComment", "isBreakpoint"):
            if name in attrs and (fault := values.boolean(attrs[name])):
                sheet.add("opml.value", fault, node.line, f"outline {name}", attrs[name])
        if (created := attrs.get("created", "").strip()) and (fault := dates.rfc822(created)):
            sheet.add("opml.value", fault, node.line, "outline created", created)
        self._feed(node, kind.lower())
        return attrs.get("xmlUrl", "").strip()

    def _feed(self, node: Node, kind: str) -> None:
        sheet, attrs = self.sheet, node.attrs
        if kind in _FEEDS:
            for name in ("xmlUrl", "title"):
                if not attrs.get(name, "").strip():
                    message = f"is a feed without {name}: add it"
                    sheet.add("opml.feed", message, node.line, "outline")
        elif attrs.get("xmlUrl"):
            message = "has xmlUrl and no type: write type=rss"
            sheet.add("opml.feed", message, node.line, "outline")
        if kind in {"link", "include"} and not attrs.get("url", "").strip():
            message = f"is of type {kind} without url: add it"
            sheet.add("opml.feed", message, node.line, "outline")
        version = attrs.get("version", "")
        if kind in _FEEDS and version and version not in _READ:
            message = "is no version of feeds that OPML knows: write RSS2, or leave it out"
            sheet.add("opml.feed", message, node.line, "outline version", version)
        language = attrs.get("language", "").strip()
        if language not in {"", "unknown"} and (fault := values.language(language)):
            sheet.add("language.tag", fault, node.line, "outline language", language)
