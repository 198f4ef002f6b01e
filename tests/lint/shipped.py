"""Every shipped mail template, as a mail somebody gets.

A new template goes into MAILS; then the lint, axe-core and the Nu validator all judge it.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial

from publisher.kit.mime import MimePress
from publisher.lint.mail.letter import read
from publisher.model.messages import Copy, Envelope
from tests.formats.editions import MOMENT, STORIES, VALUES, edition, places_of, render

LANGUAGES = ("en", "de", "ar")


@cache
def digest(template: str, language: str) -> bytes:
    """Return a digest of four stories, one more by its title, and a note of the editors."""
    note = "The tide office is closed today."
    stories = (replace(STORIES[0], image_width=1200, image_height=630), *STORIES[1:])
    view = edition(template=template, language=language, note=note, stories=stories)
    message = render(view)
    envelope = Envelope(
        edition="morning-7",
        domain="gazette.example",
        date=MOMENT,
        sender="The Harbour Gazette <news@gazette.example>",
        envelope_sender="news@gazette.example",
        list_id="Morning digest <morning.gazette.example>",
    )
    copy = Copy(
        recipient="1",
        email="ada@example.org",
        name="Ada",
        subject=VALUES["subject"],
        places=places_of(view, (1, 2, 3, 4), (5,)),
        values=VALUES,
        unsubscribe_url=VALUES["unsubscribe_url"],
    )
    return MimePress().compile(message, envelope).parcel(copy, 1).data


MAILS: dict[str, Callable[[str], bytes]] = {
    "newspaper": partial(digest, "newspaper"),
    "plain": partial(digest, "plain"),
    "compact": partial(digest, "compact"),
}
"""Template to what makes a mail of it in a language."""


def html_of(template: str, language: str) -> str:
    """Return the HTML part of a template's mail."""
    return read(MAILS[template](language)).html
