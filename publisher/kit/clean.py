"""HTML from strangers, made safe: the one normalisation step before all renderers.

Serves every source and the page form. Pure. The only importer of nh3; the names of `kit.text` are
here too, because who cleans HTML mostly cleans its title as well.
What leaves here holds no character XML forbids, no script, no style, no relative address, and is
neither deeper nor longer than the inliner can take (`MAX_DEPTH`, `MAX_HTML`).
"""

import html as entities
import re
import threading
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

from publisher.kit.beacons import is_beacon, without_unseen
from publisher.kit.text import (
    clean_lines,
    clean_text,
    derive_title,
    escape,
    joined,
    lead_sentence,
    plain_title,
    shorten,
    strip_illegal,
    text_to_html,
)
from publisher.model.tracking import without_tracking

if TYPE_CHECKING:
    import nh3

__all__ = [
    "BLOCK_TAGS",
    "INLINE_TAGS",
    "MAX_DEPTH",
    "MAX_HTML",
    "TAG",
    "absolute_srcset",
    "absolute_url",
    "clean_html",
    "clean_lines",
    "clean_text",
    "derive_title",
    "escape",
    "html_to_text",
    "lead_sentence",
    "plain_title",
    "shorten",
    "strip_illegal",
    "structure",
    "text_to_html",
    "words_of",
]

MAX_HTML = 500_000
"""Characters of HTML read of an article: nh3 needs quadratic time on entities in one text (5 s for
1 MB of ampersands), and libxml2 silently drops text nodes from 10 MB on."""

MAX_DEPTH = 100
"""Levels of nesting; libxml2 silently drops what lies below level 254."""

# html5ever needs quadratic time on unclosed tags: measured 12 s for 100,000 divs, 5 ms for these.
_RAW_DEPTH = 2_000


def _names(text: str) -> frozenset[str]:
    """Return a set of element names written as one line."""
    return frozenset(text.split())


_VOID = _names("area base br col embed hr img input link meta source track wbr")
_SELF_CLOSING = _VOID | _names("p li dt dd td th tr option optgroup rt rp")

INLINE_TAGS = _names(
    "a abbr b bdi bdo br cite code del dfn em i ins kbd mark q rp rt ruby s samp small span strong"
    " sub sup time u var wbr"
)
MEDIA_TAGS = _names("img picture source audio video track")
_WRAPPERS = _names("address article aside center footer form header main nav section")
BLOCK_TAGS = _WRAPPERS | _names(
    "blockquote caption dd details div dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr li ol p pre"
    " summary table tbody td tfoot th thead tr ul"
)
_KEPT_TAGS = INLINE_TAGS | MEDIA_TAGS | BLOCK_TAGS | {"col", "colgroup"}
_DROPPED = _names(
    "script style template iframe object embed applet svg math noframes noembed title textarea"
    " select button canvas frameset"
)
_ATTRIBUTES = {
    "*": {"dir", "lang", "title"},
    "a": {"href", "hreflang"},
    "audio": {"src", "controls"},
    "blockquote": {"cite"},
    "col": {"span"},
    "colgroup": {"span"},
    "del": {"datetime"},
    "img": {"src", "srcset", "alt", "width", "height", "sizes"},
    "ins": {"datetime"},
    "ol": {"start", "reversed"},
    "q": {"cite"},
    "source": {"src", "srcset", "type", "media", "sizes"},
    "td": {"colspan", "rowspan", "headers"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
    "track": {"src", "kind", "srclang", "label"},
    "video": {"src", "controls", "poster", "width", "height"},
}
_ADDRESSES = frozenset({"href", "src", "cite", "poster"})
_LINK_SCHEMES = frozenset({"http", "https", "mailto", "tel", "xmpp", "geo"})
_MEDIA_SCHEMES = frozenset({"http", "https"})

TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)([^<>\"]*(?:\"[^\"]*\"[^<>\"]*)*)>")
"""A tag of HTML that nh3 wrote: closing slash, name, attributes."""

_RAW_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)[^<>]*>")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|<[!?][^<>]*>", re.DOTALL)


def clean_html(html: str, base_url: str = "") -> str:
    """Return an HTML fragment that is safe everywhere: a feed, a page, a mail.

    Addresses become absolute against `base_url`; those that cannot be are dropped. Only
    http(s), mailto, tel, xmpp and geo links and http(s) media stay. At most `MAX_HTML` characters
    and `MAX_DEPTH` levels: deeper elements lose their tags, not their text. Pictures that count
    readers go, and parameters of links that tell where readers come from. Total.
    """
    _UNDER_WAY.base_url = base_url
    cleaned = _cleaner().clean(without_unseen(_bounded(html)))
    return strip_illegal(_tidy(flatten(cleaned, MAX_DEPTH))).strip()


