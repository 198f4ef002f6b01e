"""One pass over an XML document with expat: elements with lines, entry by entry.

Serves DocumentInspector. Hostile documents are safe: no entity is expanded but XML's own five, no
file is opened, depth is bounded, and what has been judged is let go. Touches nothing.
"""

import codecs
import re
from collections.abc import Callable
from typing import Protocol
from xml.parsers import expat

from publisher.lint.feeds.sheet import Sheet

DEPTH = 200
"""Levels of elements; deeper ones are no feed's, and readers give up on them."""

NAMESPACES = {
    "http://www.w3.org/XML/1998/namespace": "xml",
    "http://www.w3.org/2005/Atom": "atom",
    "http://purl.org/atom/ns#": "atom03",
    "http://www.w3.org/2007/app": "app",
    "http://purl.org/rss/1.0/": "rss1",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://purl.org/rss/1.0/modules/slash/": "slash",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/syndication/history/1.0": "fh",
    "http://purl.org/syndication/thread/1.0": "thr",
    "http://search.yahoo.com/mrss/": "media",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "https://podcastindex.org/namespace/1.0": "podcast",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://www.sitemaps.org/schemas/sitemap/0.9": "sitemap",
    "http://www.google.com/schemas/sitemap-news/0.9": "news",
    "http://www.google.com/schemas/sitemap-image/1.1": "image",
    "http://wellformedweb.org/CommentAPI/": "wfw",
    "http://www.w3.org/2003/01/geo/wgs84_pos#": "geo",
    "http://geourl.org/rss/module/": "geourl",
    "http://postneo.com/icbm/": "icbm",
    "http://webns.net/mvcb/": "admin",
    "http://madskills.com/public/xml/rss/module/trackback/": "trackback",
}
"""Namespace to the prefix under which this room speaks of it; others keep their address."""

_UNKNOWN_ENCODING = frozenset(
    {"unknown encoding", "encoding specified in XML declaration is incorrect"}
)
_DECLARED = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z][\w.-]*)")


class Node:
    """An element: `tag` and attribute names carry our prefixes, `text` is its own text alone."""

    __slots__ = ("attrs", "children", "line", "tag", "text")

    def __init__(self, tag: str, attrs: dict[str, str], line: int) -> None:
        """Begin an element."""
        self.tag = tag
        self.attrs = attrs
        self.line = line
        self.text = ""
        self.children: list[Node] = []

    def first(self, tag: str) -> "Node | None":
        """Return the first child of a name."""
        for child in self.children:
            if child.tag == tag:
                return child
        return None

    def all(self, tag: str) -> "list[Node]":
        """Return the children of a name."""
        return [child for child in self.children if child.tag == tag]


class Judge(Protocol):
    """What judges one kind of document while it is read."""

    entries: frozenset[str]
    """Elements that are judged as they end, and let go."""
    count: int
    """How many of them there were."""

    def entry(self, node: Node, parent: Node) -> None:
        """Judge one of `entries`; it is no child of `parent` any more."""
        ...

    def finish(self, root: Node) -> None:
        """Judge the rest, when the document has ended well."""
        ...


class _StopError(Exception):
    """The rest need not be read."""


