"""Instants as operators type and read them; serves the command modules. Pure."""

from datetime import datetime, timedelta

import click


class Moment(click.ParamType[datetime]):
    """An ISO 8601 date or date-time; without an offset it stays naive, for `aware`."""

    name = "ISO"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read the text, or fail with an example."""
        try:
            return datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f'"{value}" is no time; write 2026-11-24 or 2026-11-24T07:30', param, ctx)


MOMENT = Moment()


def aware(moment: datetime, zone: str) -> datetime:
    """Return an instant; one without an offset is a time on the zone's wall clock."""
    from zoneinfo import ZoneInfo  # its import looks up where the zones lie

    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))


def away(moment: datetime, now: datetime) -> str:
    """Return how far an instant is away: `in 25 min`, `3 h ago`, `now`."""
    from publisher.core.rhythm import said

    span = abs(moment - now)
    if span < timedelta(seconds=1):
        return "now"
    return f"in {said(span)}" if moment > now else f"{said(span)} ago"
