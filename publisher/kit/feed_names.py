"""Names that elements of feeds go by, whatever prefix or spelling a document uses for them.

Serves `kit.feed_strict`. Pure. The names, and which namespaces mean the same, are those of feedparser
6.0, which reads what the strict reader leaves: both must take an element for the same thing.
"""

from collections.abc import Mapping


def _words(text: str) -> frozenset[str]:
    """Return a set of names written as one line."""
    return frozenset(text.split())


_CORE = (
    "http://backend.userland.com/rss",
    "http://blogs.law.harvard.edu/tech/rss",
    "http://purl.org/rss/1.0/",
    "http://my.netscape.com/rdf/simple/0.9/",
    "http://example.com/newformat#",
    "http://example.com/necho",
    "http://purl.org/echo/",
    "uri/of/echo/namespace#",
    "http://purl.org/pie/",
    "http://purl.org/atom/ns#",
    "http://www.w3.org/2005/atom",
    "http://purl.org/rss/1.0/modules/rss091#",
)
NAMESPACES: Mapping[str, str] = {
    **dict.fromkeys(_CORE, ""),
    "http://creativecommons.org/ns#license": "cc",
    "http://web.resource.org/cc/": "cc",
    "http://cyber.law.harvard.edu/rss/creativecommonsrssmodule.html": "creativeCommons",
    "http://backend.userland.com/creativecommonsrssmodule": "creativeCommons",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.w3.org/2003/01/geo/wgs84_pos#": "geo",
    "http://www.georss.org/georss": "georss",
    "http://www.opengis.net/gml": "gml",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://example.com/dtds/podcast-1.0.dtd": "itunes",
    "http://search.yahoo.com/mrss": "media",
    "http://search.yahoo.com/mrss/": "media",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://www.w3.org/xml/1998/namespace": "xml",
    "http://podlove.org/simple-chapters": "psc",
}
"""Lower-case namespace -> prefix that its names have here, "" for the formats themselves."""

PREFIXES = frozenset(NAMESPACES.values()) - {""}

RSS10, RSS090, ATOM10 = _CORE[2], _CORE[3], _CORE[10]


def prefix_of(namespace: str) -> str | None:
    """Return the prefix of a known namespace, None for an unknown one."""
    known = namespace.lower()
    return "" if _CORE[0] in known else NAMESPACES.get(known)


CONTENT: Mapping[str, tuple[str, str]] = {
    "title": ("title", "text/plain"),
    "dc_title": ("title", "text/plain"),
    "media_title": ("title", "text/plain"),
    "abstract": ("summary", "text/plain"),
    "body": ("content", "application/xhtml+xml"),
    "xhtml_body": ("content", "application/xhtml+xml"),
    "content_encoded": ("content", "text/html"),
    "fullitem": ("content", "text/html"),
}
"""Text constructs: what they are, and the type of their text when they name none."""

TEXTS: Mapping[str, str] = {
    **dict.fromkeys(("published", "issued", "pubdate", "dcterms_issued"), "published"),
    **dict.fromkeys(("updated", "modified", "lastbuilddate"), "updated"),
    **dict.fromkeys(("dc_date", "dcterms_modified"), "updated"),
    **dict.fromkeys(("created", "dcterms_created"), "created"),
    **dict.fromkeys(("language", "dc_language"), "language"),
}
"""Elements that are kept as texts, and the names they are kept by."""

WANTED = frozenset(
    {
        *("itunes_title", "itunes_duration", "itunes_season", "itunes_episode"),
        *("itunes_episodetype", "itunes_explicit", "podcast_transcript", "podcast_chapters"),
        *("feedburner_origlink", "ttl", "sy_updateperiod", "sy_updatefrequency"),
    }
)
"""Elements without meaning to the formats of which the attributes or else the text are kept."""

IDS = frozenset({"guid", "id"})
AUTHORS = frozenset({"author", "managingeditor", "dc_author", "dc_creator", "itunes_author"})
PARTICULARS = frozenset({"name", "email", "uri", "url", "homepage", "itunes_name", "itunes_email"})
SUMMARIES = frozenset(
    {"summary", "itunes_summary", "description", "dc_description", "media_description"}
)
CATEGORIES = frozenset({"category", "keywords", "dc_subject", "media_category", "itunes_category"})
KEYWORDS = frozenset({"media_keywords", "itunes_keywords"})
MEDIA = frozenset({"media_content", "media_group", "media_thumbnail"})
PICTURES = frozenset({"itunes_image", "itunes_link"})
BOXES = frozenset({"image", "textinput"})

UNUSED_TEXTS = frozenset(
    {
        *("subtitle", "tagline", "rights", "copyright", "info", "dc_rights", "itunes_subtitle"),
        "feedburner_browserfriendly",
    }
)
"""Text constructs that no article needs."""

UNUSED = frozenset(
    {
        *("generator", "cloud", "webmaster", "dc_publisher", "width", "height"),
        *("expirationdate", "newlocation", "dcterms_valid", "dc_contributor", "itunes_block"),
        *("media_rating", "media_credit", "media_restriction", "media_license", "media_player"),
        *("psc_chapters", "psc_chapter", "cc_license", "creativecommons_license"),
    }
)
"""Elements with a meaning of their own that no article needs."""

HANDLED = frozenset(
    {
        *(*UNUSED, *UNUSED_TEXTS, *TEXTS, *CONTENT, *IDS, *AUTHORS, *PARTICULARS, *SUMMARIES),
        *(
            *CATEGORIES,
            *KEYWORDS,
            *MEDIA,
            *PICTURES,
            *BOXES,
            "content",
            "contributor",
            "enclosure",
        ),
        *("itunes_explicit", "itunes_owner", "link", "source", "item", "entry", "channel"),
    }
)
"""Elements with a meaning."""

UNUSED_PREFIXES = ("geo_", "georss_", "georssgeom", "gml_")

RESERVED = frozenset(
    {
        *("authors", "author_detail", "publisher", "publisher_detail", "contributors", "tags"),
        *("links", "title_detail", "summary_detail", "content_detail", "guidislink", "href"),
        *("media_content", "media_keywords", "itunes_keywords", "enclosures", "license"),
        *("channel", "date", "date_parsed", "description_detail", "modified_parsed"),
        *("issued_parsed", "copyright_detail", "tagline_detail", "published_parsed"),
        *("updated_parsed", "created_parsed", "svg", "math", "where", "rss", "feed", "rdf_rdf"),
    }
)
"""Names that the readers use for something else: an element called so is read by feedparser."""

TYPES: Mapping[str, str] = {
    "text": "text/plain",
    "plain": "text/plain",
    "html": "text/html",
    "xhtml": "application/xhtml+xml",
}
"""Types of Atom's text constructs as media types."""

HTML_TAGS = _words(
    "a abbr acronym address area article aside audio b big blockquote br button canvas caption"
    " center cite code col colgroup command datagrid datalist dd del details dfn dialog dir div dl"
    " dt em event-source fieldset figcaption figure font footer form h1 h2 h3 h4 h5 h6 header hr i"
    " img input ins kbd keygen label legend li m map menu meter multicol nav nextid noscript ol"
    " optgroup option output p pre progress q s samp section select small sound source spacer span"
    " strike strong sub sup table tbody td textarea tfoot th thead time tr tt u ul var video"
)
"""Elements that make a text look like HTML."""
