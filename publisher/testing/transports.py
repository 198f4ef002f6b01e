"""The contract every transport keeps, and a ledger that watches whether it does.

Serves the tests of built-in transports and of adapters elsewhere. A suite is a class to inherit
from; pytest finds its tests through the subclass. Touches what the transport under test touches.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress

from publisher.errors import DeliveryError, StoreBusy
from publisher.model.editions import Outcome, OutcomeState
from publisher.model.messages import Parcel
from publisher.ports import Ledger, Transport

_LAZY = 256  # parcels a transport may hold at once; a message has some 60 KB


class FakeLedger:
    """A ledger in memory that refuses what promise 3 forbids.

    `refuse` are deliveries it lets not go; `fail_at` is the turn (from 1) that raises StoreBusy,
    as does every later one until `mend`. `most_sending` is the most ever marked as sending.
    """

    def __init__(self, *, refuse: Collection[int] = (), fail_at: int = 0) -> None:
        self.refuse = set(refuse)
        self.outcomes: dict[int, Outcome] = {}
        self.sending: set[int] = set()
        self.asked: Counter[int] = Counter()
        self.turns = 0
        self.most_sending = 0
        self._fail_at = fail_at
        self.stopped = False

    def stopping(self) -> bool:
        """Tell whether a test wants the sending to end."""
        return self.stopped

    def turn(self, outcomes: Sequence[Outcome], next: Sequence[Parcel]) -> frozenset[int]:  # noqa: A002 - the port's name
        """Record, mark, answer. Raises AssertionError when the transport breaks the contract."""
        self.turns += 1
        if self._fail_at and self.turns >= self._fail_at:
            raise StoreBusy("ledger", "is locked")
        for outcome in outcomes:
            waits = outcome.state is OutcomeState.RETURNED and outcome.wait is not None
            assert waits or outcome.delivery in self.sending, f"outcome without leave: {outcome}"
            self.sending.discard(outcome.delivery)
            self.outcomes[outcome.delivery] = outcome
        for parcel in next:
            self.asked[parcel.delivery] += 1
            assert parcel.delivery not in self.sending, f"asked twice: {parcel.delivery}"
            assert self.state(parcel.delivery) in {None, OutcomeState.RETURNED}, "already settled"
        going = frozenset(parcel.delivery for parcel in next) - self.refuse
        self.sending |= going
        self.most_sending = max(self.most_sending, len(self.sending))
        return going

    def mend(self) -> None:
        """Let turns succeed again."""
        self._fail_at = 0

    def state(self, delivery: int) -> OutcomeState | None:
        """Return the last outcome's state of a delivery."""
        outcome = self.outcomes.get(delivery)
        return outcome.state if outcome else None

    def states(self) -> Counter[str]:
        """Return how many deliveries ended in each state."""
        return Counter(str(outcome.state) for outcome in self.outcomes.values())


def make_parcels(count: int, *, sample: bool = False, size: int = 200) -> list[Parcel]:
    """Return parcels 1 to `count` for as many readers, each about `size` octets."""
    return [_parcel(number, sample=sample, size=size) for number in range(1, count + 1)]


