"""Alarm: tell the operators of trouble, at most once per cause and day.

Serves whoever finds trouble. The store remembers what was told, so that several processes and
restarts send one message; telling never stops the work that it tells about.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from publisher.errors import PublisherError
from publisher.model.definitions import Definitions
from publisher.model.editions import Outcome, OutcomeState
from publisher.model.messages import Parcel
from publisher.ports import Alarms, Clock, Transport

PAUSE = timedelta(minutes=5)
"""How long a cause waits after its message was not accepted: a relay that is down costs time."""


class OpenLedger:
    """The ledger of mail that no edition counts: lets everything go, remembers what became of it."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []

    def turn(self, outcomes: Sequence[Outcome], next: Sequence[Parcel]) -> frozenset[int]:  # noqa: A002  the port's word
        """Keep the outcomes and let every parcel go."""
        self.outcomes.extend(outcomes)
        return frozenset(parcel.delivery for parcel in next)

    def stopping(self) -> bool:
        """Go on: it is few letters, and nobody would send the rest."""
        return False


def hand_over(transport: Transport, parcels: Iterable[Parcel]) -> tuple[Outcome, ...]:
    """Send parcels outside any edition and return what was not accepted. Raises DeliveryError."""
    ledger = OpenLedger()
    transport.send(iter(parcels), ledger)
    return tuple(found for found in ledger.outcomes if found.state is not OutcomeState.ACCEPTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """The alarm use-case. `write` carries a subject and a text to the operators, or raises.

    Days are those of the publication's time zone; `complain` hears of what could not be sent.
    """

    store: Callable[[], Alarms]
    clock: Clock
    definitions: Callable[[], Definitions]
    write: Callable[[str, str], None]
    complain: Callable[[str, str], None]
    _resting: dict[str, datetime] = field(default_factory=dict)

    def tell(self, cause: str, subject: str, text: str) -> bool:
        """Tell of a cause (`run:morning`); True when a message about it went out now.

        Never raises. Without `[alerts] to` nobody is told.
        """
        now = self.clock.now()
        if not self.definitions().alerts.to or now < self._resting.get(cause, now):
            return False
        try:
            until, told = self._tell(cause, subject, text, now)
        except Exception as error:  # noqa: BLE001  whatever goes wrong here, the work goes on
            until, told = now + PAUSE, False
            reason = str(error) if isinstance(error, PublisherError) else repr(error)
            self.complain("alarm", f"the operators could not be told of {cause}: {reason}")
        self._resting[cause] = until
        return told

    def _tell(self, cause: str, subject: str, text: str, now: datetime) -> tuple[datetime, bool]:
        """Return until when this cause rests, and whether it was told now."""
        local = now.astimezone(ZoneInfo(self.definitions().publication.timezone))
        day, store = local.date().isoformat(), self.store()
        noted = store.note_alarm(cause, day, now)
        if noted:
            try:
                self.write(subject, text)
            except BaseException:
                store.forget_alarm(cause, day)
                raise
        tomorrow = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return tomorrow.astimezone(UTC), noted
