"""Operators' regular expressions, searched in time linear in the text, whatever they wrote.

Serves config, which compiles the expressions of `[select]` once. Python's own engine can need years
for `(a+)+$` on a story that a stranger wrote; RE2 keeps no stack to go back on. The only importer
of re2, late: most publications have no expression.
"""

import re
from dataclasses import dataclass
from typing import Any

# RE2 knows \w and \d in ASCII only; Python, and whoever writes about ferries in Åbo, know letters.
_NOT_WORD = r"\pM\pS\pZ\pC\p{Pd}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Po}‿⁀⁔"
_ALONE = {
    r"\w": r"[\pL\pN_]",
    r"\W": r"[^\pL\pN_]",
    r"\d": r"\p{Nd}",
    r"\D": r"\P{Nd}",
    r"\Z": r"\z",
}
_IN_CLASS = {
    r"\w": r"\pL\pN_",
    r"\W": _NOT_WORD,
    r"\d": r"\p{Nd}",
    r"\D": r"\P{Nd}",
}
_TOKEN = re.compile(r"\\Q.*?(?:\\E|\Z)|\\.|\[:\^?\w+:\]|\[\^?\]?|\]", re.DOTALL)
_ESCAPE = re.compile(r"\\.", re.DOTALL)
_REFUSED = (
    ("(?<=", "looks behind"),
    ("(?<!", "looks behind"),
    ("(?=", "looks ahead"),
    ("(?!", "looks ahead"),
    ("(?P=", "refers back to a group"),
    ("(?(", "asks about a group"),
)
_BACK = re.compile(r"invalid escape sequence: (\\[1-9])")
_LINEAR = "which no search in linear time can do"


@dataclass(frozen=True, slots=True)
class LinearExpression:
    """One compiled expression; implements `model.definitions.Expression`. `said` is what was written."""

    said: str
    _compiled: Any

    def search(self, text: str) -> bool:
        """Tell whether the expression is found anywhere in the text, without regard to case."""
        return self._compiled.search(text.encode("utf-8", "replace")) is not None


def compiled(said: str) -> LinearExpression:
    r"""Compile an expression in RE2's syntax (github.com/google/re2/wiki/Syntax).

    `\w`, `\d` and their opposites know every script, as in Python; `\b` knows ASCII only. Raises
    ValueError that says what cannot be had.
    """
    import re2

    if _blind_border(said):
        raise ValueError(
            r"\b sees words of ASCII letters only; write (^|\PL) before a word and (\PL|$) after it"
        )
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    options.never_capture = True
    try:
        return LinearExpression(said, re2.compile(_in_every_script(said), options))
    except (re2.error, UnicodeEncodeError) as error:
        raise ValueError(_reason(said, error)) from None


def _in_every_script(said: str) -> str:
    """Return the expression with Python's short classes spelt out for RE2."""
    inside = False

    def spelt(match: re.Match[str]) -> str:
        nonlocal inside
        token = match[0]
        if token == "]":  # noqa: S105 - a bracket
            inside = False
        elif token.startswith("[") and not inside and not token.startswith("[:"):
            inside = True
        return (_IN_CLASS if inside else _ALONE).get(token, token)

    return _TOKEN.sub(spelt, said)


def _blind_border(said: str) -> bool:
    r"""Tell whether a `\b` stands in an expression with letters that RE2 takes for no part of words."""
    return not said.isascii() and bool({r"\b", r"\B"} & set(_ESCAPE.findall(said)))


def _reason(said: str, error: Exception) -> str:
    """Return what RE2 complains of, in words for people."""
    if isinstance(error, UnicodeEncodeError):
        return "holds half a character"
    first = error.args[0] if error.args else ""
    text = first.decode("utf-8", "replace") if isinstance(first, bytes) else str(first)
    if back := _BACK.match(text):
        return f"{back[1]} refers back to a group, {_LINEAR}"
    if text.startswith("invalid perl operator"):
        # RE2 names the operator without its end: what was written tells which one it is.
        at = text.partition(": ")[2]
        for operator, does in _REFUSED:
            if operator.startswith(at) and operator in said:
                return f"{operator} {does}, {_LINEAR}"
    return text
