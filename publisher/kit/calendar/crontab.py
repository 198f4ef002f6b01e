"""Crontab lines with crontab's own meaning (crontab(5), Debian's reading of it).

Serves `cron = "…"` in schedules. Five fields; 0 and 7 are Sunday; when day of month and day of
week are both restricted either may match. `L`, `LW`, `5L` and `TUE#2` are understood as well.
"""

import re
from datetime import datetime

from cronsim import CronSim, CronSimError

from publisher.kit.calendar.reading import RuleError
from publisher.kit.calendar.rules import Wall

_FIELDS = ("minute", "hour", "day of month", "month", "day of week")
_RANGES = ("0-59", "0-23", "1-31", "1-12 or jan-dec", "0-7 or sun-sat (0 and 7 are Sunday)")
_NICKNAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_ANY_TIME = datetime(2024, 1, 1)  # noqa: DTZ001  a wall-clock time: cronsim counts without a zone


def parse_cron(text: str) -> Wall:
    """Read a crontab line of five fields, or a nickname such as @daily. Raises RuleError."""
    line = _NICKNAMES.get(text.strip().lower(), text)
    fields = [(match[0], match.start()) for match in re.finditer(r"\S+", line)]
    _check_shape(line, fields)
    for index, (field, column) in enumerate(fields):
        _check_field(line, index, field, column)
    cron = " ".join(field for field, _ in fields).upper()
    words = _explain(line, cron, fields[2][1])
    elapsed = any(field.startswith("*") for field, _ in fields[:2])
    return Wall(text=f"cron {cron}", words=words, crons=(cron,), elapsed=elapsed)


def _check_shape(line: str, fields: list[tuple[str, int]]) -> None:
    if fields and fields[0][0].startswith("@"):
        known = ", ".join(sorted(_NICKNAMES))
        raise RuleError(line, fields[0][1], f"expected five fields or one of {known}")
    if len(fields) < len(_FIELDS):
        missing = _FIELDS[len(fields)]
        raise RuleError(line, len(line.rstrip()), f"expected five fields; {missing} is missing")
    if len(fields) > len(_FIELDS):
        raise RuleError(line, fields[5][1], "expected the end: a crontab line has five fields")


def _check_field(line: str, index: int, field: str, column: int) -> None:
    alone = ["*"] * len(_FIELDS)
    alone[index] = field
    try:
        CronSim(" ".join(alone), _ANY_TIME)
    except CronSimError as error:
        expected = f"expected {_FIELDS[index]}: {_RANGES[index]}, as in 1-5, */2 or 1,3"
        raise RuleError(line, column, expected) from error


def _explain(line: str, cron: str, column: int) -> str:
    """Return the line in words, having made sure that it ever happens."""
    try:
        found = next(iter(CronSim(cron, _ANY_TIME)), None)
    except CronSimError:
        found = None
    if found is None:
        raise RuleError(line, column, "this date never comes")
    words = CronSim(cron, _ANY_TIME).explain()
    return words[:1].lower() + words[1:]
