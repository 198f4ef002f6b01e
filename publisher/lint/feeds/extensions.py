"""Elements of other namespaces that feeds carry: Dublin Core, syndication, threads, Slashdot's.

Serves the judges of feeds. What is unknown is passed over (RFC 4287 section 6.3); a name that a known
namespace does not have is a mistake of whoever wrote it.
"""

import re

from publisher.lint.feeds import dates, values
from publisher.lint.feeds.grammar import Field, judge_field, judge_words, local
from publisher.lint.feeds.markup import judge_html, judge_plain
from publisher.lint.feeds.media import MEDIA
from publisher.lint.feeds.podcast import PODCAST
from publisher.lint.feeds.reading import Node
from publisher.lint.feeds.sheet import Sheet

_MRSS = "search.yahoo.com/mrss"
_DEGREES = re.compile(r"[+-]?\d{1,3}(?:\.\d+)?")
_LATITUDES = (("geo", "lat"), ("geourl", "latitude"), ("icbm", "latitude"))
_LONGITUDES = (("geo", "long"), ("geourl", "longitude"), ("icbm", "longitude"))
_CLOSED = frozenset({"dc", "sy", "fh", "thr", "slash", "content", "media", "itunes"})


def _plain(sheet: Sheet, node: Node) -> None:
    judge_plain(sheet, node.text, node.line, node.tag)


def _html(sheet: Sheet, node: Node) -> None:
    judge_html(sheet, node.text, node.line, node.tag)


def _value(check: values.Check, *, many: bool = False) -> Field:
    return Field(check=check, rule="extension.value", many=many)


_WORDS = Field(many=True, judge=judge_words)
_PLAIN = Field(many=True, judge=_plain)
_DC = (
    "title",
    "subject",
    "description",
    "publisher",
    "contributor",
    "type",
    "format",
    "identifier",
)
_PERIODS = values.one_of("hourly", "daily", "weekly", "monthly", "yearly")


def _degrees(most: int) -> values.Check:
    def check(text: str) -> str:
        good = _DEGREES.fullmatch(text.strip()) and abs(float(text)) <= most
        return "" if good else f"is no place on Earth: write degrees from -{most} to {most}"

    return check


_RESOURCE = Field(blank=True, rule="extension.value", attributes={"rdf:resource": values.absolute})
_ADDRESS = _value(values.absolute, many=True)
_FIELDS: dict[str, Field] = {
    **{f"{name}:{part}": _value(_degrees(90)) for name, part in _LATITUDES},
    **{f"{name}:{part}": _value(_degrees(180)) for name, part in _LONGITUDES},
    "admin:errorReportsTo": _RESOURCE,
    "admin:generatorAgent": _RESOURCE,
    "trackback:ping": _ADDRESS,
    "trackback:about": _ADDRESS,
    **{f"dc:{name}": _WORDS for name in (*_DC, "source", "relation", "coverage")},
    "dc:rights": Field(judge=judge_words),
    "dc:creator": _PLAIN,
    "dc:date": _value(dates.w3c, many=True),
    "dc:language": _value(values.language),
    "sy:updatePeriod": _value(_PERIODS),
    "sy:updateFrequency": _value(values.positive),
    "sy:updateBase": _value(dates.w3c),
    "content:encoded": Field(judge=_html, blank=True),
    "content:items": Field(children=True, blank=True),
    "fh:complete": Field(blank=True),
    "fh:archive": Field(blank=True),
    "slash:comments": _value(values.whole),
    "slash:section": _WORDS,
    "slash:department": _WORDS,
    "slash:hit_parade": Field(
        check=lambda text: (
            ""
            if all(part.strip().isdigit() for part in text.split(","))
            else "is no list of whole numbers: write them with commas between"
        ),
        rule="extension.value",
    ),
    "thr:in-reply-to": Field(
        many=True,
        blank=True,
        children=True,
        rule="extension.value",
        attributes={
            "ref": values.uri,
            "href": values.uri,
            "type": values.media_type,
            "source": values.uri,
        },
        needs=frozenset({"ref"}),
    ),
    "thr:total": _value(values.whole),
    "dcterms:modified": _value(dates.w3c),
    "dcterms:created": _value(dates.w3c),
    "dcterms:issued": _value(dates.w3c),
    "wfw:comment": _value(values.uri),
    "wfw:commentRss": _value(values.uri),
    **MEDIA,
    **PODCAST,
}


def judge_stranger(sheet: Sheet, node: Node, parent: Node) -> None:
    """Judge a child that the format's own tables do not have."""
    known = _FIELDS.get(node.tag)
    if known is not None:
        if not known.many and parent.first(node.tag) is not node:
            message = f"stands in {local(parent.tag)} more than once: keep one"
            sheet.add("element.repeated", message, node.line, node.tag)
        judge_field(sheet, node, known)
        return
    prefix, _, name = node.tag.rpartition(":")
    if prefix in _CLOSED and "." not in name:
        message = f"is no element of {prefix}: take it out, or correct its name"
        sheet.add("extension.unknown", message, node.line, local(parent.tag), node.tag)
    elif prefix in {"", "atom"}:
        message = f"is no element of {local(parent.tag)}: take it out, or give it a namespace"
        sheet.add("element.unknown", message, node.line, local(parent.tag), name)
    elif _MRSS in prefix:
        message = "is not quite the namespace of Media RSS: write http://search.yahoo.com/mrss/"
        sheet.add("media.namespace", message, node.line, local(parent.tag), prefix)
    elif prefix == "atom03":
        message = "is of the draft of Atom: write http://www.w3.org/2005/Atom"
        sheet.add("atom.namespace", message, node.line, local(parent.tag), node.tag)
