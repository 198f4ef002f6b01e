"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1), member by member.

Serves DocumentInspector. Members are in tables: of which type, and which check.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from publisher.lint.feeds import dates, values
from publisher.lint.feeds.json_lines import lines
from publisher.lint.feeds.markup import judge_control, judge_html
from publisher.lint.feeds.sheet import Sheet
from publisher.lint.feeds.standing import Standing

Path = tuple[str | int, ...]
_SECOND = timedelta(seconds=1)  # one of the two may have lost its fractions
OLD, NEW = "https://jsonfeed.org/version/1", "https://jsonfeed.org/version/1.1"
_TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "number": (int, float),
    "yes or no": (bool,),
    "list": (list,),
    "object": (dict,),
}


@dataclass(frozen=True, slots=True)
class _Member:
    type: str
    check: values.Check | None = None
    rule: str = "json.address"


_TEXT, _LIST, _OBJECT = _Member("text"), _Member("list"), _Member("object")
_NUMBER, _FLAG = _Member("number"), _Member("yes or no")
_WEB = _Member("text", values.web)
_ADDRESS = _Member("text", values.absolute)
_DATE = _Member("text", dates.rfc3339, "json.date")
_LANGUAGE = _Member("text", values.language, "language.tag")
_AUTHOR = {"name": _TEXT, "url": _ADDRESS, "avatar": _WEB}
_HUB = {"type": _TEXT, "url": _Member("text", values.web, "json.hub")}
_ATTACHMENT = {
    "url": _WEB,
    "mime_type": _Member("text", values.media_type, "json.attachment"),
    "title": _TEXT,
    "size_in_bytes": _NUMBER,
    "duration_in_seconds": _NUMBER,
}
_FEED = {
    "version": _TEXT,
    "title": _TEXT,
    "home_page_url": _WEB,
    "feed_url": _WEB,
    "description": _TEXT,
    "user_comment": _TEXT,
    "next_url": _WEB,
    "icon": _WEB,
    "favicon": _WEB,
    "authors": _LIST,
    "author": _OBJECT,
    "language": _LANGUAGE,
    "expired": _FLAG,
    "hubs": _LIST,
    "items": _LIST,
}
_ITEM = {
    "id": _TEXT,
    "url": _WEB,
    "external_url": _WEB,
    "title": _TEXT,
    "content_html": _TEXT,
    "content_text": _TEXT,
    "summary": _TEXT,
    "image": _WEB,
    "banner_image": _WEB,
    "date_published": _DATE,
    "date_modified": _DATE,
    "authors": _LIST,
    "author": _OBJECT,
    "tags": _LIST,
    "language": _LANGUAGE,
    "attachments": _LIST,
}


