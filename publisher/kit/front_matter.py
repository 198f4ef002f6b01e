"""Front matter: the YAML (`---`) or TOML (`+++`) table at the head of a story.

Serves sources.folder. Pure. Values keep their types; instants without a zone are left naive for
the caller, who knows the publication.
"""

import tomllib
from collections.abc import Mapping
from typing import Any

import yaml

from publisher.errors import ParseError

MARKS = {"---": "YAML", "+++": "TOML"}
MAX_HEAD = 64 * 1024


class _Loader(yaml.SafeLoader):
    """SafeLoader without aliases, so that no small file becomes a huge table."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Refuse `*alias`."""
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]  # PyYAML has no types here
            raise yaml.MarkedYAMLError(
                problem="aliases are not allowed", problem_mark=event.start_mark
            )
        return super().compose_node(parent, index)


def split(text: str, where: str) -> tuple[Mapping[str, Any], str]:
    """Return the table ({} without front matter) and the rest.

    Raises ParseError naming `where` and the line for a table that cannot be read.
    """
    text = text.removeprefix("\ufeff")
    first, _, rest = text.partition("\n")
    mark = first.strip()
    if mark not in MARKS:
        return {}, text
    head: list[str] = []
    lines = rest.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if line.strip() == mark:
            return _table(mark, "".join(head), where), "".join(lines[number + 1 :])
        head.append(line)
    if mark == "---":  # a thematic break at the top of a story without front matter
        return {}, text
    raise ParseError(where, f"front matter begins with {mark} and never ends")


def _table(mark: str, head: str, where: str) -> Mapping[str, Any]:
    if len(head) > MAX_HEAD:
        raise ParseError(where, "front matter is longer than 64 KiB")
    try:
        # _Loader is SafeLoader with less, so nothing but plain values can come out.
        table = tomllib.loads(head) if mark == "+++" else yaml.load(head, _Loader)  # noqa: S506  safe
    except tomllib.TOMLDecodeError as error:
        raise ParseError(where, f"front matter: {error}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ParseError(where, f"front matter: {_yaml_reason(error)}") from error
    if table is None:
        return {}
    if not isinstance(table, dict):
        raise ParseError(where, "front matter is not a table of keys and values")
    return {str(key): value for key, value in table.items()}


def _yaml_reason(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    return f"line {mark.line + 2}: {problem}" if mark else problem
