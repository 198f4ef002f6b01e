"""The digest: an edition as HTML with inlined CSS and a text part laid by hand, rendered once.

Serves core.composing through the port DigestFormat. Touches the templates it is given and nothing
else. The only importer of premailer, which runs once per edition and language, never per reader.

Every story is rendered twice, as a lead (block `lead:ID`) and as a story of its section (block
`story:ID` inside `section:TITLE`): a reader's copy is then a choice of blocks, and each reader's
first story looks like one although nothing is rendered for them. It costs less than a millisecond
per story and edition; rendering per selection would cost an inlining each.
"""

import logging
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from xml.dom import DOMException

import msgspec
from lxml.etree import LxmlError

from publisher.errors import RenderError, TemplateError
from publisher.kit.parts import Marks
from publisher.kit.templating import Templates, trusted
from publisher.kit.text import clean_text
from publisher.model.messages import Message, SlotKind, StoryCard
from publisher.model.views import RECIPIENT_VALUES, SELECTION_VALUES, DigestView, StoryView

# Read by premailer at import; its default of 128 rules is less than one of our style sheets needs.
os.environ.setdefault("PREMAILER_CACHE_MAXSIZE", "4096")
import premailer

_FIELDS = (*SELECTION_VALUES, *RECIPIENT_VALUES)
_VARIANT = re.compile(r"[a-z0-9][a-z0-9_-]*")
_INDENT = re.compile(r"\n\s+")
_TEXT = "text/digest.txt"
# premailer's caches are not safe between threads: 12-26 of 96 concurrent outputs differed.
_inlining = Lock()
_MISTAKES = (
    ArithmeticError,
    AttributeError,
    DOMException,
    LookupError,
    LxmlError,
    TypeError,
    ValueError,
)


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The digest has no options of its own: its look is the schedule's `template`."""


def create(_options: object, templates: Templates) -> "Digest":
    """Return the digest format over a publication's templates."""
    return Digest(templates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The stories of one feed, under the feed's title, in edition order."""

    title: str
    stories: tuple[StoryView, ...]


class Digest:
    """The port DigestFormat."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates

    def render(self, view: DigestView) -> Message:
        """Render and inline. Raises TemplateError, RenderError when the inliner lost something."""
        name = template_name(view.template)
        seed = repr(view)
        html, text = (Marks(seed, _FIELDS, kind) for kind in (SlotKind.HTML, SlotKind.TEXT))
        body = inline(self._templates.html(name, self._context(view, html)), html.sentinel)
        laid = self._templates.text(_TEXT, self._context(view, text))
        return Message(
            html=html.parts(body, name),
            text=text.parts(laid, _TEXT),
            stories=tuple(
                StoryCard(id=s.id, section=s.section, title=s.title, minutes=s.minutes)
                for s in view.stories
            ),
            language=view.language,
        )

    def subject(self, template: str, view: DigestView) -> str:
        """Render a schedule's subject for the stories in `view` (lead first), on one line.

        Variables: lead, stories, publication, title, number, date, words. Raises TemplateError.
        """
        context = {
            "lead": view.stories[0] if view.stories else None,
            "stories": view.stories,
            "publication": view.publication,
            "title": view.title,
            "number": view.number,
            "date": view.date,
            "words": self._templates.words(view.language),
        }
        return clean_text(self._templates.line(template, "subject", context)) or view.title

    def _context(self, view: DigestView, marks: Marks) -> Mapping[str, object]:
        return {
            "publication": view.publication,
            "url": view.url,
            "language": view.language,
            "postal_address": view.postal_address,
            "title": view.title,
            "number": view.number,
            "date": view.date,
            "timezone": view.timezone,
            "stories": view.stories,
            "sections": sections(view.stories),
            "more": view.more,
            "field": marks.fields,
            "block": lambda key: trusted(marks.block(key)),
            "end": lambda: trusted(marks.end()),
            "sentinel": trusted(marks.sentinel),
        }


def template_name(variant: str) -> str:
    """Return the HTML template of a variant (`newspaper`). Raises TemplateError."""
    if not _VARIANT.fullmatch(variant):
        raise TemplateError(f"email/{variant}.html", "is not the name of a template")
    return f"email/{variant}.html"


def sections(stories: Sequence[StoryView]) -> tuple[Section, ...]:
    """Group stories by section: sections in order of first appearance, stories in edition order."""
    titles = dict.fromkeys(story.section for story in stories)
    return tuple(
        Section(title=title, stories=tuple(s for s in stories if s.section == title))
        for title in titles
    )


def inline(html: str, sentinel: str) -> str:
    """Return the document with its first style block inlined; the one marked `ignore` is kept.

    `sentinel` stands at the document's end: libxml2 drops what is too deep or too long without a
    word. Raises RenderError when that happened or the style sheet cannot be read.
    """
    try:
        with _inlining:
            inlined = str(
                premailer.Premailer(
                    _INDENT.sub("\n", html.strip()),
                    allow_network=False,
                    strip_important=False,
                    align_floating_images=False,
                    disable_validation=True,
                    disable_basic_attributes=["height", "width"],
                    cssutils_logging_level=logging.CRITICAL,
                ).transform(pretty_print=False)
            )
    except _MISTAKES as error:
        raise RenderError("digest", f"its style sheet cannot be inlined: {error}") from error
    if sentinel not in inlined:
        raise RenderError("digest", "the end was lost while inlining: a template nests too deeply")
    return inlined.replace(sentinel, "")
