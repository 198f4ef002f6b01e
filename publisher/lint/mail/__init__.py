"""The lint of mails: one pass over headers, parts, markup, styles and links.

Serves `app` through the port Inspector: the command line, `preview`, and the gate before sending.
Touches nothing; any octets give a report.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from publisher.lint.mail import clients, headers, links, outlook, reading, texts
from publisher.lint.mail.letter import read
from publisher.lint.mail.page import Page
from publisher.lint.mail.rules import Mail, found
from publisher.model.findings import Finding, MailReport, Severity

_ORDER = {severity: number for number, severity in enumerate(Severity)}


class MailInspector:
    """The port Inspector."""

    def inspect(self, mail: bytes) -> MailReport:
        """Judge one mail as it would travel. Never raises, whatever the octets."""
        letter = read(mail)
        if not letter.readable:
            message = "this is no mail: there are no headers, or its parts cannot be taken apart"
            return MailReport(score=0.0, findings=(found("mail.unreadable", message),))
        looked = Mail(letter=letter, page=Page(html=letter.html))
        judged = clients.judge(looked.page)
        return MailReport(
            score=judged.score,
            findings=_gathered(_found(looked, judged)),
            features=len(judged.layout),
            refinements=judged.refinements,
            clients=judged.clients,
            html_size=len(letter.html.encode("utf-8", "replace")),
            text_size=len(letter.text.encode("utf-8", "replace")),
            size=len(mail),
            links=tuple(link.get("href") for link in looked.page.links),
            pictures=sum(item.tag == "img" for item in looked.page.elements),
        )


def _found(mail: Mail, judged: clients.Support) -> Iterator[Finding]:
    yield from headers.check(mail)
    yield from texts.check(mail)
    yield from links.check(mail)
    yield from clients.check(mail.page, judged)
    yield from outlook.check(mail.page)
    yield from reading.check(mail.page)


def _gathered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings of the same words as one, errors first; the order is otherwise kept."""
    made: dict[tuple[str, str], Finding] = {}
    for item in findings:
        known = made.get((item.rule, item.message))
        made[item.rule, item.message] = (
            replace(known, times=known.times + item.times) if known else item
        )
    return tuple(sorted(made.values(), key=lambda item: _ORDER[item.severity]))
