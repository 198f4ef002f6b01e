"""Key points and Read also where an entry has them as lists in its text: taken out of it.

Serves `kit.feed_entries`. Pure. `kit.entry_html` writes these lists for people, with nothing that a
sanitiser would take away: so they are known by their place, their shape and their heading, and whoever
takes such a feed has the points once, as points. Other publishers' lists are told the same way.
"""

import html as entities
import re
from collections.abc import Sequence
from dataclasses import dataclass

from publisher.kit.clean import absolute_url
from publisher.kit.page_labels import Label, label_kinds
from publisher.kit.text import clean_text
from publisher.model.articles import Link

MOST = 20
"""Points and links of one entry; more of them are a text."""

LONGEST = 600
"""Characters of a point or a title; what is longer is a text, too."""

# Sanitised HTML: lower-case names, attributes in double quotes.
_HEADING = re.compile(
    r"\s*+<(p|h[2-6])>\s*+(?:<(strong|b)>)?+\s*+([^<]{1,400}+)(?:</\2>)?+\s*+</\1>\s*+(?=<[uo]l>)"
)
_LIST = re.compile(r"<([uo]l)>((?:(?!</?[uo]l>).)*)</\1>\s*", re.DOTALL)
_ITEM = re.compile(r"\s*<li>\s*(?:<p>)?((?:(?!</?li>).)*?)(?:</p>)?\s*</li>\s*", re.DOTALL)
_ANCHOR = re.compile(r'<a\b(?: [a-z]+="[^"]*")*? href="([^"]*)"[^>]*>([^<]*)</a>')
_TAG = re.compile(r"<[^>]*>")
# What stands before the points: the picture, standfirst and dek, and what says the direction.
_BEFORE = re.compile(
    r'\s*(?:<div dir="rtl" lang="[^"]*">|<p>\s*<img\b[^>]*>\s*</p>|<p>\s*<(strong|em|b|i)>[^<]*</\1>\s*</p>)'
)
_AFTER = re.compile(r"(?:\s*</div>)?\s*")
_MOST_BEFORE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Parted:
    """HTML without the lists, and what these said."""

    html: str
    key_points: tuple[str, ...] = ()
    read_also: tuple[Link, ...] = ()


def part(html: str, points: Sequence[str] = (), links: Sequence[Link] = ()) -> Parted:
    """Return sanitised HTML without a list of key points at its top and of Read also at its end.

    `points` and `links` are what the entry says of them to programs: they count, and a list that says
    the same is known whatever its heading. Total.
    """
    html, found = _without_points(html, points)
    html, also = _without_links(html, links)
    # Titles that stand in attributes were written for readers that take "<" for mark-up.
    titled = {link.url: link for link in also}
    told = tuple(titled.get(link.url, link) for link in links)
    return Parted(html=html, key_points=tuple(points) or found, read_also=told or also)


def usable_points(said: Sequence[object]) -> tuple[str, ...]:
    """Return the points among what a program handed over: texts of one line, each once."""
    words = (clean_text(one) for one in said if isinstance(one, str))
    return tuple(dict.fromkeys(one for one in words if 0 < len(one) <= LONGEST))[:MOST]


def usable_links(said: Sequence[tuple[str, str]], base: str) -> tuple[Link, ...]:
    """Return links of (title, address) pairs; those without a title are none."""
    links = (
        Link(title=words, url=absolute_url(address, base))
        for title, address in said
        if 0 < len(words := clean_text(title)) <= LONGEST
    )
    return tuple(dict.fromkeys(links))[:MOST]


def _without_points(html: str, known: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Return the HTML without its list of key points, and these."""
    place = 0
    for _ in range(_MOST_BEFORE + 1):
        heading = _HEADING.match(html, place)
        if heading and (listed := _LIST.match(html, heading.end())):
            points = usable_points([_words(item) for item in _items(listed[2], links=False)])
            same = points and list(points) == list(known)
            if same or (points and Label.POINTS in label_kinds(_words(heading[3]))):
                return html[: heading.start()] + html[listed.end() :], points
        before = _BEFORE.match(html, place)
        if before is None:
            break
        place = before.end()
    return html, ()


def _without_links(html: str, known: Sequence[Link]) -> tuple[str, tuple[Link, ...]]:
    """Return the HTML without its last list, if that is one of stories to read also, and these."""
    start = max(html.rfind("<ul>"), html.rfind("<ol>"))
    listed = _LIST.match(html, start) if start >= 0 else None
    if listed is None or not _AFTER.fullmatch(html, listed.end()):
        return html, ()
    heading = None
    # Headings are short: what stands well before the list is none.
    for mark in ("<p>", "<h2>", "<h3>", "<h4>", "<h5>", "<h6>"):
        begin = html.rfind(mark, max(0, start - 2 * LONGEST), start)
        found = _HEADING.match(html, begin) if begin >= 0 else None
        heading = found if found and found.end() == start else heading
    if heading is None:
        return html, ()
    links = usable_links([_link(item) for item in _items(listed[2], links=True)], "")
    same = {link.url for link in links} == {link.url for link in known}
    if links and (same or Label.ALSO in label_kinds(_words(heading[3]))):
        return html[: heading.start()] + html[listed.end() :], links
    return html, ()


def _items(body: str, *, links: bool) -> list[str]:
    """Return what stands in the items of a list; none when something else does."""
    items, place = [], 0
    while found := _ITEM.match(body, place):
        plain = _ANCHOR.sub("", found[1]) if links else found[1]
        if _TAG.search(plain) or (links and plain != found[1] and plain.strip()):
            return []
        items.append(found[1])
        place = found.end()
    return items if place == len(body) and len(items) <= MOST else []


def _link(item: str) -> tuple[str, str]:
    """Return the title and address of an item of links."""
    found = _ANCHOR.search(item)
    return (_words(found[2]), entities.unescape(found[1])) if found else (_words(item), "")


def _words(escaped: str) -> str:
    return entities.unescape(escaped)
