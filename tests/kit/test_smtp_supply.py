"""The supply of parcels: each goes out once, none faster than its limits say."""

import asyncio
from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from publisher.kit.smtp_client.meters import Bucket
from publisher.kit.smtp_client.rates import Rates
from publisher.kit.smtp_client.settings import SmtpSettings
from publisher.kit.smtp_client.supply import Supply
from publisher.testing.transports import make_parcels


class HeldClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


def drain(supply: Supply, clock: HeldClock, seconds: float, step: float = 0.005) -> list[tuple]:
    out = []
    while clock.time < seconds:
        while (parcel := supply.take()) is not None:
            out.append((clock.time, parcel))
        clock.time += step
    return out


@given(st.sampled_from([1.0, 5.0, 20.0, 150.0]), st.integers(1, 60))
def test_a_bucket_never_exceeds_its_rate(rate, count):
    bucket, now, taken = Bucket(rate, 0.0), 0.0, []
    for _ in range(count):
        now += bucket.wait(now)
        bucket.take()
        taken.append(now)
    burst = max(1.0, rate * 0.1)
    for first in range(count):
        for last in range(first, count):
            assert last - first + 1 <= burst + (taken[last] - taken[first]) * rate + 1e-6


def test_the_relay_s_rate_holds():
    clock = HeldClock()
    settings = SmtpSettings(host="h", per_second=50)
    supply = Supply(iter(make_parcels(500)), Rates(settings, clock))
    times = [time for time, _ in drain(supply, clock, 2.0)]
    assert 90 <= len(times) <= 106


def test_a_slow_domain_waits_aside_and_nobody_is_lost():
    clock = HeldClock()
    settings = SmtpSettings(host="h", domains={"READER.example": 10})
    parcels = make_parcels(30)
    supply = Supply(iter(parcels), Rates(settings, clock))
    out = [parcel for _, parcel in drain(supply, clock, 4.0)]
    assert sorted(p.delivery for p in out) == list(range(1, 31))
    assert not supply.left


def pulled(supply: Supply) -> list:
    """Take all that may go at this moment."""
    out = []
    while (parcel := supply.take()) is not None or (supply.left and not supply.pause()):
        out += [parcel] if parcel is not None else []
    return out


def mixed(slow: int, fast: int) -> list:
    parcels = make_parcels(slow + fast)
    others = [replace(p, recipient=f"u{p.delivery}@fast.example") for p in parcels[slow:]]
    return [*parcels[:slow], *others]


@given(st.integers(0, 700), st.integers(0, 60), st.sampled_from([0.5, 1.0, 20.0, 60.0]))
def test_nobody_waits_for_a_slow_group_and_nobody_is_lost(slow, fast, rate):
    """What docs/howto/tune-a-relay.md says: ten seconds' worth wait here, the rest is handed back."""
    clock, back = HeldClock(), []
    settings = SmtpSettings(host="h", domains={"reader.example": rate})
    supply = Supply(iter(mixed(slow, fast)), Rates(settings, clock), lambda *one: back.append(one))
    out = pulled(supply)
    assert sum(parcel.recipient.endswith("@fast.example") for parcel in out) == fast
    went = out + [parcel for _, parcel in drain(supply, clock, 30.0, step=0.05)]
    assert not supply.left
    told = [parcel.delivery for parcel in (*went, *(parcel for parcel, _ in back))]
    assert sorted(told) == list(range(1, slow + fast + 1))
    waits = [seconds for _, seconds in back]
    assert waits == sorted(waits)
    assert all(0 < seconds <= 3_600 for seconds in waits)


def test_while_the_relay_rests_nobody_looks_again_at_once():
    clock = HeldClock()
    settings = SmtpSettings(host="h", per_second=1, domains={"reader.example": 1})
    supply = Supply(iter(mixed(600, 2)), Rates(settings, clock))
    assert supply.take() is not None
    assert supply.take() is None
    assert supply.pause() > 0


def test_what_is_handed_back_is_due_at_the_pace_of_its_group():
    back = []
    settings = SmtpSettings(host="h", domains={"reader.example": 10})
    rates = Rates(settings, HeldClock())
    pulled(Supply(iter(make_parcels(600)), rates, lambda *one: back.append(one)))
    waits = [seconds for _, seconds in back]
    paces = {round(later - one, 6) for one, later in pairwise(waits)}
    assert paces == {0.1}
    assert 9.9 <= waits[0] <= 10.1


def test_what_was_put_back_comes_first_and_costs_no_second_token():
    clock = HeldClock()
    supply = Supply(iter(make_parcels(3)), Rates(SmtpSettings(host="h", per_second=1), clock))
    first = supply.take()
    assert supply.take() is None
    supply.put_back(first)
    assert supply.take() is first


def test_after_a_stop_nothing_goes_out():
    supply = Supply(iter(make_parcels(3)), Rates(SmtpSettings(host="h"), HeldClock()))
    supply.put_back(supply.take())
    supply.stop()
    assert supply.take() is None
    assert not supply.left


def test_next_waits_for_a_token():
    async def run() -> list[int]:
        clock = asyncio.get_running_loop().time
        supply = Supply(
            iter(make_parcels(5)), Rates(SmtpSettings(host="h", per_second=200), clock)
        )
        out = []
        while (parcel := await supply.next()) is not None:
            out.append(parcel.delivery)
        return out

    assert asyncio.run(run()) == [1, 2, 3, 4, 5]
