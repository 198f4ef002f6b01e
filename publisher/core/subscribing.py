"""Subscribe: add people one by one or from a CSV file, with a report on every row.

What people export from other systems survives: byte-order marks, UTF-16, semicolons and tabs,
headings in other words, duplicates, and rows that say nothing useful.
"""

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from publisher.core.addresses import valid_address
from publisher.errors import AddressError, UsageError
from publisher.model.definitions import MAILED, Action, FeedDefinition, ScheduleDefinition
from publisher.model.subscribers import ImportRow, ImportVerdict, NewSubscriber, SubscriberStatus
from publisher.ports import Clock, Progress, Subscribers

CHUNK = 1_000
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "email": ("email", "e-mail", "mail", "email address", "e-mail address", "address"),
    "name": ("name", "full name", "fullname", "display name"),
    "language": ("language", "lang", "locale"),
    "timezone": ("timezone", "time zone", "tz"),
    "feeds": ("feeds", "feed", "lists", "topics"),
    "schedule": ("schedule", "cadence", "frequency"),
    "status": ("status", "state"),
    "by": ("by",),
    "consent_at": ("consent_at", "consent", "opt-in", "confirmed_at", "subscribed_at"),
}
STATUSES: Mapping[str, SubscriberStatus] = {
    **{status.value: status for status in SubscriberStatus},
    "active": SubscriberStatus.CONFIRMED,
    "subscribed": SubscriberStatus.CONFIRMED,
    "enabled": SubscriberStatus.CONFIRMED,
    "unconfirmed": SubscriberStatus.PENDING,
    "bounced": SubscriberStatus.SUPPRESSED,
    "cleaned": SubscriberStatus.SUPPRESSED,
    "blocklisted": SubscriberStatus.SUPPRESSED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribing:
    """The subscribe use-case, told which feeds and schedules there are."""

    store: Subscribers
    clock: Clock
    feeds: Mapping[str, FeedDefinition]
    schedules: Mapping[str, ScheduleDefinition]

    def wanted(self, feeds: Sequence[str], schedule: str = "") -> tuple[tuple[str, str], ...]:
        """Return (feed, schedule) pairs: no feeds means all public ones the schedule carries.

        No schedule means the first digest that carries the feed: alerts are for those who ask.
        Raises UsageError.
        """
        for slug in feeds:
            if slug not in self.feeds:
                raise UsageError(slug, f"no such feed; there are {_names(self.feeds)}")
        mailed = {slug: made for slug, made in self.schedules.items() if made.action in MAILED}
        if schedule and schedule not in mailed:
            reason = f"no such digest or alert schedule; there are {_names(mailed)}"
            raise UsageError(schedule, reason)
        digests = {slug: made for slug, made in mailed.items() if made.action is Action.DIGEST}
        chosen = {schedule: mailed[schedule]} if schedule else digests
        wished = feeds or [slug for slug, feed in self.feeds.items() if feed.public]
        pairs = [
            (feed, next((s for s, d in chosen.items() if feed in d.feeds), "")) for feed in wished
        ]
        if missing := [feed for feed, carrier in pairs if not carrier and feeds]:
            carrier = f"schedule {schedule} does not carry" if schedule else "no digest carries"
            raise UsageError(missing[0], f"{carrier} this feed")
        return tuple((feed, carrier) for feed, carrier in pairs if carrier)

    def import_csv(
        self, data: bytes, *, sample: bool = False, progress: Progress | None = None
    ) -> tuple[ImportRow, ...]:
        """Import a file whole; one report per row. Raises UsageError when there is no e-mail column."""
        report: list[ImportRow] = []
        waiting: list[tuple[int, NewSubscriber]] = []
        seen: set[str] = set()

        def flush() -> None:
            rows = [new for _, new in waiting]
            verdicts = self.store.import_subscribers(rows, self.clock.now())
            report.extend(
                ImportRow(line=line, email=new.email, verdict=verdict, reason=_reason(verdict))
                for (line, new), verdict in zip(waiting, verdicts, strict=True)
            )
            waiting.clear()
            if progress:
                progress(len(report), None, "rows")

        for line, row in read_rows(data):
            try:
                new = replace(self._subscriber(row), sample=sample)
            except (AddressError, UsageError) as error:
                report.append(_refused(line, row, str(error)))
                continue
            if new.email.casefold() in seen:
                twin = "the same address stands in an earlier row"
                report.append(_row(line, new.email, ImportVerdict.DUPLICATE, twin))
                continue
            seen.add(new.email.casefold())
            waiting.append((line, new))
            if len(waiting) >= CHUNK:
                flush()
        flush()
        return tuple(sorted(report, key=lambda item: item.line))

    def _subscriber(self, row: Mapping[str, str]) -> NewSubscriber:
        feeds = row.get("feeds", "").replace(",", " ").replace(";", " ").replace("|", " ").split()
        return NewSubscriber(
            email=valid_address(row.get("email", "")),
            name=" ".join(row.get("name", "").split()),
            language=row.get("language", ""),
            timezone=known_zone(row.get("timezone", "")),
            status=_status(row.get("status", "")),
            subscriptions=self.wanted(feeds, row.get("schedule", "")),
            implied=not feeds,
            consent_at=instant(row.get("consent_at", "")),
            by_feed=_by_feed(row.get("by", "")),
        )


def offered(
    feeds: Mapping[str, FeedDefinition],
    schedules: Mapping[str, ScheduleDefinition],
    has: Collection[tuple[str, str]] = (),
) -> Iterator[tuple[str, str]]:
    """Yield (feed, schedule) pairs somebody may choose: public feeds, and those they have."""
    for feed in feeds.values():
        if feed.ended:
            continue
        for slug, schedule in schedules.items():
            carried = schedule.action in MAILED and feed.slug in schedule.feeds
            if carried and (feed.public or (feed.slug, slug) in has):
                yield feed.slug, slug


def read_rows(data: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line, row by our column names) of a CSV file. Raises UsageError without e-mail column."""
    text = decode(data)
    first = text.partition("\n")[0]
    delimiter = max(",;\t|", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        heading = [_column(cell) for cell in next(reader, [])]
        if "email" not in heading:
            raise UsageError(
                "CSV heading",
                f"no e-mail column among: {', '.join(filter(None, heading)) or first}",
            )
        for cells in reader:
            row = {
                name: cell.strip()
                for name, cell in zip(heading, cells, strict=False)
                if name and cell.strip()
            }
            if row:
                yield reader.line_num, row
    except csv.Error as error:
        raise UsageError(f"CSV line {reader.line_num}", str(error)) from error


def decode(data: bytes) -> str:
    """Return the text of a file in UTF-8, UTF-16 (by its mark) or else Windows-1252; NULs dropped."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace").lstrip("\ufeff").replace("\0", "")
    try:
        return data.decode("utf-8-sig").replace("\0", "")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace").replace("\0", "")


