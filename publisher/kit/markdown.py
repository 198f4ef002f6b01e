"""Markdown to HTML: CommonMark with tables, footnotes and strikethrough; the only user of markdown-it.

Serves sources.folder. What comes out is not yet sanitised.
"""

from functools import cache

from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin


@cache
def _parser() -> MarkdownIt:
    return (
        MarkdownIt("commonmark", {"html": True})
        .enable(["table", "strikethrough"])
        .use(footnote_plugin)
    )


def to_html(text: str) -> str:
    """Return the HTML of a Markdown text."""
    rendered: str = _parser().render(text)
    return rendered
