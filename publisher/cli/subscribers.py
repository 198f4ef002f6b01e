"""`subscribers`: people and what they want."""

from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

import click

from publisher.cli.lazy import Group
from publisher.cli.output import (
    count,
    progress,
    say,
    write_facts,
    write_json,
    write_object,
    write_table,
)
from publisher.cli.rows import import_row, subscriber_row, way
from publisher.cli.session import Session, json_option, pass_session

if TYPE_CHECKING:
    from publisher.app import App
    from publisher.model.subscribers import ImportRow, Subscriber

STATUSES = ("pending", "confirmed", "paused", "unsubscribed", "suppressed")
WAYS = ("mail", "feed")
PAGE = 1_000
"""People read from the store at once, so that a list of any length needs little memory."""
INVITED = {
    "sent": "an invitation is sent",
    "kept": "an invitation is kept, and sent when the relay takes it",
    "not": "an invitation was sent within this hour",
}
language_option = click.option("--language", help="What they read (BCP 47).")
timezone_option = click.option("--timezone", help="Where they live (IANA zone).")
feed_option = click.option("--feed", "feeds", multiple=True, help="What they get; give each one.")
schedule_option = click.option(
    "--schedule", default="", help="How often: a digest schedule, or an alert."
)


@click.group(cls=Group)
@json_option
def subscribers() -> None:
    """Look after people and what they want."""


@subscribers.command()
@click.argument("email", help="Their address.")
@click.option("--name", default="", help="What they are called.")
@language_option
@timezone_option
@feed_option
@schedule_option
@click.option("--pending", is_flag=True, help="Not written to until they confirm.")
@click.option("--invite", is_flag=True, help="The same, and a mail asks them to confirm.")
@json_option
@pass_session
def add(  # noqa: PLR0913  one parameter for each column of the contract
    session: Session,
    *,
    email: str,
    name: str,
    language: str | None,
    timezone: str | None,
    feeds: tuple[str, ...],
    schedule: str,
    pending: bool,
    invite: bool,
) -> int:
    """Add someone, or add to what they get.

    Without --feed they get every public feed that a digest carries. Ends with 1 when the address
    is suppressed or has unsubscribed: then they stay as they are. An address is invited at most
    once an hour; who is confirmed already gets no invitation.
    """
    from publisher.core.addresses import valid_address
    from publisher.core.subscribing import known_zone
    from publisher.model.subscribers import ImportVerdict, NewSubscriber, SubscriberStatus

    app = session.app
    now = app.clock.now()
    waits = pending or invite
    wanted = NewSubscriber(
        email=valid_address(email),
        name=name,
        language=language or "",
        timezone=known_zone(timezone or ""),
        status=SubscriberStatus.PENDING if waits else SubscriberStatus.CONFIRMED,
        subscriptions=app.subscribing.wanted(feeds, schedule),
        implied=not feeds,
        consent_at=None if waits else now,
    )
    person, verdict = app.store.add_subscriber(wanted, now)
    refused = verdict in {ImportVerdict.REFUSED, ImportVerdict.SUPPRESSED}
    line = f"{verdict}: {person.email} is {person.status}"
    if invite and person.status is SubscriberStatus.PENDING:
        line += f"; {INVITED[str(app.greeting.invite(person))]}"
    _answer(session, person, line)
    return int(refused)


@subscribers.command()
@click.argument("email", help="Their address.")
@json_option
@pass_session
def confirm(session: Session, email: str) -> None:
    """Confirm someone who waits or paused, by your word for theirs; no mail is sent."""
    from publisher.errors import Conflict
    from publisher.model.subscribers import SubscriberStatus

    app = session.app
    person = app.store.find_subscriber(email)
    if str(person.status) in {"unsubscribed", "suppressed"}:
        raise Conflict(person.email, f"is {person.status}; only they can come back")
    changed = app.store.set_status(person.id, SubscriberStatus.CONFIRMED, app.clock.now())
    _answer(session, changed, f"{changed.email} is confirmed; no mail was sent")


