"""`export-config`: what the machine around publisher needs to be told."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from publisher.cli.session import Session, pass_session

if TYPE_CHECKING:
    from publisher.app import App
    from publisher.kit.server_config import Site

KINDS = ("nginx", "caddy", "systemd")


@click.command("export-config")
@click.argument("kind", type=click.Choice(KINDS), help="nginx, caddy or systemd.")
@click.option("--user", default="publisher", help="Who runs publisher (systemd).")
@pass_session
def export_config(session: Session, *, kind: str, user: str) -> None:
    """Write a snippet for a web server before publisher, or a unit for systemd.

    The server answers feeds and pages from the folder of documents as publisher would, and hands the
    rest on. Write it again after feeds were renamed or ended, or stories hidden: it lists what moved.
    """
    from publisher.kit.server_config import caddy, nginx, systemd

    if kind == "systemd":
        folder = session.app.definitions.root.resolve()
        command = (str(Path(sys.argv[0]).resolve()), "-C", str(folder), "run")
        click.echo(systemd(folder, command, user), nl=False)
        return
    click.echo({"nginx": nginx, "caddy": caddy}[kind](site_of(session.app)), nl=False)


def site_of(app: "App") -> "Site":
    """Return what a web server before a publication needs to know."""
    from publisher.kit.server_config import Site
    from publisher.web.documents import is_over
    from publisher.web.shelf import Shelf

    made = app.definitions
    shelf = Shelf(made.root / made.output)
    return Site(
        url=made.publication.url,
        public=(made.root / made.output).resolve(),
        bind=made.web.bind,
        moved=app.store.moves(),
        was={
            old: feed.slug
            for feed in made.feeds.values()
            for old in feed.was
            if old not in made.feeds
        },
        ended=[slug for slug in made.feeds if is_over(app, shelf, slug)],
        max_age=_max_age(app),
        pressed=made.precompress,
        hubs=app.hubs,
    )


def _max_age(app: "App") -> int:
    """Return for how many seconds feeds may be kept: as long as the one published most often."""
    from publisher.core.freshness import STILL, rhythm_of

    made, now = app.definitions, app.now()
    home = made.publication.timezone
    rhythms = (rhythm_of(slug, made.schedules, app.calendar, now, home) for slug in made.feeds)
    return int(min(rhythms, default=STILL).total_seconds())
