"""`repair`: put the ledger right after an accident."""

from typing import TYPE_CHECKING

import click

from publisher.cli.output import count, say, warn, write_facts, write_object
from publisher.cli.session import Session, json_option, pass_session

if TYPE_CHECKING:
    from publisher.model.keeping import Repaired


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would be done; change nothing.")
@json_option
@pass_session
def repair(session: Session, *, dry_run: bool) -> int:
    """Put the ledger right after an accident.

    Copies held by workers that are gone return to the queue, those on the wire as `on_crash` says;
    finished editions of which somebody still waits are opened; counts are made to add up. The
    database checks itself. Damage, and rows that have lost what they belong to, are named and left
    alone: then it ends with 1. May be run while everything runs.
    """
    from publisher.app.reviewing import pause_unfinished
    from publisher.model.definitions import OnCrash

    app = session.app
    dead = [owner for owner in app.store.owners() if app.workers.dead(owner)]
    resend = app.definitions.mail.on_crash is OnCrash.RESEND
    done = app.store.repair(app.clock.now(), dead, resend=resend, dry=dry_run)
    if not dry_run:
        pause_unfinished(app)
        app.store.finish_editions(app.clock.now())
    if session.json:
        write_object({"dry_run": dry_run, **_row(done)})
    else:
        write_facts({name: value for name, value in _row(done).items() if value})
    for line in done.damage:
        warn(f"damage: {line}")
    for name, number in done.orphans.items():
        warn(f"{number:,} × {name}: left alone")
    what = "would be put right" if dry_run else "put right"
    say(f"{count(done.changes, 'thing')} {what}" if done.changes else "the ledger is in order")
    return int(bool(done.damage or done.orphans))


def _row(done: "Repaired") -> dict[str, object]:
    return {
        "runs_waiting_again": done.runs,
        "back_in_the_queue": done.returned,
        "uncertain_or_resent": done.uncertain,
        "due_again": done.due,
        "cancelled": done.cancelled,
        "editions_opened": list(done.reopened),
        "editions_recounted": list(done.recounted),
        "leases_dropped": done.leases,
        "orphans": dict(done.orphans),
        "damage": list(done.damage),
    }
