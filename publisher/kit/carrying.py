"""What every transport does alike: outcomes, samples, and turns where messages become files.

Serves the adapters in delivery and the SMTP client. Touches the ledger it is given.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from publisher.errors import DeliveryError
from publisher.model.editions import DeliveryId, Outcome, OutcomeState
from publisher.model.messages import Parcel
from publisher.ports import Ledger

SAMPLE_REFUSED = "a sample subscriber: nothing is sent to it that leaves this machine"


def outcome(
    parcel: Parcel, transport: str, state: OutcomeState, reason: str = "", code: str = ""
) -> Outcome:
    """Return what became of a parcel."""
    return Outcome(
        delivery=DeliveryId(parcel.delivery),
        state=state,
        reason=reason,
        code=code,
        message_id=parcel.message_id,
        transport=transport,
    )


def carry(
    parcels: Iterator[Parcel],
    ledger: Ledger,
    transport: str,
    write: Callable[[Sequence[Parcel]], None],
    *,
    batch: int = 1,
) -> None:
    """Write parcels, `batch` to a turn of the ledger.

    `write` takes the parcels that may go; it must bear getting the same ones again after a crash.
    A DeliveryError of its ends the sending: its parcels go back to the queue, uncounted.
    """
    done: tuple[Outcome, ...] = ()
    try:
        while chunk := tuple(islice(parcels, batch)):
            allowed = ledger.turn(done, chunk)
            done = ()
            going = [parcel for parcel in chunk if parcel.delivery in allowed]
            try:
                write(going)
            except DeliveryError as error:
                returned = OutcomeState.RETURNED
                done = tuple(outcome(p, transport, returned, error.reason) for p in going)
                raise
            done = tuple(outcome(p, transport, OutcomeState.ACCEPTED) for p in going)
    finally:
        if done:
            ledger.turn(done, ())
