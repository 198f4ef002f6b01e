"""What is in the HTML and in the plain texts of entries: scripts, relative addresses, escapes.

Serves the judges. One look at all tags together, closer only where something is found: HTML is most
of a feed. Sources: RFC 4287 section 8.1, RSS profile, the elements of HTML that are text.
"""

import html as entities
import re
from collections.abc import Iterator

from publisher.lint.feeds.sheet import Sheet
from publisher.lint.feeds.values import names

# Each pattern begins with a letter that is rare: then the engine skips to it without a step.
_TAGS = re.compile(r"<[a-zA-Z][^\s<>]*[\s/][^<>]*")
_NAMES = re.compile(r"<([a-zA-Z?][^\s/<>]*)")
_EVENT = re.compile(r"on[a-z]{3,24}\s*=")
_PLACES = (
    *("href", "src", "action", "cite", "poster", "data", "background", "longdesc", "classid"),
    "codebase",
)
_AT = "|".join(f"(?<={name}=)" for name in _PLACES)
_SCRIPT = re.compile(rf"=(?:{_AT})[\"']?[\s\x00-\x20]*(?:java|vb|live)script\s*:")
_SCHEME = r"(?!\s*[a-z][a-z0-9+.-]*:)"
_RELATIVE = re.compile(
    rf"=(?:{_AT})(?:\"{_SCHEME}([^\"]*)|'{_SCHEME}([^']*)|(?![\"']){_SCHEME}([^\s>]+))"
)
_SPACED = re.compile(r"\s*=\s*")
_SRCSET = re.compile(r"srcset=(?:\"([^\"]*)\"|'([^']*)')")
_BARE = re.compile(r"(?:\A|,\s)\s*(?![a-z][a-z0-9+.-]*:)([^\s,]+)")
_STYLE = re.compile(r"style=(?:\"([^\"]*)|'([^']*)|([^\s>]*))")
_DANGER = re.compile(
    r"position\s*:|z-index|behaviou?r|-moz-binding|expression|url\s*\(|@import|javascript|/\*|\\"
    r"|\d{4}(?:em|px|ex|pt|%)|(?:margin|top|left|right|bottom)[a-z-]*\s*:[^;]*-\s*\d",
    re.IGNORECASE,
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd\ufffe\uffff]")
_LIKE_TAGS = re.compile(r"<(?:/?[a-zA-Z]|!)")
_ESCAPED = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8}\d{0,2});")

SCRIPTS = frozenset({"script", "applet", "embed", "object"})
SAFE = names(
    "a abbr acronym address area article aside audio b bdi bdo big blink blockquote br button canvas"
    " caption center cite code col colgroup command data datagrid datalist dd del details dfn dialog"
    " dir div dl dt em event-source fieldset figcaption figure font footer form h1 h2 h3 h4 h5 h6"
    " header hgroup hr i img input ins kbd keygen label legend li m main map mark menu meter multicol"
    " nav nextid noscript ol optgroup option output p picture pre progress q rb rp rt rtc ruby s samp"
    " search section select slot small sound source spacer span strike strong sub summary sup table"
    " tbody td textarea tfoot th thead time tr track tt u ul var video wbr xmp"
)
"""Elements that are text, tables, pictures, sound: what may be in an entry."""

_MATHS = names("math mi mn mo mrow msub msup mfrac svg g path circle rect line polygon")


# Texts in which nothing was found: an entry stands in several formats, and most stay from one publish
# to the next. Hashes are salted by the process, so that nobody can make two texts collide.
_FINE: set[tuple[int, int]] = set()
_MOST_FINE = 50_000


def judge_html(sheet: Sheet, html: str, line: int, place: str) -> None:
    """Judge HTML that stands as text in an element; `line` is where this begins."""
    key = (hash(html), len(html))
    if key in _FINE:
        return
    before = sheet.added
    _html(sheet, html, line, place)
    if sheet.added == before:
        if len(_FINE) >= _MOST_FINE:
            _FINE.clear()
        _FINE.add(key)


def _html(sheet: Sheet, html: str, line: int, place: str) -> None:
    # XML lets no other control character of ASCII through.
    bad = None if html.isascii() and "\x7f" not in html else _CONTROL.search(html)
    if bad:
        _control(sheet, "html.control", html, bad, line, place)
    if "<" not in html:
        return
    for name in {name.lower() for name in set(_NAMES.findall(html))} - SAFE - _MATHS:
        _element(sheet, name, html, line, place)
    judge_attributes(sheet, "\n".join(_TAGS.findall(html)), html, line, place)


