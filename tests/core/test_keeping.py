"""When a store is taken for a copy, and an edition for too late."""

from datetime import UTC, datetime, timedelta

import pytest

from publisher.core.keeping import doubt
from publisher.model.keeping import Marks, Witness

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
OWN = "6b26ea2c"
PATH = "var/witness.json"


def witness(count=10, identity=OWN, name="first"):
    return Witness(identity=identity, name=name, count=count)


def marks(**more):
    known = {
        "identity": OWN,
        "count": 10,
        "beat": NOW - timedelta(hours=1),
        "witnesses": ("first",),
        "witness": witness(),
        "path": PATH,
    }
    return Marks(**{**known, **more})


@pytest.mark.parametrize(
    "trusted",
    [
        marks(),
        marks(count=12),  # killed before the witness heard of it, or the power failed
        marks(count=0, witnesses=(), witness=None),  # new
        marks(count=0, witnesses=(), witness=witness(identity="another")),  # new, in its place
        marks(count=0, witnesses=(), witness=witness(count=0)),  # killed while it was made
        marks(path="", witness=None),  # nobody watches
        marks(witnesses=("first", "second"), witness=witness(name="second"), shared=True),
        marks(witness=None, shared=True, beat=NOW - timedelta(seconds=9)),  # a machine joins
    ],
)
def test_a_store_is_trusted(trusted):
    assert doubt(trusted, NOW) == ""


@pytest.mark.parametrize(
    ("doubted", "why"),
    [
        (marks(copied=NOW), "this is the copy that `publisher backup` made at 2026-11-24T12:00Z"),
        (marks(count=7), "it is 3 steps behind the witness at var/witness.json"),
        (marks(count=7, witnesses=()), "it is 3 steps behind the witness at var/witness.json"),
        (marks(witness=None), "there is no witness at var/witness.json"),
        (marks(witness=None, beat=NOW), "there is no witness at var/witness.json"),
        (marks(witness=None, shared=True), "there is no witness at var/witness.json"),
        (marks(witness=witness(identity="another")), "is of another store"),
        (marks(witness=witness(name="other")), "is of another store"),
        (marks(place="7/1", here="7/2"), "this is a copy of another database"),
    ],
)
def test_a_store_may_be_a_copy(doubted, why):
    assert why in doubt(doubted, NOW)
