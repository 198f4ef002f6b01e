"""What a channel of RSS 2.0 has besides its items.

Serves RssJudge.
"""

import re

from publisher.lint.feeds import dates, values
from publisher.lint.feeds.atom_links import LINK, relation
from publisher.lint.feeds.extensions import judge_stranger
from publisher.lint.feeds.grammar import Field, Kind, judge_children, local
from publisher.lint.feeds.markup import judge_html, judge_plain
from publisher.lint.feeds.reading import Node
from publisher.lint.feeds.sheet import Sheet

_DAYS = values.names("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
_WIDEST, _HIGHEST = 144, 400
_NAME = re.compile(r"[A-Za-z0-9_:.-]+")
_PICTURES = re.compile(r"\.(?:gif|jpe?g|png|webp|svg|ico)\Z|/[^./]*\Z", re.IGNORECASE)


def _plain(sheet: Sheet, node: Node) -> None:
    judge_plain(sheet, node.text, node.line, local(node.tag))


def _description(sheet: Sheet, node: Node) -> None:
    judge_html(sheet, node.text, node.line, "description")


def _size(most: int) -> "values.Check":
    def check(text: str) -> str:
        if fault := values.positive(text):
            return fault
        return "" if int(text) <= most else f"is more than {most} pixels: make it smaller"

    return check


def _image(sheet: Sheet, node: Node) -> None:
    judge_children(sheet, node, _IMAGE, judge_stranger)
    url = node.first("url")
    if url and not _PICTURES.search(url.text.strip().partition("?")[0]):
        message = "is no .gif, .jpg or .png by its name: readers may not show it"
        sheet.add("rss.image", message, url.line, "url", url.text.strip())


def _hour(text: str) -> str:
    good = text.strip().isdigit() and text.strip().isascii() and int(text) <= 24  # noqa: PLR2004 - of a day
    return "" if good else "is no hour: write one from 0 to 23"


def _midnight(text: str) -> str:
    return "is midnight, which is written 0" if text.strip() == "24" else ""


def _day(text: str) -> str:
    return "" if text.strip() in _DAYS else "is no day: write it in English, like Monday"


def _skipped(check: "values.Check", name: str, most: int) -> Field:
    kind = Kind(
        fields={name: Field(check=check, many=True, advice=_midnight, advised="rss.date-form")},
        required=(name,),
        missing="rss.value",
    )

    def judge(sheet: Sheet, node: Node) -> None:
        judge_children(sheet, node, kind, judge_stranger)
        seen: set[str] = set()
        for child in node.all(name):
            if child.text.strip() in seen:
                message = f"stands there twice, of {most}: keep one"
                sheet.add("rss.value", message, child.line, name, child.text)
            seen.add(child.text.strip())

    return Field(children=True, judge=judge)


def _cloud(sheet: Sheet, node: Node) -> None:
    port, path = node.attrs.get("port", ""), node.attrs.get("path", "")
    if port and values.positive(port):
        sheet.add("rss.value", "is no port: write a number from 1", node.line, "cloud port", port)
    if path and not path.startswith("/"):
        sheet.add("rss.value", "is no path: begin it with /", node.line, "cloud path", path)


def _text_input(sheet: Sheet, node: Node) -> None:
    judge_children(sheet, node, _TEXT_INPUT, judge_stranger)
    message = "is shown by hardly any reader: take it out"
    sheet.add("rss.text-input", message, node.line, "textInput")


def _form_name(text: str) -> str:
    return "" if _NAME.fullmatch(text.strip()) else "is no name of a field: write letters only"


PLAIN = Field(judge=_plain)
PERSON = Field(
    check=values.contact,
    rule="rss.person",
    advice=values.nameless,
    advised="rss.person-name",
)
CATEGORY = Field(many=True, attributes={"domain": None}, judge=_plain)
PUB_DATE = Field(
    check=dates.rfc822,
    rule="rss.date",
    advice=dates.loose_or_implausible,
    advised="rss.date-form",
)
_IMAGE = Kind(
    fields={
        "url": Field(check=values.absolute, rule="address.syntax"),
        "title": PLAIN,
        "link": Field(check=values.absolute, rule="address.syntax"),
        "width": Field(check=_size(_WIDEST)),
        "height": Field(check=_size(_HIGHEST)),
        "description": PLAIN,
    },
    required=("url", "title", "link"),
    missing="rss.required",
)
_TEXT_INPUT = Kind(
    fields={
        "title": PLAIN,
        "description": PLAIN,
        "name": Field(check=_form_name),
        "link": Field(check=values.absolute, rule="address.syntax"),
    },
    required=("title", "description", "name", "link"),
    missing="rss.required",
)
_CLOUD = ("domain", "port", "path", "registerProcedure", "protocol")
HEAD = {
    "title": PLAIN,
    "link": Field(check=values.absolute, rule="address.syntax"),
    "description": Field(judge=_description, blank=True),
    "language": Field(check=values.language, rule="language.tag"),
    "copyright": PLAIN,
    "managingEditor": PERSON,
    "webMaster": PERSON,
    "pubDate": PUB_DATE,
    "lastBuildDate": PUB_DATE,
    "category": CATEGORY,
    "generator": PLAIN,
    "docs": Field(check=values.absolute, rule="address.syntax"),
    "cloud": Field(
        blank=True,
        attributes=dict.fromkeys(_CLOUD),
        needs=frozenset(_CLOUD) - {"registerProcedure"},
        judge=_cloud,
    ),
    "ttl": Field(check=values.positive),
    "image": Field(children=True, judge=_image),
    "rating": PLAIN,
    "textInput": Field(children=True, judge=_text_input),
    "skipHours": _skipped(_hour, "hour", 24),
    "skipDays": _skipped(_day, "day", 7),
    "atom:link": LINK,
}
_DOUBLES = {
    "managingEditor": "dc:creator",
    "webMaster": "dc:publisher",
    "language": "dc:language",
    "copyright": "dc:rights",
    "category": "dc:subject",
    "pubDate": "dc:date",
    "lastBuildDate": "dcterms:modified",
}


def judge_head(sheet: Sheet, channel: Node, links: list[Node]) -> None:
    """Judge the elements of a channel against each other."""
    link, image = channel.first("link"), channel.first("image")
    address = link.text.strip() if link else ""
    own = {one.attrs.get("href", "").strip() for one in links if relation(one) == "self"}
    if link and address in own:
        message = "is the feed itself: write the address of the site"
        sheet.add("rss.link", message, link.line, "link", address)
    if image:
        _fits(sheet, channel, image)
    for name, other in _DOUBLES.items():
        double = channel.first(other)
        if double is not None and channel.first(name) is not None:
            message = f"says again what {name} says: keep {name}"
            sheet.add("extension.double", message, double.line, other)


def _fits(sheet: Sheet, channel: Node, image: Node) -> None:
    for name in ("link", "title"):
        mine, theirs = image.first(name), channel.first(name)
        if mine and theirs and mine.text.strip() != theirs.text.strip():
            message = f"is not the {name} of the channel: write the same"
            sheet.add("rss.image", message, mine.line, f"image {name}", mine.text.strip())
