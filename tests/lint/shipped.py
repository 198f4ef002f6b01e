"""Every shipped mail template, as a mail somebody gets.

A new template goes into MAILS; then the lint, axe-core and the Nu validator all judge it.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial

from publisher.formats import letters
from publisher.kit.mime import MimePress
from publisher.lint.mail.letter import read
from publisher.model.messages import Copy, Envelope, Message
from publisher.model.views import LetterView
from tests.formats.editions import (
    BASE,
    MOMENT,
    STORIES,
    VALUES,
    edition,
    places_of,
    render,
    templates,
)

LANGUAGES = ("en", "de", "ar")
LEAD = replace(STORIES[0], image_width=1200, image_height=630)


@cache
def digest(template: str, language: str) -> bytes:
    """Return a digest of four stories, one more by its title, and a note of the editors."""
    note = "The tide office is closed today."
    view = edition(template=template, language=language, note=note, stories=(LEAD, *STORIES[1:]))
    return parcel(render(view), VALUES["subject"], places_of(view, (1, 2, 3, 4), (5,)))


def parcel(message: Message, subject: str, places: Mapping[str, tuple[str, ...]]) -> bytes:
    """Return a message as one reader's mail."""
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
        subject=subject,
        places=places,
        values=VALUES,
        unsubscribe_url=VALUES["unsubscribe_url"],
    )
    return MimePress().compile(message, envelope).parcel(copy, 1).data


@cache
def alert(language: str) -> bytes:
    """Return an alert: one story."""
    view = edition(template="alert", language=language, stories=(LEAD,))
    return parcel(render(view), VALUES["subject"], places_of(view, (1,)))


@cache
def letter(kind: str, language: str) -> bytes:
    """Return a letter to one person, as an answer to what they did."""
    view = LetterView(
        kind=kind,
        publication="The Harbour Gazette",
        url=BASE,
        language=language,
        button_url=BASE + "confirm/TOKEN",
        unsubscribe_url=VALUES["unsubscribe_url"],
        postal_address="1 Quay Street, Harbour",
        contact="editor@gazette.example",
        lines=("Harbour: 07:30",) if kind == "welcome" else (),
    )
    subject, message = letters.create(None, templates()).render(view)
    return parcel(message, subject, {})


MAILS: dict[str, Callable[[str], bytes]] = {
    "newspaper": partial(digest, "newspaper"),
    "plain": partial(digest, "plain"),
    "compact": partial(digest, "compact"),
    "alert": alert,
    "confirmation": partial(letter, "confirmation"),
    "welcome": partial(letter, "welcome"),
    "goodbye": partial(letter, "goodbye"),
}
"""Template to what makes a mail of it in a language."""


def html_of(template: str, language: str) -> str:
    """Return the HTML part of a template's mail."""
    return read(MAILS[template](language)).html
