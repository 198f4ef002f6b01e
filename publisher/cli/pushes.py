"""`pushes`: which hubs tell us of their sources' news, and which of them fail."""

from collections import defaultdict
from typing import TYPE_CHECKING

import click

from publisher.cli.output import count, say, warn, when, write_json, write_table
from publisher.cli.session import Session, json_option, pass_session

if TYPE_CHECKING:
    from datetime import datetime

    from publisher.model.pushes import Listening

SHOWN = ("source", "hub", "state", "until", "last", "pushes", "dropped", "waiting", "reason")


@click.command()
@json_option
@pass_session
def pushes(session: Session) -> int:
    """Show which hubs tell us of their sources' news.

    Each source at the hub it names: whether the hub is asked, alive, doubtful (polling found news that
    it had not brought), failed or being left; until when the lease runs, when it last brought
    something, how often, how many pushes were not signed and dropped, and how many wait to be read.
    Ends with 1 when all hubs of a source fail; it is polled all the same.
    """
    from publisher.app.pushes import unheard

    app = session.app
    now, waiting = app.clock.now(), app.store.waiting_pushes()
    rows = [_row(one, waiting.get(one.id, 0), now) for one in app.store.listenings()]
    if session.json:
        write_json(rows)
    else:
        write_table(SHOWN, [[row[name] for name in SHOWN] for row in rows])
    states: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        states[str(row["source"])].add(str(row["state"]))
    failing = [source for source, found in states.items() if found <= {"failed", "doubtful"}]
    if reason := unheard(app):
        warn(f"no hub is asked: {reason}; sources are polled")
    alive = sum("alive" in found for found in states.values())
    say(f"{count(alive, 'source')} told of by hubs; {len(failing)} failing")
    return int(bool(failing))


def _row(one: "Listening", waiting: int, now: "datetime") -> dict[str, object]:
    from publisher.core.push_rules import standing

    return {
        "source": one.source,
        "hub": one.hub,
        "topic": one.topic,
        "state": standing(one, now),
        "until": when(one.until) or None,
        "last": when(one.last) or None,
        "pushes": one.pushes,
        "dropped": one.dropped,
        "waiting": waiting,
        "reason": one.error,
    }