@dataclass(slots=True)
class JsonJudge:
    """Judges a feed that is JSON."""

    sheet: Sheet
    standing: Standing
    count: int = 0
    version: str = ""
    notes: list[tuple[str, str, Path, str]] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    repeated: dict[str, None] = field(default_factory=dict)

    def judge(self, text: str) -> None:
        """Judge a document. Never raises, whatever the text."""
        try:
            feed = json.loads(text, object_pairs_hook=self._pairs, parse_constant=_constant)
        except RecursionError:
            message = "objects lie too deep: no reader follows; flatten them"
            self.sheet.add("document.depth", message, 1)
            return
        except ValueError as error:
            line = getattr(error, "lineno", 1)
            message = f"is no JSON: {getattr(error, 'msg', str(error))[:60]}; readers stop here"
            self.sheet.add("document.malformed", message, line)
            return
        if not isinstance(feed, dict):
            self.sheet.add("document.kind", "is JSON, but no feed: it is no object", 1)
            return
        self._feed(feed)
        self._settle(text)

    def _pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) != len(pairs):
            names = [name for name, _ in pairs]
            self.repeated.update((name, None) for name in made if names.count(name) > 1)
        return made

    def note(self, rule: str, message: str, path: Path, value: object = "") -> None:
        """Note a finding at a path; its line is looked up at the end."""
        self.notes.append((rule, message, path, value if isinstance(value, str) else str(value)))

    def _settle(self, text: str) -> None:
        for name in self.repeated:
            message = "stands in one object twice: readers take any; keep one"
            self.sheet.add("json.repeated", message, 0, name)
        first: dict[tuple[str, str, str], Path] = {}
        for rule, message, path, _ in self.notes:
            first.setdefault((rule, message, _place(path)), path)
        found = lines(text, set(first.values())) if first else {}
        for rule, message, path, value in self.notes:
            line = found.get(path) or found.get(path[:-1], 1)
            self.sheet.add(rule, message, line, _place(path), value)

    def _members(self, table: Mapping[str, Any], known: Mapping[str, _Member], path: Path) -> None:
        for name, value in table.items():
            member = known.get(name)
            if member is None:
                self._stranger(name, value, (*path, name))
            elif value is None or not _fits(value, member.type):
                message = f"is no {member.type}: write one, or leave it out"
                self.note(
                    "json.type", message, (*path, name), value if value is not None else "null"
                )
            elif member.check and (fault := member.check(value)):
                self.note(member.rule, fault, (*path, name), value)

    def _stranger(self, name: str, value: object, path: Path) -> None:
        if not name.startswith("_"):
            message = "is no member of JSON Feed: take it out, or begin it with _"
            self.note("json.unknown", message, path)
        elif isinstance(value, dict) and "about" not in value:
            message = "does not say what it is: add about, an address"
            self.note("json.extension", message, path)

    def _feed(self, feed: Mapping[str, Any]) -> None:
        version = feed.get("version")
        self.version = version if isinstance(version, str) else ""
        if self.version not in {OLD, NEW}:
            message = "is no version of JSON Feed: write https://jsonfeed.org/version/1.1"
            self.note("json.version", message, ("version",), version or "")
        for name in ("title", "items"):
            if name not in feed:
                self.note("json.required", f"the feed has no {name}: add it", ())
        for name in ("home_page_url", "feed_url"):
            if name not in feed:
                self.note("json.advised", f"the feed has no {name}: add it", ())
        self._members(feed, _FEED, ())
        self._people(feed, ())
        self._own(feed)
        self._each(feed, "hubs", (), self._hub)
        self._each(feed, "items", (), self._item)

    def _own(self, feed: Mapping[str, Any]) -> None:
        own, after = feed.get("feed_url"), feed.get("next_url")
        here = self.standing.url
        if here and isinstance(own, str) and not isinstance(after, str) and own != here:
            message = f"is its own address, but it is served at {here}: write that"
            self.note("self.wrong", message, ("feed_url",), own)
        if isinstance(after, str) and after == (here or own):
            message = "is this document again: lead to the next, or leave it out"
            self.note("json.next", message, ("next_url",), after)
        home = feed.get("home_page_url")
        if isinstance(home, str) and home == own:
            message = "is the feed itself: write the address of the site"
            self.note("rss.link", message, ("home_page_url",), home)

    def _each(
        self,
        table: Mapping[str, Any],
        name: str,
        path: Path,
        judge: Callable[[Mapping[str, Any], Path], None],
    ) -> None:
        found = table.get(name)
        for number, one in enumerate(found if isinstance(found, list) else ()):
            where = (*path, name, number)
            if isinstance(one, dict):
                judge(one, where)
            else:
                self.note("json.type", "is no object: write one, or leave it out", where, one)

    def _hub(self, hub: Mapping[str, Any], path: Path) -> None:
        self._members(hub, _HUB, path)
        for name in ("type", "url"):
            if not hub.get(name):
                self.note("json.hub", f"has no {name}: add it", path)

    def _people(self, table: Mapping[str, Any], path: Path) -> None:
        self._each(table, "authors", path, self._author)
        author = table.get("author")
        if isinstance(author, dict):
            self._author(author, (*path, "author"))
            if "authors" not in table and self.version != OLD:
                message = "was given up in 1.1: write authors, too"
                self.note("json.old-author", message, (*path, "author"))

    def _author(self, author: Mapping[str, Any], path: Path) -> None:
        self._members(author, _AUTHOR, path)
        if not any(author.get(name) for name in _AUTHOR):
            message = "says nobody: give a name, a url or an avatar"
            self.note("json.author", message, path)

    def _item(self, item: Mapping[str, Any], path: Path) -> None:
        self.count += 1
        self._members(item, _ITEM, path)
        self._id(item, path)
        self._contents(item, path)
        self._dates(item, path)
        self._people(item, path)
        self._each(item, "attachments", path, self._attachment)
        tags = item.get("tags")
        for number, tag in enumerate(tags if isinstance(tags, list) else ()):
            if not isinstance(tag, str):
                self.note("json.type", "is no text: write one", (*path, "tags", number), tag)

    def _id(self, item: Mapping[str, Any], path: Path) -> None:
        uid = item.get("id")
        if uid is None or uid == "":
            self.note("json.id", "has no id: readers may leave it out; add one", path)
            return
        if str(uid) in self.ids:
            message = "is the id of another item, too: give each its own"
            self.note("json.id-repeated", message, (*path, "id"), uid)
        self.ids.add(str(uid))

    def _contents(self, item: Mapping[str, Any], path: Path) -> None:
        html, text = item.get("content_html"), item.get("content_text")
        if html is None and text is None:
            message = "has neither content_html nor content_text: add one"
            self.note("json.content", message, path)
        if isinstance(html, str):
            judged = Sheet()
            judge_html(judged, html, 1, "content_html")
            judge_control(judged, html, 1, "content_html")
            self._take(judged, (*path, "content_html"))
        for name in ("title", "summary", "content_text"):
            value = item.get(name)
            if isinstance(value, str):
                judged = Sheet()
                judge_control(judged, value, 1, name)
                self._take(judged, (*path, name))

    def _take(self, judged: Sheet, path: Path) -> None:
        for (rule, _, message), note in judged.notes.items():
            self.note(rule, message, path, note.value)

    def _dates(self, item: Mapping[str, Any], path: Path) -> None:
        published, modified = (
            dates.instant(value) if isinstance(value := item.get(name), str) else None
            for name in ("date_published", "date_modified")
        )
        if published and modified and modified + _SECOND <= published:
            message = "lies before date_published: nothing changes before it is there"
            self.note("json.modified", message, (*path, "date_modified"), item["date_modified"])
        judged = Sheet()
        self.standing.moment(judged, published, 1, "date_published")
        self._take(judged, (*path, "date_published"))

    def _attachment(self, one: Mapping[str, Any], path: Path) -> None:
        self._members(one, _ATTACHMENT, path)
        for name in ("url", "mime_type"):
            if not one.get(name):
                self.note("json.attachment", f"has no {name}: add it", path)
        for name in ("size_in_bytes", "duration_in_seconds"):
            value = one.get(name)
            if isinstance(value, int | float) and value < 0:
                self.note("json.attachment", "is below 0", (*path, name), value)


def _constant(name: str) -> object:
    message = f"{name} is no number of JSON"
    raise ValueError(message)


def _fits(value: object, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "yes or no"
    return isinstance(value, _TYPES[kind])


def _place(path: Path) -> str:
    """Return a path as people read it: `items[].id`."""
    made = ""
    for part in path:
        made += "[]" if isinstance(part, int) else f".{part}" if made else part
    return made
