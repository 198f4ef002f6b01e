"""`deliveries` and `retry`: the ledger of one edition, and another try for those it failed."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from publisher.cli.output import (
    count,
    say,
    when,
    write_columns,
    write_json,
    write_object,
)
from publisher.cli.rows import delivery_row, edition_row
from publisher.cli.session import Session, json_option, pass_session

if TYPE_CHECKING:
    from datetime import datetime

    from publisher.model.editions import DeliveryState, EditionId
    from publisher.model.sheets import LedgerLine
    from publisher.ports import Sheets

STATES = (
    "queued",
    "claimed",
    "sending",
    "accepted",
    "deferred",
    "failed",
    "suppressed",
    "uncertain",
)
RETRIED = ("failed", "deferred", "uncertain")


@click.command()
@click.argument("edition", type=int, help="Its number.")
@click.option(
    "--state",
    "states",
    type=click.Choice(STATES),
    multiple=True,
    help="Only those in this state; may be given more than once.",
)
@click.option("--domain", default="", help="Only those with an address there: example.org.")
@json_option
@pass_session
def deliveries(session: Session, edition: int, states: tuple[str, ...], domain: str) -> None:
    """List who got an edition and who did not.

    Rows come as they are read, however many there are.
    """
    from publisher.model.editions import DeliveryState, EditionId

    store = session.app.store
    found = store.edition(EditionId(edition))
    wanted = [DeliveryState(state) for state in states]
    place = domain.strip().rpartition("@")[2].casefold()
    rows = _lines(store, found.id, wanted, place)
    if session.json:
        write_json(delivery_row(row) for row in rows)
        return
    cells = (
        (r.email, str(r.state), f"{r.attempts}", r.transport, when(r.at), r.reason) for r in rows
    )
    if found.folded:
        say(f"edition {found.id} ended long ago: {dropped(found.folded)}")
    number = write_columns(("email", "state", "attempts", "transport", "at", "reason"), cells)
    settled = "complete" if found.complete else "not complete"
    say(
        f"{count(number, 'delivery', 'deliveries')} of {found.audience:,}; edition {found.id} is {settled};"
        f" `editions show {found.id}` has the sums"
    )


def dropped(at: "datetime") -> str:
    """Say since when an edition's deliveries are dropped."""
    return f"its deliveries were dropped on {when(at)[:10]}, only their sums are kept"


def _lines(
    store: "Sheets", edition: "EditionId", states: "list[DeliveryState]", domain: str
) -> "Iterator[LedgerLine]":
    """Yield the rows asked for, page by page."""
    after = None
    while page := store.page(edition, states, domain=domain, after=after):
        yield from page
        after = page[-1].id


@click.command()
@click.argument("edition", type=int, help="Its number.")
@click.option(
    "--state",
    "states",
    type=click.Choice(RETRIED),
    multiple=True,
    default=("failed", "deferred"),
    show_default=True,
    help="Whom to try again; uncertain ones may have got it already.",
)
@json_option
@pass_session
def retry(session: Session, edition: int, states: tuple[str, ...]) -> int:
    """Send an edition again to those who did not get it.

    What still waits is sent as well. Ends as `send` does.
    """
    from publisher.cli.manual import accounting, send_now
    from publisher.model.editions import DeliveryState, EditionId

    app, number = session.app, EditionId(edition)
    wanted = [DeliveryState(state) for state in states]
    before = app.store.edition(number).counts
    queued = app.store.retry(number, wanted, app.clock.now())
    left = sum(before.get(state, 0) for state in wanted) - queued
    found, code = send_now(app, app.store.edition(number))
    if session.json:
        write_object(edition_row(found))
    again = count(queued, "delivery", "deliveries")
    kept = f" ({left:,} not: a later edition took up their stories)" if left > 0 else ""
    say(f"{again} queued again{kept}; edition {found.id}: {accounting(found)}")
    if str(found.state) == "paused":
        say(f"it is paused: {found.reason}; `editions resume {found.id}` lets it go on")
    return code