@subscribers.command("list")
@click.option("--status", type=click.Choice(STATUSES), help="Only people who are this.")
@click.option("--feed", help="Only people who get this feed.")
@json_option
@pass_session
def list_(session: Session, status: str | None, feed: str | None) -> None:
    """List people."""
    app = session.app
    if feed is not None:
        app.feeds([feed])
    found = (
        person
        for person in everybody(app, status)
        if feed is None or any(wanted.feed == feed for wanted in person.subscriptions)
    )
    if session.json:
        write_json(subscriber_row(person) for person in found)
        return
    rows = [(p.email, p.name, str(p.status), _wishes(p), p.timezone) for p in found]
    write_table(("email", "name", "status", "gets", "zone"), rows)
    say(count(len(rows), "subscriber"))


@subscribers.command()
@click.argument("email", help="Their address.")
@json_option
@pass_session
def show(session: Session, email: str) -> None:
    """Show one person."""
    person = session.app.store.find_subscriber(email)
    if session.json:
        write_object(subscriber_row(person))
        return
    wishes = [f"{wanted.feed} by {wanted.schedule}" for wanted in person.subscriptions]
    write_facts({**subscriber_row(person), "subscriptions": wishes})


@subscribers.command("set")
@click.argument("email", help="Their address.")
@click.option("--name", help="What they are called.")
@language_option
@timezone_option
@feed_option
@schedule_option
@click.option(
    "--status", type=click.Choice(("confirmed", "paused")), help="Whether they get anything."
)
@click.option("--by", type=click.Choice(WAYS), help="By mail, or in a feed of their own.")
@json_option
@pass_session
def set_(  # noqa: PLR0913  one parameter for each thing that can be set
    session: Session,
    *,
    email: str,
    name: str | None,
    language: str | None,
    timezone: str | None,
    feeds: tuple[str, ...],
    schedule: str,
    status: str | None,
    by: str | None,
) -> None:
    """Change what is kept of someone; with --feed or --schedule, exactly what they get."""
    from publisher.core.subscribing import known_zone
    from publisher.model.subscribers import SubscriberStatus

    app = session.app
    person = app.store.find_subscriber(email)
    wanted = app.subscribing.wanted(feeds, schedule) if feeds or schedule else None
    zone = known_zone(timezone) if timezone else timezone
    changed = app.store.change_subscriber(
        person.id,
        name=name,
        language=language,
        timezone=zone,
        by_feed=None if by is None else by == "feed",
    )
    now = app.clock.now()
    if wanted is not None:
        changed = app.store.subscribe(person.id, wanted, now)
    if status is not None:
        changed = app.store.set_status(person.id, SubscriberStatus(status), now)
    _answer(session, changed, f"changed: {changed.email}; counts from the next edition")


@subscribers.command()
@click.argument(
    "emails", metavar="EMAIL...", nargs=-1, required=True, help="Addresses, one or more."
)
@pass_session
def unsubscribe(session: Session, emails: tuple[str, ...]) -> int:
    """End all mail to someone, as their own link would."""
    from publisher.errors import NotFound
    from publisher.model.subscribers import SubscriberStatus

    app, missing = session.app, 0
    for email in emails:
        try:
            person = app.store.find_subscriber(email)
        except NotFound as error:
            say(str(error))
            missing += 1
            continue
        app.store.set_status(person.id, SubscriberStatus.UNSUBSCRIBED, app.clock.now())
        say(f"{person.email} is unsubscribed")
    return int(missing > 0)


@subscribers.command("import")
@click.argument("file", type=click.File("rb"), help="A CSV file; - is the standard stream.")
@json_option
@pass_session
def import_(session: Session, file: IO[bytes]) -> int:
    """Import a CSV file ("-": standard input) and report on its rows.

    Columns: email, name, language, timezone, feeds, schedule, status, consent_at, by; only email is
    required. Ends with 1 when a row was refused; the others are in.
    """
    with progress("Importing") as advance:
        report = session.app.subscribing.import_csv(file.read(), progress=advance)
    if session.json:
        write_json(import_row(row) for row in report)
    else:
        odd = [row for row in report if row.reason]
        if odd:
            cells = ((row.line, row.email, str(row.verdict), row.reason) for row in odd)
            write_table(("line", "email", "verdict", "reason"), cells)
    say(_tally(report))
    return int(any(str(row.verdict) == "refused" for row in report))


