"""The supply of parcels: each goes out once, none faster than its limits say."""

import asyncio
from dataclasses import replace

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


def test_others_pass_as_long_as_no_more_than_200_are_set_aside():
    """What docs/howto/tune-a-relay.md says; 250 slow ones before the others hold them up."""
    for slow, passed in ((200, 31), (250, 1)):
        parcels = make_parcels(slow + 30)
        others = [replace(p, recipient=f"u{p.delivery}@fast.example") for p in parcels[slow:]]
        settings = SmtpSettings(host="h", domains={"reader.example": 1})
        supply = Supply(iter([*parcels[:slow], *others]), Rates(settings, HeldClock()))
        out = list(iter(supply.take, None))
        assert len(out) == passed


def test_no_more_than_a_batch_is_held_aside():
    pulled = 0

    def source():
        nonlocal pulled
        for parcel in make_parcels(2_000):
            pulled += 1
            yield parcel

    settings = SmtpSettings(host="h", domains={"reader.example": 1})
    supply = Supply(source(), Rates(settings, HeldClock()))
    assert supply.take() is not None
    assert supply.take() is None
    assert pulled <= 256


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
