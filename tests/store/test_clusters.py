"""The same story from two sources is told once, also while one of the two is under way."""

import pytest
from sqlalchemy import update

from publisher.core.pacing import Pace
from publisher.model.definitions import Cap
from publisher.model.editions import EditionState
from publisher.store.schema import article
from publisher.testing.store_alerts import NIGHT
from publisher.testing.store_world import World

AUCKLAND = "Pacific/Auckland"
PACE = Pace(quiet=NIGHT, cap=Cap(), home="UTC")


@pytest.fixture(
    params=["sqlite_store", pytest.param("postgres_store", marks=pytest.mark.postgres)]
)
def store(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def twins(store):
    """A world with one reader, asleep, and two articles of one cluster."""
    world = World(store)
    world.reader("kiri", timezone=AUCKLAND)
    one, two = world.collect("one", "two")
    with store._db.write() as tx:
        tx.execute(update(article).values(cluster=one))
    return world, one, two


def test_a_mate_of_a_story_that_was_alerted_is_not_alerted(twins):
    world, one, two = twins
    edition = world.alert(one)
    assert world.send(edition) == {"kiri": ["one"]}
    assert world.alert(two) is None
    assert world.digest() == {}


def test_a_mate_of_a_story_under_way_waits_with_it(twins):
    world, one, two = twins
    edition = world.alert(one, PACE)
    assert world.alert(two, PACE) is None
    assert world.open() is None
    world.collect("other")
    assert world.digest() == {"kiri": ["other"]}
    world.send(edition)
    world.store.finish_editions(world.now)
    assert world.digest() == {}


def test_a_mate_of_a_cancelled_story_is_owed(twins):
    world, one, _ = twins
    edition = world.alert(one, PACE)
    world.collect("other")
    assert world.digest() == {"kiri": ["other"]}
    world.store.move_edition(edition.id, [EditionState.OPEN], EditionState.CANCELLED, "")
    assert set(world.digest()["kiri"]) == {"one", "two"}  # the choice of one of them is core's
