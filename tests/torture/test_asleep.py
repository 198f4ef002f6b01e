"""Proof 8: a worker sleeps through its lease (SIGSTOP, SIGCONT) and notices before its next message.

Meanwhile another one takes its copies over. What the sleeper may still let go is what it had leave
for when it fell asleep: one message a connection.
"""

import os
import random
import signal
from collections import Counter
from dataclasses import dataclass, field
from threading import Event

import pytest

from publisher.model.editions import DeliveryState
from tests.torture.gazette import Gazette, balance
from tests.torture.nursery import Nursery, Place
from tests.torture.results import Result
from tests.torture.sink import Sink

TURN = "publisher.store.store:SqlStore.turn"
WITNESS = "publisher.store.witness:WitnessFile._newer"  # runs while the witness is locked
RESUME = ("run", "--once", "--no-web")
LEFT, TRY_AGAIN = 1, 75
SHORT = {"publisher.ports.common:LEASE": 1.0}


@dataclass
class Sleepers:
    """Workers that fall asleep, and what came of it."""

    gazette: Gazette
    sink: Sink
    nursery: Nursery
    heirs: Nursery
    dice: random.Random
    rounds: int = 0
    lost: int = 0
    twice: int = 0
    uncertain: int = 0
    wrong: list[str] = field(default_factory=list)

    def round(
        self, lease: float, spans: dict[str, float], *, holds: bool, method: str = TURN
    ) -> None:
        """Let one fall asleep: at its place (`holds`: between two turns), or wherever it is."""
        gazette, sink, dice = self.gazette, self.sink, self.dice
        sink.forget()
        sink.pipelining = dice.random() < 0.7
        key = str(gazette.write())
        assert self.nursery.run(gazette.folder, "schedules", "run", "collect", "--key", key) == 0
        done = method == TURN and dice.random() < 0.5
        # On PostgreSQL only claims tell the witness.
        latest = 20 if method == TURN or gazette.url.startswith("sqlite") else 2
        place = Place(method=method, nth=dice.randint(2, latest), done=done, hold=holds)
        words = ("schedules", "run", "morning", "--key", key)
        sleeper = self.nursery.start(gazette.folder, *words, at=place, spans=spans)
        assert sleeper.reached(), sleeper.said()
        if not holds:
            Event().wait(dice.uniform(0, 0.01))
        os.kill(sleeper.pid, signal.SIGSTOP)
        Event().wait(lease + 0.2)
        marked = Counter(gazette.rows(DeliveryState.SENDING))
        first = sink.connections + 1
        heir = self.heirs.start(
            gazette.folder, *RESUME, at=Place(method=TURN, nth=dice.randint(2, 9), hold=True)
        )
        # Awake while the heir is half-way: then it is only the owner of the rows that has changed.
        # One that fell asleep inside a transaction, or with the witness in hand, keeps others out:
        # nobody takes over.
        inherited = heir.reached()
        if holds and method == TURN and not inherited and not gazette.edition().complete:
            self.wrong.append("nobody took over")
        inherits = range(first, sink.connections + 1)
        before = self.carried(inherits)
        if holds:
            sleeper.let_go()
        os.kill(sleeper.pid, signal.SIGCONT)
        sleeper.wait()
        afterwards = self.carried(inherits) - before if inherited else 0
        if inherited:
            heir.let_go()
        codes = (sleeper.wait(), heir.wait())
        self.finish()
        self.judge(marked, afterwards, codes)

    def carried(self, others: range) -> int:
        """Return how many messages came over connections that are not the heir's."""
        carried = self.sink.carried
        return sum(carried[number] for number in tuple(carried) if number not in others)

    def finish(self) -> None:
        edition = self.gazette.edition()
        if not edition.complete:
            assert self.heirs.run(self.gazette.folder, *RESUME) == 0

    def judge(self, marked: Counter[str], afterwards: int, codes: tuple[int, int]) -> None:
        found = balance(self.gazette, self.sink, marked)
        checks = {
            f"{afterwards} messages after waking": afterwards <= len(marked),
            f"{len(marked)} on the wire": len(marked) <= self.gazette.connections,
            "second copies of people not on the wire": not found.unmarked,
            "copies that differ": not found.changed,
            "sums that differ": found.adds_up,
            f"they ended with {codes}": codes[0] in {0, LEFT} and codes[1] in {0, TRY_AGAIN},
        }
        self.rounds += 1
        self.lost += len(found.lost)
        self.twice += len(found.twice)
        self.uncertain += len(marked)
        self.wrong += [what for what, good in checks.items() if not good]

    def result(self, fault: str) -> Result:
        return Result(
            proof=8,
            fault=fault,
            rounds=self.rounds,
            lost=self.lost,
            twice=self.twice,
            uncertain=self.uncertain,
            bound=self.rounds * self.gazette.connections,
            wrong=tuple(self.wrong),
        )


@pytest.fixture
def sleepers(gazette, sink, nursery, heirs) -> Sleepers:
    gazette.subscribe(100)
    return Sleepers(gazette, sink, nursery, heirs, random.Random(8))


def test_a_worker_that_slept_notices(sleepers, kind, report):
    for _ in range(2):
        sleepers.round(1.0, SHORT, holds=True)
    report(sleepers.result(f"asleep longer than a lease of 1 s, {kind}"))


@pytest.mark.torture
def test_workers_that_slept_notice(sleepers, kind, report):
    for _ in range(15):
        sleepers.round(1.0, SHORT, holds=sleepers.dice.random() < 0.5)
    report(sleepers.result(f"asleep longer than a lease of 1 s, {kind}"))


@pytest.mark.torture
def test_workers_that_slept_with_the_witness_in_hand(sleepers, kind, report):
    for _ in range(5):
        sleepers.round(1.0, SHORT, holds=True, method=WITNESS)
    report(sleepers.result(f"asleep with the witness locked, {kind}"))


@pytest.mark.torture
def test_a_worker_that_slept_for_more_than_a_minute_notices(sleepers, kind, report):
    sleepers.round(60.0, {}, holds=True)
    report(sleepers.result(f"asleep longer than the lease of 60 s, {kind}"))
