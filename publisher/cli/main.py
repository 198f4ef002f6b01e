"""The outermost command, its options, and what becomes of errors: one line and an exit code.

Serves `__main__`. Imports click only; commands are imported when called.
"""

import errno
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import click

from publisher import __version__
from publisher.cli.lazy import LazyGroup
from publisher.cli.session import Session, json_option
from publisher.errors import DefinitionError, PublisherError

COMMANDS = {
    "init": ("starting", "Write a starter publication."),
    "check": ("checking", "Validate everything, render every template, show the next slots."),
    "run": ("running", "Collect, publish, schedule, send, and serve the web pages."),
    "collect": ("collecting", "Fetch what is due and report per source."),
    "publish": ("collecting", "Write documents to the outlets."),
    "sources": ("sources", "Look at where articles come from, and what to do about it."),
    "opml": ("opml", "Bring sources in from other readers, and take feeds out for them."),
    "articles": ("articles", "Look at the article store, and overrule it."),
    "preview": ("sending", "Write a digest to files; nothing is sent."),
    "send": ("sending", "Run a digest schedule now."),
    "editions": ("editions", "Look after editions and their accounting."),
    "deliveries": ("deliveries", "List who got an edition and who did not."),
    "retry": ("deliveries", "Send an edition again to those who did not get it."),
    "explain": ("explaining", "Explain why someone did or did not get something."),
    "subscribers": ("subscribers", "Look after people and what they want."),
    "schedules": ("schedules", "Show when what runs, and what became of it."),
    "hub": ("hub", "Show who gets our feeds the moment they change."),
    "pushes": ("pushes", "Show which hubs tell us of their sources' news."),
    "receipts": ("receipts", "Understand bounces, complaints and answers."),
    "extract": ("reading", "Read the parts of one page."),
    "key-points": ("reading", "Find key points for texts in a file."),
    "read-also": ("reading", "Find related texts within a file."),
    "lint": (
        "linting",
        "Judge mails by the rules of mail programs, and feed documents by their standards.",
    ),
    "templates": ("templates", "Show which templates are overridden and how."),
    "backup": ("store", "Copy the store, definitions and secrets while everything runs."),
    "restore": ("store", "Put a copy made by `backup` into an empty place."),
    "resume": ("resuming", "Release what a restored or copied store holds back."),
    "repair": ("repairing", "Put the ledger right after an accident."),
    "db": ("store", "Look after the store."),
    "dkim": ("dkim", "Make keys for signing mail, and show the DNS records to publish."),
    "export-config": (
        "exporting",
        "Write a snippet for a web server before publisher, or a unit for systemd.",
    ),
    "doctor": ("doctor", "Look at everything a publication stands on."),
}
INTERRUPTED = 130
TRY_AGAIN = 75


@click.group(
    cls=LazyGroup,
    lazy=COMMANDS,
    name="publisher",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "-C",
    "folder",
    type=click.Path(path_type=Path),
    default=Path(),
    metavar="DIR",
    help="The publication's folder (default: here).",
)
@click.option("--debug", is_flag=True, help="Show where an error came from.")
@click.version_option(__version__, "--version", prog_name="publisher")
@json_option
@click.pass_context
def publisher(context: click.Context, folder: Path, *, debug: bool) -> None:
    """Collect articles, write feeds and digests, and send them.

    Exit codes: 0 done; 1 done with single failures, or problems found; 2 usage; 69 something could
    not be reached, or a port is in use; 75 try again; 78 a definition is wrong.
    """
    session = context.ensure_object(Session)
    session.folder, session.debug = folder, debug


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; every error is one line on standard error."""
    try:
        code = publisher.main(list(arguments), prog_name="publisher", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except BrokenPipeError:
        # Whoever read our output has seen enough; the interpreter must not complain at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  the last place that can tell it in a line
        if "--debug" in arguments:
            traceback.print_exc()
        lines, code = _told(error)
        for line in lines:
            click.echo(line, err=True)
    return code if isinstance(code, int) else 0


def _told(error: BaseException) -> tuple[list[str], int]:
    """Return an error in lines for people, and its exit code."""
    if isinstance(error, DefinitionError) and len(error.problems) > 1:
        lines = [str(problem) for problem in error.problems]
        lines.append(f"{len(lines)} mistakes in the definitions; nothing was done")
        return lines, error.exit_code
    if isinstance(error, PublisherError):
        return [str(error)], error.exit_code
    if isinstance(error, click.Abort | KeyboardInterrupt):
        return ["interrupted"], INTERRUPTED
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        return [f"{where}{error.strerror or error}"], TRY_AGAIN if full else 1
    return [f"unexpected: {error!r} (--debug shows where)"], 1
