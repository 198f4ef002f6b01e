"""Paged and archived feeds (RFC 5005), in Atom and in RSS.

Serves the judges of feeds.
"""

from publisher.lint.feeds.atom_links import relation
from publisher.lint.feeds.reading import Node
from publisher.lint.feeds.sheet import Sheet
from publisher.lint.feeds.standing import Standing

PAGES = frozenset({"first", "last", "next", "previous", "prev-archive", "next-archive", "current"})
_AHEAD = ("prev-archive", "next-archive", "previous", "next")


def judge_history(sheet: Sheet, standing: Standing, head: Node, links: list[Node]) -> None:
    """Judge what a feed says of its other pages; `links` are those of its head."""
    found = {relation(link): link for link in links}
    address = {name: link.attrs.get("href", "").strip() for name, link in found.items()}
    complete, archive = head.first("fh:complete"), head.first("fh:archive")
    own = address.get("self", "") or standing.url
    if complete and archive:
        message = "is whole and an archive at once: keep one of the two marks"
        sheet.add("history.both", message, archive.line, "fh:archive")
    if complete:
        _complete(sheet, found, own)
    elif archive:
        _archive(sheet, archive, address)
    elif "prev-archive" in found and "current" in address and address["current"] != own:
        message = "leads to another current document, and is no archive: add fh:archive"
        sheet.add("history.chain", message, found["current"].line, "link", address["current"])
    _ends(sheet, found, address, own)


def _ends(sheet: Sheet, found: dict[str, Node], address: dict[str, str], own: str) -> None:
    """Judge whether pages lead where there is one."""
    if not own:
        return
    for name, other in (("first", "previous"), ("last", "next")):
        if address.get(name) == own and other in found:
            message = f"leads on from the {name} page: take the link {other} away"
            sheet.add("history.end", message, found[other].line, "link", address[other])
    for name in _AHEAD:
        if address.get(name) == own:
            message = f"is {name} of itself: lead to the other page, or leave it out"
            sheet.add("history.own", message, found[name].line, "link", own)


def _complete(sheet: Sheet, found: dict[str, Node], own: str) -> None:
    for name in sorted(PAGES & found.keys()):
        link = found[name]
        href = link.attrs.get("href", "").strip()
        if name == "current":
            if not own or href == own:
                continue
            message = "is current, but a complete feed is all there is: lead to itself"
        else:
            message = f"is a {name} page of a complete feed: take it out, or fh:complete"
        sheet.add("history.complete", message, link.line, "link", href)


def _archive(sheet: Sheet, archive: Node, address: dict[str, str]) -> None:
    if "current" not in address:
        message = "the archive page does not lead back: add a link rel=current"
        sheet.add("history.current", message, archive.line, "fh:archive")
    if not {"prev-archive", "next-archive"} & address.keys():
        message = "the archive page leads to no other: right while it is the only full one"
        sheet.add("history.alone", message, archive.line, "fh:archive")


def judge_entry_links(sheet: Sheet, node: Node) -> None:
    """Judge the links of an entry: pages are none of its business."""
    for link in node.children:
        if link.tag == "atom:link" and relation(link) in PAGES:
            message = "leads to a page of the feed: put it into the feed's own links"
            sheet.add("history.entry", message, link.line, "link", link.attrs.get("href", ""))
