"""On which line a member of a JSON document stands.

Serves the judge of JSON Feed, when it has found something: the reader of the standard library tells
no places. Pure; made for documents that have been read well.
"""

import json
import re
from collections.abc import Collection

_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_SKIP = re.compile(r"[\s,:]+")
_ATOM = re.compile(r"[^\s,:\[\]{}\"]+")


class _Level:
    __slots__ = ("key", "list", "number")

    def __init__(self, *, is_list: bool) -> None:
        self.list = is_list
        self.number = 0
        self.key: str | None = None


def lines(
    text: str, wanted: Collection[tuple[str | int, ...]]
) -> dict[tuple[str | int, ...], int]:
    """Return the lines of paths (`("items", 3, "id")`) that are there."""
    left = set(wanted)
    made: dict[tuple[str | int, ...], int] = {}
    stack: list[_Level] = []
    line, position, counted = 1, 0, 0
    while left and position < len(text):
        if found := _SKIP.match(text, position):
            position = found.end()
            continue
        letter = text[position]
        if letter in "]}":
            position += 1
            if stack:
                stack.pop()
            _ended(stack)
            continue
        path = _path(stack)
        if path is not None and path in left:
            line += text.count("\n", counted, position)
            counted = position
            made[path] = line
            left.discard(path)
        if letter in "[{":
            stack.append(_Level(is_list=letter == "["))
            position += 1
            continue
        value, position = _scalar(text, position)
        if stack and not stack[-1].list and stack[-1].key is None:
            stack[-1].key = value
        else:
            _ended(stack)
    return made


def _path(stack: list[_Level]) -> tuple[str | int, ...] | None:
    """Return the path of the value that begins here, None for a key."""
    path: list[str | int] = []
    for level in stack:
        if level.list:
            path.append(level.number)
        elif level.key is None:
            return None
        else:
            path.append(level.key)
    return tuple(path)


def _ended(stack: list[_Level]) -> None:
    """Note that a value has ended."""
    if stack and stack[-1].list:
        stack[-1].number += 1
    elif stack:
        stack[-1].key = None


def _scalar(text: str, position: int) -> tuple[str, int]:
    if string := _STRING.match(text, position):
        return (json.loads(string[0], strict=False), string.end())
    found = _ATOM.match(text, position)
    return (found[0], found.end()) if found else ("", position + 1)
