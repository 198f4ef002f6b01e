"""Turns checked tables into the definitions of `publisher.model`.

Serves reader. Each function takes one file's table, reports what is wrong with it by itself, and
returns the definition, or None when nothing can be made of it. What needs several files to judge
stands in `agreement`.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from publisher.config import adapters, checking, podcasts, schema, theming, values
from publisher.config.adapters import Finder
from publisher.config.checking import Report
from publisher.config.clusters import clusters
from publisher.config.mailing import TransportTable
from publisher.config.websub import WebsubTable
from publisher.errors import ConfigError
from publisher.kit import holidays
from publisher.kit.calendar import parse_cron, parse_when
from publisher.model.definitions import (
    Action,
    AdapterDefinition,
    AlertSettings,
    Cap,
    CatchUp,
    CollectSettings,
    Definitions,
    FeedDefinition,
    ImageSettings,
    MailSettings,
    OnCrash,
    Overflow,
    PauseSettings,
    Publication,
    Review,
    ScheduleDefinition,
    SelectRules,
    SkipRules,
    SourceDefinition,
    WarmUp,
    WebSettings,
    WebsubSettings,
)
from publisher.model.editions import BY_FEED
from publisher.model.podcasts import Podcast

Table = Mapping[str, object]
TYPE = frozenset({"type"})
TRANSPORT = frozenset({"type", "warm_up"})
USUAL_LOOK = {Action.ALERT: "alert"}
NOT_DOCUMENTS = frozenset({"digest", "letters", "pages"})
SOURCE = frozenset({"type", "every", "keep_ids"})
OUTBOX = AdapterDefinition(
    name="outbox",
    type="maildir",
    options={"path": "var/outbox"},
    where="publisher.toml: transports.outbox",
)
ALERTS_ONLY = ("quiet", "per_person", "min_priority")
SPECIALS = set('()<>[]:;@\\,."')


def publication(report: Report, table: Table, root: Path, find: Finder) -> Definitions:
    """Return what `publisher.toml` says, still without feeds and schedules."""
    read = schema.PublicationFile(**checking.check(report, table, schema.PublicationFile))
    who = _publication(read, table, root)
    return Definitions(
        root=root,
        publication=who,
        store_url=read.store.url,
        keep=values.duration(read.store.keep),
        witness=read.store.witness,
        output=Path(read.output.directory),
        precompress=read.output.precompress,
        more_feeds=read.output.more_feeds,
        outlets=_outlets(report, find, read),
        enrichers=_enrichers(report, find, read),
        web=WebSettings(
            bind=read.web.bind,
            metrics=read.web.metrics,
            trusted_proxies=read.web.trusted_proxies,
            slow_down=read.web.slow_down,
        ),
        mail=_mail(read.mail, who),
        collect=CollectSettings(
            contact=read.collect.contact,
            allow_private_addresses=read.collect.allow_private_addresses,
        ),
        alerts=AlertSettings(to=read.alerts.to, transport=read.alerts.transport),
        images=ImageSettings(
            proxy=read.images.proxy,
            width=read.images.width,
            quality=read.images.quality,
            max_bytes=read.images.max_bytes,
        ),
        clusters=clusters(read.clusters),
        websub=_websub(report, read.websub),
        transports=_transports(report, find, read),
        warm_ups=_warm_ups(report, read),
        samples=read.subscribers.samples,
        theme=theming.theme(report, read.theme, root, who.url),
        engine=AdapterDefinition(
            name="engine",
            type=read.engine.type,
            options={"workers": read.engine.workers},
            where="publisher.toml: engine",
        ),
        sections=_sections(table),
    )


def feed(report: Report, slug: str, table: Table, find: Finder) -> FeedDefinition:
    """Return one feed."""
    read = schema.FeedFile(**checking.check(report, table, schema.FeedFile))
    for index, name in enumerate(read.formats):
        if name in NOT_DOCUMENTS:
            report.add(f"formats[{index}]", f'"{name}" is no document; write rss, atom or json')
        else:
            adapters.known(report, find, "formats", name, f"formats[{index}]")
    return FeedDefinition(
        slug=slug,
        title=read.title or titled(slug),
        description=read.description,
        language=read.language,
        public=read.public,
        formats=tuple(dict.fromkeys(read.formats)),
        limit=read.limit,
        full_text=read.full_text,
        key_points=read.key_points,
        read_also=read.read_also,
        key_points_in_text=read.key_points_in_text,
        read_also_in_text=read.read_also_in_text,
        category_scheme=read.category_scheme,
        weight=read.weight,
        sources=_sources(report, find, read),
        select=_select(read.select),
        podcast=_podcast(report, read),
        was=read.was,
        ended=read.ended,
    )


def schedule(report: Report, slug: str, table: Table, zone: str) -> ScheduleDefinition:
    """Return one schedule; `feeds` still as written, `*` included."""
    good = checking.check(report, table, schema.ScheduleFile)
    read = schema.ScheduleFile(**{"action": "tidy", **good})  # a missing action is reported
    _check_rule(report, read, table)
    _check_subject(report, read.subject)
    _check_alert(report, read, table)
    if read.min_articles > read.max_articles:
        report.add("min_articles", f"is more than max_articles ({read.max_articles})")
    return ScheduleDefinition(
        slug=slug,
        action=Action(read.action),
        title=read.title or titled(slug),
        feeds=tuple(dict.fromkeys(read.feeds)),
        when=read.when,
        cron=read.cron,
        first=read.first,
        timezone=read.timezone or zone,
        subject=read.subject,
        template=read.template or USUAL_LOOK.get(Action(read.action), "newspaper"),
        min_articles=read.min_articles,
        max_articles=read.max_articles,
        overflow=Overflow(read.overflow),
        public=read.public,
        catch_up=CatchUp(read.catch_up),
        max_lateness=values.duration(read.max_lateness),
        quiet=values.hours(read.quiet),
        per_person=Cap(
            count=read.per_person.count, within=values.duration(read.per_person.within)
        ),
        min_priority=read.min_priority,
        spread=values.duration(read.spread),
        review=Review(
            required=read.review.required,
            approve_within=values.duration(read.review.approve_within),
            otherwise=read.review.otherwise,
        ),
        skip=_skip(report, read.skip),
        transport=read.transport,
        ping=read.ping,
        was=read.was,
    )


def titled(slug: str) -> str:
    """Return a name for people made of a slug: `morning-digest` gives "Morning digest"."""
    words = slug.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _publication(read: schema.PublicationFile, table: Table, root: Path) -> Publication:
    written = table.get("publication")
    given = written if isinstance(written, Mapping) else {}
    who = read.publication
    return Publication(
        title=who.title if "title" in given else titled(root.resolve().name) or who.title,
        url=values.base_address(who.url if "url" in given else f"http://{read.web.bind}/"),
        language=who.language,
        timezone=who.timezone,
        postal_address=who.postal_address,
        contact=who.contact,
    )


def _mail(read: schema.MailTable, who: Publication) -> MailSettings:
    return MailSettings(
        sender=read.sender or _sender(who),
        reply_to=read.reply_to,
        transport=read.transport,
        on_crash=OnCrash(read.on_crash),
        fallback=read.fallback,
        pause=PauseSettings(
            errors=read.pause.errors / 100,
            policy=read.pause.policy / 100,
            complaints=read.pause.complaints / 100,
            after=read.pause.after,
            accepted=read.pause.accepted,
        ),
    )


def _websub(report: Report, read: WebsubTable) -> WebsubSettings:
    shortest, usual, longest = map(values.duration, (read.min_lease, read.lease, read.max_lease))
    if not shortest <= usual <= longest:
        report.add("websub.lease", "must lie between min_lease and max_lease")
    return WebsubSettings(
        hub=read.hub,
        hubs=tuple(dict.fromkeys(read.hubs)),
        lease=usual,
        min_lease=shortest,
        max_lease=longest,
        max_subscriptions=read.max_subscriptions,
        max_per_host=read.max_per_host,
        allow_private_addresses=read.allow_private_addresses,
    )


def _sender(who: Publication) -> str:
    """Return a mailbox made of the title, and the contact or the address of the pages."""
    host = urlsplit(who.url).hostname or "localhost"
    name = who.title
    if SPECIALS & set(name):
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        name = f'"{quoted}"'
    return f"{name} <{who.contact or f'news@{host}'}>"


def _transports(
    report: Report, find: Finder, read: schema.PublicationFile
) -> dict[str, AdapterDefinition]:
    made = {"outbox": OUTBOX}
    for name, table in read.transports.items():
        path = values.join("transports", name)
        if name == BY_FEED:
            report.add(path, "this name stands for readers' own feeds; choose another")
        found = adapters.definition(report, table, TRANSPORT, name, path)
        if found is not None:
            adapters.check(report, find, "delivery", found, path)
        made[name] = found or OUTBOX  # without a type it is reported; the name counts as known
    return made


def _warm_ups(report: Report, read: schema.PublicationFile) -> dict[str, WarmUp]:
    made = {}
    for name, table in read.transports.items():
        if "warm_up" not in table:
            continue
        path = values.join("transports", name)
        only = {"type": "", "warm_up": table["warm_up"]}
        found = checking.check(report, only, TransportTable, path).get("warm_up")
        if found is not None:
            made[name] = WarmUp(
                begins=found.begins,
                per_day=found.per_day,
                growth=found.growth,
                until=found.until,
                reserve=found.reserve / 100,
            )
    return made


def _sections(table: Table) -> dict[str, Table]:
    """Return the tables that only their own feature reads, as written: nothing is looked up."""
    found = {"receipts": table["receipts"]} if "receipts" in table else {}
    mail = table.get("mail")
    if isinstance(mail, Mapping) and "dkim" in mail:
        found["dkim"] = mail["dkim"]
    return {name: item for name, item in found.items() if isinstance(item, Mapping)}


def _outlets(
    report: Report, find: Finder, read: schema.PublicationFile
) -> dict[str, AdapterDefinition]:
    """Return the outlets in use; an outlet's type is its name unless its table says otherwise."""
    made = {}
    for index, name in enumerate(read.output.outlets):
        own = name in read.outlets
        path = values.join("outlets", name) if own else f"output.outlets[{index}]"
        table = {"type": name, **read.outlets.get(name, {})}
        found = adapters.definition(report, table, TYPE, name, path)
        if found is not None:
            made[name] = replace(found, type=f"outlet_{found.type}")
            adapters.check(report, find, "delivery", made[name], path)
    return made


