"""Media RSS 1.5: pictures, sound and films beside an entry.

Serves extensions. Source: rssboard.org/media-rss.
"""

import re

from publisher.lint.feeds import values
from publisher.lint.feeds.grammar import Field, judge_field
from publisher.lint.feeds.markup import judge_html, judge_plain
from publisher.lint.feeds.reading import Node
from publisher.lint.feeds.sheet import Sheet

_NPT = re.compile(r"\d+(?:\.\d*)?|\d+:[0-5]?\d:[0-5]?\d(?:\.\d*)?|now")
_FLOAT = re.compile(r"\d+(?:\.\d+)?")
_HASH = {"md5": 32, "sha-1": 40}
_MPAA = frozenset({"g", "pg", "pg-13", "r", "nc-17", "nr", "x"})
_SCHEMES = frozenset({"urn:simple", "urn:mpaa", "urn:v-chip", "urn:icra"})


def _npt(text: str) -> str:
    good = _NPT.fullmatch(text.strip())
    return "" if good else "is no time in a film: write 12.5, 0:01:30 or now"


def _float(text: str) -> str:
    return "" if _FLOAT.fullmatch(text.strip()) else "is no number: write one like 29.97"


def _content(sheet: Sheet, node: Node) -> None:
    if "url" not in node.attrs and not node.first("media:player"):
        sheet.add(
            "media.content", "has neither url nor player: add one", node.line, "media:content"
        )
    _inside(sheet, node)


def _group(sheet: Sheet, node: Node) -> None:
    if len(node.all("media:content")) < 2:  # noqa: PLR2004 - a group
        message = "holds fewer than two media: put the one beside the entry, without a group"
        sheet.add("media.group", message, node.line, "media:group")
    _inside(sheet, node)


def _inside(sheet: Sheet, node: Node) -> None:
    for child in node.children:
        known = MEDIA.get(child.tag)
        if known:
            judge_field(sheet, child, known)
        elif child.tag.startswith("media:"):
            message = "is no element of Media RSS: take it out, or correct its name"
            sheet.add("extension.unknown", message, child.line, node.tag, child.tag)


def _hash(sheet: Sheet, node: Node) -> None:
    length = _HASH.get(node.attrs.get("algo", "md5"))
    text = node.text.strip()
    if length is None:
        message = "is no known way to hash: write md5 or sha-1"
        sheet.add("media.value", message, node.line, "media:hash", node.attrs.get("algo", ""))
    elif len(text) != length or not re.fullmatch(r"[0-9a-fA-F]*", text):
        message = f"is no such hash: write {length} hexadecimal digits"
        sheet.add("media.value", message, node.line, "media:hash", text)


def _rating(sheet: Sheet, node: Node) -> None:
    scheme, text = node.attrs.get("scheme", "urn:simple"), node.text.strip()
    if scheme not in _SCHEMES and values.absolute(scheme):
        message = "is no scheme of ratings: write urn:simple"
        sheet.add("media.value", message, node.line, "media:rating scheme", scheme)
    elif scheme == "urn:mpaa" and text.lower() not in _MPAA:
        message = "is no rating of films: write g, pg, pg-13, r, nc-17 or nr"
        sheet.add("media.value", message, node.line, "media:rating", text)
    elif scheme == "urn:simple" and text not in {"adult", "nonadult"}:
        message = "is no simple rating: write adult or nonadult"
        sheet.add("media.value", message, node.line, "media:rating", text)


def _role(text: str) -> str:
    return "" if text == text.lower() else "is no role: write it small, like author"


def _adult(sheet: Sheet, node: Node) -> None:
    message = "was given up: write media:rating instead"
    sheet.add("media.deprecated", message, node.line, "media:adult")


