"""Interleaved rounds of ours and a baseline, so that a noisy machine disturbs both alike."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the report; `rate` is ours in `unit`, `ratio` ours to the baseline's rate."""

    what: str
    rate: float
    unit: str
    baseline: str
    ratio: float
    low: float
    high: float


def compare(
    what: str,
    unit: str,
    ours: Callable[[], int],
    baseline_name: str,
    baseline: Callable[[], int],
    rounds: int = 5,
) -> Figure:
    """Run both in turn; each callable returns how many things it did. Rates are medians."""
    mine, theirs = [], []
    for _ in range(rounds):
        mine.append(_rate(ours))
        theirs.append(_rate(baseline))
    ratios = [one / other for one, other in zip(mine, theirs, strict=True)]
    return Figure(
        what=what,
        rate=statistics.median(mine),
        unit=unit,
        baseline=baseline_name,
        ratio=statistics.median(ratios),
        low=min(ratios),
        high=max(ratios),
    )


def _rate(work: Callable[[], int]) -> float:
    begun = time.perf_counter()
    count = work()
    return count / (time.perf_counter() - begun)
