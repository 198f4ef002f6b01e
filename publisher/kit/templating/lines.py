"""Templates of one line, written in a setting: the subject of a digest.

Serves the templates and the reader of definitions. A subject is made for every selection of stories
in the process that sends, so nothing in it may take long or grow: expressions, conditions and a few
filters, but no loop, no call, no multiplication, and no filter whose result is longer than a page.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from typing import Any

import jinja2
from jinja2 import filters, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from publisher.kit import locales, phrases
from publisher.kit.flowing import flow

LONGEST = 10_000
"""Characters of a filter's result: what grows at every step must stop at some."""

SOURCE = 1_000
"""Characters of a line's template; a header may not hold more (RFC 5322 section 2.1.1)."""

_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.If,
    nodes.Name,
    nodes.Const,
    nodes.Tuple,
    nodes.List,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Slice,
    nodes.Filter,
    nodes.Keyword,
    nodes.Test,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.CondExpr,
    nodes.Concat,
    nodes.Add,
    nodes.Sub,
    nodes.Neg,
    nodes.Pos,
)
_SAID = {
    nodes.For: "a loop",
    nodes.Call: "a call",
    nodes.Include: "an include",
    nodes.Mul: "`*`",
    nodes.Pow: "`**`",
    nodes.Mod: "`%`",
}
OWN_FILTERS: Mapping[str, Callable[..., Any]] = {
    "long_date": locales.long_date,
    "short_date": locales.short_date,
    "date_in_words": locales.date_in_words,
    "clock_time": locales.clock_time,
    "listed": locales.listed,
    "plural": locales.plural,
    "fill": phrases.fill,
    "iso": phrases.iso,
    "direction": phrases.direction,
    "reading_time": phrases.reading_time,
    "shorten": phrases.shorten,
    "flow": flow,
}
_PLAIN = (
    *("abs", "capitalize", "count", "d", "default", "first", "int", "join", "last", "length"),
    *("lower", "map", "rejectattr", "replace", "selectattr", "striptags", "title", "trim"),
    *("truncate", "upper", "wordcount"),
)


def check_line(source: str) -> str:
    """Return why a line's template cannot be used, or ""."""
    try:
        compiled_line(source)
    except jinja2.TemplateError as error:
        return str(error.message)
    except RecursionError:
        return "nests too deeply"
    return ""


@lru_cache(maxsize=128)
def compiled_line(source: str) -> jinja2.Template:
    """Compile a line's template. Raises jinja2.TemplateSyntaxError, RecursionError."""
    if len(source) > SOURCE:
        raise jinja2.TemplateSyntaxError(f"is longer than {SOURCE:,} characters", 1)
    for node in _LINES.parse(source).find_all(nodes.Node):
        if not isinstance(node, _ALLOWED):
            said = _SAID.get(type(node), f"`{type(node).__name__.lower()}`")
            reason = f"{said} is not allowed in a line: only values, conditions and filters are"
            raise jinja2.TemplateSyntaxError(reason, node.lineno)
    return _LINES.from_string(source)


def _bounded(work: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(work)
    def bounded(*arguments: Any, **named: Any) -> Any:
        result = work(*arguments, **named)
        if isinstance(result, str) and len(result) > LONGEST:
            raise ValueError(f"a filter makes more than {LONGEST:,} characters")
        return result

    return bounded


def _environment() -> jinja2.Environment:
    environment = ImmutableSandboxedEnvironment(undefined=jinja2.StrictUndefined)
    environment.globals.clear()
    chosen = {**{name: filters.FILTERS[name] for name in _PLAIN}, **OWN_FILTERS}
    environment.filters = {name: _bounded(work) for name, work in chosen.items()}
    return environment


_LINES = _environment()
