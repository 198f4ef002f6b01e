"""Front matter: the YAML (`---`) or TOML (`+++`) table at the head of an article's file.

Serves the `folder` source. Pure. The only importer of yaml. Values come as written: the source
judges them.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from publisher.errors import ParseError

if TYPE_CHECKING:
    import yaml

MAX_FRONT_MATTER = 65_536
"""Characters a front matter may have."""

_FENCES = {"---": ("---", "..."), "+++": ("+++",)}
_TOML_LINE = re.compile(r"at line (\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file taken apart: its front matter ({} when it has none) and the text below it."""

    meta: Mapping[str, object] = field(default_factory=dict)
    body: str = ""


@lru_cache(maxsize=1)
def _loader() -> "type[yaml.SafeLoader]":
    """Return a loader of YAML without aliases: nine lines of them can mean a billion values."""
    import yaml

    class Loader(yaml.SafeLoader):
        """YAML, taken at its word."""

        def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
            """Refuse an alias, else go on. Raises ComposerError."""
            if self.check_event(yaml.AliasEvent):
                event = self.peek_event()  # type: ignore[no-untyped-call]  # PyYAML has no types here
                raise yaml.composer.ComposerError(
                    None, None, "aliases (*name) are not allowed here", event.start_mark
                )
            return super().compose_node(parent, index)

    return Loader


def split_front_matter(text: str, file: str) -> Document:
    """Part a file into front matter and body.

    `file` names it in errors. Raises ParseError (its subject is `file:line`) when a front matter
    is not closed, too long, ill-formed or no table of keys.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff").split("\n")
    opening = lines[0].rstrip()
    if opening not in _FENCES:
        return Document(body="\n".join(lines))
    closing = next(
        (i for i, line in enumerate(lines[1:], 1) if line.rstrip() in _FENCES[opening]), None
    )
    if closing is None and not _looks_like_keys(lines[1:2]):
        return Document(body="\n".join(lines))  # a rule across the page, not a front matter
    if closing is None:
        raise ParseError(f"{file}:1", f"the front matter opened by {opening} is never closed")
    written = "\n".join(lines[1:closing])
    if len(written) > MAX_FRONT_MATTER:
        raise ParseError(
            f"{file}:1", f"the front matter is longer than {MAX_FRONT_MATTER} characters"
        )
    meta = _load_toml(written, file) if opening == "+++" else _load_yaml(written, file)
    return Document(meta=meta, body="\n".join(lines[closing + 1 :]))


def _looks_like_keys(lines: list[str]) -> bool:
    """Tell whether the line below a fence is a key and its value."""
    return any(re.match(r"\s*[\w-]+\s*[:=]", line) for line in lines)


def _load_toml(written: str, file: str) -> Mapping[str, object]:
    """Return the TOML table. Raises ParseError."""
    try:
        return tomllib.loads(written)
    except tomllib.TOMLDecodeError as error:
        found = _TOML_LINE.search(str(error))
        line = int(found[1]) + 1 if found else 1
        raise ParseError(f"{file}:{line}", f"front matter is not TOML: {error}") from error
    except RecursionError:
        raise ParseError(f"{file}:1", "front matter is nested too deeply") from None


def _load_yaml(written: str, file: str) -> Mapping[str, object]:
    """Return the YAML table. Raises ParseError."""
    import yaml

    try:
        loaded = yaml.load(written, Loader=_loader())  # noqa: S506 - a SafeLoader without aliases
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark is not None else 1
        reason = getattr(error, "problem", None) or str(error)
        raise ParseError(f"{file}:{line}", f"front matter is not YAML: {reason}") from error
    except (ValueError, OverflowError) as error:  # 2024-02-31 is a ValueError, not a YAMLError
        raise ParseError(
            f"{file}:1", f"front matter holds an impossible value: {error}"
        ) from error
    except RecursionError:
        raise ParseError(f"{file}:1", "front matter is nested too deeply") from None
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise ParseError(f"{file}:2", "front matter must be a table of keys and values")
    return {str(key): value for key, value in loaded.items()}
