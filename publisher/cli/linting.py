"""`lint`: what is wrong with a mail in a file, judged anywhere, without a publication."""

import re
from typing import IO

import click

from publisher.cli.output import count, percent, say, write_json, write_table
from publisher.cli.session import Session, json_option, pass_session
from publisher.errors import UsageError
from publisher.model.findings import Finding, MailReport

_HEADER = re.compile(rb"\s*(From |[A-Za-z0-9-]+:)")


@click.command()
@click.argument(
    "files",
    metavar="FILE...",
    type=click.File("rb"),
    nargs=-1,
    required=True,
    help="Mails (.eml); - is standard input.",
)
@json_option
@pass_session
def lint(session: Session, files: tuple[IO[bytes], ...]) -> int:
    """Judge mails by the rules of mail programs and of readers.

    The score is the mean over 20 mail programs of the share of the layout's features that work
    there. Ends with 1 when there is an error.
    """
    from publisher.lint.mail import MailInspector

    inspector = MailInspector()
    made = [(file.name, inspector.inspect(_mail(file))) for file in files]
    if session.json:
        write_json({"file": name, **report_row(report)} for name, report in made)
    else:
        rows = [_line(name, found) for name, report in made for found in report.findings]
        if rows:
            write_table(("file", "severity", "rule", "finding"), rows)
    for name, report in made:
        say(f"{name}: {summary(report)}")
    return int(any(report.errors for _, report in made))


def summary(report: MailReport) -> str:
    """Return what a report comes to, in one line."""
    told = [count(len(report.errors), "error"), count(len(report.warnings), "warning")]
    layout = f"{percent(report.score)} of {count(report.features, 'layout feature')} work"
    return f"{', '.join(told)}; {layout} in {count(len(report.clients), 'mail program')}"


def report_row(report: MailReport) -> dict[str, object]:
    """Return a report as JSON has it."""
    return {
        "score": round(report.score, 4),
        "features": report.features,
        "clients": {name: round(share, 4) for name, share in report.clients.items()},
        "refinements": list(report.refinements),
        "size": {"html": report.html_size, "text": report.text_size, "message": report.size},
        "links": list(report.links),
        "pictures": report.pictures,
        "findings": [_finding(found) for found in report.findings],
    }


def _finding(found: Finding) -> dict[str, object]:
    return {
        "rule": found.rule,
        "severity": str(found.severity),
        "message": found.message,
        "where": found.where,
        "times": found.times,
        "clients": list(found.clients),
    }


def _line(name: str, found: Finding) -> tuple[str, str, str, str]:
    return name, str(found.severity), found.rule, str(found)


def _mail(file: IO[bytes]) -> bytes:
    """Return a mail's octets. Raises UsageError for another kind of document."""
    data = file.read()
    if not file.name.endswith(".eml") and not _HEADER.match(data):
        raise UsageError(file.name, "is no mail; lint judges mails (.eml), no other kind of file")
    return data
