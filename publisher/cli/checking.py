"""`check`: everything an operator can get wrong, looked at without doing anything."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from publisher.cli.dormant import dormant
from publisher.cli.output import count, say, warn, write_object, write_table
from publisher.cli.session import Session, json_option, pass_session
from publisher.errors import DefinitionError, Problem, PublisherError, TemplateError

if TYPE_CHECKING:
    from publisher.app import App
    from publisher.model.definitions import Definitions, ScheduleDefinition
    from publisher.ports import DigestFormat

CONFIGURATION = 78
SHOWN = 5


@click.command()
@json_option
@pass_session
def check(session: Session) -> int:
    """Validate everything, render every template, show the next slots.

    Nothing is collected, written or sent. Ends with 78 when a definition or a template is wrong.
    """
    try:
        app = session.app
    except DefinitionError as error:
        if not session.json:
            raise
        write_object({"problems": [_problem(item) for item in error.problems], "schedules": []})
        return CONFIGURATION
    found = list(_problems(app))
    slots = _slots(app)
    left = _left_behind(app)
    unused = dormant(app.definitions)
    if session.json:
        problems = [_problem(item) for item in found]
        write_object({"problems": problems, "schedules": slots, "notes": [*left, *unused]})
    else:
        columns = ("schedule", "slot", "utc", "note")
        write_table(columns, ([row[column] for column in columns] for row in slots))
    for line in (*map(str, found), *left, *unused):
        warn(line)
    made = app.definitions
    parts = (count(len(made.feeds), "feed"), count(len(made.schedules), "schedule"))
    say(f"{', '.join(parts)}: {count(len(found), 'problem') if found else 'all is well'}")
    return CONFIGURATION if found else 0


def _problems(app: "App") -> Iterator[Problem]:
    """Yield everything that would fail later: what cannot be looked up, made or rendered."""
    from publisher.cli import samples
    from publisher.model.definitions import MAILED

    made = app.definitions
    digest, pages, letters = app.strict_looks()
    for feed in made.feeds.values():
        for source in feed.sources:
            yield from _tried(source.adapter.where, partial(app.source, source))
    for name in in_use(made):
        yield from _tried(made.transports[name].where, partial(app.transport, name))
    yield from _elsewhere(app)
    yield from _tried("publisher.toml: mail.dkim", lambda: app.signing)
    for schedule in made.schedules.values():
        if schedule.action in MAILED:
            yield from _look(app, digest, schedule)
    yield from _logos(app)
    yield from _covers(app)
    for view in samples.letter_views(made):
        yield from _tried("templates", partial(letters.render, view))
    yield from _tried("templates", partial(samples.render_site, made, pages))
    yield from _tried("templates", partial(samples.render_pages, app))


def _elsewhere(app: "App") -> Iterator[Problem]:
    """Yield what keeps outlets and enrichers outside from being made."""
    for name, outlet in app.definitions.outlets.items():
        yield from _tried(outlet.where, partial(app.mirrors.outlet, name))
    for enricher in app.definitions.enrichers.values():
        yield from _tried(enricher.where, app.point_writing.make)


def _logos(app: "App") -> Iterator[Problem]:
    """Yield a problem for each picture of the masthead that is ours and not there."""
    from publisher.app.parts import logos

    made = app.definitions
    for address in logos(made.theme):
        _, ours, path = address.partition(f"{made.publication.url}media/")
        if ours and app.picture(path) is None:
            yield Problem(
                file="publisher.toml", key="theme.logo", message=f"there is no picture {path} here"
            )


def _covers(app: "App") -> Iterator[Problem]:
    """Yield a problem for each cover of a podcast that is ours and not there."""
    for feed in app.definitions.feeds.values():
        path = feed.podcast.image if feed.podcast else ""
        if path and "://" not in path and app.picture(path) is None:
            message = f"there is no picture {path} here"
            yield Problem(file=f"feeds/{feed.slug}.toml", key="podcast.image", message=message)


def _look(app: "App", digest: "DigestFormat", schedule: "ScheduleDefinition") -> Iterator[Problem]:
    """Yield what is wrong with the mail of a schedule, by the sample stories."""
    from publisher import registry
    from publisher.cli import samples

    file = f"schedules/{schedule.slug}.toml"
    looks = [
        name[len("email/") : -len(".html")]
        for name in app.templates.names()
        if name.startswith("email/")
    ]
    if schedule.template not in looks:
        near = registry.did_you_mean(schedule.template, looks)
        message = f"there is no templates/email/{schedule.template}.html{near}"
        yield Problem(file=file, key="template", message=message)
        return
    faults: list[str] = []
    yield from _tried(f"{file}: template", lambda: faults.extend(_faults(app, digest, schedule)))
    yield from (Problem(file=file, key="template", message=fault) for fault in faults)
    view = samples.digest_view(app.definitions, schedule)
    yield from _tried(f"{file}: subject", partial(digest.subject, schedule.subject, view))


def _faults(app: "App", digest: "DigestFormat", schedule: "ScheduleDefinition") -> list[str]:
    """Return what the lint would hold an edition of this schedule back for, whatever its stories."""
    from publisher.cli import samples

    composer = app.composer_with(digest, samples.Unsigned())
    usual = replace(schedule, subject="{{ title }}")  # its own is tried apart
    version = composer.compose(*samples.edition(app.definitions, usual)).version("")
    report = app.inspector.inspect(version.letter.parcel(version.proof(), 0).data)
    return [str(found) for found in report.errors if not found.rule.startswith("size.")]


def _tried(where: str, work: Callable[[], object]) -> Iterator[Problem]:
    """Yield what work raises, located."""
    file, _, key = where.partition(": ")
    try:
        work()
    except DefinitionError as error:
        yield from error.problems
    except TemplateError as error:
        if error.template == key:  # written in a setting
            yield Problem(file=file, key=key, message=error.reason)
        else:
            yield Problem(file=f"templates/{error.subject}", key="", message=error.reason)
    except PublisherError as error:
        yield Problem(file=file, key=key, message=str(error))


def in_use(definitions: "Definitions") -> list[str]:
    """Return the names of the transports that something is sent through, each once."""
    own = (schedule.transport for schedule in definitions.schedules.values())
    alarms = (definitions.alerts.transport,) if definitions.alerts.to else ()
    names = (definitions.mail.transport, *definitions.mail.fallback, *own, *alarms)
    return [name for name in dict.fromkeys(names) if name]


def _slots(app: "App") -> list[dict[str, object]]:
    from publisher.cli.schedules import slots

    return [
        {"schedule": slug, **row}
        for slug, schedule in app.definitions.schedules.items()
        for row in islice(slots(app, schedule), SHOWN)
    ]


def _left_behind(app: "App") -> list[str]:
    """Return what the store knows of feeds and schedules that are defined no more."""
    made = app.definitions
    if not _exists(made.store_url, made.root):
        return []
    feeds = app.store.feeds_with_articles()
    renamed = {old for feed in made.feeds.values() for old in feed.was}
    lines = [
        f"feeds/{slug}.toml is gone; {count(number, 'article')} entered that feed: `was` in the file"
        " that follows it, or `ended = true` in its own, tells its readers"
        for slug, number in feeds.items()
        if slug not in made.feeds and slug not in renamed
    ]
    old = {old for schedule in made.schedules.values() for old in schedule.was}
    known = [slug for slug in app.store.schedule_states() if slug not in made.schedules]
    lines += [
        f"schedules/{slug}.toml is gone; who subscribed to it gets nothing by it: `was` in the file"
        " that follows it moves them"
        for slug in known
        if slug not in old
    ]
    return lines


def _exists(store_url: str, root: Path) -> bool:
    """Tell whether there is a store already: looking must not make one."""
    _, sqlite, path = store_url.partition("sqlite:///")
    return not sqlite or (root / path.partition("?")[0]).exists()


def _problem(problem: Problem) -> dict[str, object]:
    return {"file": problem.file, "key": problem.key, "message": problem.message}
