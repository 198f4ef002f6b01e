"""Links of Atom (RFC 4287 section 4.2.7), in Atom and wherever RSS borrows them.

Serves the judges of feeds.
"""

import re

from publisher.lint.feeds import dates, values
from publisher.lint.feeds.grammar import Field
from publisher.lint.feeds.markup import judge_plain
from publisher.lint.feeds.reading import Node
from publisher.lint.feeds.sheet import Sheet

# IANA's registry of link relations, those that feeds have use for, and what it took over from HTML.
_RELATIONS = values.names(
    "about alternate appendix archives author blocked-by bookmark canonical chapter collection"
    " contents copyright create-form current describedby describes disclosure dns-prefetch duplicate"
    " edit edit-form edit-media enclosure external first glossary help hosts hub icon index item last"
    " latest-version license lrdd me memento monitor monitor-group next next-archive nofollow"
    " noreferrer original payment pingback preconnect predecessor-version prefetch preload prerender"
    " prev prev-archive preview previous privacy-policy profile related replies search section self"
    " service start stylesheet subsection successor-version tag terms-of-service timegate timemap"
    " type up version-history via webmention working-copy working-copy-of"
)
_PREFIX = "http://www.iana.org/assignments/relation/"
_TOKEN = re.compile(r"[a-zA-Z0-9._-]+")
_ATTRIBUTES = ("href", "rel", "type", "hreflang", "title", "length")


def relation(node: Node) -> str:
    """Return a link's relation by its short name (RFC 4287 section 4.2.7.2)."""
    return node.attrs.get("rel", "alternate").strip().removeprefix(_PREFIX).lower()


def _link(sheet: Sheet, node: Node) -> None:
    attrs = node.attrs
    href = attrs.get("href")
    if href is None:
        sheet.add("atom.link", "has no href: add one", node.line, "link")
    elif fault := values.exact(href):
        sheet.add("atom.link", fault, node.line, "link href", href)
    elif values.is_relative(href) and attrs.get("rel") != "self":
        message = "counts from where the document lies: write the whole address"
        sheet.add("address.relative", message, node.line, "link href", href)
    for name, check in _CHECKS.items():
        value = attrs.get(name, "")
        if value.strip() and (fault := check(value)):
            sheet.add(_RULES[name], fault, node.line, f"link {name}", value)
    judge_plain(sheet, attrs.get("title", ""), node.line, "link title")
    if relation(node) == "enclosure" and not attrs.get("type", "").strip():
        sheet.add("atom.link-type", "is an enclosure without a type: add one", node.line, "link")
    if node.text.strip() or node.children:
        sheet.add("atom.link-empty", "holds something: leave it empty", node.line, "link")


def _known(text: str) -> str:
    text = text.removeprefix(_PREFIX)
    if _TOKEN.fullmatch(text):
        good = text.lower() in _RELATIONS
        return "" if good else "is no registered relation: take one that is, or write an address"
    return values.absolute(text)


_CHECKS: dict[str, values.Check] = {
    "rel": _known,
    "type": values.media_type,
    "hreflang": values.language,
    "length": values.whole,
    "thr:count": values.whole,
    "thr:updated": dates.rfc3339,
}
_RULES = {
    "rel": "atom.link-rel",
    "type": "atom.link",
    "hreflang": "language.tag",
    "length": "atom.link",
    "thr:count": "extension.value",
    "thr:updated": "extension.value",
}
LINK = Field(
    many=True,
    blank=True,
    children=True,
    attributes=dict.fromkeys(_ATTRIBUTES),
    judge=_link,
)


def judge_links(sheet: Sheet, node: Node) -> set[str]:
    """Judge the links of a feed or an entry together; return their relations."""
    relations: set[str] = set()
    kinds: set[tuple[str, str]] = set()
    for child in node.children:
        if child.tag != "atom:link":
            continue
        name = relation(child)
        relations.add(name)
        if name == "alternate":
            kind = (child.attrs.get("type", "").lower(), child.attrs.get("hreflang", "").lower())
            if kind in kinds:
                message = "is a second alternate of one type and language: keep one"
                sheet.add("atom.alternate", message, child.line, "link")
            kinds.add(kind)
    return relations
