"""`init`: a publication of one's own from the one that ships."""

from pathlib import Path

import click

from publisher.cli.output import count, say, write_object
from publisher.cli.session import Session, json_option, pass_session


@click.command()
@click.argument(
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Where to write; made when missing.",
)
@json_option
@pass_session
def init(session: Session, folder: Path) -> None:
    """Write a starter publication.

    Stories, three feeds, schedules whose first run is due at once, and three sample subscribers
    that no mail leaves this machine for. DIR counts from the folder of -C and is made when missing.
    """
    from publisher import assets
    from publisher.kit.tokens import SignedTokens

    target = session.folder / folder
    written = assets.write_starter(target)
    SignedTokens.load(target / "secrets" / "tokens.key")
    if session.json:
        names = [path.relative_to(target).as_posix() for path in written]
        write_object({"folder": str(target), "files": names})
    say(f"wrote {count(len(written), 'file')} to {target}; next: publisher -C {target} run")
