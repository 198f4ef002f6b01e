"""What RSS and Atom documents are written of: the head of a feed and its entries, in plain values.

Serves formats/rss, formats/atom and kit/feedxml, which writes them with a library that whoever only
reads definitions need not load.
"""

from dataclasses import dataclass
from datetime import datetime

from publisher.model.articles import Enclosure, Link
from publisher.model.podcasts import Episode, Podcast
from publisher.model.views import SourceView


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A link of the feed itself; `href` absolute."""

    rel: str
    href: str
    type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """The head of a feed. `links` hold self, hub, other formats and archive links, not `home`.

    `style` is the address of the style sheet for browsers that open the document, "" for none.
    """

    uid: str
    title: str
    description: str
    home: str
    language: str
    publication: str
    email: str
    updated: datetime
    links: tuple[Reference, ...]
    is_archive: bool = False
    is_complete: bool = False
    style: str = ""
    podcast: Podcast | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry, every text already in the form the format wants.

    `title`, `authors` and `tags` are plain text. `summary` is HTML when `summary_is_html`;
    `content` is HTML, "" when only a summary goes out. `schemes` say which list each tag is from,
    "" for one of no list.
    """

    uid: str
    title: str
    url: str
    published: datetime
    updated: datetime
    summary: str
    content: str
    summary_is_html: bool = False
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    image: str = ""
    related: tuple[Link, ...] = ()
    language: str = ""
    source: SourceView | None = None
    episode: Episode | None = None
