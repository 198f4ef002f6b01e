"""Archive: which document of a feed holds which article (RFC 5005 section 4). Pure.

The subscription document holds the newest articles up to the feed's limit. What has left it fills
archive pages of as many, oldest first, that never change; what does not fill a page yet stands in a
last page whose name tells its content, so that this one never changes either but is followed by
another. No article stands in two documents: a reader that pages back meets each exactly once.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256

from publisher.model.archives import Archive, ArchivePage, Layout, Member
from publisher.model.articles import ArticleId

MARK = 12
"""Hexadecimal digits of a name that tells content."""

Members = Mapping[ArticleId, Member]


def lay_out(before: Archive, members: Sequence[Member], limit: int) -> Layout:
    """Return the documents of a feed that holds these members, after those of its last publish.

    A page loses who is hidden, erased or gone from the feed, and is made anew after a significant
    edit: under a new name, because what stands at the old one may have been kept. Its size is the
    limit of the day it became full.
    """
    known = {member.id: member for member in members}
    pages = tuple(_renewed(before.pages, known))
    archived = {article for page in pages for article in page.articles}
    rest = sorted((one for one in members if one.id not in archived), key=_order, reverse=True)
    current, left = rest[:limit], rest[limit:][::-1]
    number = before.last
    full = len(left) // limit * limit
    for begin in range(0, full, limit):
        number += 1
        pages += (_page(number, left[begin : begin + limit], name=str(number)),)
    tail = _page(number + 1, left[full:]) if left[full:] else None
    after = Archive(pages=pages, tail=tail, last=number)
    return Layout(
        current=tuple(one.id for one in current), archive=after, gone=_gone(before, after)
    )


def _order(member: Member) -> tuple[object, ...]:
    return member.pinned, member.published, member.id


def _renewed(pages: Sequence[ArchivePage], known: Members) -> Iterator[ArchivePage]:
    for page in pages:
        kept = [known[article] for article in page.articles if article in known]
        if _mark(kept) == page.mark:
            yield page
        elif kept:
            yield _page(page.number, kept)


def _page(number: int, members: Sequence[Member], name: str = "") -> ArchivePage:
    mark = _mark(members)
    return ArchivePage(
        number=number,
        name=name or f"{number}-{mark}",
        mark=mark,
        articles=tuple(member.id for member in members),
    )


def _mark(members: Sequence[Member]) -> str:
    told = "\n".join(f"{one.id} {one.updated.isoformat()}" for one in members)
    return sha256(told.encode("ascii")).hexdigest()[:MARK]


def _gone(before: Archive, after: Archive) -> Mapping[str, str]:
    """Return the names that lead nowhere any more, each with that of the page of its number."""
    heirs = {page.number: page.name for page in after.every}
    names = set(heirs.values())
    return {
        page.name: heirs.get(page.number, "") for page in before.every if page.name not in names
    }
