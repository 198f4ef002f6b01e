"""`lint`: what is wrong with mails and feed documents in files, judged anywhere, without a publication."""

import re
from typing import IO

import click

from publisher.cli.output import count, percent, say, write_json, write_table
from publisher.cli.session import Session, json_option, pass_session
from publisher.errors import UsageError
from publisher.model.findings import DocumentReport, Finding, MailReport

_HEADER = re.compile(rb"\s*(From |[A-Za-z0-9-]+:)")


@click.command()
@click.argument(
    "files",
    metavar="FILE...",
    type=click.File("rb"),
    nargs=-1,
    required=True,
    help="Mails (.eml), RSS, Atom, JSON Feed, OPML, sitemaps; - is standard input.",
)
@click.option(
    "--url", default="", help="Where the document is served: its own address must say so."
)
@json_option
@pass_session
def lint(session: Session, files: tuple[IO[bytes], ...], url: str) -> int:
    """Judge mails by the rules of mail programs, and feed documents by their standards.

    A mail's score is the mean over 20 mail programs of the share of the layout's features that work
    there. Ends with 1 when there is an error.
    """
    if url and len(files) > 1:
        raise UsageError("--url", "is of one document: give one file")
    made = [(file.name, _judged(file, url)) for file in files]
    if session.json:
        write_json({"file": name, **_row(report)} for name, report in made)
    else:
        rows = [_line(name, found) for name, report in made for found in report.findings]
        if rows:
            write_table(("file", "severity", "rule", "finding"), rows)
    for name, report in made:
        say(f"{name}: {summary(report)}")
    return int(any(report.errors for _, report in made))


def _judged(file: IO[bytes], url: str) -> MailReport | DocumentReport:
    """Judge a mail, which its name or first line tells, or a document."""
    data = file.read()
    if file.name.endswith(".eml") or _HEADER.match(data):
        from publisher.lint.mail import MailInspector

        return MailInspector().inspect(data)
    from publisher.lint.feeds import DocumentInspector

    return DocumentInspector().inspect(data, url=url)


def summary(report: MailReport | DocumentReport) -> str:
    """Return what a report comes to, in one line."""
    told = f"{count(len(report.errors), 'error')}, {count(len(report.warnings), 'warning')}"
    if isinstance(report, DocumentReport):
        kind = report.kind or "no document that is known"
        return f"{told}; {kind}, {count(report.entries, 'entry', 'entries')}"
    layout = f"{percent(report.score)} of {count(report.features, 'layout feature')} work"
    return f"{told}; {layout} in {count(len(report.clients), 'mail program')}"


def _row(report: MailReport | DocumentReport) -> dict[str, object]:
    return document_row(report) if isinstance(report, DocumentReport) else report_row(report)


def document_row(report: DocumentReport) -> dict[str, object]:
    """Return a report on a document as JSON has it."""
    return {
        "kind": report.kind,
        "entries": report.entries,
        "size": report.size,
        "findings": [
            {
                "rule": found.rule,
                "severity": str(found.severity),
                "message": found.message,
                "line": found.line,
                "where": found.where,
                "times": found.times,
                "source": found.source,
            }
            for found in report.findings
        ],
    }


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
