"""`deliveries` and `retry`: the ledger of one edition, and another try for those it failed."""

import click

from publisher.cli.output import (
    count,
    say,
    when,
    write_json,
    write_object,
    write_table,
)
from publisher.cli.rows import delivery_row, edition_row
from publisher.cli.session import Session, json_option, pass_session

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
@json_option
@pass_session
def deliveries(session: Session, edition: int, states: tuple[str, ...]) -> None:
    """List who got an edition and who did not."""
    from publisher.model.editions import DeliveryState, EditionId

    store = session.app.store
    found = store.edition(EditionId(edition))
    rows = store.deliveries(found.id, [DeliveryState(state) for state in states])
    if session.json:
        write_json(delivery_row(row) for row in rows)
        return
    cells = ((r.email, str(r.state), r.attempts, r.transport, when(r.at), r.reason) for r in rows)
    write_table(("email", "state", "attempts", "transport", "at", "reason"), cells)
    settled = "complete" if found.complete else "not complete"
    say(
        f"{count(len(rows), 'delivery', 'deliveries')} of {found.audience:,}; edition {found.id} is {settled}"
    )


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
    queued = app.store.retry(number, wanted, app.clock.now())
    found, code = send_now(app, app.store.edition(number))
    if session.json:
        write_object(edition_row(found))
    again = count(queued, "delivery", "deliveries")
    say(f"{again} queued again; edition {found.id}: {accounting(found)}")
    return code
