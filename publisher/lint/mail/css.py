"""Style sheets and declarations, read by tinycss2 into what the rules ask about.

Serves the rules of mails. Pure; never raises on any text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import tinycss2
from tinycss2 import ast
from tinycss2.color3 import RGBA, parse_color

CONDITIONAL = frozenset({"media", "supports", "container", "layer"})
DYNAMIC = re.compile(
    r":(hover|focus|active|visited|link|target|checked|:?before|:?after)|\[data-og|#MessageViewBody"
)
"""Selectors for a moment or for one mail program: what they add is there or not, nobody misses it."""
_NESTED = 16
"""How deep brackets are looked into."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """One declaration: `name` in lower case, `value` as text, `tokens` of the features it uses."""

    name: str
    value: str
    important: bool
    tokens: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleRule:
    """One rule of a sheet; `media` is the condition round it, "" for none."""

    selector: str
    declarations: tuple[Declaration, ...]
    media: str = ""

    @property
    def refines(self) -> bool:
        """Return whether it holds at certain moments or in certain programs only."""
        return bool(self.media) or DYNAMIC.search(self.selector) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One `<style>` block: its rules, the tokens of its at-rules, what could not be read."""

    rules: tuple[StyleRule, ...] = ()
    at_rules: frozenset[str] = frozenset()
    mistakes: tuple[str, ...] = ()


@lru_cache(maxsize=4096)
def declarations(text: str) -> tuple[Declaration, ...]:
    """Read the content of a `style` attribute or of a rule."""
    return tuple(_declared(text)) if text else ()


def mistakes_of(text: str) -> bool:
    """Tell whether some declaration in it cannot be read."""
    return any(node.type == "error" for node in tinycss2.parse_blocks_contents(text))


@lru_cache(maxsize=64)
def sheet(text: str) -> Sheet:
    """Read a style sheet."""
    rules: list[StyleRule] = []
    at_rules: set[str] = set()
    mistakes: list[str] = []
    nodes = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
    waiting: list[tuple[ast.Node, str]] = [(node, "") for node in reversed(nodes)]
    while waiting:
        node, media = waiting.pop()
        if node.type == "error":
            mistakes.append(f"line {node.source_line}: {node.message}")
        elif node.type == "qualified-rule":
            rules.append(_rule(node, media, mistakes))
        elif node.type == "at-rule":
            at_rules |= _at_tokens(node)
            waiting += reversed(_inside(node, media, mistakes))
    return Sheet(rules=tuple(rules), at_rules=frozenset(at_rules), mistakes=tuple(mistakes))


@lru_cache(maxsize=1024)
def colour(text: str) -> RGBA | None:
    """Return the colour in a value; None for none, or for `currentColor`."""
    for node in tinycss2.parse_component_value_list(text, skip_comments=True):
        if node.type in {"ident", "hash", "function"}:
            found = parse_color(node)
            if isinstance(found, RGBA):
                return found
    return None


def sides(value: str) -> tuple[str, str, str, str]:
    """Return top, right, bottom and left of a shorthand such as `margin`."""
    top, *rest = value.split()[:4] or ["0"]
    right, bottom, left = (*rest, *(("", "", "")[len(rest) :]))
    right = right or top
    return top, right, bottom or top, left or right


def pixels(value: str) -> float | None:
    """Return a length in CSS pixels; None when it depends on something else."""
    match = re.fullmatch(r"\s*([+-]?\d*\.?\d+)(px|pt|)\s*", value.lower())
    if match is None or (not match[2] and float(match[1])):
        return None
    return float(match[1]) * (4 / 3 if match[2] == "pt" else 1)


def _inside(node: ast.AtRule, media: str, mistakes: list[str]) -> list[tuple[ast.Node, str]]:
    if node.content is None or node.lower_at_keyword not in CONDITIONAL:
        return []
    if media:
        mistakes.append(f"line {node.source_line}: @{node.at_keyword} inside another at-rule")
    condition = f"@{node.lower_at_keyword} {tinycss2.serialize(node.prelude).strip().lower()}"
    inner = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
    return [(item, f"{media} {condition}".strip()) for item in inner]


def _at_tokens(node: ast.AtRule) -> set[str]:
    found = {f"@{node.lower_at_keyword}"}
    for block in node.prelude:
        if block.type == "() block":
            names = [item.lower_value for item in block.content if item.type == "ident"]
            found |= {f"@{node.lower_at_keyword}({name})" for name in names[:1]}
    return found


def _rule(node: ast.QualifiedRule, media: str, mistakes: list[str]) -> StyleRule:
    body = tinycss2.serialize(node.content)
    if mistakes_of(body):
        mistakes.append(f"line {node.source_line}: a declaration that cannot be read")
    selector = " ".join(tinycss2.serialize(node.prelude).split())
    return StyleRule(selector=selector, declarations=declarations(body), media=media)


def _declared(text: str) -> Iterator[Declaration]:
    for node in tinycss2.parse_blocks_contents(text, skip_comments=True, skip_whitespace=True):
        if node.type != "declaration":
            continue
        value = tinycss2.serialize(node.value).strip()
        tokens = set(_value_tokens(node.value, _NESTED))
        tokens.add("--" if node.lower_name.startswith("--") else f"{node.lower_name}:")
        tokens.add(f"{node.lower_name}:{value.lower()}")
        if node.important:
            tokens.add("!important")
        yield Declaration(
            name=node.lower_name,
            value=value,
            important=node.important,
            tokens=frozenset(tokens),
        )


def _value_tokens(nodes: Sequence[ast.Node], depth: int) -> Iterator[str]:
    for node in nodes:
        if node.type == "dimension":
            yield f"1{node.lower_unit}"
        elif node.type == "percentage":
            yield "1%"
        elif node.type == "ident":
            yield node.lower_value
        elif node.type == "function":
            yield f"{node.lower_name}()"
        inner = getattr(node, "arguments", None) or getattr(node, "content", None)
        if inner and depth:
            yield from _value_tokens(inner, depth - 1)
