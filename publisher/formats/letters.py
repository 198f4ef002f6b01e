"""Letters: the small mails around a subscription, from the same parts as the digest.

Serves whoever writes to one person: confirmation, welcome and goodbye. Touches the templates it is
given and nothing else. What they say stands in `templates/words/`, one table a kind.
"""

from collections.abc import Mapping

import msgspec

from publisher.kit.inlining import inline
from publisher.kit.parts import Marks
from publisher.kit.templating import Templates, trusted
from publisher.kit.words import Words
from publisher.model.messages import Body, Literal, Message, SlotKind
from publisher.model.views import LetterView

KINDS = ("confirmation", "welcome", "goodbye")

_SAID = ("subject", "heading", "text", "button", "ends")


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Letters have no options: their look is `[theme]`, their words stand in the templates."""


def create(_options: object, templates: Templates) -> "Letters":
    """Return the letters over a publication's templates."""
    return Letters(templates)


class Letters:
    """Subject and message of a letter."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates

    def render(self, view: LetterView) -> tuple[str, Message]:
        """Return the subject and a message without merge fields. Raises TemplateError, RenderError."""
        sentinel = Marks(repr(view), (), SlotKind.HTML).sentinel
        context = self._context(view, sentinel)
        html = inline(self._templates.html(f"email/{view.kind}.html", context), sentinel)
        text = self._templates.text(f"text/{view.kind}.txt", context)
        message = Message(
            html=Body(frame=(Literal(html),)),
            text=Body(frame=(Literal(text),)),
            language=view.language,
            flowed=True,
        )
        return str(context["subject"]), message

    def _context(self, view: LetterView, sentinel: str) -> Mapping[str, object]:
        words = Words(view.language, self._templates.words(view.language))
        said = {
            name: words.say(f"{view.kind}.{name}", publication=view.publication) for name in _SAID
        }
        return {
            **said,
            "publication": view.publication,
            "url": view.url,
            "language": view.language,
            "postal_address": view.postal_address,
            "contact": view.contact,
            "button_url": view.button_url,
            "unsubscribe_url": view.unsubscribe_url,
            "lines": view.lines,
            "sentinel": trusted(sentinel),
        }
