"""The system's clock: the only place that asks what time it is."""

from datetime import UTC, datetime


class SystemClock:
    """Implements the port Clock."""

    def now(self) -> datetime:
        """Return the instant, aware, UTC."""
        return datetime.now(UTC)  # noqa: TID251  this is the Clock
