"""Podcasts: what Apple's directory and the Podcasting 2.0 namespace ask for.

Serves extensions and the judge of RSS. Sources: Apple's podcast requirements,
podcastindex.org/namespace/1.0.
"""

import re

from publisher.kit.podcast_categories import CATEGORIES
from publisher.lint.feeds import values
from publisher.lint.feeds.grammar import Field
from publisher.lint.feeds.markup import judge_plain
from publisher.lint.feeds.reading import Node
from publisher.lint.feeds.sheet import Sheet

_DURATION = re.compile(r"\d+|\d{1,3}:[0-5]?\d|\d{1,3}:[0-5]?\d:[0-5]?\d")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_LONGEST = {
    "itunes:summary": 4000,
    "itunes:subtitle": 255,
    "itunes:author": 255,
    "itunes:keywords": 255,
}
_PICTURES = (".jpg", ".jpeg", ".png")
_PLAYED = values.names(
    "audio/x-m4a audio/mpeg audio/mp3 audio/mp4 audio/aac video/quicktime video/mp4 video/x-m4v"
    " application/pdf document/x-epub application/epub+zip"
)


def _duration(text: str) -> str:
    good = _DURATION.fullmatch(text.strip())
    return "" if good else "is no duration: write seconds, or 1:02:03"


def _text(sheet: Sheet, node: Node) -> None:
    judge_plain(sheet, node.text, node.line, node.tag)
    limit = _LONGEST.get(node.tag, 0)
    if limit and len(node.text) > limit:
        message = f"is longer than the {limit} characters that directories take: shorten it"
        sheet.add("podcast.value", message, node.line, node.tag)


def _keywords(sheet: Sheet, node: Node) -> None:
    _text(sheet, node)
    if node.text.count(",") >= 12:  # noqa: PLR2004 - Apple took twelve at most
        message = "has more than twelve words: directories read none of them then"
        sheet.add("podcast.category", message, node.line, node.tag)
    elif " " in node.text.strip() and "," not in node.text:
        message = "has no commas between its words: write them"
        sheet.add("podcast.category", message, node.line, node.tag, node.text)


def _category(sheet: Sheet, node: Node) -> None:
    name = node.attrs.get("text", "").strip()
    if name not in CATEGORIES:
        message = "is no category of the present list: take one of Apple's"
        sheet.add("podcast.category", message, node.line, node.tag, name)
        return
    for child in node.children:
        inner = child.attrs.get("text", "").strip()
        if child.tag == "itunes:category" and inner not in CATEGORIES[name]:
            message = "is no category within the one around it: take one of Apple's"
            sheet.add("podcast.category", message, child.line, node.tag, inner)


def _image(sheet: Sheet, node: Node) -> None:
    href = node.attrs.get("href", "")
    path = href.partition("?")[0].partition("#")[0].lower()
    if path and not path.endswith(_PICTURES):
        message = "is no .jpg or .png by its name: directories take no other"
        sheet.add("podcast.format", message, node.line, node.tag, href)


def _owner(sheet: Sheet, node: Node) -> None:
    email = node.first("itunes:email")
    if email is None:
        message = "has no itunes:email: directories write there to know the owner"
        sheet.add("podcast.required", message, node.line, node.tag)
    elif fault := values.email(email.text):
        sheet.add("podcast.value", fault, email.line, "itunes:email", email.text)


def _explicit(text: str) -> str:
    good = text in {"true", "false", "yes", "no", "clean", "explicit"}
    return "" if good else "is neither true nor false: write one, without space around it"


def _guid(text: str) -> str:
    good = _UUID.fullmatch(text.strip())
    return (
        ""
        if good
        else "is no UUID: write the one of namespace ead4c236-bf58-58c6-a2c6-a6b28d128cb6"
    )


def _value(check: values.Check) -> Field:
    return Field(check=check, rule="podcast.value")


_BLOCK = values.one_of("yes", "no", "Yes", "No")
_WORDS = Field(judge=_text)
PODCAST: dict[str, Field] = {
    "itunes:title": _WORDS,
    "itunes:author": _WORDS,
    "itunes:subtitle": _WORDS,
    "itunes:summary": _WORDS,
    "itunes:keywords": Field(judge=_keywords),
    "itunes:block": _value(_BLOCK),
    "itunes:complete": _value(_BLOCK),
    "itunes:explicit": _value(_explicit),
    "itunes:duration": _value(_duration),
    "itunes:season": _value(values.positive),
    "itunes:episode": _value(values.positive),
    "itunes:order": _value(values.whole),
    "itunes:isClosedCaptioned": _value(_BLOCK),
    "itunes:episodeType": _value(values.one_of("full", "trailer", "bonus")),
    "itunes:type": _value(values.one_of("episodic", "serial")),
    "itunes:new-feed-url": _value(values.web),
    "itunes:image": Field(
        blank=True,
        rule="podcast.value",
        attributes={"href": values.web},
        needs=frozenset({"href"}),
        judge=_image,
    ),
    "itunes:category": Field(
        many=True, blank=True, children=True, attributes={"text": None}, judge=_category
    ),
    "itunes:owner": Field(blank=True, children=True, judge=_owner),
    "itunes:applepodcastsverify": _WORDS,
    "podcast:guid": Field(check=_guid, rule="podcast.guid"),
    "podcast:locked": Field(
        check=values.one_of("yes", "no"),
        rule="podcast.value",
        attributes={"owner": values.email},
    ),
    "podcast:medium": Field(),
}
_NEEDED = {
    "podcast:funding": ("url",),
    "podcast:transcript": ("url", "type"),
    "podcast:chapters": ("url", "type"),
    "podcast:soundbite": ("startTime", "duration"),
    "podcast:trailer": ("url", "pubdate"),
    "podcast:value": ("type", "method"),
    "podcast:alternateEnclosure": ("type",),
}


def judge_podcast_tags(sheet: Sheet, node: Node) -> None:
    """Judge the elements of Podcasting 2.0 by the attributes that they need."""
    for child in node.children:
        for name in _NEEDED.get(child.tag, ()):
            if not child.attrs.get(name, "").strip():
                sheet.add("podcast.tag", f"has no {name}: add one", child.line, child.tag)


def judge_podcast(sheet: Sheet, channel: Node, count: int) -> None:
    """Judge whether a channel that speaks to directories has what they ask for."""
    seen = {child.tag for child in channel.children}
    if not any(tag.startswith("itunes:") for tag in seen):
        return
    for name in ("itunes:image", "itunes:category", "itunes:explicit", "language"):
        if name not in seen and count:
            message = f"the channel has no {name}: directories refuse it; add one"
            sheet.add("podcast.required", message, channel.line, "channel")


def judge_enclosure(sheet: Sheet, node: Node) -> None:
    """Judge whether an episode's enclosure is of a type that directories play."""
    given = node.attrs.get("type", "").partition(";")[0].strip().lower()
    if given and given not in _PLAYED:
        message = "is no type that directories play: give audio/mpeg, audio/mp4 or video/mp4"
        sheet.add("podcast.format", message, node.line, "enclosure type", given)