def _enrichers(
    report: Report, find: Finder, read: schema.PublicationFile
) -> dict[str, AdapterDefinition]:
    """Return the enrichers that somebody asked for: each has a table of its own name."""
    if read.enrich.llm is None:
        return {}
    where = f"{report.file}: enrich.llm"
    made = AdapterDefinition(name="llm", type="llm", options=read.enrich.llm, where=where)
    adapters.check(report, find, "enrich", made, "enrich.llm")
    return {"llm": made}


def _sources(report: Report, find: Finder, read: schema.FeedFile) -> tuple[SourceDefinition, ...]:
    made = []
    for index, table in enumerate(read.sources):
        path = f"sources[{index}]"
        found = adapters.definition(report, table, SOURCE, path, path)
        if found is None:
            continue
        adapters.check(report, find, "sources", found, path)
        mine = {"type": found.type} | {key: table[key] for key in SOURCE & table.keys()}
        good = checking.check(report, mine, schema.SourceTable, path)
        every = values.every(cast("str", good.get("every", "adaptive")))
        made.append(
            SourceDefinition(
                key=adapters.source_key(found),
                adapter=found,
                every=every,
                keep_ids=bool(good.get("keep_ids", False)),
            )
        )
    return tuple(made)


def _select(read: schema.SelectTable) -> SelectRules:
    """Return the rules with their expressions compiled, once for all articles."""
    found = {one: values.rule(one) for one in (*read.all_of, *read.any_of, *read.none_of)}
    return SelectRules(
        all_of=read.all_of,
        any_of=read.any_of,
        none_of=read.none_of,
        expressions={one: compiled for one, compiled in found.items() if compiled is not None},
    )


