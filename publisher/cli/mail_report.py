"""What can be told of a digest before it goes: sizes, links, pictures, and what is wrong with it.

Serves `preview` and `send`. Pure.
"""

from dataclasses import dataclass, field
from html.parser import HTMLParser

CLIPPED = 102_000
"""Octets of HTML from which Gmail shows only the beginning."""
REFUSED = ("script", "iframe", "object", "embed", "form")
"""Elements that mail programs take out, or mistrust a mail for."""


@dataclass
class MailReport(HTMLParser):
    """Reads the HTML part once; `problems` are errors, `advice` is not."""

    links: list[str] = field(default_factory=list)
    images: int = 0
    without_alt: int = 0
    empty_links: int = 0
    language: str = ""
    title: str = ""
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin to read."""
        super().__init__(convert_charrefs=True)
        self._words: list[str] | None = None
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element says of itself."""
        found = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = found.get("lang", "")
        elif tag == "a" and found.get("href"):
            self.links.append(found["href"])
            self._words = []
        elif tag == "img":
            self._image(found)
        elif tag in REFUSED:
            self.refused.append(tag)
        self._in_title = tag == "title"

    def handle_endtag(self, tag: str) -> None:
        """Judge a link when it ends."""
        if tag == "a" and self._words is not None:
            self.empty_links += not "".join(self._words).strip()
            self._words = None
        self._in_title = False

    def handle_data(self, data: str) -> None:
        """Gather the words of links and of the title."""
        if self._words is not None:
            self._words.append(data)
        if self._in_title:
            self.title += data

    def _image(self, found: dict[str, str]) -> None:
        self.images += 1
        self.without_alt += "alt" not in found
        if self._words is not None:
            self._words.append(found.get("alt", ""))


def read_report(html: str) -> MailReport:
    """Return what the HTML part holds."""
    report = MailReport()
    report.feed(html)
    report.close()
    return report


def problems(subject: str, html: str, text: str, unsubscribe_url: str) -> list[str]:
    """Return what makes a digest unfit to be sent."""
    report = read_report(html)
    found = []
    if not subject.strip():
        found.append("the subject is empty")
    if not text.strip():
        found.append("the text part is empty")
    if unsubscribe_url not in report.links:
        found.append("the HTML part has no link to unsubscribe")
    if unsubscribe_url not in text:
        found.append("the text part has no link to unsubscribe")
    found += [f"the HTML part holds <{tag}>" for tag in sorted(set(report.refused))]
    return found


def advice(html: str) -> list[str]:
    """Return what could be better."""
    report = read_report(html)
    octets = len(html.encode("utf-8", "replace"))
    found = []
    if octets > CLIPPED:
        found.append(f"Gmail cuts the HTML part: {octets:,} octets, {CLIPPED:,} are shown")
    if report.without_alt:
        found.append(f"{report.without_alt} of {report.images} pictures have no alternative text")
    if report.empty_links:
        found.append(f"{report.empty_links} of {len(report.links)} links have no words")
    if not report.language:
        found.append("the HTML part does not name its language")
    if not report.title.strip():
        found.append("the HTML part has no title")
    return found
