"""What several definition files must agree on: names that others refer to, and old names.

Serves reader. Pure.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from publisher.config.checking import Report
from publisher.errors import Problem
from publisher.model.definitions import Definitions, FeedDefinition, ScheduleDefinition
from publisher.registry import did_you_mean

ALL = "*"


def agree(definitions: Definitions, problems: list[Problem]) -> Definitions:
    """Return the definitions with `*` resolved; report every name that leads nowhere."""
    _check_output(definitions, problems)
    _check_transports(definitions, problems)
    _check_preferred(definitions, problems)
    _check_old_names("feeds", definitions.feeds, problems)
    _check_old_names("schedules", definitions.schedules, problems)
    known = tuple(definitions.feeds)
    made = {}
    for slug, schedule in definitions.schedules.items():
        report = Report(f"schedules/{slug}.toml", problems)
        made[slug] = replace(schedule, feeds=_feeds(report, schedule, known))
    return replace(definitions, schedules=made)


def _feeds(
    report: Report, schedule: ScheduleDefinition, known: tuple[str, ...]
) -> tuple[str, ...]:
    if ALL in schedule.feeds:
        return known
    for index, name in enumerate(schedule.feeds):
        if name not in known:
            guess = did_you_mean(name, known)
            report.add(f"feeds[{index}]", f"there is no feeds/{name}.toml{guess}")
    return schedule.feeds


def _check_output(definitions: Definitions, problems: list[Problem]) -> None:
    """Refuse a folder of documents that holds anything but documents: all in it is published."""
    root = definitions.root.resolve()
    output = (root / definitions.output).resolve()
    for place in (root, root / "secrets", root / "var"):
        if place.is_relative_to(output):
            what = "the publication itself" if place == root else f"{place.name}/"
            Report("publisher.toml", problems).add(
                "output.directory",
                f"would publish {what}: everything in it can be read; name a folder for documents alone",
            )
            return


def _check_transports(definitions: Definitions, problems: list[Problem]) -> None:
    publication = Report("publisher.toml", problems)
    mail = definitions.mail
    uses = [(publication, "mail.transport", mail.transport)]
    uses += [(publication, f"mail.fallback[{n}]", name) for n, name in enumerate(mail.fallback)]
    uses.append((publication, "alerts.transport", definitions.alerts.transport))
    uses += [
        (Report(f"schedules/{slug}.toml", problems), "transport", schedule.transport)
        for slug, schedule in definitions.schedules.items()
    ]
    for report, key, name in uses:
        if name and name not in definitions.transports:
            guess = did_you_mean(name, definitions.transports)
            report.add(key, f"there is no [transports.{name}]{guess}")


def _check_preferred(definitions: Definitions, problems: list[Problem]) -> None:
    """Refuse to prefer a source that there is not: it would never lead, and nobody would know."""
    keys = [one.key for feed in definitions.feeds.values() for one in feed.sources]
    known = {*keys, *(key.partition(":")[2] for key in keys)}
    for index, name in enumerate(definitions.clusters.prefer):
        if name not in known:
            guess = did_you_mean(name, known)
            told = f"no feed has a source {name}{guess}"
            Report("publisher.toml", problems).add(f"clusters.prefer[{index}]", told)


def _check_old_names(
    folder: str,
    items: Mapping[str, FeedDefinition] | Mapping[str, ScheduleDefinition],
    problems: list[Problem],
) -> None:
    claims = Counter(_old_names(items.values()))
    for slug, item in items.items():
        report = Report(f"{folder}/{slug}.toml", problems)
        for index, old in enumerate(item.was):
            if old in items:
                report.add(f"was[{index}]", f'"{old}" is in use: {folder}/{old}.toml exists')
            elif claims[old] > 1:
                report.add(f"was[{index}]", f'"{old}" is claimed more than once')


def _old_names(items: Iterable[FeedDefinition | ScheduleDefinition]) -> list[str]:
    return [old for item in items for old in item.was]
