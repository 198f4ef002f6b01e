"""Markdown to HTML: CommonMark with tables, strikethrough and footnotes.

Serves the `folder` source and the notes of editions. Pure. The only importer of markdown-it. What
comes out is as trustworthy as what went in (raw HTML passes): sanitise it with `kit.clean`.
"""

import re
from collections.abc import MutableMapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererProtocol
    from markdown_it.token import Token
    from markdown_it.utils import OptionsDict

MAX_MARKDOWN = 400_000
"""Characters read of a text: the slowest constructs need 15 seconds for a million."""

_FIRST_HEADING = re.compile(
    r"\A\s*#[ \t]+(.+?)[ \t]*#*[ \t]*(?:\n|\Z)|\A\s*(\S.*)\n=+[ \t]*(?:\n|\Z)"
)


@lru_cache(maxsize=1)
def _markdown() -> "MarkdownIt":
    """Return the one parser; it keeps no state between texts."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.footnote import footnote_plugin

    parser = MarkdownIt("commonmark", {"html": True, "typographer": False})
    parser.enable(["table", "strikethrough"])
    parser.use(footnote_plugin)
    # Ids do not survive sanitising (two articles of a digest would share them), so a footnote is a
    # number in the text and the same number in the list, without links.
    parser.add_render_rule("footnote_ref", _footnote_number)
    parser.add_render_rule("footnote_anchor", _nothing)
    return parser


def _footnote_number(
    _renderer: "RendererProtocol",
    tokens: Sequence["Token"],
    index: int,
    _options: "OptionsDict",
    _env: MutableMapping[str, object],
) -> str:
    """Render the mark of a footnote."""
    return f"<sup>{int(tokens[index].meta['id']) + 1}</sup>"


def _nothing(
    _renderer: "RendererProtocol",
    _tokens: Sequence["Token"],
    _index: int,
    _options: "OptionsDict",
    _env: MutableMapping[str, object],
) -> str:
    """Render the way back from a footnote: none."""
    return ""


def markdown_to_html(text: str) -> str:
    """Return the HTML of a Markdown text; raw HTML in it is left as it is. Total."""
    rendered: str = _markdown().render(text[:MAX_MARKDOWN])
    return rendered


def split_title(text: str) -> tuple[str, str]:
    """Return the first-level heading that opens a text ("" when none does) and the rest."""
    match = _FIRST_HEADING.match(text)
    if match is None:
        return "", text
    return (match[1] or match[2]).strip(), text[match.end() :]