@subscribers.command()
@click.argument(
    "file",
    type=click.File("w", encoding="utf-8", lazy=True),
    default="-",
    help="A CSV file; - is the standard stream.",
)
@click.option("--status", type=click.Choice(STATUSES), help="Only people who are this.")
@pass_session
def export(session: Session, file: IO[str], status: str | None) -> None:
    """Write everybody as CSV, in the columns that `import` reads.

    Who gets feeds by several schedules has a row for each.
    """
    import csv

    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(
        (
            *("email", "name", "language", "timezone"),
            *("feeds", "schedule", "status", "consent_at", "by"),
        )
    )
    number = 0
    for person in everybody(session.app, status):
        writer.writerows(_csv_rows(person))
        number += 1
    say(f"wrote {count(number, 'subscriber')}")


@subscribers.command()
@click.argument(
    "emails", metavar="EMAIL...", nargs=-1, required=True, help="Addresses, one or more."
)
@click.option("--reason", default="by the operator", show_default=True, help="Kept with it.")
@click.option("--undo", is_flag=True, help="Let them be written to again.")
@pass_session
def suppress(session: Session, emails: tuple[str, ...], reason: str, *, undo: bool) -> int:
    """Never write to an address again, whoever it belongs to."""
    from publisher.core.addresses import valid_address

    app, missing = session.app, 0
    for email in map(valid_address, emails):
        if not undo:
            app.store.suppress(email, reason, app.clock.now())
            say(f"{email} is suppressed: {reason}")
        elif app.store.unsuppress(email):
            say(f"{email} is no longer suppressed")
        else:
            say(f"{email} was not suppressed")
            missing += 1
    return int(missing > 0)


@subscribers.command()
@click.argument("email", help="Their address.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_session
def erase(session: Session, email: str, *, yes: bool) -> None:
    """Forget someone: what they were sent stays counted, without their address."""
    app = session.app
    person = app.store.find_subscriber(email)
    if not yes:
        click.confirm(f"Forget {person.email}? This cannot be undone.", abort=True, err=True)
    app.store.erase(person.id, app.clock.now())
    say(f"{person.email} is forgotten")


def everybody(app: "App", status: str | None) -> "Iterator[Subscriber]":
    """Yield people in order of id, page by page."""
    from publisher.model.subscribers import SubscriberStatus

    wanted = SubscriberStatus(status) if status else None
    last = None
    while page := app.store.subscribers(status=wanted, after=last, limit=PAGE):
        yield from page
        last = page[-1].id


def _answer(session: Session, person: "Subscriber", line: str) -> None:
    if session.json:
        write_object(subscriber_row(person))
    say(line)


def _wishes(person: "Subscriber") -> str:
    return ", ".join(f"{wanted.feed} ({wanted.schedule})" for wanted in person.subscriptions)


def _csv_rows(person: "Subscriber") -> Iterator[tuple[str, ...]]:
    feeds: dict[str, list[str]] = {}
    for wanted in person.subscriptions:
        feeds.setdefault(wanted.schedule, []).append(wanted.feed)
    consent = person.consent_at.isoformat() if person.consent_at else ""
    who = (person.email, person.name, person.language, person.timezone)
    for schedule, slugs in feeds.items() or [("", [])]:
        yield (*who, " ".join(slugs), schedule, str(person.status), consent, way(person))


def _tally(report: "tuple[ImportRow, ...]") -> str:
    verdicts: dict[str, int] = {}
    for row in report:
        verdicts[str(row.verdict)] = verdicts.get(str(row.verdict), 0) + 1
    parts = [f"{number:,} {verdict}" for verdict, number in verdicts.items()]
    return f"{count(len(report), 'row')}: {', '.join(parts) or 'nothing in it'}"
