"""A guard around a publication's own templates: limits of time and memory, and a way to fall back.

Serves the formats and the web. The shipped templates are rendered here and now. Work that uses a
publication's own is done in a process with a deadline and a limit of memory; when that fails in any
way, the whole of it is done again with the shipped set, and somebody is told. So a broken template
costs the look, never the mail, and no document is half of each.
"""

import atexit
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar, cast

from publisher.errors import RenderError, TemplateError
from publisher.kit.templating.templates import Templates
from publisher.kit.worker import WorkerLost, WorkerPool

T = TypeVar("T")

DEADLINE = 10.0
"""Seconds for a document; the slowest shipped one takes a twentieth of one."""

MEMORY = 512 * 1024**2
"""Bytes of address space; a child that has rendered a digest maps about a tenth of it."""

REST = 600.0
"""Seconds after which work that was killed is tried again, unless a template changes before."""

Told = Callable[[str, RenderError], None]


@cache
def render_pool() -> WorkerPool:
    """Return the process's pool for rendering; its children end with the process."""
    pool = WorkerPool(memory=MEMORY)
    atexit.register(pool.close)
    return pool


def _unheard(_what: str, _error: RenderError) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Does work with a publication's templates. Thread-safe.

    `told` hears of everything that fell back, by its name; a `strict` guard raises instead.
    """

    templates: Templates
    told: Told = _unheard
    strict: bool = False
    seconds: float = DEADLINE
    clock: Callable[[], float] = monotonic
    _resting: dict[str, tuple[object, float, TemplateError]] = field(default_factory=dict)

    def run(
        self,
        what: str,
        work: Callable[..., T],
        *arguments: object,
        more_seconds: float = 0,
        otherwise: tuple[object, ...] | None = None,
    ) -> T:
        """Return `work(templates, *arguments)`; `work` is a module's function, all can be pickled.

        `what` names it to people and to the operator's alarm. `otherwise` are the arguments for the
        shipped set, where they must be others. Raises RenderError when that fails as well.
        """
        own = self.templates.stamp()
        if not own:
            return work(self.templates, *arguments)
        try:
            return self._apart(what, own, work, arguments, self.seconds + more_seconds)
        except RenderError as error:
            self.failed(what, error)
        return work(self.templates.shipped(), *(arguments if otherwise is None else otherwise))

    def failed(self, what: str, error: RenderError) -> None:
        """Tell that something falls back. Raises `error` when the guard is strict."""
        if self.strict:
            raise error
        self.told(what, error)

    def html(self, name: str, context: Mapping[str, object]) -> str:
        """Render one template with every value escaped."""
        return self.run(name, Templates.html, name, context)

    def text(self, name: str, context: Mapping[str, object]) -> str:
        """Render one template of plain text."""
        return self.run(name, Templates.text, name, context)

    def data(self, name: str) -> Mapping[str, object]:
        """Return a data file of the templates, without the publication's own when that is broken."""
        return self._here(name, Templates.data, name)

    def words(self, language: str) -> Mapping[str, object]:
        """Return the phrases of a language."""
        return self._here(f"words/{language}.toml", Templates.words, language)

    def languages(self) -> tuple[str, ...]:
        """Return the tags there are words for."""
        return self.templates.languages()

    def _here(self, what: str, work: Callable[[Templates, str], T], name: str) -> T:
        """Do in this process what reads files of bounded size and runs nothing."""
        try:
            return work(self.templates, name)
        except RenderError as error:
            self.failed(what, error)
        return work(self.templates.shipped(), name)

    def _apart(
        self,
        what: str,
        own: object,
        work: Callable[..., T],
        arguments: tuple[object, ...],
        seconds: float,
    ) -> T:
        """Do the work in a child. Raises RenderError, whatever went wrong there."""
        seen, until, before = self._resting.get(what, (None, 0.0, None))
        if before is not None and seen == own and self.clock() < until and not self.strict:
            raise before  # it would cost a child and the whole deadline again
        theme = json.dumps(self.templates.theme, sort_keys=True)
        opened = (*self.templates.folders, theme)
        try:
            done = render_pool().run(seconds, _child, opened, work, arguments)
        except RenderError:
            raise
        except WorkerLost as error:
            lost = TemplateError(what, f"the publication's own templates: {error.reason}")
            self._resting[what] = (own, self.clock() + REST, lost)
            raise lost from error
        except Exception as error:
            raise TemplateError(what, f"the publication's own templates: {error!r}") from error
        self._resting.pop(what, None)
        return cast("T", done)


def _child(
    opened: tuple[Path | None, Path, str],
    work: Callable[..., Any],
    arguments: tuple[object, ...],
) -> object:
    return work(_opened(*opened), *arguments)


@lru_cache(maxsize=2)
def _opened(own: Path | None, shipped: Path, theme: str) -> Templates:
    """Keep what was compiled for the next job; `theme` is JSON, which can be a key."""
    return Templates(own, shipped, json.loads(theme))
