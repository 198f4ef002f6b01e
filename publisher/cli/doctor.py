"""`doctor`: everything a publication stands on, looked at one by one."""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from publisher.cli.output import count, say, when, write_json, write_table
from publisher.cli.session import Session, json_option, pass_session
from publisher.errors import PublisherError

if TYPE_CHECKING:
    from publisher.app import App
    from publisher.model.definitions import AdapterDefinition

Finding = tuple[str, str, str]
PATIENCE = 5.0
"""Seconds that a relay is given to answer."""
LIBRARIES = (
    "apscheduler",
    "cryptography",
    "feedgen",
    "jinja2",
    "premailer",
    "sqlalchemy",
    "litestar",
)
OK, PROBLEM, NOTE = "ok", "problem", "note"


@click.command()
@click.option("--tell", is_flag=True, help="Send the operators a message, to see that it arrives.")
@json_option
@pass_session
def doctor(session: Session, *, tell: bool) -> int:
    """Look at everything a publication stands on.

    Definitions, store, clock, writable places, whether transports answer and outlets take documents,
    what DNS says of the sender, where alarms go, versions. Nothing is sent without --tell. Ends with 1
    when there is a problem.
    """
    app = session.app
    found = [
        ("definitions", OK, f"{len(app.definitions.feeds)} feeds, all valid"),
        *_store(app),
        *_places(app),
        *_signing(app),
        *_transports(app),
        *_records(app),
        *_address(app),
        *_outlets(app),
        *_hubs(app),
        *_pushes(app),
        *_model(app),
        *_alarms(app, tell=tell),
        *_versions(),
    ]
    if session.json:
        write_json(
            {"check": name, "state": state, "detail": detail} for name, state, detail in found
        )
    else:
        write_table(("check", "state", "detail"), found)
    problems = sum(state == PROBLEM for _, state, _ in found)
    say(count(problems, "problem") if problems else "all is well")
    return int(problems > 0)


def _store(app: "App") -> Iterator[Finding]:
    """Look at the store and its witness, and at the clock by what the store last heard of it."""
    from publisher.core.keeping import doubt

    now = app.clock.now()
    try:
        people = app.store.count_subscribers()
        marks = app.store.marks()
    except PublisherError as error:
        yield "store", PROBLEM, str(error)
        return
    beat, doubted = marks.beat, marks.held or doubt(marks, now)
    yield "store", OK, f"opens, {count(people, 'subscriber')}"
    if doubted:
        yield "witness", PROBLEM, f"nothing is sent: {doubted}; `publisher resume` releases it"
    else:
        yield "witness", OK, f"{marks.path} agrees" if marks.witnesses else "nothing has run yet"
    if beat is None:
        yield "clock", OK, f"{when(now.replace(microsecond=0))}; nothing has run yet"
    elif beat > now:
        yield "clock", PROBLEM, f"is behind: the last run was at {when(beat)}, in the future"
    else:
        yield "clock", OK, f"{when(now.replace(microsecond=0))}; the last run was at {when(beat)}"


def _places(app: "App") -> Iterator[Finding]:
    from publisher.kit.tokens import SignedTokens

    root = app.definitions.root
    for path in dict.fromkeys((root / "var", root / app.definitions.output)):
        trouble = _unwritable(path)
        yield f"write {path}", PROBLEM if trouble else OK, trouble or "can be written"
    keys = root / "secrets" / "tokens.key"
    if not keys.exists():
        yield "tokens.key", NOTE, "is made when first needed"
        return
    try:
        SignedTokens.load(keys)
    except PublisherError as error:
        yield "tokens.key", PROBLEM, str(error)
        return
    open_to_all = keys.stat().st_mode & 0o077
    yield (
        "tokens.key",
        PROBLEM if open_to_all else OK,
        (f"others can read {keys}: chmod 600" if open_to_all else "readable, and by nobody else"),
    )


def _signing(app: "App") -> Iterator[Finding]:
    """Look at the keys that sign mail."""
    try:
        used = app.signing
    except PublisherError as error:
        yield "dkim", PROBLEM, str(error)
        return
    if used is None:
        yield "dkim", NOTE, "mail is not signed; `publisher dkim new` makes a key"
        return
    named = [f"{item.selector} ({item.key.kind})" for item in used.signer.signatures]
    domain = used.signer.signatures[0].domain
    yield "dkim", OK, f"signs for {domain} by {', '.join(named)}; `dkim show` has the records"
    for path in sorted((app.definitions.root / "secrets").glob("*.pem")):
        if path.stat().st_mode & 0o077:
            yield f"{path.name}", PROBLEM, f"others can read {path}: chmod 600"


def _unwritable(path: Path) -> str:
    """Return why nothing can be written in a folder that may not exist yet, or ""."""
    import tempfile

    place = next(folder for folder in (path, *path.parents) if folder.exists())
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(b"x")
    except OSError as error:
        return f"{place}: {error.strerror}"
    return ""


def _transports(app: "App") -> Iterator[Finding]:
    from publisher.cli.checking import in_use

    for name in in_use(app.definitions):
        definition = app.definitions.transports[name]
        try:
            leaves = app.transport(name).leaves_machine
        except PublisherError as error:
            yield f"transport {name}", PROBLEM, str(error)
            continue
        reach = "leaves this machine" if leaves else "nothing leaves this machine"
        yield f"transport {name}", *_reached(definition, reach)


