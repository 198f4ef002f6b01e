"""Elements of feeds, each with what it means: the part of the strict reader that knows them.

Serves `kit.feed_strict`. Pure. Every method takes from an element what feedparser 6.0 would, and
raises `Strange` where it cannot be sure to, and ParseError for more attributes than are meant.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urljoin

from publisher.errors import ParseError
from publisher.kit import feed_names as names
from publisher.kit.feed_bounds import MAX_ATTRIBUTES, TOO_MANY
from publisher.kit.feed_texts import (
    XHTML,
    Strange,
    author_of,
    guessed,
    inner_xhtml,
    is_binary,
    mended,
)

MAX_TAGS = 1_000
"""Tags kept of an entry."""

_SLASHES = re.compile(r"^([A-Za-z][A-Za-z0-9+-.]*://)/*")
_HTML = frozenset({XHTML, "text/html"})
_IMAGE = frozenset({"title", "link", "description", "url", "href", "width", "height"})
_INPUT = frozenset({"title", "link", "description", "name"})
Table = dict[str, Any]


class Elements:
    """What is known at one place of a document, and what its elements add to it.

    `feed` and `entry` are tables by feedparser's names; `context` is the one being filled.
    """

    def __init__(self, root: Any, url: str, *, based: bool, spoken: bool) -> None:
        self.root, self.url = root, url
        self.version = ""
        self.feed: Table = {}
        self.context: Table = self.feed
        self.entry: Table | None = None
        self.depths: dict[str, int] = {}
        self.in_feed = False
        self.has_content = False
        self.title_depth = -1
        self.language = ""
        self.base = url
        self._inherits = based or spoken
        self._in_text = False
        self._person = ""
        self._known: dict[str, str] = {}
        self._prefixes = _prefixes(root)

    def inherit(self, element: Any) -> tuple[str, str]:
        """Take over an element's language and base address; return what they were before."""
        before = self.language, self.base
        if not self._inherits or not element.attrib:
            return before
        said = self.attributes(element)
        language = said.get("xml:lang", said.get("lang"))
        self.language = self.language if language is None else language
        if base := said.get("xml:base", said.get("base")):
            self.base = self.joined(base)
            if not self.base.startswith(("http://", "https://")):
                raise Strange("base address")
        return before

    def name(self, element: Any) -> str:
        """Return an element's name with the prefix that is usual for its namespace, lower-case."""
        tag = element.tag
        found = self._known.get(tag)
        if found is None:
            if not isinstance(tag, str):
                raise Strange("entity")
            found = self._known[tag] = self._named(tag, element.prefix)
        return found

    def _named(self, tag: str, given: str | None) -> str:
        namespace, _, local = tag[1:].rpartition("}") if tag[0] == "{" else ("", "", tag)
        prefix = names.prefix_of(namespace) if namespace else ""
        if prefix is None:
            prefix = self._prefixes.get(namespace) or given or ""
        return f"{prefix}_{local}".lower() if prefix else local.lower()

    def attributes(self, element: Any) -> Table:
        """Return an element's attributes by lower-case name; relations and types lower-case."""
        said: Table = {}
        if len(element.attrib) > MAX_ATTRIBUTES:  # feedparser would need quadratic time for them
            raise ParseError(self.url, TOO_MANY)
        for key, value in element.attrib.items():
            name = key
            if key[0] == "{":
                namespace, _, name = key[1:].rpartition("}")
                prefix = names.prefix_of(namespace)
                name = f"{prefix}:{name}" if prefix else name
            name = name.lower()
            if name in said:
                raise Strange("attributes")
            said[name] = value.lower() if name in {"rel", "type"} else value
        return said

    def store(self, key: str, value: str, depth: int) -> None:
        """Keep a text; in an entry what stands higher wins, and of equals the later."""
        if self.entry is None:
            if self.in_feed:
                self.feed[key] = value
        elif depth <= self.depths.get(key, depth):
            self.depths[key] = depth
            self.entry[key] = value

    def text(self, element: Any) -> str:
        """Return the text of an element that holds nothing else. Raises Strange."""
        if len(element):
            raise Strange(str(element.tag))
        return mended(element.text or "")

    def joined(self, address: str) -> str:
        """Return an address counted from where the document says, if it does."""
        try:
            return urljoin(self.base, _SLASHES.sub(r"\1", address))
        except ValueError:
            return ""

    def resolved(self, text: str) -> str:
        """Return the text of an element that may be a relative address."""
        return mended(self.joined(text.strip())) if text.strip() else ""

    def visit(self, element: Any, name: str, depth: int) -> None:
        """Take from an element what is needed."""
        handler = _HANDLERS.get(name, Elements.unknown)
        if not (self._inherits and element.attrib):
            return handler(self, element, name, depth)
        before = self.inherit(element)
        handler(self, element, name, depth)
        self.language, self.base = before
        return None

    def unknown(self, element: Any, name: str, depth: int) -> None:
        """Keep the attributes of an element without meaning, or else its text, where wanted."""
        reserved = name in names.RESERVED or (name == "items" and self.entry is not None)
        if reserved or name in {"item", "entry", "channel"}:
            raise Strange(name)
        if name.startswith(names.UNUSED_PREFIXES):
            return
        wanted = name in names.WANTED
        if element.attrib:
            if wanted:
                self.context[name] = self.attributes(element)
            if self._in_text and (element.text or "").strip():
                raise Strange(name)
        elif wanted:
            self.store(name, self.text(element), depth)
        for child in element:
            self.visit(child, self.name(child), depth + 1)

    def unused(self, element: Any, name: str, _depth: int) -> None:
        """Pass over what no article needs."""
        if len(element) and name not in {"psc_chapters", "itunes_block"}:
            raise Strange(name)

    def unused_text(self, element: Any, name: str, _depth: int) -> None:
        """Pass over a text construct that no article needs."""
        said = str(element.get("type") or "").lower()
        if len(element) and names.TYPES.get(said, said) not in {XHTML, *_HTML}:
            raise Strange(name)

    def kept(self, element: Any, name: str, depth: int) -> None:
        """Keep a text by the name that all its spellings share."""
        self.store(names.TEXTS[name], self.text(element), depth)

    def explicit(self, element: Any, name: str, _depth: int) -> None:
        """Keep whether an episode is explicit, as feedparser takes it."""
        said = None if element.attrib else element.text or ""
        if len(element):
            raise Strange(name)
        self.context[name] = {"yes": True, "clean": False}.get(said or "")

    def identity(self, element: Any, _name: str, depth: int) -> None:
        """Keep an id, which is an address as well where it does not say otherwise."""
        is_link = self.attributes(element).get("ispermalink", "true") == "true"
        if len(element):
            raise Strange("id")
        text = element.text or ""
        value = mended(text)
        self.store("id", value, depth)
        if is_link:
            self.context.setdefault("link", value)

    def link(self, element: Any, _name: str, _depth: int) -> None:
        """Keep a link: an address as an attribute, or as text."""
        if len(element):
            raise Strange("link")
        said = _with_href(self.attributes(element)) if element.attrib else {}
        said.setdefault("rel", "alternate")
        said.setdefault("type", "application/atom+xml" if said["rel"] == "self" else "text/html")
        self.context.setdefault("links", []).append(said)
        if "href" in said:
            said["href"] = self.joined(said["href"])
            kind = names.TYPES.get(said["type"], said["type"])
            if said["rel"] == "alternate" and kind in _HTML:
                self.context["link"] = said["href"]
        else:
            self.address(element.text or "")

    def address(self, text: str) -> None:
        """Keep the text of a link."""
        if self.entry is None and not self.in_feed:
            return
        address = self.resolved(text)
        if "&" in address:
            address = address if self.entry is None else address.replace("&amp;", "&")
            address = re.sub("&([A-Za-z0-9_]+);", r"&\g<1>", address)
        self.context["link"] = address
        if address or self.entry is None:
            self.context["links"][-1]["href"] = address

    def enclosure(self, element: Any, _name: str, _depth: int) -> None:
        """Keep a file that belongs to an entry."""
        if len(element):
            raise Strange("enclosure")
        said = {**_with_href(self.attributes(element)), "rel": "enclosure"}
        self.context.setdefault("links", []).append(said)

    def author(self, element: Any, _name: str, depth: int) -> None:
        """Keep an author, written as text or as a table."""
        self.context.setdefault("authors", []).append({})
        self._inside(element, depth, "author")
        text = (element.text or "") + "".join([child.tail or "" for child in element])
        self.store("author", mended(text), depth)
        author_of(self.context)

    def owner(self, element: Any, _name: str, depth: int) -> None:
        """Read a podcast's owner, whom feedparser counts among the authors."""
        self._inside(element, depth, "publisher")

    def contributor(self, element: Any, _name: str, depth: int) -> None:
        """Pass over somebody who helped."""
        self._inside(element, depth, "contributor")

    def _inside(self, element: Any, depth: int, person: str) -> None:
        if not len(element):
            return
        if self._person:
            raise Strange("person")
        self._person, self._in_text = person, True
        for child in element:
            name = self.name(child)
            if name in _HANDLERS and name not in names.PARTICULARS:
                raise Strange(name)
            self.visit(child, name, depth + 1)
        self._person, self._in_text = "", False

    def particular(self, element: Any, name: str, depth: int) -> None:
        """Keep a person's name, address or page."""
        if len(element):
            raise Strange(name)
        text = element.text or ""
        if name in {"url", "uri", "homepage"}:
            value = self.resolved(text)
            self.store("href", value, depth)
            if self._person == "author":
                self._particular("href", value)
            return
        if self._person in {"author", "publisher"}:
            self._particular(name.rpartition("_")[2], text.strip())

    def _particular(self, key: str, value: str) -> None:
        author_of(self.context)
        self.context.setdefault("authors", [{}])[-1][key] = value

    def construct(self, element: Any, name: str, depth: int) -> None:
        """Keep a text construct."""
        key, usual = names.CONTENT[name]
        if name == "abstract" and self.entry is None:
            key = "subtitle"
        if name in {"content_encoded", "fullitem"}:
            self.has_content = True
        value = self._construct(element, key, usual, depth)
        if key == "title" and value and name != "media_title":
            self.title_depth = depth

    def content(self, element: Any, _name: str, depth: int) -> None:
        """Keep an entry's content."""
        self.has_content = True
        self._construct(element, "content", "text/plain", depth)

    def summary(self, element: Any, name: str, depth: int) -> None:
        """Keep a summary; a second one counts as content where there is none."""
        if "summary" in self.context and not self.has_content:
            return self.content(element, name, depth)
        described = name.endswith("description")
        usual = "text/html" if described else "text/plain"
        key = "subtitle" if described and self.entry is None else "summary"
        self._construct(element, key, usual, depth)
        return None

    def _construct(self, element: Any, key: str, usual: str, depth: int) -> str:
        """Keep a text construct under a name, with its type, language and base; return its text."""
        said = self.attributes(element) if element.attrib else {}
        kind = str(said.get("type", usual)).lower()
        kind = names.TYPES.get(kind, kind)
        if is_binary(kind) or said.get("mode") == "base64":
            raise Strange("base64")
        raw = self._raw(element, kind)
        if self.entry is None and not self.in_feed and key in {"title", "subtitle"}:
            return raw.strip()
        value = mended(raw)
        copied = kind in {"text/plain", *_HTML}
        if kind == "text/plain" and not self.version.startswith("atom"):
            kind = guessed(value)
        language = self.language.replace("_", "-") or None
        detail = {"type": kind, "language": language, "base": self.base, "value": value}
        self._keep(key, detail, depth)
        if key == "content" and copied:
            self.context.setdefault("summary", value)
        return value

    def _raw(self, element: Any, kind: str) -> str:
        """Return what a text construct holds, as text of its type. Raises Strange."""
        if kind == XHTML:
            return inner_xhtml(element, unwrap=self.version == "atom10")
        if len(element):
            raise Strange("mark-up")
        return element.text or ""

    def _keep(self, key: str, detail: Table, depth: int) -> None:
        if key == "content":
            if self.entry is not None:
                self.entry.setdefault("content", []).append(detail)
            return
        if key == "title" and -1 < self.title_depth <= depth:
            return
        self.store(key, detail["value"], depth)
        if self.entry is not None or self.in_feed:
            self.context[f"{key}_detail"] = detail

    def category(self, element: Any, name: str, depth: int) -> None:
        """Keep a tag with the list it is from."""
        said = self.attributes(element) if element.attrib else {}
        scheme = said.get("scheme", said.get("domain"))
        if name == "media_category":
            scheme = said.get("scheme", "http://search.yahoo.com/mrss/category_schema")
        term = said.get("term")
        if name == "itunes_category":
            term, scheme, said = said.get("text"), "http://www.itunes.com/", {}
        self._tag(term, scheme, said.get("label"))
        for child in element:
            if self.name(child) != name:
                raise Strange(name)
            self.category(child, name, depth + 1)
        text = (element.text or "") + "".join([child.tail or "" for child in element])
        if value := mended(text):
            tags = self.context["tags"]
            if tags and not tags[-1]["term"]:
                tags[-1]["term"] = value
            else:
                self._tag(value, None, None)

    def _tag(self, term: Any, scheme: Any, label: Any) -> None:
        tags = self.context.setdefault("tags", [])
        tag = {"term": term, "scheme": scheme, "label": label}
        if (term or scheme or label) and len(tags) < MAX_TAGS and tag not in tags:
            tags.append(tag)

    def keywords(self, element: Any, name: str, _depth: int) -> None:
        """Keep tags that stand in one text."""
        if element.attrib:
            raise Strange(name)
        scheme = "http://www.itunes.com/" if name == "itunes_keywords" else None
        for term in self.text(element).split(","):
            if term.strip():
                self._tag(term.strip(), scheme, None)

    def media(self, element: Any, name: str, depth: int) -> None:
        """Keep a media element, and what stands in it as if it stood in the entry."""
        if name == "media_thumbnail":
            said = self.attributes(element)
            text = self.resolved(self.text(element))
            self.context.setdefault(name, []).append({"url": text, **said} if text else said)
            return
        if name == "media_content":
            self.context.setdefault(name, []).append(self.attributes(element))
        for child in element:
            self.visit(child, self.name(child), depth + 1)

    def picture(self, element: Any, name: str, _depth: int) -> None:
        """Keep the picture that iTunes shows."""
        if len(element):
            raise Strange(name)
        said = self.attributes(element)
        if address := said.get("href") or said.get("url"):
            self.context["image"] = {"href": address}

    def box(self, element: Any, name: str, depth: int) -> None:
        """Pass over a picture or a field for a search, whose parts are no part of the feed."""
        self.title_depth = -1
        allowed = _IMAGE if name == "image" else _INPUT
        for child in element:
            inner = self.name(child)
            known = inner in _HANDLERS
            strange = inner not in allowed if known or "_" not in inner else False
            if strange or len(child) or (self.entry is not None and inner == "description"):
                raise Strange(name)
            if inner == "title" and self.entry is not None:
                self.construct(child, inner, depth + 1)
            elif inner == "title" and (child.text or "").strip():
                self.title_depth = depth + 1

    def source(self, element: Any, _name: str, depth: int) -> None:
        """Pass over the feed that an entry was taken from."""
        self.title_depth = -1
        for child in element.iter():
            inner = self.name(child)
            if inner in {"item", "entry", "summary", "description", "source"} and (
                child is not element
            ):
                raise Strange(inner)
            if "content" in inner:
                raise Strange(inner)
        for child in element:
            if self.name(child) == "title" and (child.text or "").strip():
                self.title_depth = depth + 1


