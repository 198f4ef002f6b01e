"""Reading template files: plain files of bounded size inside their folder, in UTF-8, and no others.

Serves the templates. A template may be anything an operator left there, also a link to somewhere
else, a device without end or a pipe nobody writes to; none of these may be shown, fill the memory
or hang a send.
"""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import jinja2
from jinja2.loaders import split_template_path

LARGEST = 1024 * 1024
"""Bytes of a template; the largest that ships has a hundredth of it."""

Stamp = tuple[int, int]


class Unfit(ValueError):
    """There is something of that name, but it cannot be used as a template."""


def read(folder: Path, name: str) -> str | None:
    """Return the text of a file below a folder, None when there is none. Raises Unfit."""
    path = folder / name
    if not os.path.lexists(path):
        return None
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise Unfit("leads out of the folder of templates")
        if not stat.S_ISREG(path.stat().st_mode):
            raise Unfit("is no plain file")
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise Unfit(f"cannot be read: {error.strerror or error}") from error
    except RuntimeError as error:  # how Python 3.11 says that links lead in a circle
        raise Unfit("is a link to itself") from error
    if len(data) > LARGEST:
        raise Unfit(f"is larger than {LARGEST:,} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unfit(f"is not UTF-8 (line {line})") from error


def stamp(path: Path) -> Stamp | None:
    """Return what changes when a file does; None when it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


class FolderLoader(jinja2.BaseLoader):
    """Finds the templates of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get_source(
        self,
        environment: jinja2.Environment,  # noqa: ARG002  jinja2's signature
        template: str,
    ) -> tuple[str, str, Callable[[], bool]]:
        """Return text, file, and whether it is still current. Raises jinja2.TemplateError."""
        name = "/".join(split_template_path(template))
        path = self._folder / name
        before = stamp(path)
        try:
            text = read(self._folder, name)
        except Unfit as error:
            raise jinja2.TemplateSyntaxError(str(error), 0, name, str(path)) from error
        if text is None:
            raise jinja2.TemplateNotFound(template)
        return text, str(path), lambda: stamp(path) == before
