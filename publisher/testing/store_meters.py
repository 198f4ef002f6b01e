"""What a store promises of shared rates: what many draw together is no more than the rate."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from publisher.ports import Store
from publisher.testing.store_world import NOON

BUCKET = "relay gmail.com"


def _drawn(store: Store, seconds: int, bucket: str = BUCKET, limit: float = 20.0) -> list[int]:
    """Return what goes in each second when everybody draws twenty times a second."""
    found = []
    for second in range(seconds):
        given = 0
        for step in range(20):
            now = NOON + timedelta(seconds=second, milliseconds=50 * step)
            given += store.draw(bucket, limit, 0.0, now).messages
        found.append(given)
    return found


class MeterContract:
    """Slices of rates."""

    def test_what_is_drawn_is_the_rate(self, store: Store) -> None:
        """Slices of a quarter of a second; the first is there at once."""
        drawn = _drawn(store, 10)
        assert 190 <= sum(drawn) <= 210
        assert max(drawn) <= 30

    def test_of_many_at_once_nobody_takes_what_another_has(self, store: Store) -> None:
        """At one moment there is one slice, whoever comes first."""
        with ThreadPoolExecutor(4) as threads:
            drawn = list(
                threads.map(lambda _: store.draw(BUCKET, 400.0, 0.0, NOON).messages, range(12))
            )
        assert sum(drawn) == max(drawn) == 100

    def test_buckets_do_not_know_each_other(self, store: Store) -> None:
        """What one gives out is not missing in another."""
        assert store.draw("relay ", 4.0, 0.0, NOON).messages == 1
        assert store.draw(BUCKET, 4.0, 0.0, NOON).messages == 1
        assert store.draw(BUCKET, 4.0, 0.0, NOON).messages == 0
        assert 0.2 < store.draw(BUCKET, 4.0, 0.0, NOON).wait <= 0.25

    def test_without_a_limit_nothing_is_counted(self, store: Store) -> None:
        """A rate of 0 means that whoever asks may go on."""
        allowance = store.draw(BUCKET, 0.0, 0.0, NOON)
        assert allowance.per_second == 0
        assert store.slowed("", NOON) == {}

    def test_a_rate_is_halved_and_comes_back_slowly(self, store: Store) -> None:
        """Half at once, once in ten seconds; all of it again ten minutes later."""
        store.slow_down(BUCKET, 100.0, 0.0, NOON)
        store.slow_down(BUCKET, 100.0, 0.0, NOON + timedelta(seconds=5))
        assert store.slowed("relay ", NOON)[BUCKET] == 0.5
        assert store.slowed("other ", NOON) == {}
        assert store.draw(BUCKET, 100.0, 0.0, NOON).per_second == 50.0
        store.slow_down(BUCKET, 100.0, 0.0, NOON + timedelta(seconds=15))
        rate = store.draw(BUCKET, 100.0, 0.0, NOON + timedelta(seconds=15)).per_second
        assert 25.0 <= rate < 26.0
        later = NOON + timedelta(minutes=21)
        assert store.slowed("relay ", later) == {}
        assert store.draw(BUCKET, 100.0, 0.0, later).per_second == 100.0

    def test_a_group_without_a_limit_has_one_while_it_is_cut(self, store: Store) -> None:
        """Half of what it got; none any more when it has recovered."""
        store.slow_down(BUCKET, 0.0, 30.0, NOON)
        assert store.draw(BUCKET, 0.0, 0.0, NOON).per_second == 15.0
        assert store.draw(BUCKET, 0.0, 0.0, NOON + timedelta(minutes=11)).per_second == 0

    def test_a_slow_start_climbs_to_the_limit(self, store: Store) -> None:
        """From a tenth to all of it; again after an hour without a message."""
        rates = [
            round(store.draw(BUCKET, 100.0, 60.0, NOON + timedelta(seconds=at)).per_second)
            for at in (0, 30, 60, 61, 3_600, 7_300)
        ]
        assert rates == [10, 55, 100, 100, 100, 10]

    def test_old_buckets_go_by_themselves(self, store: Store) -> None:
        """A day later one that nobody drew from is made anew."""
        store.slow_down("relay old.example", 0.0, 30.0, NOON)
        store.slow_down(BUCKET, 0.0, 30.0, NOON + timedelta(days=2))
        assert set(store.slowed("relay ", NOON)) == {BUCKET}

    def test_a_cut_outlasts_those_of_others_also_before_anybody_draws(self, store: Store) -> None:
        """Cutting one rate forgets no other that was cut a moment ago."""
        store.slow_down(BUCKET, 100.0, 0.0, NOON)
        store.slow_down("relay other.example", 100.0, 0.0, NOON)
        assert store.slowed("relay ", NOON) == {BUCKET: 0.5, "relay other.example": 0.5}