def _reached(definition: "AdapterDefinition", reach: str) -> tuple[str, str]:
    """Return state and detail: whether the relay of a transport takes a connection."""
    from publisher import config, registry

    options = config.options(definition, registry.load("delivery", definition.type).Options)
    relays = getattr(options, "relays", ()) or (options,)
    hosts = [(getattr(relay, "host", ""), getattr(relay, "port", 0)) for relay in relays]
    if not hosts[0][0]:
        return OK, f"{definition.type}: {reach}"
    implicit = getattr(options, "security", "") == "implicit"
    usual = getattr(options, "port", 0) or (465 if implicit else 587)
    for host, port in hosts:
        try:
            socket.create_connection((host, port or usual), timeout=PATIENCE).close()
        except OSError as error:
            return PROBLEM, f"{host}:{port or usual} does not answer: {error.strerror or error}"
    named = ", ".join(f"{host}:{port or usual}" for host, port in hosts)
    return OK, f"{definition.type}: {named} answers; {reach}"


def _records(app: "App") -> Iterator[Finding]:
    """Look at what DNS says of the sender, once mail leaves this machine."""
    from publisher.app.signing import sender_domain
    from publisher.cli.records import records
    from publisher.kit.dns import txt

    try:
        if _leaves_machine(app):
            yield from records(sender_domain(app.definitions), app.signing, txt)
    except PublisherError:
        return  # told by what looks at the keys


def _leaves_machine(app: "App") -> bool:
    """Return whether mail goes elsewhere, as far as the transports can be opened."""
    from publisher.cli.checking import in_use

    try:
        return any(app.transport(name).leaves_machine for name in in_use(app.definitions))
    except PublisherError:
        return False  # told by what looks at transports


def _address(app: "App") -> Iterator[Finding]:
    """Look at what readers and relays will see."""
    publication = app.definitions.publication
    advice = "write into [publication] url where readers reach the pages"
    if not publication.postal_address:
        yield "postal address", NOTE, "is empty: no transport that leaves this machine is used"
    if "//127.0.0.1" in publication.url or "//localhost" in publication.url:
        yield (
            "url",
            PROBLEM if _leaves_machine(app) else NOTE,
            f"{publication.url} is for this machine only: links in mails lead nowhere; {advice}",
        )


def _outlets(app: "App") -> Iterator[Finding]:
    """Try whether further outlets take documents."""
    for name in app.definitions.outlets:
        try:
            yield f"outlet {name}", OK, app.mirrors.outlet(name).probe()
        except PublisherError as error:
            yield f"outlet {name}", PROBLEM, str(error)


def _hubs(app: "App") -> Iterator[Finding]:
    """Look at who tells readers' programs of changes."""
    settings = app.definitions.websub
    try:
        topics, behind = app.store.topic_figures(), app.store.hub_figures()
    except PublisherError:
        return  # told by what looks at the store
    if not settings.hub and not settings.hubs:
        yield "websub", NOTE, "is off: readers' programs find changes by asking again and again"
    if settings.hub:
        number = sum(one.subscribers for one in topics)
        yield (
            "websub",
            OK,
            f"our hub has {count(number, 'subscription')}; `publisher hub` has more",
        )
    failing = {one.hub: one for one in behind if one.since}
    for address in settings.hubs:
        found = failing.get(address)
        trouble = (
            f"could not be told of {count(found.waiting, 'change')}: {found.error}"
            if found
            else ""
        )
        yield f"hub {address}", PROBLEM if trouble else OK, trouble or "has heard of every change"


def _pushes(app: "App") -> Iterator[Finding]:
    """Look at who tells us of our sources' news, once there are sources that name a hub."""
    from publisher.app.pushes import listener, pushable, unheard

    try:
        offered = app.store.offers().keys() & pushable(app).keys()
        told = offered & set(listener(app).alive(app.clock.now()))
    except PublisherError:
        return  # told by what looks at the store
    if not offered:
        return
    number = count(len(offered), "source")
    if reason := unheard(app):
        advice = "hubs must reach [publication] url"
        yield "pushes", NOTE, f"{number} could be told of by hubs, but {reason}: {advice}"
    elif told != offered:
        yield "pushes", NOTE, f"{len(told)} of {number} are told of; `publisher pushes` says why"
    else:
        yield "pushes", OK, f"{number}: hubs tell of their news"


def _model(app: "App") -> Iterator[Finding]:
    """Ask who writes key points whether it is there, where somebody does."""
    if app.point_writing.wanted:
        try:
            yield "key points", OK, app.point_writing.probe()
        except PublisherError as error:
            yield "key points", PROBLEM, str(error)


def _alarms(app: "App", *, tell: bool) -> Iterator[Finding]:
    """Look at where the operators are told of trouble; try it when asked to."""
    alerts = app.definitions.alerts
    if not alerts.to:
        why = "`[alerts] to` in publisher.toml is empty: trouble is told on standard error only"
        yield "alarms", PROBLEM if tell else NOTE, why
        return
    way = f"{', '.join(alerts.to)} by {alerts.transport or app.definitions.mail.transport}"
    if not tell:
        yield "alarms", OK, f"{way}; `doctor --tell` tries it"
        return
    try:
        app.write_to_operators("this is a test", "Nothing is wrong: somebody wanted to see this.")
    except PublisherError as error:
        yield "alarms", PROBLEM, f"{way}: {error}"
    else:
        yield "alarms", OK, f"a message was accepted for {way}"


def _versions() -> Iterator[Finding]:
    from importlib.metadata import PackageNotFoundError, version

    from publisher import __version__

    yield "publisher", OK, __version__
    yield "python", OK, sys.version.split()[0]
    for name in LIBRARIES:
        try:
            yield name, OK, version(name)
        except PackageNotFoundError:
            yield name, PROBLEM, "is not installed"
