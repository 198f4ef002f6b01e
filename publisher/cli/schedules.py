"""`schedules`: when what runs, and what became of it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

import click

from publisher.cli.lazy import Group
from publisher.cli.moments import MOMENT, aware
from publisher.cli.output import count, say, when, write_json, write_object, write_table
from publisher.cli.rows import run_row
from publisher.cli.session import Session, json_option, pass_session

if TYPE_CHECKING:
    from publisher.app import App
    from publisher.model.definitions import ScheduleDefinition
    from publisher.model.timetable import ScheduleState

JUST_BEFORE = timedelta(microseconds=1)


@click.group(cls=Group)
@json_option
def schedules() -> None:
    """Show when what runs, and what became of it."""


@schedules.command("list")
@json_option
@pass_session
def list_(session: Session) -> None:
    """List schedules with their next slot."""
    app = session.app
    states = app.store.schedule_states()
    rows = [
        _row(app, schedule, states.get(slug))
        for slug, schedule in app.definitions.schedules.items()
    ]
    if session.json:
        write_json(rows)
        return
    columns = ("schedule", "action", "rule", "timezone", "next", "state")
    write_table(columns, ([row[column] for column in columns] for row in rows))
    say(f"{count(len(rows), 'schedule')}; `schedules next NAME` has more slots of one")


@schedules.command("next")
@click.argument("name", help="A schedule's slug.")
@click.option(
    "--count", "number", type=click.IntRange(min=1), default=5, show_default=True, help="How many."
)
@click.option("--from", "start", type=MOMENT, help="From this time on (default: now).")
@json_option
@pass_session
def next_(session: Session, name: str, number: int, start: datetime | None) -> None:
    """Show the next slots of one schedule."""
    app = session.app
    schedule = app.schedule(name)
    rows = list(islice(slots(app, schedule, start), number))
    if session.json:
        write_json(rows)
        return
    write_table(
        ("slot", "utc", "note"), ([row[c] for c in ("slot", "utc", "note")] for row in rows)
    )
    if schedule.follows:
        say(f"{app.calendar.describe(schedule)}: after each collection, it has no slots")
        return
    own = ", each reader's own" if schedule.timezone == "subscriber" else ""
    say(
        f"{app.calendar.describe(schedule)} ({schedule.timezone}{own})"
        + ("" if rows else ": never again")
    )


@schedules.command()
@click.argument("name", help="A schedule's slug.")
@click.option("--until", type=MOMENT, help="Go on by itself from this time.")
@pass_session
def pause(session: Session, name: str, until: datetime | None) -> None:
    """Let no slot of a schedule run; those passed over are recorded as skipped.

    A schedule that never ran starts paused.
    """
    app = session.app
    schedule = app.schedule(name)
    moment = aware(until, zone_of(app, schedule)) if until else None
    # One that never ran begins with the pause: what came before it does not run afterwards.
    rule = app.calendar.fingerprint(schedule)
    app.store.start_schedule(schedule.slug, rule, app.clock.now().replace(microsecond=0))
    app.store.pause_schedule(schedule.slug, moment, paused=True)
    say(f"{name} is paused" + (f" until {when(moment)}" if moment else ""))


@schedules.command()
@click.argument("name", help="A schedule's slug.")
@pass_session
def resume(session: Session, name: str) -> None:
    """Let a paused schedule run again."""
    app = session.app
    app.store.pause_schedule(app.schedule(name).slug, None, paused=False)
    say(f"{name} runs again")


@schedules.command()
@click.argument("name", help="A schedule's slug.")
@click.option("--key", default="", help="The same key twice runs once (default: the time).")
@json_option
@pass_session
def run(session: Session, name: str, key: str) -> int:
    """Run a schedule now, whatever its slots; a digest is opened and sent, stories are alerted."""
    from publisher.cli.manual import accounting, run_now, send_now, waiting

    app = session.app
    schedule = app.schedule(name)
    app.seed()
    ended, created = run_now(app, schedule, key)
    code = int(str(ended.state) == "failed")
    sent = ""
    for edition in waiting(app, schedule, ended):
        after, worst = send_now(app, edition)
        code = max(code, worst)
        sent += f"; edition {after.id}: {accounting(after)}"
    if session.json:
        write_object(run_row(ended))
    again = "" if created else " (this key ran before)"
    say(f"{name}: {ended.state}{again}: {ended.reason}{sent}")
    return code


@schedules.command()
@click.argument("name", required=False, help="A schedule's slug.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=50, show_default=True, help="At most."
)
@json_option
@pass_session
def history(session: Session, name: str | None, limit: int) -> None:
    """Show what became of past runs, newest first."""
    found = session.app.store.history(name, limit)
    if session.json:
        write_json(run_row(item) for item in found)
        return
    columns = ("schedule", "slot", "state", "started", "reason")
    cells = (run_row(item) for item in found)
    write_table(columns, ([row[column] for column in columns] for row in cells))
    say(count(len(found), "run"))


def slots(
    app: "App", schedule: "ScheduleDefinition", start: datetime | None = None
) -> Iterator[dict[str, object]]:
    """Yield the slots from an instant on, as the rows of the contract."""
    zone = zone_of(app, schedule)
    after = aware(start, zone) - JUST_BEFORE if start else app.clock.now()
    for occurrence in app.calendar.occurrences(schedule, after, zone):
        rest = app.calendar.rests(schedule, occurrence)
        notes = [occurrence.note, f"skipped: {rest}" if rest else ""]
        yield {
            "slot": occurrence.local.isoformat(timespec="seconds"),
            "utc": when(occurrence.at),
            "note": "; ".join(filter(None, notes)),
        }


def zone_of(app: "App", schedule: "ScheduleDefinition") -> str:
    """Return the zone whose wall clock stands for a schedule's."""
    own = schedule.timezone == "subscriber"
    return app.definitions.publication.timezone if own else schedule.timezone


def _row(
    app: "App", schedule: "ScheduleDefinition", state: "ScheduleState | None"
) -> dict[str, object]:
    following = next(slots(app, schedule), {"slot": ""})
    paused = state is not None and state.paused
    until = state.paused_until if state else None
    return {
        "schedule": schedule.slug,
        "title": schedule.title,
        "action": str(schedule.action),
        "feeds": list(schedule.feeds),
        "rule": app.calendar.describe(schedule),
        "timezone": schedule.timezone,
        "next": following["slot"],
        "state": "paused" if paused else "on" if state else "new",
        "paused_until": when(until) or None,
    }
