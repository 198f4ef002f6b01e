"""A story's front matter as typed fields: the keys of "Articles in a folder", whatever was written.

Serves the `folder` source. Pure. A value that cannot be meant is a ParseError that names the key;
a value that is harmlessly odd (a number for a title) is read.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from publisher.errors import ParseError
from publisher.kit.dates import as_instant
from publisher.kit.episodes import as_attribute, read_episode
from publisher.kit.text import clean_text
from publisher.model.articles import Enclosure, Link
from publisher.model.podcasts import EPISODE

KEYS = frozenset(
    (
        *("title", "date", "updated", "slug", "id", "tags", "author", "authors", "language"),
        *("summary", "image", "draft", "key_points", "read_also", "enclosures", "priority"),
        EPISODE,
    )
)
"""The keys with a meaning; all others are kept as attributes."""

_YES_NO = {
    "true": True,
    "yes": True,
    "on": True,
    "false": False,
    "no": False,
    "off": False,
    "": False,
}


class Fields:
    """Reads one table; `address` makes a reference absolute ("" when it cannot be)."""

    def __init__(self, table: Mapping[str, Any], file: str, address: Callable[[str], str]) -> None:
        self._table = table
        self._file = file
        self._address = address

    def word(self, key: str) -> str:
        """Return a text on one line, "" when absent. Raises ParseError for a list or table."""
        value = self._table.get(key)
        if isinstance(value, list | dict):
            raise self._wrong(key, "must be a text")
        return "" if value is None else clean_text(str(value))

    def words(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; a single text is a list of one, of tags one parted by commas."""
        value = self._table.get(key)
        if value is None:
            return ()
        if isinstance(value, str):
            value = value.split(",") if key == "tags" else [value]
        if not isinstance(value, list):
            value = [value]
        if any(isinstance(item, list | dict) for item in value):
            raise self._wrong(key, "must be a list of texts")
        return tuple(word for item in value if (word := clean_text(str(item))))

    def whole(self, key: str) -> int:
        """Return a whole number, 0 when absent. Raises ParseError."""
        value = self._table.get(key)
        if value is None:
            return 0
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 2**31:
            raise self._wrong(key, "must be a whole number")
        return value

    def flag(self, key: str) -> bool:
        """Return true or false, false when absent. Raises ParseError."""
        value = self._table.get(key, False)
        said = _YES_NO.get(str(value if value is not None else "").strip().lower())
        if said is None:
            raise self._wrong(key, "must be true or false")
        return said

    def instant(self, key: str) -> datetime | None:
        """Return a date as an instant (UTC where no zone is said). Raises ParseError."""
        value = self._table.get(key)
        if value is None or value == "":
            return None
        moment = as_instant(value)
        if moment is None:
            raise self._wrong(key, "is not a date (like 2026-11-24 or 2026-11-24T07:30+01:00)")
        return moment

    def links(self, key: str) -> Iterator[Link]:
        """Yield stories given as a title, an address, or a table with both. Raises ParseError."""
        for item in self._list(key):
            if isinstance(item, Mapping):
                url = self._address(str(item.get("url") or ""))
                title = clean_text(str(item.get("title") or "")) or url
            else:
                title = clean_text(str(item))
                # An address stands alone; a title may speak of one.
                url = self._address(title) if "://" in title and " " not in title else ""
            if title:
                yield Link(title=title, url=url)

    def enclosures(self, key: str) -> Iterator[Enclosure]:
        """Yield files given as tables of url, type and length. Raises ParseError."""
        for item in self._list(key):
            url = self._address(str(item.get("url") or "")) if isinstance(item, Mapping) else ""
            if not url:
                raise self._wrong(key, "need a url each, like {url, type, length}")
            length = item.get("length")
            yield Enclosure(
                url=url,
                type=clean_text(str(item.get("type") or "")) or "application/octet-stream",
                length=length if isinstance(length, int) and length > 0 else 0,
            )

    def rest(self) -> Mapping[str, object]:
        """Return the keys without a meaning here, as values JSON can say."""
        return {key: _plain(value) for key, value in self._table.items() if key not in KEYS}

    def episode(self) -> Mapping[str, object]:
        """Return what the story is as an episode of a podcast, as an attribute. Raises ParseError."""
        episode, problems = read_episode(self._table.get(EPISODE), self._address)
        for key, what in problems:
            raise self._wrong(f"{EPISODE}.{key}" if key else EPISODE, what)
        said = as_attribute(episode)
        return {EPISODE: said} if said else {}

    def _list(self, key: str) -> list[Any]:
        value = self._table.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self._wrong(key, "must be a list")
        return value

    def _wrong(self, key: str, what: str) -> ParseError:
        return ParseError(self._file, f"front matter: {key} {what}")


def _plain(value: object) -> object:
    """Return a value of YAML or TOML as one of JSON."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(item) for item in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool | None) else str(value)