def _restriction(sheet: Sheet, node: Node) -> None:
    kind, text = node.attrs.get("type"), node.text.strip()
    if kind is None and text not in {"all", "none"}:
        message = "says not of what: add type=country, or write all or none"
        sheet.add("media.value", message, node.line, "media:restriction", text)
    elif kind == "uri" and any(values.absolute(one) for one in text.split()):
        message = "are no addresses: write whole ones with spaces between"
        sheet.add("media.value", message, node.line, "media:restriction", text)
    elif kind == "country" and not all(re.fullmatch(r"[A-Za-z]{2}", one) for one in text.split()):
        message = "are no countries: write codes of two letters with spaces between"
        sheet.add("media.value", message, node.line, "media:restriction", text)


_RELATION = values.one_of("allow", "deny")
_TEXT_TYPE = values.one_of("plain", "html")
_SIZE = {"width": values.positive, "height": values.positive}
_ADDRESS = Field(
    many=True,
    blank=True,
    rule="media.content",
    attributes={"url": values.uri, **_SIZE},
    needs=frozenset({"url"}),
)


def _text(sheet: Sheet, node: Node) -> None:
    if node.attrs.get("type") == "html":
        judge_html(sheet, node.text, node.line, node.tag)
    else:
        judge_plain(sheet, node.text, node.line, node.tag)


_TEXT = Field(rule="media.value", attributes={"type": _TEXT_TYPE}, judge=_text)
_OPEN = Field(many=True, blank=True, children=True, attributes={})
_CONTENT_ATTRIBUTES: dict[str, values.Check | None] = {
    "url": values.uri,
    "fileSize": values.positive,
    "type": values.media_type,
    "medium": values.one_of("image", "audio", "video", "document", "executable"),
    "isDefault": values.boolean,
    "expression": values.one_of("sample", "full", "nonstop"),
    "bitrate": _float,
    "framerate": _float,
    "samplingrate": _float,
    "channels": values.positive,
    "duration": values.whole,
    "lang": values.language,
    **_SIZE,
}
MEDIA: dict[str, Field] = {
    "media:content": Field(
        many=True,
        blank=True,
        children=True,
        rule="media.content",
        attributes=_CONTENT_ATTRIBUTES,
        judge=_content,
    ),
    "media:group": Field(many=True, blank=True, children=True, judge=_group),
    "media:thumbnail": Field(
        many=True,
        blank=True,
        rule="media.content",
        attributes={"url": values.uri, "time": _npt, **_SIZE},
        needs=frozenset({"url"}),
    ),
    "media:player": _ADDRESS,
    "media:title": _TEXT,
    "media:description": _TEXT,
    "media:keywords": Field(),
    "media:rating": Field(many=True, blank=True, attributes={"scheme": None}, judge=_rating),
    "media:adult": Field(check=values.boolean, rule="media.value", judge=_adult),
    "media:category": Field(
        many=True,
        rule="media.value",
        attributes={"scheme": values.absolute, "label": None},
        judge=_text,
    ),
    "media:hash": Field(many=True, attributes={"algo": None}, judge=_hash),
    "media:credit": Field(
        many=True, rule="media.value", attributes={"role": _role, "scheme": values.absolute}
    ),
    "media:copyright": Field(rule="media.value", attributes={"url": values.uri}, judge=_text),
    "media:text": Field(
        many=True,
        rule="media.value",
        attributes={"type": _TEXT_TYPE, "lang": values.language, "start": _npt, "end": _npt},
        judge=_text,
    ),
    "media:restriction": Field(
        many=True,
        rule="media.value",
        attributes={
            "relationship": _RELATION,
            "type": values.one_of("country", "uri", "sharing"),
        },
        needs=frozenset({"relationship"}),
        judge=_restriction,
    ),
    **{
        f"media:{name}": Field(
            many=True,
            blank=True,
            children=True,
            attributes=dict.fromkeys(
                (
                    "url",
                    "type",
                    "lang",
                    "href",
                    "price",
                    "currency",
                    "info",
                    "state",
                    "reason",
                    "start",
                    "end",
                    "time",
                    "description",
                    "scene",
                    "height",
                    "width",
                )
            ),
        )
        for name in values.names(
            "community comments comment embed responses response backLinks backLink status price"
            " license subTitle peerLink location rights scenes scene"
        )
    },
}
