"""Rules about the parts: the text beside the HTML, sizes, and the way out of the list.

Serves MailInspector.
"""

from collections.abc import Iterator

from publisher.lint.mail.addresses import placeholder
from publisher.lint.mail.headers import LINE, unsubscribe_address
from publisher.lint.mail.page import Element, place, text_of
from publisher.lint.mail.rules import Mail, found
from publisher.model.findings import Finding

CLIPPED = 102_000
"""Octets of decoded HTML from which Gmail shows only the beginning."""
LARGE = 80_000
STUB = 0.2
"""Share of the HTML part's words below which the text part says something else."""
EARLY, FEW = 0.25, 40
"""The part of the HTML's elements that is its beginning, and how many are at least."""
REFUSED = frozenset(
    {"script", "iframe", "frame", "object", "embed", "applet", "form", "input", "base"}
)


def check(mail: Mail) -> Iterator[Finding]:
    """Yield what is wrong with the parts."""
    yield from _html(mail)
    yield from _text(mail)
    if mail.letter.html and mail.letter.text.strip():
        yield from _together(mail)
    yield from _way_out(mail)
    for where, text in (("HTML part", mail.page.words), ("text part", mail.letter.text)):
        if mark := placeholder(text):
            yield found("text.placeholder", f"a placeholder is left: {mark}", where)


def _html(mail: Mail) -> Iterator[Finding]:
    if not mail.letter.html.strip():
        yield found("html.missing", "there is no HTML part", "message")
    octets = len(mail.letter.html.encode("utf-8", "replace"))
    if octets >= CLIPPED:
        message = (
            f"Gmail cuts the HTML part: {octets:,} octets, {CLIPPED:,} are shown; take stories out"
        )
        yield found("size.clipped", message, "HTML part")
    elif octets >= LARGE:
        message = f"the HTML part has {octets:,} octets; Gmail cuts it at {CLIPPED:,}"
        yield found("size.large", message, "HTML part")
    for element in mail.page.elements:
        if element.tag in REFUSED:
            yield found("html.element", f"the HTML part holds <{element.tag}>", place(element))


def _text(mail: Mail) -> Iterator[Finding]:
    if not mail.letter.text.strip():
        yield found("text.missing", "the text part is empty", "text part")
    parts = [part for part in mail.letter.parts if part in {"text/plain", "text/html"}]
    if parts[:2] == ["text/html", "text/plain"]:
        message = "the HTML part stands first; programs show the last one they can: text first"
        yield found("text.first", message, "message")
    long = max((len(line) for line in mail.letter.text.split("\n")), default=0)
    if long > LINE:
        message = f"a line has {long:,} characters; wrap at 72 to 76"
        yield found("text.line-length", message, "text part")


def _together(mail: Mail) -> Iterator[Finding]:
    """Yield where the parts tell different things."""
    text = _plain(mail.letter.text)
    many, few = len(mail.page.words.split()), len(text.split())
    if few < many * STUB:
        message = f"the text part has {few} words, the HTML part {many}; let it tell the same"
        yield found("text.stub", message, "text part")
    headings = [item for item in mail.page.shown if item.tag in {"h1", "h2", "h3"}]
    linked = [item for item in headings if item.find(".//a[@href]") is not None]
    yield from _headings(linked, text)
    joined = "".join(mail.letter.text.split())
    missing = [
        link
        for link in mail.page.links
        if link.get("href", "").startswith("http")
        and "".join(link.get("href").split()) not in joined
    ]
    if missing:
        message = "the text part lacks links of the HTML part"
        yield found("text.links", message, place(missing[0]), times=len(missing))


def _headings(headings: list[Element], text: str) -> Iterator[Finding]:
    at = [text.find(_plain(text_of(heading))) for heading in headings]
    gone = [heading for heading, number in zip(headings, at, strict=True) if number < 0]
    if gone:
        message = f'the text part lacks "{text_of(gone[0])[:60]}"'
        yield found("text.stories", message, place(gone[0]), times=len(gone))
    last = -1
    for heading, number in zip(headings, at, strict=True):
        # A title may be named early, as somebody's Read also link: what counts is one after the last.
        later = text.find(_plain(text_of(heading)), last + 1) if number >= 0 else last + 1
        if later < 0:
            message = f'"{text_of(heading)[:60]}" stands earlier in the text part'
            yield found("text.order", message, place(heading))
            return
        last = later if number >= 0 else last


def _way_out(mail: Mail) -> Iterator[Finding]:
    address = unsubscribe_address(mail)
    if not address:
        return
    links = [item for item in mail.page.links if item.get("href", "").strip() == address]
    if mail.letter.html.strip() and not links:
        yield found("unsubscribe.html", "the HTML part has no link to unsubscribe", "HTML part")
    if address not in "".join(mail.letter.text.split()):
        yield found("unsubscribe.text", "the text part has no link to unsubscribe", "text part")
    body = mail.page.body
    early = body[: max(FEW, int(len(body) * EARLY))]
    if links and links[0] not in early:
        message = "the link to unsubscribe stands late; put one near the top too"
        yield found("unsubscribe.early", message, place(links[0]))


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
