"""`preview` and `send`: a digest to look at, to one address, or to everybody."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from publisher.cli.output import count, percent, progress, say, warn, write_facts, write_object
from publisher.cli.rows import edition_row, run_row
from publisher.cli.session import Session, json_option, pass_session
from publisher.errors import NotFound, UsageError

if TYPE_CHECKING:
    from publisher.app import App
    from publisher.cli.rehearsal import Rehearsed
    from publisher.model.definitions import ScheduleDefinition


folder_option = click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("preview"),
    show_default=True,
    help="Where to write.",
)


@click.command()
@click.argument("schedule", help="The slug of a digest's or an alert's schedule.")
@click.option("--for", "address", default="", help="As this subscriber would get it.")
@folder_option
@json_option
@pass_session
def preview(session: Session, schedule: str, address: str, folder: Path) -> int:
    """Write a digest to files; nothing is sent.

    Of an alert schedule it shows the newest story.

    Writes digest.html, digest.txt, digest.eml and report.json: sizes, links, and what is wrong
    with it. Ends with 1 when something is.
    """
    from publisher.cli.rehearsal import rehearse

    app = session.app
    found = rehearse(app, _mailed(app, schedule), address)
    return write_preview(session, found, folder)


def write_preview(session: Session, found: "Rehearsed", folder: Path) -> int:
    """Write a digest and its report into a folder; return the exit code."""
    import json

    from publisher.kit.atomic import write_whole

    report = found.report()
    files = {
        "digest.html": found.html.encode("utf-8", "replace"),
        "digest.txt": found.text.encode("utf-8", "replace"),
        "digest.eml": found.parcel.data,
        "report.json": json.dumps(report, indent=2, ensure_ascii=False).encode(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        write_whole(folder / name, data)
    if session.json:
        write_object(report)
    else:
        write_facts(_shown(report))
    say(f"wrote {', '.join(files)} to {folder}; {found.about}")
    return int(bool(report["problems"]))


@click.command()
@click.argument("schedule", help="A digest schedule's slug.")
@click.option("--test", "address", default="", help="Send one copy to this address only.")
@click.option("--key", default="", help="The same key twice sends once (default: the time).")
@click.option("--force", is_flag=True, help="Send although something is wrong with the digest.")
@click.option("--dry-run", is_flag=True, help="Say what would be sent, and send nothing.")
@json_option
@pass_session
def send(
    session: Session, *, schedule: str, address: str, key: str, force: bool, dry_run: bool
) -> int:
    """Run a digest schedule now.

    Of an alert schedule only --test and --dry-run: `schedules run` looks for stories.

    Ends with 1 when somebody could not be reached, 69 when the transport could not: the rest waits
    for `run` or `retry`.
    """
    from publisher.cli.rehearsal import rehearse

    app = session.app
    definition = _mailed(app, schedule, whole=not (address or dry_run))
    if rows := app.seed():
        say(f"read {count(len(rows), 'sample subscriber')}")
    try:
        # What goes to all is opened once, and judged whole then; a first look need not read them all.
        whole = bool(dry_run or address)
        found = rehearse(app, definition, address, test=bool(address), few=not whole)
    except NotFound:
        if dry_run or address:
            raise
    else:
        if not _sound(found, force=force):
            return 1
        if dry_run:
            return _dry(app, session, definition, found)
        if address:
            return _test(session, found, definition)
    return _run(session, definition, key, force=force)


def _run(session: Session, schedule: "ScheduleDefinition", key: str, *, force: bool) -> int:
    """Open the edition and send it."""
    from publisher.app.reviewing import overrule
    from publisher.cli.manual import accounting, run_now, send_now

    app = session.app

    ended, created = run_now(app, schedule, key)
    edition = app.store.edition_of_run(ended.id)
    again = "" if created else " (this key was used before)"
    if edition is None:
        if session.json:
            write_object(run_row(ended))
        say(f"{schedule.slug}: {ended.state}{again}: {ended.reason}")
        return int(str(ended.state) == "failed")
    if force:
        edition = overrule(app, edition)
    edition, code = send_now(app, edition)
    if session.json:
        write_object(edition_row(edition))
    state = " waits for `editions approve`" if str(edition.state) == "review" else ""
    say(
        f"edition {edition.id}{again}{state}: {accounting(edition)}; `deliveries {edition.id}` lists them"
    )
    return code


def _shown(report: dict[str, object]) -> dict[str, object]:
    """Return a report as people read it: without what only programs go through."""
    links, score = report["links"], report["score"]
    told = {
        "score": percent(score) if isinstance(score, float) else "",
        "size": _sizes(report["size"]),
        "links": len(links) if isinstance(links, list) else 0,
    }
    left_out = ("clients", "refinements", "features")
    return {k: v for k, v in {**report, **told}.items() if v and k not in left_out}


def _sizes(sizes: object) -> str:
    """Return octets in words: "19,204 html, 2,916 text, 25,894 message"."""
    pairs = sizes.items() if isinstance(sizes, dict) else ()
    return ", ".join(f"{number:,} {name}" for name, number in pairs) + " octets"


def _mailed(app: "App", slug: str, *, whole: bool = False) -> "ScheduleDefinition":
    """Return a schedule that mails; a `whole` send is for digests. Raises UsageError."""
    from publisher.model.definitions import MAILED

    schedule = app.schedule(slug)
    if whole and str(schedule.action) == "alert":
        reason = "alerts each story by itself; `schedules run` looks for stories now"
        raise UsageError(slug, reason)
    if schedule.action not in MAILED:
        raise UsageError(slug, f"is a {schedule.action} schedule; `schedules run` runs it")
    return schedule


def _sound(found: "Rehearsed", *, force: bool) -> bool:
    """Tell of everything that is wrong with a digest; False when that must stop it."""
    problems = found.problems()
    for problem in problems:
        warn(problem)
    if problems and not force:
        say("nothing was sent; --force sends it all the same")
    return force or not problems


def _dry(app: "App", session: Session, schedule: "ScheduleDefinition", found: "Rehearsed") -> int:
    transport = schedule.transport or app.definitions.mail.transport
    facts = {"schedule": schedule.slug, "subject": found.subject, "transport": transport}
    row = {**facts, "articles": list(found.edition.articles), "readers": found.edition.audience}
    if session.json:
        write_object(row)
    else:
        write_facts({**facts, "stories": found.titles, "readers": found.edition.audience})
    say(f"nothing was sent; {found.about}")
    return 0


def _test(session: Session, found: "Rehearsed", schedule: "ScheduleDefinition") -> int:
    from publisher.core.alarming import hand_over

    app = session.app
    name = schedule.transport or app.definitions.mail.transport
    with progress("Sending"):
        bad = hand_over(app.transport(name), [found.parcel])
    if session.json:
        said = {"state": str(bad[0].state) if bad else "accepted", "transport": name}
        reason = bad[0].reason if bad else ""
        copy = {"email": found.parcel.recipient, "message_id": found.parcel.message_id}
        write_object({**copy, **said, "reason": reason})
    if bad:
        warn(f"{found.parcel.recipient}: {bad[0].state}: {bad[0].reason}")
        return 1
    say(f"one copy went to {found.parcel.recipient} through {name}; {found.about}")
    return 0
