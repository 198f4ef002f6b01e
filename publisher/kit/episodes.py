"""What an article says of itself as an episode of a podcast (its attribute `podcast`), as typed values.

Serves the sources, which bring it, and the formats, which write it. Pure. What cannot be meant is
told and left out; the rest of the episode stays.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from publisher.kit.text import clean_text
from publisher.model.podcasts import Episode, Person, Transcript

TYPES = ("full", "trailer", "bonus")
CHAPTERS = "application/json+chapters"
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2})")
_LONGEST = 1_000_000
_TRANSCRIPTS = {
    "vtt": "text/vtt",
    "srt": "application/x-subrip",
    "json": "application/json",
    "html": "text/html",
    "txt": "text/plain",
}
"""Types of transcripts by the ends of their names (podcast:transcript)."""

_PLAYED = ("audio/", "video/")
Address = Callable[[str], str]


@dataclass(slots=True)
class _Reader:
    """Reads one table; `problems` gathers what is wrong, by key."""

    table: Mapping[str, Any]
    address: Address
    problems: list[tuple[str, str]] = field(default_factory=list)

    def text(self, key: str) -> str:
        value = self.table.get(key)
        if isinstance(value, list | Mapping):
            self.wrong(key, "must be a text")
            return ""
        return "" if value is None else clean_text(str(value))

    def number(self, key: str) -> int:
        """Return a number from 1, 0 when absent."""
        value = self.table.get(key)
        if value is None or value == "":
            return 0
        said = str(value).strip()
        good = not isinstance(value, bool) and said.isascii() and said.isdigit()
        if not good or not 0 < int(said[:12]) < _LONGEST:
            self.wrong(key, "must be a whole number from 1")
            return 0
        return int(said)

    def duration(self) -> int:
        """Return a length in seconds, written so or as 1:02:03."""
        value = self.table.get("duration")
        said = "" if value is None or isinstance(value, bool) else str(value).strip()
        clock = _CLOCK.fullmatch(said)
        if clock:
            return int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + int(clock[3])
        if isinstance(value, float) and 0 <= value < _LONGEST:
            return round(value)
        if said and not (said.isascii() and said.isdigit() and int(said[:12]) < _LONGEST):
            self.wrong("duration", "must be in seconds or like 1:02:03")
            return 0
        return int(said or 0)

    def flag(self, key: str) -> bool | None:
        value = self.table.get(key)
        if value is None or isinstance(value, bool):
            return value
        self.wrong(key, "must be true or false")
        return None

    def kind(self) -> str:
        said = self.text("type").lower()
        if said and said not in TYPES:
            self.wrong("type", f"must be one of {', '.join(TYPES)}")
            return ""
        return said

    def link(self, key: str) -> str:
        said = self.text(key)
        found = self.address(said) if said else ""
        if said and not found:
            self.wrong(key, "must be an address")
        return found

    def several(self, key: str) -> list[Any]:
        """Return a list; one text or table is a list of one."""
        value = self.table.get(key)
        if value is None:
            return []
        return list(value) if isinstance(value, list | tuple) else [value]

    def transcripts(self) -> Iterator[Transcript]:
        for item in self.several("transcripts"):
            inner = _Reader(item if isinstance(item, Mapping) else {"url": item}, self.address)
            url = inner.link("url")
            ending = url.partition("?")[0].rpartition(".")[2].lower()
            type_ = inner.text("type") or _TRANSCRIPTS.get(ending, "")
            if url and type_:
                language, rel = inner.text("language"), inner.text("rel")
                yield Transcript(url=url, type=type_, language=language, rel=rel)
            else:
                self.wrong("transcripts", "need a url each, and a type, like {url, type}")

    def people(self) -> Iterator[Person]:
        for item in self.several("people"):
            inner = _Reader(item if isinstance(item, Mapping) else {"name": item}, self.address)
            name = inner.text("name")
            if not name:
                self.wrong("people", "need a name each")
                continue
            yield Person(
                name=name,
                role=inner.text("role"),
                group=inner.text("group"),
                image=inner.link("image"),
                url=inner.link("url"),
            )

    def wrong(self, key: str, what: str) -> None:
        self.problems.append((key, what))


def read_episode(said: object, address: Address) -> tuple[Episode, list[tuple[str, str]]]:
    """Return the episode, and (key, what is wrong) for what was left out of it.

    `address` makes a reference absolute, "" when that cannot be.
    """
    if not isinstance(said, Mapping):
        return Episode(), [] if said is None else [("", "must be a table")]
    reader = _Reader(said, address)
    for key in said:
        if str(key) not in Episode.__dataclass_fields__:
            reader.wrong(str(key), "is unknown")
    episode = Episode(
        title=reader.text("title"),
        duration=reader.duration(),
        season=reader.number("season"),
        episode=reader.number("episode"),
        type=reader.kind(),
        explicit=reader.flag("explicit"),
        block=bool(reader.flag("block")),
        image=reader.link("image"),
        chapters=reader.link("chapters"),
        transcripts=tuple(reader.transcripts()),
        people=tuple(reader.people()),
    )
    return episode, reader.problems


def as_attribute(episode: Episode) -> Mapping[str, object]:
    """Return an episode as the value of an attribute: what it says, {} when that is nothing."""
    said = asdict(episode)
    usual = asdict(Episode())
    return {name: _plain(value) for name, value in said.items() if value != usual[name]}


def _plain(value: Any) -> Any:
    """Return tables without what they do not say, and lists as JSON has them."""
    if isinstance(value, dict):
        return {name: one for name, one in value.items() if one}
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def is_played(media_type: str) -> bool:
    """Tell whether a file is sound or film."""
    return media_type.startswith(_PLAYED)