def _parcel(number: int, *, sample: bool, size: int) -> Parcel:
    identifier = f"<edition-1.{number:024x}@gazette.example>"
    line = f"Story {number}: the ferries return to the harbour.\r\n"
    head = (
        "From: news@gazette.example\r\n"
        f"To: reader{number}@reader.example\r\n"
        f"Subject: Edition for {number}\r\n"
        f"Message-ID: {identifier}\r\n\r\n"
    )
    body = line * max(1, size // len(line))
    return Parcel(
        delivery=number,
        sender="bounces@gazette.example",
        recipient=f"reader{number}@reader.example",
        message_id=identifier,
        pieces=(head.encode("ascii"), body.encode("ascii")),
        sample=sample,
    )


class TransportContract:
    """Inherit, and give `open()` and `received()`; every transport passes these tests.

    A transport that cannot take a message again without a second copy sets `rewrites` to False.
    """

    rewrites = True

    def open(self) -> Transport:
        """Return a fresh transport over one and the same place."""
        raise AssertionError("give the transport to be tested")

    def received(self) -> Sequence[bytes]:
        """Return the messages that arrived, in any order, with any line ends."""
        raise AssertionError("tell what arrived")

    def send(self, parcels: Sequence[Parcel], ledger: Ledger) -> None:
        """Send once and close."""
        transport = self.open()
        try:
            transport.send(iter(parcels), ledger)
        finally:
            transport.close()

    def test_every_parcel_arrives_once_and_has_one_outcome(self) -> None:
        """Nobody is skipped, nobody gets it twice."""
        parcels, ledger = make_parcels(40), FakeLedger()
        self.send(parcels, ledger)
        assert ledger.states() == {OutcomeState.ACCEPTED: 40}
        assert set(ledger.asked.values()) == {1}
        assert not ledger.sending
        assert sorted(map(_plain, self.received())) == sorted(_plain(p.data) for p in parcels)

    def test_outcomes_name_the_transport_and_the_message(self) -> None:
        """The ledger can tell later which copy went which way."""
        (parcel,), ledger = make_parcels(1), FakeLedger()
        transport = self.open()
        transport.send(iter([parcel]), ledger)
        transport.close()
        assert ledger.outcomes[1].message_id == parcel.message_id
        assert ledger.outcomes[1].transport == transport.name

    def test_what_the_ledger_refuses_does_not_go(self) -> None:
        """Consent, pause and lease are the ledger's to judge."""
        parcels, ledger = make_parcels(12), FakeLedger(refuse={1, 5, 6, 12})
        self.send(parcels, ledger)
        expected = [p for p in parcels if p.delivery not in ledger.refuse]
        assert set(ledger.outcomes) == {p.delivery for p in expected}
        assert sorted(map(_plain, self.received())) == sorted(_plain(p.data) for p in expected)

    def test_nothing_goes_when_everything_is_refused(self) -> None:
        """A paused edition sends nothing."""
        ledger = FakeLedger(refuse=range(100))
        self.send(make_parcels(30), ledger)
        assert not self.received()
        assert not ledger.outcomes

    def test_nothing_to_send_is_fine(self) -> None:
        """An empty batch neither fails nor writes."""
        ledger = FakeLedger()
        self.send([], ledger)
        assert not self.received()
        assert not ledger.outcomes

    def test_parcels_are_pulled_lazily(self) -> None:
        """A million recipients do not fit into memory."""
        pulled = 0
        ledger = FakeLedger()

        def source() -> Iterator[Parcel]:
            nonlocal pulled
            for parcel in make_parcels(1_000):
                pulled += 1
                assert pulled - len(ledger.outcomes) <= _LAZY
                yield parcel

        transport = self.open()
        transport.send(source(), ledger)
        transport.close()
        assert ledger.states() == {OutcomeState.ACCEPTED: 1_000}

    def test_a_broken_ledger_stops_the_sending(self) -> None:
        """What cannot be recorded is not sent: the error comes out, few messages are affected."""
        ledger = FakeLedger(fail_at=3)
        caught: Exception | None = None
        try:
            self.send(make_parcels(200), ledger)
        except StoreBusy as error:
            caught = error
        assert isinstance(caught, StoreBusy)
        assert len(self.received()) <= len(ledger.outcomes) + len(ledger.sending)

    def test_samples_stay_on_this_machine(self) -> None:
        """A sample subscriber is only ever written to by transports that cannot reach anybody."""
        ledger = FakeLedger()
        self.send(make_parcels(3, sample=True), ledger)
        leaves = self.open().leaves_machine
        expected = OutcomeState.FAILED if leaves else OutcomeState.ACCEPTED
        assert ledger.states() == {expected: 3}
        assert len(self.received()) == (0 if leaves else 3)

    def test_a_second_sending_after_a_crash_makes_no_second_copy(self) -> None:
        """The Message-ID is the same at every attempt; places that keep files replace them."""
        for _ in range(2):
            self.send(make_parcels(3), FakeLedger())
        assert len(self.received()) == (3 if self.rewrites else 6)

    def test_a_transport_serves_several_batches_and_closes_twice(self) -> None:
        """The same transport is used for one edition after the other."""
        transport, ledger = self.open(), FakeLedger()
        parcels = make_parcels(9)
        for start in range(0, 9, 3):
            transport.send(iter(parcels[start : start + 3]), ledger)
        transport.close()
        transport.close()
        assert ledger.states() == {OutcomeState.ACCEPTED: 9}
        assert len(self.received()) == 9

    def test_an_error_of_the_source_of_parcels_comes_out(self) -> None:
        """What the composer raises is not swallowed, and outcomes so far are recorded."""

        def source() -> Iterator[Parcel]:
            yield from make_parcels(3)
            raise StoreBusy("source", "is locked")

        ledger, transport = FakeLedger(), self.open()
        raised = True
        with suppress(StoreBusy):
            transport.send(source(), ledger)
            raised = False
        transport.close()
        assert raised
        assert len(self.received()) == ledger.states()[OutcomeState.ACCEPTED]


class UnreachableContract:
    """Inherit, and give `open()` a transport whose place cannot be reached or written."""

    def open(self) -> Transport:
        """Return a transport that cannot work."""
        raise AssertionError("give the transport to be tested")

    def test_the_batch_did_not_happen(self) -> None:
        """A DeliveryError with one clear line, and nobody counted as tried."""
        ledger, transport = FakeLedger(), self.open()
        caught: DeliveryError | None = None
        try:
            transport.send(iter(make_parcels(5)), ledger)
        except DeliveryError as error:
            caught = error
        transport.close()
        assert caught is not None
        assert "\n" not in str(caught)
        assert set(ledger.states()) <= {OutcomeState.RETURNED}
        assert not ledger.sending


def _plain(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").rstrip(b"\n")
