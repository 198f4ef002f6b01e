"""Rates that processes share; serves transports, through app.

One row a bucket. Who draws holds it for the length of one short transaction, so that two processes
never take the same part of a rate.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from publisher.model import allowances
from publisher.model.allowances import Allowance, Meter
from publisher.store.database import Part, Raw
from publisher.store.types import clean, micros

KEPT = timedelta(days=1)
"""How long a bucket that nobody draws from is kept."""

MICROS = 1_000_000

READ = "SELECT tokens, at, began, base, cut, cut_at FROM meter m WHERE bucket = ?"
# Of two that find no row both write one; the second then waits for the first and takes its row.
MAKE = """
INSERT INTO meter (bucket, tokens, at, began, base, cut, cut_at) VALUES (?, 0, ?, ?, 0, 1, ?)
ON CONFLICT DO NOTHING"""
WRITE = """
UPDATE meter SET tokens = ?, at = ?, began = ?, base = ?, cut = ?, cut_at = ? WHERE bucket = ?"""
FORGET = "DELETE FROM meter WHERE at < ? AND cut_at < ?"
CUT = "SELECT bucket, at, cut, cut_at FROM meter WHERE cut < 1"


class MeterVerbs(Part):
    """Drawing from rates, and cutting them."""

    def draw(self, bucket: str, limit: float, slow_start: float, now: datetime) -> Allowance:
        """Take what may go now."""
        with self._db.turn() as raw:
            meter = _held(raw, bucket, now)
            after, allowance = allowances.draw(meter, limit, slow_start, now.timestamp())
            _write(raw, bucket, after)
            return allowance

    def slow_down(self, bucket: str, limit: float, observed: float, now: datetime) -> None:
        """Halve a rate, once in ten seconds at most; it doubles again every ten minutes."""
        with self._db.turn() as raw:
            raw.run(FORGET, micros(now - KEPT), micros(now - KEPT))
            meter = _held(raw, bucket, now)
            _write(raw, bucket, allowances.slow_down(meter, limit, observed, now.timestamp()))

    def slowed(self, prefix: str, now: datetime) -> Mapping[str, float]:
        """Return the buckets of a prefix that are cut, each with the part of its rate that is left."""
        with self._db.read() as connection:
            rows = self._db.raw(connection).rows(CUT)
        at = now.timestamp()
        left = {
            bucket: Meter(at=at, began=at, cut=cut, cut_at=cut_at / MICROS).cut_now(at)
            for bucket, _, cut, cut_at in rows
            if bucket.startswith(prefix)
        }
        return {bucket: part for bucket, part in left.items() if part < 1.0}


def _held(raw: Raw, bucket: str, now: datetime) -> Meter:
    """Return a bucket's meter, made when missing; nobody else writes it before the commit."""
    rows = raw.rows(READ + raw.locking("m"), clean(bucket))
    if not rows:
        long_ago = micros(datetime.fromtimestamp(0, UTC))
        raw.run(MAKE, clean(bucket), long_ago, micros(now), long_ago)
        rows = raw.rows(READ + raw.locking("m"), clean(bucket))
    ((tokens, at, began, base, cut, cut_at),) = rows
    return Meter(
        tokens=tokens,
        at=at / MICROS,
        began=began / MICROS,
        base=base,
        cut=cut,
        cut_at=cut_at / MICROS,
    )


def _write(raw: Raw, bucket: str, meter: Meter) -> None:
    times = [round(moment * MICROS) for moment in (meter.at, meter.began, meter.cut_at)]
    at, began, cut_at = times
    raw.run(WRITE, meter.tokens, at, began, meter.base, meter.cut, cut_at, clean(bucket))