def known_zone(text: str) -> str:
    """Return an IANA zone name as it is, "" for none. Raises UsageError."""
    if text:
        try:
            ZoneInfo(text)
        except (KeyError, ValueError, OSError) as error:
            raise UsageError(text, "not a time zone (like Europe/Berlin)") from error
    return text


def instant(text: str) -> datetime | None:
    """Return an ISO 8601 instant as UTC (a naive one is taken as UTC). Raises UsageError."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(text, "not a date (like 2026-11-24 or 2026-11-24T07:30:00Z)") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _column(cell: str) -> str:
    """Return our name of a heading, or the heading itself when it is none of ours."""
    written = cell.strip().strip('"').casefold()
    for name, spellings in COLUMNS.items():
        if written in spellings:
            return name
    return written


def _status(text: str) -> SubscriberStatus:
    try:
        return STATUSES[text.casefold()] if text else SubscriberStatus.CONFIRMED
    except KeyError:
        raise UsageError(text, f"not a status; there are {_names(STATUSES)}") from None


def _by_feed(text: str) -> bool | None:
    """Tell whether somebody is reached by feed, None where nothing is said. Raises UsageError."""
    if text.casefold() not in {"", "mail", "feed"}:
        raise UsageError(text, "not a way to reach anybody; there are mail, feed")
    return text.casefold() == "feed" if text else None


def _refused(line: int, row: Mapping[str, str], reason: str) -> ImportRow:
    return _row(line, row.get("email", ""), ImportVerdict.REFUSED, reason)


def _row(line: int, email: str, verdict: ImportVerdict, reason: str) -> ImportRow:
    return ImportRow(line=line, email=email, verdict=verdict, reason=reason)


_REASONS: Mapping[ImportVerdict, str] = {
    ImportVerdict.SUPPRESSED: "the address is suppressed or unsubscribed and stays so",
}


def _reason(verdict: ImportVerdict) -> str:
    return _REASONS.get(verdict, "")


def _names(names: Mapping[str, object]) -> str:
    return ", ".join(sorted(names)) or "none"
