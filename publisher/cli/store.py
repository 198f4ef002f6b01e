"""`db`: looking after the store."""

import click

from publisher.cli.lazy import Group
from publisher.cli.output import say, write_object
from publisher.cli.session import Session, json_option, pass_session


@click.group(cls=Group)
@json_option
def db() -> None:
    """Look after the store."""


@db.command()
@json_option
@pass_session
def upgrade(session: Session) -> None:
    """Bring the store to this version's schema; make a copy of it first."""
    from publisher.config import load
    from publisher.store import upgrade_store

    definitions = load(session.folder)
    before, after = upgrade_store(definitions.store_url, definitions.root)
    if session.json:
        write_object({"before": before, "after": after})
    if before == after:
        say(f"the store is at schema {after} already")
    else:
        say(f"the store went from schema {before or 'nothing'} to {after}")
