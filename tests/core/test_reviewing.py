"""What becomes of an edition that nobody approves."""

from datetime import UTC, datetime, timedelta

import pytest

from publisher.core.reviewing import Verdict, deadline, undecided
from publisher.model.definitions import Action, Review, ScheduleDefinition
from publisher.model.editions import Edition, EditionId, EditionState
from publisher.model.timetable import RunId

OPENED = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
UNTIL = OPENED + timedelta(minutes=45)


def schedule(otherwise="send", *, required=True):
    review = Review(required=required, otherwise=otherwise)
    return ScheduleDefinition(slug="morning", action=Action.DIGEST, review=review)


def edition(state=EditionState.REVIEW, reason=""):
    return Edition(
        id=EditionId(1),
        run=RunId(1),
        schedule="morning",
        slot="",
        number=1,
        state=state,
        reason=reason,
        opened=OPENED,
    )


def test_it_waits_until_its_time():
    assert deadline(edition(), schedule()) == UNTIL
    assert undecided(edition(), schedule(), UNTIL - timedelta(seconds=1)) is None


@pytest.mark.parametrize("otherwise", ["send", "skip"])
def test_then_it_goes_or_not_as_the_schedule_says(otherwise):
    verdict, reason = undecided(edition(), schedule(otherwise), UNTIL)
    assert verdict == otherwise
    assert reason == "nobody approved it within 45 minutes"


def test_it_is_not_sent_when_nobody_was_there_to_send_it_in_time():
    late = UNTIL + timedelta(hours=6, seconds=1)
    verdict, reason = undecided(edition(), schedule(), late)
    assert verdict is Verdict.SKIP
    assert "too late" in reason
    assert undecided(edition(), schedule(), late - timedelta(seconds=1))[0] is Verdict.SEND


@pytest.mark.parametrize("reason", ["lint: 1 error", "held by the operator"])
def test_one_that_waits_for_a_reason_waits_for_a_person(reason):
    assert deadline(edition(reason=reason), schedule()) is None
    assert undecided(edition(reason=reason), schedule(), UNTIL + timedelta(days=9)) is None


def test_others_decide_nothing():
    for state in set(EditionState) - {EditionState.REVIEW}:
        assert deadline(edition(state), schedule()) is None
    assert deadline(edition(), None) is None
    assert undecided(edition(), schedule(required=False), UNTIL + timedelta(days=9)) is None