class _Reader:
    def __init__(self, sheet: Sheet, choose: Callable[[Node], Judge | None]) -> None:
        self.sheet, self.choose = sheet, choose
        self.judge: Judge | None = None
        self.entries: frozenset[str] = frozenset()
        self.root = Node("", {}, 0)
        self.stack = [self.root]
        self.names: dict[str, str] = {}

    def read(self, data: bytes | str) -> None:
        self.marked = isinstance(data, bytes) and data.startswith(codecs.BOM_UTF8)
        parser = expat.ParserCreate(namespace_separator=" ")
        self.parser = parser
        parser.buffer_text = True
        parser.buffer_size = 1 << 20
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.EntityDeclHandler = self._entity
        parser.XmlDeclHandler = self._declared
        parser.StartDoctypeDeclHandler = self._doctype
        # Without a file, a doctype's outer part is passed over; so are the entities it might hold.
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.Parse(data, True)  # noqa: FBT003 - expat's own signature
        if self.judge:
            self.judge.finish(self.root.children[0])

    def _name(self, name: str) -> str:
        made = self.names.get(name)
        if made is None:
            space, _, local = name.rpartition(" ")
            made = f"{NAMESPACES.get(space, space)}:{local}" if space else name
            self.names[name] = made
        return made

    def _start(self, name: str, attrs: dict[str, str]) -> None:
        for key in attrs:
            if " " in key:
                attrs = {self._name(one): value for one, value in attrs.items()}
                break
        stack = self.stack
        node = Node(self.names.get(name) or self._name(name), attrs, self.parser.CurrentLineNumber)
        stack[-1].children.append(node)
        stack.append(node)
        if len(stack) == 2:  # noqa: PLR2004 - the document, and its root
            self.judge = self.choose(node)
            if self.judge is None:
                raise _StopError
            self.entries = self.judge.entries
        elif len(stack) > DEPTH:
            message = f"elements lie more than {DEPTH} deep: no reader follows; flatten them"
            self.sheet.add("document.depth", message, node.line)
            raise _StopError

    def _end(self, _name: str) -> None:
        node = self.stack.pop()
        if node.tag in self.entries and self.judge:
            parent = self.stack[-1]
            parent.children.pop()
            self.judge.entry(node, parent)

    def _text(self, data: str) -> None:
        self.stack[-1].text += data

    def _entity(self, name: str, *_: object) -> None:
        message = "is an entity that the document declares: write the characters themselves"
        line = self.parser.CurrentLineNumber
        self.sheet.add("document.entity", message, line, "DOCTYPE", name)
        raise _StopError

    def _doctype(self, name: str, *_: object) -> None:
        message = "is declared as the type of the document: no reader fetches it; take it out"
        self.sheet.add("document.doctype", message, self.parser.CurrentLineNumber, value=name)

    def _declared(self, version: str, encoding: str | None, _alone: int) -> None:
        if version != "1.0":
            message = "is a version of XML that hardly any reader knows: write 1.0"
            self.sheet.add("document.malformed", message, 1, value=version)
        if self.marked and encoding and encoding.lower() not in {"utf-8", "utf8"}:
            message = "is declared, but the document begins with the mark of UTF-8: declare that"
            self.sheet.add("document.malformed", message, 1, value=encoding)
        elif encoding and encoding.lower() not in {"utf-8", "utf8", "us-ascii"}:
            message = "is the encoding; UTF-8 is what every reader knows"
            self.sheet.add("document.encoding", message, 1, value=encoding)


def read(data: bytes, sheet: Sheet, choose: Callable[[Node], Judge | None]) -> None:
    """Read a document to its end, or to where it breaks; `choose` names the judge for a root."""
    try:
        _read(data, sheet, choose)
    except _StopError:
        pass
    except expat.ExpatError as error:
        message = f"is no well-formed XML: {expat.ErrorString(error.code)}; readers stop here"
        sheet.add("document.malformed", message, error.lineno)
    except ValueError as error:
        message = f"is no well-formed XML: {str(error)[:80]}; write UTF-8"
        sheet.add("document.malformed", message, 1)


def _read(data: bytes, sheet: Sheet, choose: Callable[[Node], Judge | None]) -> None:
    try:
        _Reader(sheet, choose).read(data)
    except expat.ExpatError as error:
        if expat.ErrorString(error.code) not in _UNKNOWN_ENCODING:
            raise
        text = _decoded(data)
        if text is None:
            raise
        _Reader(sheet, choose).read(text)
    except (LookupError, ValueError) as error:  # a codec of Python's that is none for XML
        text = _decoded(data)
        if text is None:
            raise ValueError(str(error)) from error
        _Reader(sheet, choose).read(text)


def _decoded(data: bytes) -> str | None:
    """Return the text of a document whose encoding expat does not know, None when we do not."""
    found = _DECLARED.match(data[:200])
    if not found:
        return None
    try:
        return codecs.decode(data, found[1].decode("ascii"))
    except (LookupError, ValueError, TypeError):
        return None
