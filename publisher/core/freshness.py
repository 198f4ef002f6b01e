"""How long a feed may be kept before it is worth asking again: until the next publish. Pure.

Serves the pages (`Cache-Control`, and what counts as hammering) and the snippets for web servers.
Readers that honour it poll as often as something may have changed, and no more.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice, pairwise

from publisher.model.definitions import Action, ScheduleDefinition
from publisher.ports import Calendar

FLOOR, CEILING = timedelta(minutes=5), timedelta(days=1)
"""However often is published, and however seldom: an editor may publish by hand."""

USUAL = timedelta(minutes=15)
"""Where no schedule publishes a feed."""

STILL = timedelta(hours=1)
"""The longest that may be said where nobody reckons at each answer (files behind a web server)."""

_LOOK = 8


def fresh_for(
    feed: str,
    schedules: Mapping[str, ScheduleDefinition],
    calendar: Calendar,
    now: datetime,
    zone: str,
) -> timedelta:
    """Return how long it is until a schedule may publish this feed, within bounds."""
    nexts = [next(slots, None) for slots in _slots(feed, schedules, calendar, now, zone)]
    soonest = min((slot for slot in nexts if slot), default=None)
    if soonest is None:
        return USUAL if not nexts else CEILING
    return min(max(soonest - now, FLOOR), CEILING)


def rhythm_of(
    feed: str,
    schedules: Mapping[str, ScheduleDefinition],
    calendar: Calendar,
    now: datetime,
    zone: str,
) -> timedelta:
    """Return the shortest time between two publishes of this feed, for what is written once."""
    gaps = [
        after - before
        for slots in _slots(feed, schedules, calendar, now, zone)
        for before, after in pairwise(islice(slots, _LOOK))
    ]
    return min(max(min(gaps, default=USUAL), FLOOR), STILL)


def _slots(
    feed: str,
    schedules: Mapping[str, ScheduleDefinition],
    calendar: Calendar,
    now: datetime,
    zone: str,
) -> Iterator[Iterator[datetime]]:
    """Yield the coming instants of each schedule that publishes a feed."""
    for schedule in schedules.values():
        if schedule.action is Action.PUBLISH and feed in schedule.feeds:
            where = schedule.timezone if "/" in schedule.timezone else zone
            yield (slot.at for slot in calendar.occurrences(schedule, now, where))
