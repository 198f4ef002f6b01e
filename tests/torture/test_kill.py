"""Proof 1: SIGKILL at random points of collecting, freezing, sending and recording.

After every kill the next process takes up what was left. Nobody is lost, the sums are equal, a
second copy goes only to whom the ledger had on the wire when a process died, and those are no more
than the connections that were open.
"""

import random
from collections import Counter
from dataclasses import dataclass, field

import pytest

from publisher.model.editions import DeliveryState
from tests.torture.gazette import UNFINISHED, Gazette, balance
from tests.torture.nursery import Nursery, Place
from tests.torture.results import Result
from tests.torture.sink import Sink

COLLECT = "publisher.core.collecting:Collector.collect"
FREEZE = "publisher.store.store:SqlStore.open_edition"
TURN = "publisher.store.store:SqlStore.turn"
RESUME = ("run", "--once", "--no-web")
SPAN = {"collect": 0.02, "freeze": 0.06, "send": 0.004, "record": 0.004}


@dataclass
class Campaign:
    """Edition after edition, each killed again and again, until there were enough kills."""

    gazette: Gazette
    sink: Sink
    nursery: Nursery
    dice: random.Random
    kills: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    twice: int = 0
    uncertain: int = 0
    bound: int = 0
    wrong: list[str] = field(default_factory=list)

    def run(self, kills: int) -> None:
        self.gazette.subscribe(120)
        while self.kills.total() < kills or len(self.kills) < len(SPAN):
            self.edition()

    def edition(self) -> None:
        """One story: collected, frozen and sent under fire; then held against the sink."""
        gazette, dice = self.gazette, self.dice
        gazette.define(
            on_crash=dice.choice(["resend", "hold"]), connections=dice.choice([1, 2, 4])
        )
        self.sink.pipelining = dice.random() < 0.7
        self.sink.forget()
        self.marked: Counter[str] = Counter()
        key = str(gazette.write())
        self.life("collect", Place(method=COLLECT), "schedules", "run", "collect", "--key", key)
        self.resume()
        self.life("freeze", Place(method=FREEZE), "schedules", "run", "morning", "--key", key)
        for phase in dice.sample(["send", "record"] * 3, 4):
            left = len(gazette.rows(*UNFINISHED)) or len(gazette.readers)
            nth = dice.randint(1, max(1, left // (2 * gazette.connections)))
            # Held: then what was on the wire has its answers, and none of them is recorded.
            held = phase == "record" and dice.random() < 0.5
            place = Place(method=TURN, nth=nth, done=phase == "send", hold=held)
            self.life(phase, place, *RESUME)
        self.resume()
        self.judge(int(key))

    def life(self, phase: str, place: Place, *words: str) -> None:
        """Start a process, kill it a random moment after it came to a place."""
        process = self.nursery.start(self.gazette.folder, *words, at=place)
        if not process.reached():
            return
        if process.kill(self.dice.uniform(0, SPAN[phase])):
            self.kills[phase] += 1
            self.bound += 0 if phase == "collect" else self.gazette.connections
            self.mark()

    def mark(self) -> None:
        """Note who was on the wire of the process that died; more than connections is wrong."""
        self.sink.settle()
        self.gazette.quiet()
        on_wire = self.gazette.rows(DeliveryState.SENDING)
        if len(on_wire) > self.gazette.connections:
            self.wrong.append(f"{len(on_wire)} on {self.gazette.connections} connections")
        self.uncertain += len(on_wire)
        self.marked.update(on_wire)

    def resume(self) -> None:
        process = self.nursery.start(self.gazette.folder, *RESUME)
        if process.wait() != 0:
            self.wrong.append(process.said())

    def judge(self, story: int) -> None:
        found = balance(self.gazette, self.sink, self.marked)
        self.lost += len(found.lost)
        self.twice += len(found.twice)
        edition = self.gazette.edition()
        held = self.gazette.on_crash == "hold"
        checks = {
            "second copies of people not on a dead wire": not found.unmarked,
            "copies that differ": not found.changed,
            "sums that differ": found.adds_up,
            "somebody twice although held": not (held and found.twice),
            "not the new story": f"Story {story} of the harbour" in edition.subject,
            "somebody missing": edition.audience == len(self.gazette.readers),
        }
        self.wrong += [
            f"edition {edition.id}: {what}" for what, good in checks.items() if not good
        ]


@pytest.fixture
def campaign(gazette: Gazette, sink: Sink, nursery: Nursery) -> Campaign:
    return Campaign(gazette, sink, nursery, random.Random(1))


def tortured(campaign: Campaign, kills: int, kind: str) -> Result:
    """Kill so often, and say what was found."""
    campaign.run(kills)
    rounds = campaign.kills.total()
    told = ", ".join(f"{count} in {phase}" for phase, count in sorted(campaign.kills.items()))
    return Result(
        proof=1,
        fault=f"SIGKILL ({told}), {kind}",
        rounds=rounds,
        lost=campaign.lost,
        twice=campaign.twice,
        uncertain=campaign.uncertain,
        bound=campaign.bound,
        wrong=tuple(campaign.wrong),
    )


def test_killed_a_few_times(campaign, kind, report):
    report(tortured(campaign, 5, kind))


@pytest.mark.torture
def test_killed_two_hundred_times(campaign, kind, report):
    report(tortured(campaign, 200, kind))
