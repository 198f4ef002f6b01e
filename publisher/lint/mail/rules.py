"""The catalogue of rules: every id with its weight and what it asks, as the reference prints it.

Serves the rule modules and the reference. An error is what makes a mail unfit whoever wrote it; what
a story from elsewhere can bring along (an old `http` link, a picture's format, braces in a title) is
advice, because one story must not stop an edition.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from publisher.lint.mail.letter import Letter
from publisher.lint.mail.page import Page
from publisher.model.findings import Finding, Severity

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What rules look at: the mail taken apart, and its HTML part as a page."""

    letter: Letter
    page: Page


_ALL = (
    ("mail.unreadable", _E, "It is a mail: headers, then parts that can be taken apart."),
    ("mail.line-length", _E, "No line is longer than 998 octets (RFC 5322 section 2.1.1)."),
    ("header.from", _E, "One `From` with one address (RFC 5322 section 3.6.2)."),
    ("header.to", _E, "One `To` with one address, and no `Bcc`: a copy is one person's."),
    ("header.subject", _E, "One `Subject` that says something."),
    ("header.date", _E, "One `Date` that can be read."),
    ("header.message-id", _E, "One `Message-ID` of the form `<left@right>`."),
    (
        "header.ascii",
        _E,
        "Header lines are ASCII: other letters stand in encoded words (RFC 2047).",
    ),
    ("header.list-id", _E, "A list's mail has one `List-Id` (RFC 2919)."),
    (
        "header.list-unsubscribe",
        _E,
        "A list's mail has one plain `List-Unsubscribe`, its first address https (RFC 2369).",
    ),
    (
        "header.one-click",
        _E,
        "`List-Unsubscribe-Post` is exactly `List-Unsubscribe=One-Click` (RFC 8058).",
    ),
    ("unsubscribe.html", _E, "The address of `List-Unsubscribe` is a link in the HTML part."),
    ("unsubscribe.text", _E, "The address of `List-Unsubscribe` stands in the text part."),
    (
        "unsubscribe.early",
        _W,
        "The HTML part has a link to unsubscribe in its first quarter, where no program cuts.",
    ),
    ("text.missing", _E, "There is a text part."),
    ("text.first", _E, "The text part stands before the HTML part (RFC 2046 section 5.1.4)."),
    (
        "text.stub",
        _E,
        "The text part says what the HTML part says: at least a fifth of its words.",
    ),
    ("text.stories", _W, "Every linked heading of the HTML part stands in the text part."),
    ("text.order", _W, "The headings stand in the same order in both parts."),
    ("text.links", _W, "Every link of the HTML part stands in the text part."),
    ("text.line-length", _W, "No line of the text part is longer than 998 characters."),
    ("html.missing", _N, "There is an HTML part."),
    ("html.element", _E, "No element that mail programs take out or mistrust a mail for."),
    ("size.clipped", _E, "The HTML part is below 102,000 octets: Gmail cuts there."),
    ("size.large", _W, "The HTML part is below 80,000 octets."),
    (
        "client.unsupported",
        _E,
        "No layout rests on a feature that Gmail, Outlook, Apple Mail or Yahoo does not have.",
    ),
    ("client.tolerated", _N, "A feature without which nothing needed is lost (the list below)."),
    (
        "style.plain",
        _W,
        "Styles are inline; style blocks hold refinements only, since Gmail's mobile web reads none.",
    ),
    ("style.mistake", _W, "Style blocks can be read: Gmail drops a block with a mistake in it."),
    ("style.size", _W, "Style blocks are below 16,384 characters together: Gmail drops more."),
    ("style.place", _W, "Style blocks stand in the head: elsewhere Gmail drops them."),
    ("outlook.table-width", _W, "An outermost table has a `width` attribute."),
    ("outlook.ghost-table", _W, "A table with `max-width` has a table of that width for Outlook."),
    ("outlook.padding", _W, "Padding stands on table cells: Outlook ignores it elsewhere."),
    ("outlook.line-height", _W, "`mso-line-height-rule: exactly` stands beside line heights."),
    ("outlook.scale", _N, "`PixelsPerInch` is set, so that Outlook does not scale pictures."),
    ("access.lang", _E, "`html` names its language."),
    ("access.lang-wrapper", _W, "An element inside the body names the language again."),
    ("access.dir", _W, "`html` names its direction."),
    ("access.title", _E, "There is a title."),
    ("access.h1", _W, "There is one `h1`."),
    ("access.heading-order", _W, "Headings leave out no level on the way down."),
    ("access.landmark", _W, "There is one main landmark (`main`, or `role=main`)."),
    ("access.table-role", _E, "A table for layout has `role=presentation`; one of data has `th`."),
    ("access.alt", _E, "Every picture has `alt`, empty when it only decorates."),
    ("access.link-text", _E, "Every link has words, or a picture with an `alt`."),
    ("access.vague-link", _W, 'Link words say where they lead: not "here" or "read more" alone.'),
    ("access.contrast", _E, "Text stands out 4.5 : 1 (large text 3 : 1; WCAG 2.2 1.4.3)."),
    ("access.contrast-dark", _E, "The same in the dark scheme that the style block makes."),
    ("access.text-size", _W, "No text is smaller than 13 pixels."),
    ("access.tap-target", _W, "A link that stands alone is 44 pixels high on a phone."),
    ("link.empty", _E, "Every link leads somewhere."),
    ("link.scheme", _E, "Links are https, http, mailto or tel: no scripts, no data, no files."),
    ("link.relative", _E, "Links are whole addresses: a mail has no place to count from."),
    ("link.insecure", _W, "Links to the outer world are https."),
    ("link.unfilled", _E, "No merge field is left unfilled in an address or in the subject."),
    (
        "link.placeholder",
        _W,
        "No placeholder of any system is left in an address or in the subject.",
    ),
    ("text.placeholder", _W, "No placeholder is left in the words."),
    ("picture.address", _E, "Pictures have whole http addresses: no base64, no attachment."),
    ("picture.insecure", _W, "Pictures come by https."),
    ("picture.width", _E, "Pictures have a `width` attribute: Outlook shows their own size else."),
    ("picture.height", _W, "Pictures have a `height` attribute, so that nothing jumps."),
    (
        "picture.format",
        _W,
        "Pictures are PNG, JPEG or GIF: other formats are not shown everywhere.",
    ),
)
RULES: Mapping[str, tuple[Severity, str]] = {name: (weight, asks) for name, weight, asks in _ALL}
"""Rule id to its severity and what it asks for."""


def found(
    rule: str, message: str, where: str = "", clients: tuple[str, ...] = (), times: int = 1
) -> Finding:
    """Return a finding of a rule of the catalogue."""
    return Finding(
        rule=rule,
        severity=RULES[rule][0],
        message=message,
        where=where,
        clients=clients,
        times=times,
    )
