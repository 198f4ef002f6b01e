"""Settings that are valid and have no effect in this version; serves `check`, which says so. Pure."""

from collections.abc import Iterator

from publisher.model.definitions import Action, Definitions, ScheduleDefinition

SECTIONS = {"receipts": "[receipts]"}
ACTIONS = (Action.RECEIPTS,)


def dormant(definitions: Definitions) -> list[str]:
    """Return one line for each setting that an operator wrote and nothing heeds yet."""
    found = [name for key, name in SECTIONS.items() if key in definitions.sections]
    if definitions.engine.type != "local":
        found.append("[engine] type")
    for schedule in definitions.schedules.values():
        found += _of_schedule(schedule)
    return [f"{name}: valid, but without effect in this version" for name in found]


def _of_schedule(schedule: ScheduleDefinition) -> Iterator[str]:
    file = f"schedules/{schedule.slug}.toml"
    if schedule.action in ACTIONS:
        yield f'{file}: action = "{schedule.action}"'
    if schedule.spread:
        yield f"{file}: spread"
    if schedule.ping:
        yield f"{file}: ping"
