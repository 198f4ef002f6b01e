"""Rates shared by processes: slices, halving, and what a store that fails costs."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import StoreBusy
from publisher.kit.smtp_client.meters import Gate, OwnMeters, SharedMeters
from publisher.kit.smtp_client.rates import Rates
from publisher.kit.smtp_client.settings import SmtpSettings
from publisher.kit.smtp_client.supply import Supply
from publisher.model.allowances import DEEPEST, SLICE, Meter, draw, slow_down
from publisher.testing.transports import make_parcels
from tests.delivery.test_smtp import changed
from tests.kit.test_smtp_supply import HeldClock


@given(
    st.floats(0.05, 500.0),
    st.lists(st.floats(0.0, 3.0), min_size=1, max_size=80),
    st.floats(0.0, 100.0),
)
def test_no_stretch_of_time_gets_more_than_its_rate_and_one_meter_full(rate, pauses, slow_start):
    meter, now, given_out = None, 1_000.0, []
    for pause in pauses:
        now += pause
        meter, allowance = draw(meter, rate, slow_start, now)
        assert allowance.messages >= 0
        assert allowance.messages > 0 or allowance.wait > 0
        given_out.append((now, allowance.messages))
    full = max(2.0, rate * SLICE) + 1e-6
    for first in range(len(given_out)):
        total = 0
        for at, messages in given_out[first:]:
            total += messages
            assert total <= full + (at - given_out[first][0]) * rate


@given(st.floats(0.05, 500.0))
def test_who_waits_as_told_gets_something(rate):
    meter, now = None, 1_000.0
    for _ in range(20):
        meter, allowance = draw(meter, rate, 0.0, now)
        if not allowance.messages:
            now += allowance.wait + 1e-6
            meter, allowance = draw(meter, rate, 0.0, now)
            assert allowance.messages


@given(st.lists(st.floats(0.0, 2_000.0), max_size=60), st.sampled_from([0.0, 50.0]))
def test_a_cut_is_never_deeper_than_deepest_and_never_a_rise(pauses, limit):
    meter, now = None, 1_000.0
    for pause in pauses:
        now += pause
        before = meter.cut_now(now) if meter else 1.0
        meter = slow_down(meter, limit, 20.0, now)
        assert DEEPEST <= meter.cut_now(now) <= before


def test_a_clock_that_is_set_back_stops_nobody():
    meter, _ = draw(Meter(at=10_000.0, began=0.0), 10.0, 0.0, 10_001.0)
    for second in range(20):
        meter, allowance = draw(meter, 10.0, 0.0, 5_000.0 + second)
    assert allowance.messages


def test_two_processes_together_keep_one_rate():
    clock, meters = HeldClock(), OwnMeters()
    settings = SmtpSettings(host="h", per_second=50)
    supplies = [Supply(iter(make_parcels(500)), Rates(settings, clock, meters)) for _ in range(2)]
    taken = Counter[int]()
    while clock.time < 4.0:
        for number, supply in enumerate(supplies):
            while supply.take() is not None:
                taken[number] += 1
        clock.time += 0.005
    assert 180 <= taken.total() <= 230
    assert min(taken.values()) >= 40, "neither is starved"


def at(domains: list[str]):
    return [
        changed(parcel, recipient=f"reader{parcel.delivery}@{domain}")
        for parcel, domain in zip(make_parcels(len(domains)), domains, strict=True)
    ]


def drained(supply: Supply, clock: HeldClock, seconds: float) -> Counter[str]:
    out = Counter[str]()
    end = clock.time + seconds
    while clock.time < end:
        while (parcel := supply.take()) is not None:
            out[parcel.recipient.partition("@")[2]] += 1
        clock.time += 0.01
    return out


def test_a_limit_holds_for_all_domains_of_a_group():
    clock = HeldClock()
    settings = SmtpSettings(host="h", domains={"gmail.com": 10})
    parcels = at(["gmail.com", "googlemail.com", "reader.example"] * 30)
    out = drained(Supply(iter(parcels), Rates(settings, clock)), clock, 2.0)
    assert out["reader.example"] == 30
    assert 15 <= out["gmail.com"] + out["googlemail.com"] <= 25
    assert min(out.values()) >= 7


def test_who_asks_for_less_gets_half_and_the_others_what_they_got():
    clock = HeldClock()
    rates = Rates(SmtpSettings(host="h"), clock)
    parcels = at(["gmail.com", "reader.example"] * 400)
    supply = Supply(iter(parcels), rates)
    first = [supply.take() for _ in range(80)]
    clock.time = 2.0
    complaint = next(p for p in first if p is not None and p.recipient.endswith("@gmail.com"))
    supply.slow_down(complaint)  # it got 40 in 2 seconds: 20 a second
    supply.put_back(complaint)
    out = drained(supply, clock, 4.0)
    assert 30 <= out["gmail.com"] <= 46
    assert out["reader.example"] >= 200


def test_a_cut_is_learnt_by_other_processes_and_forgotten_when_it_has_recovered():
    clock, meters = HeldClock(), OwnMeters()
    one, other = (Rates(SmtpSettings(host="h", name="n"), clock, meters) for _ in range(2))
    one.slow_down("gmail.com", 10.0)
    other.refresh(clock())
    assert set(other.gates) == {"gmail.com"}
    clock.time = 700.0
    other.refresh(clock())
    assert not other.gates


def test_the_stricter_limit_of_one_group_counts():
    clock = HeldClock()
    settings = SmtpSettings(
        host="h", domains={"gmail.com": 50, "googlemail.com": 5, "x.example": 0}
    )
    rates = Rates(settings, clock)
    assert set(rates.gates) == {"gmail.com"}
    supply = Supply(iter(at(["gmail.com"] * 100)), rates)
    assert 8 <= drained(supply, clock, 2.0)["gmail.com"] <= 13


class Failing:
    """Allowances of a store that is locked."""

    def __init__(self) -> None:
        self.asked = 0

    def draw(self, bucket, limit, slow_start):
        self.asked += 1
        raise StoreBusy("store", "is locked")

    def slow_down(self, bucket, limit, observed):
        raise StoreBusy("store", "is locked")

    def slowed(self, prefix):
        raise StoreBusy("store", "is locked")


def test_a_store_that_cannot_answer_leaves_the_rate_of_this_process():
    clock, failing = HeldClock(), Failing()
    rates = Rates(SmtpSettings(host="h", per_second=20), clock, SharedMeters(failing))
    supply = Supply(iter(at(["reader.example"] * 100)), rates)
    rates.slow_down("gmail.com", 10.0)
    assert 35 <= drained(supply, clock, 2.0).total() <= 46
    assert failing.asked


def test_a_slice_is_drawn_a_few_times_a_second_whatever_the_rate():
    asked, clock, meters = 0, HeldClock(), OwnMeters()

    def drawing(now):
        nonlocal asked
        asked += 1
        return meters.draw("b", 2_000.0, 0.0, now)

    gate, passed = Gate(drawing, 0.0), 0
    while clock.time < 2.0:
        while gate.wait(clock.time) <= 0:
            gate.take()
            passed += 1
        clock.time += 0.001
    assert 3_600 <= passed <= 4_400
    assert asked <= 20
