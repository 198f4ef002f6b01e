"""Templates: one sandboxed environment for HTML, one for text, and the data files beside them.

Serves the digest format, the pages and the guard. Reads the publication's `templates/` and the
shipped ones, nothing else.

A file of the publication wins over the shipped file of the same name, which stays reachable as
`default/NAME`, so that a template may extend what it replaces. Every template sees `token` (colours
and sizes, `tokens.toml`), `words` (the phrases of its `language`) and the filters of `kit.phrases`
and `kit.locales`.
A name that does not exist is an error, never an empty space in somebody's mail.
"""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import NoReturn

import jinja2
import markupsafe
from jinja2.sandbox import ImmutableSandboxedEnvironment

from publisher.errors import TemplateError
from publisher.kit import phrases
from publisher.kit.templating.files import FolderLoader, read, stamp
from publisher.kit.templating.lines import OWN_FILTERS, compiled_line

SHIPPED = "default"
"""Prefix under which the shipped set is always reachable."""

# What an expression of an operator may raise besides jinja2's own errors.
_MISTAKES = (
    jinja2.TemplateError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
_MODULE = re.compile(r"'(?:[a-z_]+\.)+([A-Za-z]+) object'")
_NOUNS = {"StoryView": "a story", "SectionView": "a section", "LetterView": "a letter"}
_UNKNOWN = re.compile(r"^'([^']+)' is undefined$")

MOST = 10_000_000
"""Characters of one rendered document; the largest page of a site has a hundredth of that."""


def trusted(html: str) -> str:
    """Return HTML of our own making that is not to be escaped. Never for anything collected."""
    return markupsafe.Markup(html)  # noqa: S704 - this function is the one door for it


class Templates:
    """The publication's templates before the shipped ones. Thread-safe.

    `theme` are design tokens (`[theme]`) over those of `tokens.toml`.
    """

    def __init__(
        self, own: Path | None, shipped: Path, theme: Mapping[str, object] | None = None
    ) -> None:
        self._theme = theme or {}
        # In a checkout of the product the publication's folder is the shipped one.
        apart = own if own is not None and own.resolve() != shipped.resolve() else None
        self._folders = (shipped,) if apart is None else (apart, shipped)
        self._shipped = shipped
        loader = jinja2.ChoiceLoader(
            [
                *(FolderLoader(folder) for folder in self._folders),
                jinja2.PrefixLoader({SHIPPED: FolderLoader(shipped)}),
            ]
        )
        self._html = _environment(loader, autoescape=True)
        self._text = _environment(loader, autoescape=False)

    @property
    def state(self) -> str:
        """Return what changes when any template, word or design token does."""
        told = [
            (str(path.relative_to(folder)), stamp(path))
            for folder in self._folders
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        ]
        return sha256(repr((told, sorted(self._theme.items()))).encode()).hexdigest()

    def html(self, name: str, context: Mapping[str, object]) -> str:
        """Render a template with every value escaped. Raises TemplateError."""
        return self._render(self._html, name, context)

    def text(self, name: str, context: Mapping[str, object]) -> str:
        """Render a template of plain text (or CSS): nothing is escaped. Raises TemplateError."""
        return self._render(self._text, name, context)

    def line(self, source: str, where: str, context: Mapping[str, object]) -> str:
        """Render a template written in a setting; `where` names it. Raises TemplateError.

        It may hold what `lines` allows, so that it can be rendered here for every reader.
        """
        try:
            return compiled_line(source).render(context)
        except _MISTAKES as error:
            self._fail(where, error, context)

    def data(self, name: str) -> Mapping[str, object]:
        """Return a TOML file of the templates, the publication's keys over the shipped ones.

        `name` may be absent in both: then {}. Raises TemplateError for a file that cannot be read.
        """
        merged: Mapping[str, object] = {}
        for folder in reversed(self._folders):
            merged = _over(merged, _toml(folder, name))
        return merged

    def tokens(self) -> Mapping[str, object]:
        """Return the design tokens. Raises TemplateError."""
        return _over(self.data("tokens.toml"), self._theme)

    def words(self, language: str) -> Mapping[str, object]:
        """Return the phrases of a language (`words/de.toml`) over those of English."""
        merged = self.data("words/en.toml")
        for tag in phrases.tags(language):
            merged = _over(merged, self.data(f"words/{tag}.toml"))
        return merged

    def languages(self) -> tuple[str, ...]:
        """Return the tags there are words for, sorted, as their files are named: `de`, `pt-br`."""
        return tuple(
            sorted({path.stem for f in self._folders for path in (f / "words").glob("*.toml")})
        )

    @property
    def folders(self) -> tuple[Path | None, Path]:
        """Return (the publication's folder, None when it is the shipped one; the shipped folder)."""
        return (self._folders[0] if len(self._folders) > 1 else None), self._shipped

    def shipped(self) -> "Templates":
        """Return the shipped set, without any template of the publication."""
        return Templates(None, self._shipped, self._theme)

    @property
    def theme(self) -> Mapping[str, object]:
        """Return the design tokens that the publication's settings change."""
        return self._theme

    def stamp(self) -> tuple[object, ...]:
        """Return what changes when a file of the publication does; () when it has none."""
        own, _ = self.folders
        if own is None or not own.is_dir():
            return ()
        found = (path for path in own.rglob("*") if not path.is_dir())
        return tuple(sorted((str(path), stamp(path) or ()) for path in found))

    def names(self) -> tuple[str, ...]:
        """Return the name of every template there is, sorted."""
        files = (
            path.relative_to(folder).as_posix()
            for folder in self._folders
            for path in folder.rglob("*")
            if path.is_file() and not path.name.startswith(".")
        )
        return tuple(sorted(set(files)))

    def has(self, name: str) -> bool:
        """Tell whether there is a template of this name."""
        return any(self.origin(name))

    def origin(self, name: str) -> tuple[Path | None, Path | None]:
        """Return (the publication's file, the shipped file) of one name; None where there is none."""
        own = self._folders[0] / name if len(self._folders) > 1 else None
        shipped = self._shipped / name
        return (
            own if own and own.is_file() else None,
            shipped if shipped.is_file() else None,
        )

    def _render(
        self, environment: jinja2.Environment, name: str, context: Mapping[str, object]
    ) -> str:
        language = str(context.get("language", ""))
        shared = {"token": self.tokens(), "words": self.words(language)}
        context = {**shared, **context}
        pieces, room = [], MOST
        try:
            for piece in environment.get_template(name).generate(context):
                pieces.append(piece)
                room -= len(piece)
                if room < 0:
                    raise ValueError(f"makes more than {MOST:,} characters")
        except _MISTAKES as error:
            self._fail(name, error, context)
        return "".join(pieces)

    def _fail(self, name: str, error: Exception, context: Iterable[str]) -> NoReturn:
        """Raise what an operator can act on: the template, the line, which name is missing."""
        if isinstance(error, jinja2.TemplateSyntaxError):
            line = error.lineno
            raise TemplateError(error.name or name, str(error.message), line=line) from error
        file, line = _place(error.__traceback__)
        place = next(
            (_below(file, folder) for folder in self._folders if folder in file.parents), name
        )
        raise TemplateError(place, _reason(name, error, context), line=line) from error


def _environment(loader: jinja2.BaseLoader, *, autoescape: bool) -> jinja2.Environment:
    environment = ImmutableSandboxedEnvironment(
        loader=loader,
        autoescape=autoescape,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(OWN_FILTERS)
    return environment


def _over(below: Mapping[str, object], above: Mapping[str, object]) -> Mapping[str, object]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            merged[key] = _over(old, value)
        else:
            merged[key] = value
    return merged


def _toml(folder: Path, name: str) -> Mapping[str, object]:
    return _read_toml(folder, name, stamp(folder / name))


@lru_cache(maxsize=64)
def _read_toml(folder: Path, name: str, _changed: object) -> Mapping[str, object]:
    try:
        return tomllib.loads(read(folder, name) or "")
    except (ValueError, RecursionError) as error:
        raise TemplateError(name, f"cannot be read: {error}") from error


def _reason(name: str, error: Exception, context: Iterable[str]) -> str:
    if isinstance(error, jinja2.TemplateNotFound):
        missing = error.name or name
        return "there is no such template" if missing == name else f"{missing}: not found"
    reason = _MODULE.sub(lambda made: _NOUNS.get(made[1], made[1]), str(error))
    unknown = _UNKNOWN.match(reason)
    if unknown:
        near = difflib.get_close_matches(unknown[1], list(context), n=1)
        return f"there is no `{unknown[1]}`" + (f"; did you mean `{near[0]}`?" if near else "")
    return reason or type(error).__name__


def _place(trace: TracebackType | None) -> tuple[Path, int]:
    """Return the innermost template file and line of a traceback, which jinja2 rewrites to those."""
    found = (Path(), 0)
    while trace is not None:
        variables = trace.tb_frame.f_globals
        if "__jinja_exception__" in variables:
            found = (Path(str(variables.get("__file__"))), trace.tb_lineno)
        trace = trace.tb_next
    return found


def _below(file: Path, folder: Path) -> str:
    return file.relative_to(folder).as_posix()
