"""`templates`: which ones are the publication's own, and how they differ from those that ship."""

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from publisher.cli.lazy import Group
from publisher.cli.output import clean, count, say, write_json, write_table
from publisher.cli.session import Session, json_option, pass_session

if TYPE_CHECKING:
    from publisher.kit.templating import Templates


@click.group(cls=Group)
@json_option
def templates() -> None:
    """Show which templates are overridden and how."""


@templates.command("list")
@json_option
@pass_session
def list_(session: Session) -> None:
    """List every template and which file is used."""
    found = session.app.templates
    rows = [_row(found, name) for name in found.names()]
    if session.json:
        write_json(rows)
        return
    write_table(("template", "used"), ((row["name"], row["state"]) for row in rows))
    own = sum(row["state"] != "shipped" for row in rows)
    say(f"{count(len(rows), 'template')}, {own} of them of this publication")


@templates.command()
@click.argument(
    "names", metavar="NAME...", nargs=-1, required=True, help="Names as `templates list` has them."
)
@pass_session
def eject(session: Session, names: tuple[str, ...]) -> None:
    """Copy shipped templates into the publication, to be changed there."""
    app = session.app
    plan = []
    for name in names:
        own, shipped = _origin(app.templates, name)
        if own is not None:
            raise click.UsageError(f"{name} is the publication's own already: {own}")
        if shipped is not None:
            plan.append((app.definitions.root / "templates" / name, shipped))
    for target, shipped in plan:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(shipped.read_bytes())
        say(f"wrote {target}")


@templates.command()
@click.argument("names", metavar="[NAME]...", nargs=-1, help="Names as `templates list` has them.")
@pass_session
def diff(session: Session, names: tuple[str, ...]) -> int:
    """Show how the publication's own templates differ from those that ship.

    Ends with 1 when one does.
    """
    found = session.app.templates
    differing = 0
    for name in names or found.names():
        own, shipped = _origin(found, name)
        if own is None:
            continue
        lines = _difference(name, own, shipped)
        differing += bool(lines)
        for line in lines:
            click.echo(clean(line))
    say(f"{count(differing, 'template')} {'differs' if differing == 1 else 'differ'}")
    return int(differing > 0)


def _origin(templates: "Templates", name: str) -> tuple[Path | None, Path | None]:
    known = templates.names()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        guess = f'; did you mean "{near[0]}"?' if near else "; `templates list` names them"
        raise click.UsageError(f'there is no template "{name}"{guess}')
    return templates.origin(name)


def _row(templates: "Templates", name: str) -> dict[str, object]:
    own, shipped = templates.origin(name)
    state = "shipped" if own is None else "overridden" if shipped else "own"
    return {"name": name, "state": state, "path": str(own or shipped)}


def _difference(name: str, own: Path, shipped: Path | None) -> list[str]:
    before = _lines(shipped) if shipped else []
    return list(
        difflib.unified_diff(
            before, _lines(own), f"shipped/{name}", f"templates/{name}", lineterm=""
        )
    )


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8", "replace").splitlines()
