"""One rendered mail with its style sheet written into its elements, and nothing in it twice.

Serves the formats that make mails. Pure. The only importer of premailer, which runs once per
edition and language or once per letter, never per reader of a digest.
"""

import logging
import os
import re
from threading import Lock
from xml.dom import DOMException

from publisher.errors import RenderError

# Read by premailer at import; its default of 128 rules is less than one of our style sheets needs.
os.environ.setdefault("PREMAILER_CACHE_MAXSIZE", "4096")

# premailer's caches are not safe between threads: 12-26 of 96 concurrent outputs differed.
_inlining = Lock()
_MISTAKES = (
    ArithmeticError,
    AttributeError,
    DOMException,
    LookupError,
    TypeError,
    ValueError,
)
_BLOCK = (
    "address|article|aside|blockquote|body|center|dd|div|dl|dt|footer|h[1-6]|head|header|hr|html|li"
    "|link|main|meta|nav|ol|p|section|style|table|tbody|td|th|thead|title|tr|ul"
)
# Where white space is not read: on either side of a block's tag.
_BESIDE = re.compile(rf"(?<!\s)\s*(</?(?:{_BLOCK})\b[^<>]*>)\s*")
_AS_WRITTEN = re.compile(r"(<!--.*?-->|<pre\b.*?</pre>|<style\b.*?</style>)", re.DOTALL)
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_CSS_SPACE = re.compile(r"\s*([{};])\s*|(?:(?<=>)\s+|\s+(?=<))()|\s+")
_TAG = re.compile(r'<[a-z][^<>"]*(?:"[^"]*"[^<>"]*)*>')
_GAP = re.compile(r"([;,]) ")
_INLINE_STYLE = re.compile(r'(?<= style=")[^"]*')


def inline(html: str, sentinel: str) -> str:
    """Return the document with its first style block inlined; the one marked `ignore` is kept.

    `sentinel` stands at the document's end: libxml2 drops what is too deep or too long without a
    word. Raises RenderError when that happened or the style sheet cannot be read.
    """
    import premailer
    from lxml.etree import LxmlError

    try:
        with _inlining:
            inlined = str(
                premailer.Premailer(
                    minified(html),
                    allow_network=False,
                    strip_important=False,
                    align_floating_images=False,
                    disable_validation=True,
                    disable_basic_attributes=["height", "width", "align", "valign", "bgcolor"],
                    cssutils_logging_level=logging.CRITICAL,
                ).transform(pretty_print=False)
            )
    except (*_MISTAKES, LxmlError) as error:
        raise RenderError("mail", f"its style sheet cannot be inlined: {error}") from error
    if sentinel not in inlined:
        raise RenderError("mail", "the end was lost while inlining: a template nests too deeply")
    return _TAG.sub(_tight, inlined.replace(sentinel, ""))


def minified(html: str) -> str:
    """Return a document without the white space that nobody reads; comments stay where they are.

    Values in it are escaped, so that what looks like a tag is one. `<pre>` is left as it is.
    """
    pieces = _AS_WRITTEN.split(html.strip())
    for at, piece in enumerate(pieces):
        if at % 2 == 0:
            pieces[at] = _BESIDE.sub(r"\1", piece) if piece.strip() else piece[-1:]
        elif piece.startswith("<style"):
            pieces[at] = _CSS_SPACE.sub(_css_gap, _CSS_COMMENT.sub("", piece))
    return "".join(pieces)


def _css_gap(space: re.Match[str]) -> str:
    return next((kept for kept in space.groups() if kept is not None), " ")


def _tight(tag: re.Match[str]) -> str:
    """Return a tag without the blanks inside its style; text is never touched."""
    return _INLINE_STYLE.sub(lambda style: _GAP.sub(r"\1", style[0]), tag[0])