def judge_attributes(sheet: Sheet, written: str, html: str, line: int, place: str) -> None:
    """Judge the attributes of tags, written one after another; `html` tells where they stand."""
    if "=" not in written:
        return
    low = _level(written.lower())
    for found in _EVENT.finditer(low):
        if _begins(low, found.start()):
            message = "is a script in an attribute: take it out"
            where = _at(html, found[0], line)
            sheet.add("html.script", message, where, place, found[0].strip(" ="))
            break
    if "script" in low and (leading := _SCRIPT.search(low)):
        sheet.add("html.script", "leads to a script: take it out", line, place, leading[0][1:])
    for value in _relatives(low):
        message = "counts from a place that readers do not have: write the whole address"
        sheet.add("html.relative", message, _at(html, value, line), place, value)
        break
    if "style=" in low:
        _styles(sheet, low, html, line, place)


def _level(low: str) -> str:
    """Return attributes without what hides them: references, and space around the equals sign."""
    if "&#" in low or "&colon" in low or "&tab" in low or "&newline" in low:
        low = entities.unescape(low)
    if " =" in low or "= " in low or "=\n" in low or "\n=" in low or "\t" in low:
        low = _SPACED.sub("=", low)
    return low


def _begins(text: str, position: int) -> bool:
    """Tell whether an attribute's name begins here, not in the middle of one."""
    return position == 0 or text[position - 1] in " \n\t\r\f\"'/"


def _relatives(low: str) -> Iterator[str]:
    for found in _RELATIVE.finditer(low):
        name = low.rfind("=", 0, found.start() + 1)
        while name and (low[name - 1].isalpha() or low[name - 1] in "-:_"):
            name -= 1
        if low[name : found.start()] in _PLACES:
            yield next((group for group in found.groups() if group), "")
    for found in _SRCSET.finditer(low):
        if value := _BARE.search(found[1] or found[2] or ""):
            yield value[1]


def _styles(sheet: Sheet, decoded: str, html: str, line: int, place: str) -> None:
    for found in _STYLE.finditer(decoded):
        value = found[1] or found[2] or found[3] or ""
        if danger := _DANGER.search(value):
            message = "is a style that could cover what is around it, or fetch: take it out"
            sheet.add("html.style", message, _at(html, danger[0], line), place, value)
            return


def _element(sheet: Sheet, name: str, html: str, line: int, place: str) -> None:
    where = _at(html, f"<{name}", line)
    if name in SCRIPTS:
        sheet.add(
            "html.script", "runs what strangers wrote: take it out", where, place, f"<{name}>"
        )
        return
    message = "is no element that readers show: take it out"
    sheet.add("html.unsafe", message, where, place, f"<{name}>")


def judge_plain(sheet: Sheet, text: str, line: int, place: str) -> None:
    """Judge plain text: nothing in it looks like a tag or is escaped twice."""
    if bad := _CONTROL.search(text):
        _control(sheet, "document.control", text, bad, line, place)
    if "<" in text and (found := _LIKE_TAGS.search(text)):
        message = "looks like a tag to readers: write plain text, a space after <"
        sheet.add("text.markup", message, _at(text, found[0], line), place, text[found.start() :])
    if "&" in text and (found := _ESCAPED.search(text)):
        message = "is escaped twice: readers show the code; escape it once"
        sheet.add("text.escaped", message, _at(text, found[0], line), place, found[0])


def judge_control(sheet: Sheet, text: str, line: int, place: str) -> None:
    """Judge any text: no character in it is one that nobody means to write."""
    if bad := _CONTROL.search(text):
        _control(sheet, "document.control", text, bad, line, place)


def _control(
    sheet: Sheet, rule: str, text: str, found: re.Match[str], line: int, place: str
) -> None:
    where = line + text.count("\n", 0, found.start())
    message = "is a character that readers show as a box: take it out"
    sheet.add(rule, message, where, place, f"U+{ord(found[0]):04X}")


def _at(text: str, part: str, line: int) -> int:
    """Return the line on which a part of a text stands; the first when it is not found."""
    position = text.lower().find(part.lower()) if part else -1
    return line + text.count("\n", 0, max(position, 0))
