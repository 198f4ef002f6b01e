"""The digest: an edition as HTML with inlined CSS and a text part laid by hand, rendered once.

Serves core.composing through the port DigestFormat. Touches the templates it is given and nothing
else. Its CSS is inlined once per edition and language, never per reader.

Every story is rendered in each of its sizes: as a lead, as a story of its section, in brief, and as
a line of "more on the web". A reader's copy is then a choice of blocks in an order of its own, and
each reader's first story looks like a lead although nothing is rendered for them. It costs less
than a millisecond per story and edition; rendering per selection would cost an inlining each.
"""

import re
from collections.abc import Iterator, Mapping

import msgspec

from publisher.errors import TemplateError
from publisher.kit.inlining import inline
from publisher.kit.parts import Marks
from publisher.kit.templating import Templates, trusted
from publisher.kit.text import clean_text
from publisher.model.messages import Body, Message, Slot, SlotKind
from publisher.model.views import RECIPIENT_VALUES, SELECTION_VALUES, DigestView

PLACES = ("lead", "stories", "more")
"""The places of a digest, in reading order."""

SIZES = ("lead", "story", "brief", "line")
"""The sizes in which every story stands in a message, as `SIZE:ID`."""

_FIELDS = (*SELECTION_VALUES, *RECIPIENT_VALUES)
_VARIANT = re.compile(r"[a-z0-9][a-z0-9_-]*")
_TEXT = "text/digest.txt"


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The digest has no options of its own: its look is the schedule's `template`."""


def create(_options: object, templates: Templates) -> "Digest":
    """Return the digest format over a publication's templates."""
    return Digest(templates)


class Digest:
    """The port DigestFormat."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates

    def render(self, view: DigestView) -> Message:
        """Render and inline. Raises TemplateError, RenderError when the inliner lost something."""
        name = template_name(view.template)
        html, text = (self._marks(view, kind) for kind in (SlotKind.HTML, SlotKind.FLOWED))
        body = inline(self._templates.html(name, self._context(view, html)), html.sentinel)
        own = f"text/{view.template}.txt"
        beside = own if self._templates.has(own) else _TEXT
        laid = self._templates.text(beside, self._context(view, text))
        message = Message(
            html=html.body(body, name),
            text=text.body(laid, beside),
            language=view.language,
            flowed=True,
        )
        for found, template in ((message.html, name), (message.text, beside)):
            for missing in absent(view, found):
                raise TemplateError(template, f"has no {missing}: no reader would see it")
        return message

    def _marks(self, view: DigestView, kind: SlotKind) -> Marks:
        return Marks(repr(view), _FIELDS, kind)

    def subject(self, template: str, view: DigestView) -> str:
        """Render a schedule's subject for the stories in `view` (lead first), on one line.

        Variables: lead, stories, publication, title, number, date, language, words. Raises TemplateError.
        """
        context = {
            "lead": view.stories[0] if view.stories else None,
            "stories": view.stories,
            "publication": view.publication,
            "title": view.title,
            "number": view.number,
            "date": view.date,
            "language": view.language,
            "words": self._templates.words(view.language),
        }
        return clean_text(self._templates.line(template, "subject", context)) or view.title

    def _context(self, view: DigestView, marks: Marks) -> Mapping[str, object]:
        return {
            "publication": view.publication,
            "url": view.url,
            "language": view.language,
            "postal_address": view.postal_address,
            "contact": view.contact,
            "title": view.title,
            "number": view.number,
            "date": view.date,
            "timezone": view.timezone,
            "note": view.note,
            "stories": view.stories,
            "sections": view.sections,
            "field": marks.fields,
            "place": lambda name: trusted(marks.place(name)),
            "block": lambda key: trusted(marks.block(key)),
            "end": lambda: trusted(marks.end()),
            "sentinel": trusted(marks.sentinel),
        }


def template_name(variant: str) -> str:
    """Return the HTML template of a variant (`newspaper`). Raises TemplateError."""
    if not _VARIANT.fullmatch(variant):
        raise TemplateError(f"email/{variant}.html", "is not the name of a template")
    return f"email/{variant}.html"


def absent(view: DigestView, body: Body) -> Iterator[str]:
    """Yield what a body must hold and does not: the way out, places, every story in every size."""
    if not any(isinstance(part, Slot) and part.name == "unsubscribe_url" for part in body.frame):
        yield "field unsubscribe_url"
    names = {getattr(part, "name", "") for part in body.frame if not isinstance(part, Slot)}
    yield from (f"place {name}" for name in PLACES if name not in names)
    wanted = [f"{size}:{story.id}" for story in view.stories for size in SIZES]
    wanted += [f"section:{section.slug}" for section in view.sections]
    yield from (f"block {key}" for key in (*wanted, "more") if key not in body.blocks)
