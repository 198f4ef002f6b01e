"""`backup`, `restore` and `db`: looking after the store."""

from pathlib import Path

import click

from publisher.cli.lazy import Group
from publisher.cli.output import count, progress, say, when, write_object
from publisher.cli.session import Session, json_option, pass_session

MEBI = 1_048_576


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), help="Where to write it.")
@json_option
@pass_session
def backup(session: Session, file: Path) -> None:
    """Copy the store, definitions and secrets while everything runs.

    FILE is a consistent copy, an SQLite database whatever keeps the store; an older copy there is
    replaced. Articles' own files are not in it. Nothing is sent from a copy until `resume`.
    """
    from publisher.app.copying import backup as write_backup
    from publisher.config import load
    from publisher.engine.clock import SystemClock

    definitions, now = load(session.folder), SystemClock().now()
    with progress("Copying") as advance:
        files = write_backup(definitions, file, now, advance)
    size = file.stat().st_size
    if session.json:
        names = [one.name for one in files]
        write_object({"file": str(file), "octets": size, "copied": when(now), "files": names})
    with_files = count(len(files), "file")
    say(f"wrote {file}: {size / MEBI:,.1f} MiB, the store and {with_files}; it holds your secrets")


@click.command()
@click.argument(
    "file", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="Made by `backup`."
)
@json_option
@pass_session
def restore(session: Session, file: Path) -> None:
    """Put a copy made by `backup` into an empty place.

    Definitions and secrets that are there already are left as they are; a store that is there is
    not replaced. Nothing is sent from it until `resume`.
    """
    from publisher.app.copying import unpack
    from publisher.config import load
    from publisher.store import restore_store

    session.folder.mkdir(parents=True, exist_ok=True)
    written, left = unpack(file, session.folder)
    definitions = load(session.folder)
    with progress("Restoring") as advance:
        restore_store(definitions.store_url, definitions.root, file, advance)
    if session.json:
        write_object({"folder": str(session.folder), "files": written, "left": left})
    files, kept = count(len(written), "file"), count(len(left), "file")
    say(f"restored the store and {files} into {session.folder}; {kept} left as they were")
    say("nothing is sent from it until `publisher resume`")


@click.group(cls=Group)
@json_option
def db() -> None:
    """Look after the store."""


@db.command()
@json_option
@pass_session
def upgrade(session: Session) -> None:
    """Bring the store to this version's schema; an SQLite store is copied first."""
    from publisher.config import load
    from publisher.engine.clock import SystemClock
    from publisher.store import upgrade_store

    definitions = load(session.folder)
    with progress("Copying") as advance:
        done = upgrade_store(definitions.store_url, definitions.root, SystemClock().now(), advance)
    copy = str(done.copy) if done.copy else None
    if session.json:
        write_object({"before": done.before, "after": done.after, "copy": copy})
    if done.before == done.after:
        say(f"the store is at schema {done.after} already")
        return
    say(f"the store went from schema {done.before or 'nothing'} to {done.after}")
    if copy:
        say(f"as it was before: {copy}")
