"""Proof 6: everything a relay can do wrong, at every verb, with the real ledger.

Only what was lost after the final dot may be uncertain. What is refused for now is tried again and
arrives once the relay is well. A configuration error stops the edition and touches no subscriber.
"""

import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from publisher import config
from publisher.app import App
from publisher.app.actions import runner
from publisher.app.sending import send_due
from publisher.model.editions import DeliveryState, EditionState
from publisher.model.timetable import PlannedRun
from tests.delivery.relay import TLS, Fault, Relay
from tests.torture.gazette import Gazette
from tests.torture.results import Result, twice

READERS, CONNECTIONS = 8, 2
PATIENT, HASTY = 30.0, 0.3
"""Seconds to wait for an answer: short ones where none comes; a busy machine is late with the others."""
LOGIN = 'username = "ada"\npassword = "s3cret"\n'
TRUSTED = f'ca_file = "{TLS / "certificate.pem"}"\n'
FEATURES = ("SIZE 90000000", "8BITMIME", "STARTTLS", "AUTH PLAIN")
BEFORE, ENVELOPE = ("connect", "EHLO", "STARTTLS", "AUTH"), ("MAIL", "RCPT", "DATA")
USUAL = {"DATA": "354 go on"}
FAULTS = {
    "421": "421 4.3.2 closing",
    "450": "450 4.2.0 not now",
    "451": "451 4.3.0 local trouble",
    "452": "452 4.3.1 no room",
    "535": "535 5.7.8 login first",
    "550": "550 5.7.1 refused",
    "552": "552 5.2.2 too much",
    "timeout": Fault.HANG,
    "connection dropped": Fault.DROP,
    "connection reset": Fault.RESET,
    "slow loris": Fault.DRIP,
}
A, F, U = DeliveryState.ACCEPTED, DeliveryState.FAILED, DeliveryState.UNCERTAIN
REST = (DeliveryState.QUEUED, DeliveryState.DEFERRED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A fault at a verb: `always`, or only for one message; and what may come of it."""

    verb: str
    action: str | Fault
    always: bool
    pipelined: bool

    @property
    def script(self) -> dict[str, object]:
        usual = USUAL.get(self.verb, "250 ok")
        if self.always or self.verb in BEFORE:
            return {self.verb: self.action}
        if self.verb in {"RCPT", "dot"}:
            return {f"{self.verb} reader3@": self.action}
        return {self.verb: [usual, usual, self.action, usual]}

    @property
    def timeout(self) -> float:
        """Return the seconds after which an answer is given up."""
        return HASTY if self.action in {Fault.HANG, Fault.DRIP} else PATIENT

    @property
    def stops(self) -> bool:
        """Tell whether it is an error of configuration."""
        code = self.action[:3] if isinstance(self.action, str) else ""
        if self.verb in {"connect", "EHLO", "AUTH"}:
            return code.startswith("5")
        if self.verb == "MAIL":
            return code in {"535", "550"}
        return code == "535" and self.verb in ENVELOPE

    @property
    def fails(self) -> bool:
        """Tell whether it is the end for a recipient: a 5xx that is no error of configuration."""
        code = self.action[:3] if isinstance(self.action, str) else ""
        later = (self.verb, code) == ("RCPT", "552")  # RFC 5321 section 4.5.3.1.10
        return code.startswith("5") and self.verb not in BEFORE and not self.stops and not later

    @property
    def doubts(self) -> int:
        """Return how many may be uncertain: only what was lost after the dot."""
        if self.verb != "dot" or not isinstance(self.action, Fault):
            return 0
        return 2 * CONNECTIONS if self.always else 1


def cases(action: str | Fault) -> Iterator[Case]:
    for pipelined in (True, False):
        for verb in BEFORE:
            yield Case(verb=verb, action=action, always=True, pipelined=pipelined)
        for verb in (*ENVELOPE, "dot"):
            for always in (False, True):
                yield Case(verb=verb, action=action, always=always, pipelined=pipelined)
        if isinstance(action, Fault):
            yield Case(verb="body", action=action, always=True, pipelined=pipelined)


class HeldClock:
    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def now(self) -> datetime:
        return self.at


class Padded:
    """A transport whose messages are too large for the kernel to take: their ends stay here."""

    leaves_machine = True

    def __init__(self, transport) -> None:
        self.name, self._transport = transport.name, transport

    def send(self, parcels, ledger) -> None:
        padding = (b"x" * 76 + b"\r\n") * 400_000
        self._transport.send((replace(p, pieces=(*p.pieces, padding)) for p in parcels), ledger)

    def close(self) -> None:
        self._transport.close()


@dataclass
class Bench:
    """One publication and one relay after the other."""

    gazette: Gazette
    app: App
    clock: HeldClock
    rounds: int = 0
    lost: int = 0
    twice: int = 0
    uncertain: int = 0
    bound: int = 0
    wrong: list[str] = field(default_factory=list)

    def run(self, case: Case) -> None:
        """Send an edition through the fault, heal the relay, let time pass, and look."""
        features = (*FEATURES, "PIPELINING") if case.pipelined else FEATURES
        secure = {"security": "starttls", "more": TRUSTED + LOGIN}
        with Relay(case.script, features=features) as relay:
            self.use(relay.port, timeout=case.timeout, **(secure if case.verb in BEFORE else {}))
            if case.verb == "body":
                self.app._transports["relay"] = Padded(self.app.transport("relay"))
            edition = self.open()
            self.first(case, edition)
            relay.heal()
            self.use(relay.port)  # also forgets that the relay was down a moment ago
            self.rest(relay, edition, case)

    def use(
        self, port: int, security: str = "none", more: str = "", timeout: float = PATIENT
    ) -> None:
        """Have this relay; the rates that an earlier one had cut have recovered by then."""
        with self.app.store._db.turn() as raw:  # they go by the machine's clock, not by ours
            raw.run("DELETE FROM meter")
        self.gazette.define(port=port, security=security, more=more, timeout=timeout)
        self.app.replace_definitions(config.load(self.gazette.folder))

    def open(self) -> int:
        """Collect a new story and freeze an edition; return its number."""
        store, key = self.app.store, str(self.gazette.write())
        for one in store.suppressions():
            store.unsuppress(one.email)
        self.app.collect(everything=True)
        store.add_run("morning", PlannedRun(key=f"manual:{key}", slot=key, due=self.clock.at))
        runner(self.app).work()
        return store.editions(limit=1)[0].id

    def first(self, case: Case, edition: int) -> None:
        """Send once, and judge what became of everybody."""
        send_due(self.app)
        rows = self.app.store.deliveries(edition)
        states = {row.state for row in rows}
        stands = self.app.store.edition(edition).state
        paused = stands is EditionState.PAUSED
        touched = [row for row in rows if row.state is not A and (row.attempts or row.reason)]
        may = {A, *REST} | ({F} if case.fails else set()) | ({U} if case.doubts else set())
        self.note(case, "the edition is not stopped", not case.stops or paused)
        self.note(case, "the edition is stopped", case.stops or not paused)
        self.note(case, f"subscribers are touched: {touched}", not (case.stops and touched))
        self.note(case, f"states {states}", states <= may)
        self.note(case, "nothing failed", not case.fails or F in states)
        if paused:
            open_again = (EditionState.PAUSED,), EditionState.OPEN, ""
            self.app.store.move_edition(edition, *open_again)

    def rest(self, relay: Relay, edition: int, case: Case) -> None:
        """Let time pass until the edition is complete; hold it against the relay."""
        for _ in range(8):
            if self.app.store.edition(edition).complete:
                break
            self.clock.at += timedelta(hours=5)
            send_due(self.app)
        after = self.app.store.edition(edition)
        copies = relay.seen.recipients
        rows = self.app.store.deliveries(edition)
        self.note(case, f"incomplete: {after.counts}", after.complete)
        doubtful = sum(row.state is U for row in rows)
        self.rounds += 1
        self.uncertain += doubtful
        self.bound += case.doubts
        self.note(case, f"{doubtful} uncertain", doubtful <= case.doubts)
        excused = {U, F} if case.fails else {U}
        self.lost += sum(not copies[row.email] and row.state not in excused for row in rows)
        self.twice += sum(count > 1 for count in copies.values())
        told = sum(bool(copies[row.email]) for row in rows if row.state is F)
        self.note(case, f"{told} failed, and yet arrived", not told)
        self.app.replace_definitions(self.app.definitions)
        self.app.close_retired()  # the relay ends at once when nobody talks to it any more

    def note(self, case: Case, what: str, good: bool) -> None:
        if not good:
            self.wrong.append(f"{case}: {what}")

    def result(self, fault: str) -> Result:
        return Result(
            proof=6,
            fault=fault,
            rounds=self.rounds,
            lost=self.lost,
            twice=self.twice,
            uncertain=self.uncertain,
            bound=self.bound,
            wrong=(*self.wrong, *twice(self.twice)),
        )


@pytest.fixture
def bench(gazette: Gazette) -> Iterator[Bench]:
    gazette.define(connections=CONNECTIONS)
    gazette.subscribe(READERS)
    clock = HeldClock()
    with closing(App.open(gazette.folder, clock=clock)) as app:
        yield Bench(gazette, app, clock)


def refused(bench: Bench) -> None:
    """Nobody listens where the relay should be."""
    case = Case(verb="connect", action="421", always=True, pipelined=True)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        bench.use(unused.getsockname()[1])
        edition = bench.open()
        bench.first(case, edition)
    with Relay() as relay:
        bench.use(relay.port)
        bench.rest(relay, edition, case)


def without_tls(bench: Bench) -> None:
    """Certificates nobody vouches for, TLS not offered, no TLS at all."""
    case = Case(verb="STARTTLS", action="421", always=True, pipelined=True)
    for security, features, implicit in [
        ("starttls", FEATURES, False),
        ("starttls", ("SIZE",), False),
        ("implicit", FEATURES, True),
        ("implicit", FEATURES, False),
    ]:
        with Relay(features=features, implicit=implicit) as broken:
            bench.use(broken.port, security)
            edition = bench.open()
            bench.first(case, edition)
            assert not broken.seen.messages
        with Relay() as relay:
            bench.use(relay.port)
            bench.rest(relay, edition, case)


@pytest.mark.parametrize("gazette", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", ["451", "535", "connection dropped"])
def test_a_fault_at_every_verb(bench, name, kind, report):
    for case in cases(FAULTS[name]):
        if case.pipelined and not (case.always and case.verb in ENVELOPE):
            bench.run(case)
    report(bench.result(f"{name} at every verb, {kind}"))


@pytest.mark.parametrize("gazette", ["sqlite"], indirect=True)
def test_no_relay_and_no_tls(bench, kind, report):
    refused(bench)
    without_tls(bench)
    report(bench.result(f"connection refused, TLS failure, {kind}"))


@pytest.mark.torture
@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_at_every_verb(bench, name, kind, report):
    for case in cases(FAULTS[name]):
        if case.pipelined or kind == "SQLite":  # the wire is the same, whatever the database
            bench.run(case)
    report(bench.result(f"SMTP: {name} at every verb, {kind}"))


@pytest.mark.torture
@pytest.mark.parametrize("what", [refused, without_tls])
def test_no_way_to_the_relay(bench, what, kind, report):
    for _ in range(5):
        what(bench)
    fault = "connection refused" if what is refused else "TLS failure"
    report(bench.result(f"SMTP: {fault}, {kind}"))