def structure(html: str, base_url: str = "") -> str:
    """Return well-formed HTML of block and inline tags and pictures, for readers of structure.

    Unlike `clean_html` it keeps nav, header and the like; the only attributes left are those of
    links and pictures, absolute.
    """
    _UNDER_WAY.base_url = base_url
    return flatten(_structurer().clean(_bounded(html)), MAX_DEPTH)


class _UnderWay(threading.local):
    """What the cleaning that this thread does counts addresses from: a cleaner is made only once."""

    base_url = ""


_UNDER_WAY = _UnderWay()


@cache
def _cleaner() -> "nh3.Cleaner":
    """Return what cleans; to make it takes as long as to use it on a page."""
    import nh3

    return nh3.Cleaner(
        tags=set(_KEPT_TAGS),
        clean_content_tags=set(_DROPPED),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        attribute_filter=_attribute,
        url_schemes=set(_LINK_SCHEMES),
        link_rel=None,
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Return an attribute's value as it may stay, None when it may not."""
    if name in _ADDRESSES:
        if tag == "a":
            return (
                without_tracking(absolute_url(value, _UNDER_WAY.base_url, _LINK_SCHEMES)) or None
            )
        url = absolute_url(value, _UNDER_WAY.base_url)
        return None if tag == "img" and url and is_beacon(url) else url or None
    if name == "srcset":
        return absolute_srcset(value, _UNDER_WAY.base_url) or None
    return clean_text(value)


@cache
def _structurer() -> "nh3.Cleaner":
    """Return what leaves nothing but structure."""
    import nh3

    return nh3.Cleaner(
        tags={"img"} | BLOCK_TAGS | INLINE_TAGS,
        clean_content_tags=set(_DROPPED),
        attributes={"a": {"href"}, "img": {"src", "alt"}},
        attribute_filter=_link_or_alt,
        link_rel=None,
    )


def _link_or_alt(_tag: str, name: str, value: str) -> str | None:
    """Return an attribute's value as readers of structure want it."""
    if name == "alt":
        return clean_text(value)
    return absolute_url(value, _UNDER_WAY.base_url) or None


def _bounded(html: str) -> str:
    """Return the HTML cut to what can be parsed in linear time, without comments."""
    legal = strip_illegal(html[: 2 * MAX_HTML])
    if "<!" in legal or "<?" in legal:
        legal = _COMMENT.sub("", legal)
    if legal.count("<") > _RAW_DEPTH:
        legal = flatten(legal, _RAW_DEPTH, _RAW_TAG)
    return legal[:MAX_HTML]


def flatten(html: str, depth: int, tags: re.Pattern[str] = TAG) -> str:
    """Return the HTML without the tags of elements that lie deeper than `depth` levels."""
    if tags is TAG and not _is_deeper(html, depth):
        return html
    level = 0

    def shallow(match: re.Match[str]) -> str:
        nonlocal level
        void = match[2].lower() in (_SELF_CLOSING if tags is _RAW_TAG else _VOID)
        if void:
            return match[0] if level < depth else ""
        level += -1 if match[1] else 1
        inside = level + (1 if match[1] else 0)
        level = max(level, 0)
        return match[0] if inside <= depth else ""

    return tags.sub(shallow, html)


def _is_deeper(html: str, depth: int) -> bool:
    """Tell whether HTML that nh3 wrote has more than `depth` levels; each level has its end tag."""
    if html.count("</") < depth:
        return False
    level = 0
    for closing, name, _ in TAG.findall(html):
        if closing:
            level -= 1
        elif level >= depth:
            return True
        elif name not in _VOID:
            level += 1
    return False


_WRAPPER = re.compile(rf"<(/?)(?:{'|'.join(sorted(_WRAPPERS))})(?=[\s>])[^>]*>")
_ANY_WRAPPER = re.compile("</(?:" + "|".join(sorted(_WRAPPERS)) + ")>")
_DEAD_LINK = re.compile(r"<a>(.*?)</a>", re.DOTALL)
_EMPTY_IMAGE = re.compile(r"<(?:img|source|track)(?![^>]*\ssrc(?:set)?=)[^>]*>")
_PIXEL = re.compile(r"<img(?=[^>]*\swidth=\"[01]\")(?=[^>]*\sheight=\"[01]\")[^>]*>")
_EMPTY_BLOCK = re.compile(r"<(p|div|span|figure|picture|h[1-6])>\s*</\1>")


def _tidy(html: str) -> str:
    """Return HTML for any place: no page landmarks, dead links, spy pixels or empty blocks."""
    if _ANY_WRAPPER.search(html):
        html = _WRAPPER.sub(r"<\1div>", html)
    if "<a>" in html:
        html = _DEAD_LINK.sub(r"\1", html)
    if "<img" in html or "<source" in html or "<track" in html:
        html = _PIXEL.sub("", _EMPTY_IMAGE.sub("", html))
    return _EMPTY_BLOCK.sub("", html)


MAX_URL = 8_000
# Most addresses are whole and stay as they are, which this tells in a tenth of the time: no port
# above 9999, no parameters, no empty query or fragment at the end.
_PLAIN = re.compile(r"https?://[A-Za-z0-9._-]+(?::[0-9]{1,4})?(?:/(?:[!-:<-~]*[!\"$-:<->@-~])?)?")


def absolute_url(url: str, base_url: str = "", schemes: frozenset[str] = _MEDIA_SCHEMES) -> str:
    """Return the address, absolute, or "" when it cannot be or its scheme is not wanted."""
    if _PLAIN.fullmatch(url) and len(url) <= MAX_URL and "?#" not in url:
        return url if url.partition(":")[0] in schemes else ""
    wanted = re.sub(r"[\x00-\x20\x7f]+", "", clean_text(url).replace(" ", "%20"))
    if not wanted or len(wanted) > MAX_URL:
        return ""
    try:
        joined = urljoin(base_url, wanted) if base_url else wanted
        if joined.startswith("//"):
            joined = f"https:{joined}"
        parts = urlsplit(joined)
        usable = parts.scheme.lower() in schemes
        hosted = parts.scheme.lower() not in _MEDIA_SCHEMES or bool(parts.hostname)
        _ = parts.port
        ascii_only = joined if joined.isascii() else _as_uri(parts)
    except ValueError:
        return ""
    return ascii_only if usable and hosted else ""


_URI_CHARACTERS = "".join(map(chr, range(0x21, 0x7F)))


def _as_uri(parts: SplitResult) -> str:
    """Return an IRI as the URI it maps to (RFC 3987 section 3.1). Raises ValueError."""
    host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    rest = (
        quote(part, safe=_URI_CHARACTERS) for part in (parts.path, parts.query, parts.fragment)
    )
    return urlunsplit((parts.scheme, host, *rest))


# HTML, section 4.8.4.2.1: an address may hold commas, and ends with a blank.
_CANDIDATE = re.compile(r"([^\s,]\S*[^\s,]|[^\s,])(?:\s+([\d.]{1,9}[wxh]))?\s*(?:,|\Z)")


def absolute_srcset(value: str, base_url: str = "") -> str:
    """Return a srcset whose candidates are absolute; those that cannot be are left out."""
    return ", ".join(
        " ".join(filter(None, [url.replace(",", "%2C"), candidate[2]]))
        for candidate in _CANDIDATE.finditer(value[:MAX_URL])
        if (url := absolute_url(candidate[1], base_url))
    )


def html_to_text(html: str) -> str:
    """Return the visible text: paragraphs parted by an empty line, list items marked `- `."""
    if html.isascii() and "<" not in html and "&" not in html:  # most summaries: nothing to parse
        return _paragraphs(" ".join(strip_illegal(html[:MAX_HTML]).split()))
    return words_of(structure(html))


def words_of(clean: str) -> str:
    """Return the visible text of HTML that `clean_html` or `structure` returned."""
    pieces = _ANY_TAG.split(" ".join(clean.split()))
    pieces[1::2] = [_BREAKS.get(tag, "") for tag in pieces[1::2]]
    text = "".join(pieces)
    return _paragraphs(entities.unescape(text) if "&" in text else text)


_ANY_TAG = re.compile(r"<(/?[a-z][a-z0-9-]*)[^<>\"]*(?:\"[^\"]*\"[^<>\"]*)*>")
_LINES = _names("tr dt dd summary caption figcaption")
_BREAKS: dict[str, str] = {
    **{slash + tag: "\n\n" for tag in BLOCK_TAGS for slash in ("", "/")},
    **{slash + tag: "\n" for tag in _LINES for slash in ("", "/")},
    "br": "\n",
    "/br": "\n",
    "li": "\n- ",
    "/li": "",
    "td": "",
    "/td": " ",
    "th": "",
    "/th": " ",
}
"""What a tag means in plain text."""


def _paragraphs(text: str) -> str:
    """Return text with clean lines and at most one empty line in a row."""
    lines = [joined(line) for line in strip_illegal(text).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join([line for line in lines if line != "-"])).strip()