def _prefixes(root: Any) -> Mapping[str, str]:
    """Return the prefixes of namespaces that mean nothing here. Raises Strange for mixed-up ones."""
    usual = {prefix: names.prefix_of(str(space)) for prefix, space in root.nsmap.items()}
    if any(one and one in usual.values() and usual[one] not in {None, one} for one in usual):
        raise Strange("prefixes")
    found: dict[str, str] = {}
    for prefix, namespace in root.nsmap.items():
        if prefix and usual[prefix] is None:
            found.setdefault(str(namespace), prefix)
    return found


def _with_href(said: Table) -> Table:
    """Return attributes whose address stands under `href`."""
    href = said.get("url", said.get("uri", said.get("href")))
    if not href:
        return said
    return {**{key: one for key, one in said.items() if key not in {"url", "uri"}}, "href": href}


_Handler = Callable[[Elements, Any, str, int], None]
_HANDLERS: Mapping[str, _Handler] = {
    **dict.fromkeys(names.UNUSED, Elements.unused),
    **dict.fromkeys(names.UNUSED_TEXTS, Elements.unused_text),
    **dict.fromkeys(names.TEXTS, Elements.kept),
    **dict.fromkeys(names.CONTENT, Elements.construct),
    **dict.fromkeys(names.IDS, Elements.identity),
    **dict.fromkeys(names.AUTHORS, Elements.author),
    **dict.fromkeys(names.PARTICULARS, Elements.particular),
    **dict.fromkeys(names.SUMMARIES, Elements.summary),
    **dict.fromkeys(names.CATEGORIES, Elements.category),
    **dict.fromkeys(names.KEYWORDS, Elements.keywords),
    **dict.fromkeys(names.MEDIA, Elements.media),
    **dict.fromkeys(names.PICTURES, Elements.picture),
    **dict.fromkeys(names.BOXES, Elements.box),
    "content": Elements.content,
    "contributor": Elements.contributor,
    "enclosure": Elements.enclosure,
    "itunes_explicit": Elements.explicit,
    "itunes_owner": Elements.owner,
    "link": Elements.link,
    "source": Elements.source,
}
