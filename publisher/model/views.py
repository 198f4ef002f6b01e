"""What formats are given: complete, decided, absolute; a format adds nothing but form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from publisher.model.articles import ArticleId, Enclosure, Link
from publisher.model.podcasts import Podcast


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """The feed that an article was taken from: its id, its own address, and its page for people."""

    title: str
    uid: str = ""
    url: str = ""
    home: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """One article in a document. `html` is sanitised with absolute URLs, "" when only a summary goes out.

    `updated` is distinct within a feed. `also_at` are the other sources of its cluster, by name.
    `read_also` holds supplied and computed links, in order;
    `key_points_in_text` and `read_also_in_text` say whether people find these within the text, too.
    """

    id: ArticleId
    uid: str
    title: str
    url: str
    summary: str
    html: str
    text: str
    language: str
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    image: str
    enclosures: tuple[Enclosure, ...]
    key_points: tuple[str, ...]
    read_also: tuple[Link, ...]
    published: datetime
    updated: datetime
    standfirst: str = ""
    dek: str = ""
    key_points_in_text: bool = True
    read_also_in_text: bool = True
    also_at: tuple[Link, ...] = ()
    source: SourceView | None = None
    page_path: str = ""  # of our own page below `public/`, "" when the article lives elsewhere
    attributes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveLinks:
    """RFC 5005 section 4 links, absolute, "" when there is none.

    `is_complete` means that the document holds the whole history (section 2).
    """

    current: str = ""
    previous: str = ""
    next: str = ""
    is_archive: bool = False
    is_complete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedView:
    """One outgoing feed (or one archive page of it), newest entry first.

    `links` maps a format's name to its absolute address; `home` is the feed's page for people;
    `hubs` are where programs ask to be told of changes (WebSub), our own first.
    `updated` is the newest content change, so that bytes change only when content does. `style` is
    the path of the style sheet that browsers show it with. `category_scheme` names the list that our
    own tags are from, "" for none.
    """

    slug: str
    uid: str
    title: str
    description: str
    language: str
    home: str
    links: Mapping[str, str]
    publication: str
    contact: str
    updated: datetime
    entries: tuple[EntryView, ...]
    site: str = ""
    archive: ArchiveLinks = field(default_factory=ArchiveLinks)
    ended: bool = False
    style: str = ""
    category_scheme: str = ""
    hubs: tuple[str, ...] = ()
    podcast: Podcast | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteView:
    """The whole publication: its public feeds, newest entries first in each.

    `archive` is the address of past editions, "" when nobody may read any; `subscribe` that of the
    form for mail, "" when none carries a public feed. `styles` maps the path of each style
    sheet for feed documents to its language. `founded` is the day on which the store was made.
    """

    title: str
    url: str
    language: str
    timezone: str
    postal_address: str
    contact: str
    feeds: tuple[FeedView, ...]
    updated: datetime
    archive: str = ""
    subscribe: str = ""
    styles: Mapping[str, str] = field(default_factory=dict)
    founded: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticlePage:
    """A story that gets a page of its own, with the public feeds it stands in (without entries)."""

    entry: EntryView
    feeds: tuple[FeedView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MapEntry:
    """An address of a sitemap, and when what is found there changed last, None when not known."""

    url: str
    changed: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MapPart:
    """A part of the sitemap, and when what it lists changed last; `entries` None: it stands as it is."""

    path: str
    entries: tuple[MapEntry, ...] | None
    changed: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsEntry:
    """A story of a map of news."""

    url: str
    title: str
    language: str
    published: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Bytes to be published under `path` (relative, forward slashes)."""

    path: str
    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryView:
    """One story of a digest, as frozen with its edition.

    `feeds` are the slugs of the schedule's feeds it came by. `image_width` and `image_height` are
    pixels as shown, 0 when unknown. `updated` is when it changed significantly after it was
    published, None when it did not. `also_at` are the other sources of its cluster. `note` is the
    editors'. `edited` maps each field that they wrote themselves (`title`, `standfirst`,
    `key_points`) to what stood there. `content_hash` tells later whether the article has changed.
    """

    id: ArticleId
    feeds: tuple[str, ...] = ()
    title: str
    url: str
    standfirst: str = ""
    summary: str = ""
    language: str = ""
    authors: tuple[str, ...] = ()
    image: str = ""
    image_width: int = 0
    image_height: int = 0
    image_alt: str = ""
    key_points: tuple[str, ...] = ()
    read_also: tuple[Link, ...] = ()
    also_at: tuple[Link, ...] = ()
    published: datetime
    updated: datetime | None = None
    minutes: int = 1
    note: str = ""
    pinned: bool = False
    hidden: bool = False
    edited: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict, hash=False)
    content_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionView:
    """A heading in a digest: one feed of its schedule."""

    slug: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestView:
    """A whole edition in one language for the digest format: every story, lead first.

    `template` names a variant (newspaper, plain, compact). `date` is the slot's local date-time.
    `note` is what the editors say at the top, `contact` the address that they read; "" for none.
    """

    publication: str
    url: str
    language: str
    postal_address: str
    title: str
    number: int
    date: datetime
    timezone: str
    stories: tuple[StoryView, ...]
    sections: tuple[SectionView, ...] = ()
    note: str = ""
    contact: str = ""
    template: str = "newspaper"


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterView:
    """A mail to one person that is no digest: `kind` is confirmation, welcome or goodbye.

    What it says are the words of its kind in its language; `lines` stand below them as a list. The
    button leads to `button_url`; without `unsubscribe_url` there is no such link.
    """

    kind: str
    publication: str
    url: str
    language: str
    button_url: str
    postal_address: str = ""
    contact: str = ""
    unsubscribe_url: str = ""
    lines: tuple[str, ...] = ()


# Slot names a digest may use; anything else in a template is an error.
# Per selection: filled once for all readers with the same stories. `section` is the lead's,
# `extent` says how much there is to read ("6 stories, 4 minutes").
SELECTION_VALUES = ("subject", "preheader", "section", "extent")
# Per recipient.
RECIPIENT_VALUES = (
    "name",
    "email",
    "why",
    "view_url",
    "unsubscribe_url",
    "preferences_url",
    "feed_url",
)
