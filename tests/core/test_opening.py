"""What is asked of the store when an edition opens."""

from datetime import UTC, datetime, timedelta

import pytest

from publisher.core.editing import Opening
from publisher.kit.calendar import Almanac
from publisher.model.definitions import Action, Cap, ScheduleDefinition
from publisher.model.timetable import Run, RunId, RunState

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Asked:
    def open_edition(self, intent, choose, compatible=None, pacing=None):
        self.intent, self.compatible, self.pacing = intent, compatible, pacing


class Noon:
    def now(self):
        return NOON


def opened(key, zone, action=Action.DIGEST):
    store = Asked()
    run = Run(id=RunId(1), schedule="m", key=key, slot="", due=NOON, state=RunState.RUNNING)
    schedule = ScheduleDefinition(slug="m", action=action, timezone=zone, min_articles=0)
    opening = Opening(store=store, clock=Noon(), calendar=Almanac(), home="Europe/Berlin")
    opening.open(run, schedule, "outbox")
    return store


@pytest.mark.parametrize("key", ["manual:a@b", "manual:x", "alert:7@8"])
def test_a_run_by_hand_is_for_everybody_whatever_its_key(key):
    assert opened(key, "subscriber").compatible is None


def test_a_slot_at_an_offset_takes_only_readers_who_live_there():
    asked = opened("2026-11-24T07:30@60", "subscriber")
    assert asked.intent.offset == 60
    assert asked.compatible("Europe/Berlin")
    assert not asked.compatible("America/New_York")
    assert asked.compatible("")
    assert asked.compatible("No/Such")


def test_at_least_one_story_is_always_asked_for():
    assert opened("2026-11-24T07:30", "Europe/Berlin").intent.min_articles == 1


def test_an_alert_holds_its_article_alone_and_keeps_the_pace_of_its_schedule():
    asked = opened("alert:7", "Europe/Berlin", Action.ALERT)
    assert asked.intent.only == 7
    assert asked.pacing.cap == Cap(count=3, within=timedelta(days=1))
    assert asked.pacing.home == "Europe/Berlin"


@pytest.mark.parametrize("key", ["2026-11-24T07:30", "manual:alert:7", "alert:", "alert:7@8"])
def test_any_other_run_holds_what_is_new(key):
    asked = opened(key, "Europe/Berlin")
    assert asked.intent.only is None
    assert asked.pacing is None
