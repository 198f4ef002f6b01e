"""`dkim`: keys for signing mail, and the DNS records to publish."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from publisher.cli.lazy import Group
from publisher.cli.output import say, write_json, write_object
from publisher.cli.session import Session, json_option, pass_session
from publisher.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from publisher.kit.dkim import SigningKey
    from publisher.model.definitions import Definitions

LETTERS = {"rsa": "s", "ed25519": "e"}
"""What selectors begin with when nobody names one: s1, s2 …, e1, e2 …"""


@click.group(cls=Group)
@json_option
def dkim() -> None:
    """Make keys for signing mail, and show the DNS records to publish."""


@dkim.command()
@click.option(
    "--kind",
    type=click.Choice(tuple(LETTERS)),
    default="rsa",
    show_default=True,
    help="Everybody can verify rsa; ed25519 may stand beside it.",
)
@click.option("--selector", default="", help="Its name in DNS (default: the first free one).")
@click.option("--domain", default="", help="Who signs (default: as configured, or that of From).")
@json_option
@pass_session
def new(session: Session, *, kind: str, selector: str, domain: str) -> None:
    """Make a key and show the DNS record to publish.

    Writes secrets/dkim-SELECTOR.pem, which nobody else can read, and never over another key.
    Nothing is signed with it until it stands in publisher.toml.
    """
    from publisher import config
    from publisher.app.signing import signing_domain
    from publisher.config import values
    from publisher.kit.dkim import new_key, read_key
    from publisher.kit.mime import ascii_domain

    made = config.load(session.folder)
    try:
        where = ascii_domain(values.domain(domain).lower()) if domain else signing_domain(made)
        name = values.selector(selector or _free(made, kind)).lower()
    except ValueError as error:
        raise UsageError("dkim new", str(error)) from None
    pem = new_key(kind)
    path = Path("secrets") / f"dkim-{name}.pem"
    _write(session.folder, path, pem)
    row = _row(name, where, read_key(pem.decode("ascii")))
    if session.json:
        write_object({"file": str(path), **row})
    else:
        _show(row)
        click.echo(f"\n{_setting(made, name, path, domain and where)}")
    say(f"wrote {path}; when DNS answers with the record, write the table into publisher.toml")


@dkim.command()
@json_option
@pass_session
def show(session: Session) -> int:
    """Show the DNS records of the keys in use. Ends with 1 when there are none."""
    from publisher import config
    from publisher.app.signing import signing

    used = signing(config.load(session.folder))
    signatures = used.signer.signatures if used else ()
    rows = [_row(item.selector, item.domain, item.key) for item in signatures]
    if session.json:
        write_json(rows)
    else:
        for number, row in enumerate(rows):
            click.echo("\n" if number else "", nl=False)
            _show(row)
    if not rows:
        say("mail is not signed: there is no [mail.dkim]; `publisher dkim new` makes a key")
    return 0 if rows else 1


def _free(made: "Definitions", kind: str) -> str:
    """Return the first selector of a kind that neither a setting nor a file has."""
    table = made.sections.get("dkim", {})
    also = table.get("also")
    tables = (table, *(also if isinstance(also, list) else ()))
    taken = {str(item.get("selector")) for item in tables if isinstance(item, dict)}
    taken |= {path.stem.removeprefix("dkim-") for path in (made.root / "secrets").glob("dkim-*")}
    number = 1
    while (name := f"{LETTERS[kind]}{number}") in taken:
        number += 1
    return name


def _write(root: Path, path: Path, pem: bytes) -> None:
    """Write a key that only its owner can read. Raises ConfigError when there is one already."""
    whole = root / path
    whole.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        reason = "is there already, and a key is never overwritten: name another selector"
        raise ConfigError(str(path), reason) from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())


def _row(selector: str, domain: str, key: "SigningKey") -> dict[str, object]:
    from publisher.kit.dkim import record_name, txt_strings

    return {
        "selector": selector,
        "domain": domain,
        "kind": key.kind,
        "bits": key.bits,
        "name": record_name(selector, domain),
        "type": "TXT",
        "text": key.record,
        "strings": list(txt_strings(key.record)),
    }


def _show(row: dict[str, object]) -> None:
    """Write a record twice: for the form of a DNS provider, and as a line of a zone file."""
    strings = row["strings"]
    quoted = " ".join(f'"{item}"' for item in strings) if isinstance(strings, list) else ""
    click.echo(f"name   {row['name']}")
    click.echo("type   TXT")
    click.echo(f"text   {row['text']}")
    click.echo(f"zone   {row['name']}. IN TXT ( {quoted} )")


def _setting(made: "Definitions", selector: str, path: Path, domain: str) -> str:
    """Return the lines for publisher.toml: the first key with its domain, or one more key."""
    further = "dkim" in made.sections
    table = "[[mail.dkim.also]]" if further else "[mail.dkim]"
    lines = [table, f'selector = "{selector}"', f'key = {{ file = "{path}" }}']
    if domain and not further:
        lines.insert(1, f'domain = "{domain}"')
    return "\n".join(lines)
