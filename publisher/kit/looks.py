"""Digest, letters and pages behind a guard: in the publication's own look, or whole in the shipped one.

Serves the composition root. Pure but for the guard. `create` is the format's own factory, a
module's function, so that it can be named to another process.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from publisher.errors import RenderError
from publisher.kit.templating import Guard, Templates
from publisher.model.messages import Message
from publisher.model.views import DigestView, Document, LetterView, SiteView
from publisher.ports import DigestFormat, LetterFormat, Pages

USUAL = "newspaper"
"""The look of a digest whose own variant has no shipped one."""

SUBJECT = "{{ lead.title if lead else title }}"
"""The subject where a schedule's own cannot be made."""

PAGE = 0.02
"""Seconds that a page adds to the deadline of a site; a shipped one takes a tenth of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeDigest:
    """The port DigestFormat over another one."""

    create: Callable[[None, Templates], DigestFormat]
    guard: Guard

    def render(self, view: DigestView) -> Message:
        """Render and inline. Raises RenderError when the shipped look fails too."""
        name = f"email/{view.template}.html"
        known = self.guard.templates.origin(name)[1] is not None
        usual = view if known else replace(view, template=USUAL)
        return self.guard.run(
            name,
            _digest,
            self.create,
            view,
            more_seconds=self.guard.seconds,
            otherwise=(self.create, usual),
        )

    def subject(self, template: str, view: DigestView) -> str:
        """Render a schedule's subject, or the lead's title when that fails."""
        try:
            return self.create(None, self.guard.templates).subject(template, view)
        except RenderError as error:
            self.guard.failed("subject", error)
        return self.create(None, self.guard.templates.shipped()).subject(SUBJECT, view)


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeLetters:
    """The port LetterFormat over another one."""

    create: Callable[[None, Templates], LetterFormat]
    guard: Guard

    def render(self, view: LetterView) -> tuple[str, Message]:
        """Return subject and message. Raises RenderError when the shipped look fails too."""
        return self.guard.run(f"email/{view.kind}.html", _letter, self.create, view)


@dataclass(frozen=True, slots=True, kw_only=True)
class SafePages:
    """The port Pages over another one."""

    create: Callable[[None, Templates], Pages]
    guard: Guard

    def site(self, view: SiteView) -> Sequence[Document]:
        """Return the whole site in one look. Raises RenderError."""
        pages = sum(1 + len(feed.entries) for feed in view.feeds)
        return self.guard.run("web", _site, self.create, view, more_seconds=PAGE * pages)


def _digest(
    templates: Templates, create: Callable[[None, Templates], DigestFormat], view: DigestView
) -> Message:
    return create(None, templates).render(view)


def _letter(
    templates: Templates, create: Callable[[None, Templates], LetterFormat], view: LetterView
) -> tuple[str, Message]:
    return create(None, templates).render(view)


def _site(
    templates: Templates, create: Callable[[None, Templates], Pages], view: SiteView
) -> Sequence[Document]:
    return create(None, templates).site(view)
