"""`receipts`: what came back for what was sent, understood."""

from typing import IO

import click

from publisher.cli.lazy import Group
from publisher.cli.output import count, say, write_object
from publisher.cli.session import Session, json_option, pass_session


@click.group(cls=Group)
@json_option
def receipts() -> None:
    """Understand bounces, complaints and answers."""


@receipts.command()
@click.argument(
    "files",
    metavar="FILE...",
    type=click.File("rb"),
    nargs=-1,
    required=True,
    help="Mails as they came; - is standard input.",
)
@json_option
@pass_session
def read(session: Session, files: tuple[IO[bytes], ...]) -> None:
    """Tell what mails that came back mean.

    Writes one object a line: {file, class, reason, recipients, status, suppress}. The class is hard,
    soft, complaint, auto-reply or not-a-bounce; `suppress` says whether this one event ends writing
    to the recipients.
    """
    from publisher.core.judging import judge
    from publisher.kit.bounces import read_report

    del session  # it answers in JSON, asked or not
    for file in files:
        found = judge(read_report(file.read()))
        row = {
            "file": file.name,
            "class": str(found.meaning),
            "reason": found.reason,
            "recipients": list(found.recipients),
            "status": found.status or None,
            "suppress": found.suppress,
        }
        write_object(row, indent=None)
    say(count(len(files), "mail"))
