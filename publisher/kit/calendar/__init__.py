"""When schedules fire: the `when` grammar, crontab lines, and their occurrences in any time zone.

Serves schedules, through the port Calendar. The only importer of cronsim.
"""

from publisher.kit.calendar.almanac import Almanac, rhythm_of
from publisher.kit.calendar.crontab import parse_cron
from publisher.kit.calendar.grammar import parse_when
from publisher.kit.calendar.reading import RuleError
from publisher.kit.calendar.rhythm import Kind, Rhythm
from publisher.kit.calendar.rules import Rule

__all__ = [
    "Almanac",
    "Kind",
    "Rhythm",
    "Rule",
    "RuleError",
    "parse_cron",
    "parse_when",
    "rhythm_of",
]