def _podcast(report: Report, read: schema.FeedFile) -> Podcast | None:
    if read.podcast is None:
        return None
    if "rss" not in read.formats:
        report.add("podcast", "needs the format rss, which is what directories and players read")
    return podcasts.podcast(read.podcast)


def _skip(report: Report, read: schema.SkipTable) -> SkipRules:
    if read.holidays:
        try:
            holidays.check_region(read.holidays)
        except ConfigError as error:
            report.add("skip.holidays", str(error))
    return SkipRules(
        holidays=read.holidays,
        dates=read.dates,
        between=tuple(values.days(item) for item in read.between),
    )


def _check_subject(report: Report, subject: str) -> None:
    """Report a subject that no digest could have; the usual one costs no jinja2."""
    if subject != schema.SUBJECT:
        from publisher.kit.templating import check_line  # noqa: PLC0415  see above

        reason = check_line(subject)
        if reason:
            report.add("subject", reason)


def _check_rule(report: Report, read: schema.ScheduleFile, table: Table) -> None:
    """Report a rule that cannot be read, and both or neither of `when` and `cron`."""
    if "when" in table and "cron" in table:
        report.add("cron", "say either `when` or `cron`, not both")
        return
    key = "cron" if "cron" in table else "when"
    text = getattr(read, key)
    if not text:
        follows = Action(read.action) is Action.ALERT
        if (
            key not in table
            and not follows
            and not checking.misspelt("when", table, schema.ScheduleFile)
        ):
            report.add("when", 'is missing; for example "every weekday at 07:30", or use `cron`')
        return
    try:
        rule = parse_cron(text) if key == "cron" else parse_when(text)
    except ConfigError as error:
        report.add(key, str(error))
        return
    if read.timezone == "subscriber" and rule.elapsed:
        reason = "runs by elapsed time, the same for every reader: name a time zone instead"
        report.add("timezone", f'"{text}" {reason}')


def _check_alert(report: Report, read: schema.ScheduleFile, table: Table) -> None:
    """Report keys that mean nothing to the schedule's action, and a cap that caps nothing."""
    if Action(read.action) is not Action.ALERT:
        for key in ALERTS_ONLY:
            if key in table:
                report.add(key, 'is for action = "alert" only')
        return
    for key in ("min_articles", "max_articles"):
        if key in table:
            report.add(key, "an alert holds one story")
    if read.timezone == "subscriber":
        reason = "an alert goes to everybody at once; quiet hours are each reader's own anyway"
        report.add("timezone", reason)
    if not values.duration(read.per_person.within):
        report.add("per_person.within", "must be longer than nothing; write for example 1d")
