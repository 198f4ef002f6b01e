"""An edition's balance sheet as a JSON object, and its figures in words; serves the screens. Pure."""

from publisher.cli.output import when
from publisher.cli.rows import Row, counts_row
from publisher.core.balancing import READY, Balance, Part, advice, balance, times
from publisher.model.editions import DeliveryState
from publisher.model.sheets import DomainTally, Remark, Sheet

MINUTE, HOUR, DAY = 60, 3_600, 86_400
SLOW = 10.0
"""Copies a second below which a rate shows a fraction."""


def sheet_row(sheet: Sheet) -> Row:
    """Return a sheet: both sides, times, transports, domains, first and last error, what to do now."""
    made, at = balance(sheet), times(sheet)
    return {
        "asked": when(sheet.asked),
        "balance": _balance_row(made, sheet),
        "started": when(at.started) or None,
        "finished": when(at.finished) or None,
        "expected": when(at.expected) or None,
        "per_second": None if at.rate is None else round(at.rate, 2),
        "workers": sheet.hands,
        "transports": _transport_rows(sheet),
        "domains": [_domain_row(one) for one in sheet.domains],
        "errors": {"first": _remark_row(sheet.first), "last": _remark_row(sheet.last)},
        "advice": [{"command": one.command, "does": one.does} for one in advice(sheet)],
    }


def rate_words(rate: float) -> str:
    """Return copies a second in words: `412/s`, `3.2/s`, `4.0/min`."""
    if rate >= SLOW:
        return f"{rate:,.0f}/s"
    return f"{rate:.1f}/s" if rate >= 1 else f"{rate * MINUTE:.1f}/min"


def lasting(seconds: float) -> str:
    """Return a length of time in words, rounded up, as coarse as a promise may be."""
    whole = max(1, int(seconds + 0.999))
    if whole < 2 * MINUTE:
        return f"{whole} s"
    if whole < 2 * HOUR:
        return f"{-(-whole // MINUTE)} min"
    if whole < 2 * DAY:
        minutes = -(-whole // MINUTE)
        return f"{minutes // MINUTE} h {minutes % MINUTE} min"
    return f"{-(-whole // DAY)} days"


def waits(sheet: Sheet) -> str:
    """Return when deferred copies go on: `next in 4 min`, "" when that is not known."""
    if sheet.next_due is None:
        return ""
    seconds = (sheet.next_due - sheet.asked).total_seconds()
    return f"next in {lasting(seconds)}" if seconds > 0 else "due now"


def _balance_row(made: Balance, sheet: Sheet) -> Row:
    parts = made.parts
    deferred = {
        **_part_row(parts[DeliveryState.DEFERRED]),
        "next": when(sheet.next_due) or None,
    }
    return {
        "audience": made.audience,
        "accepted": parts[DeliveryState.ACCEPTED].count,
        "failed": _part_row(parts[DeliveryState.FAILED]),
        "suppressed": _part_row(parts[DeliveryState.SUPPRESSED]),
        "uncertain": _part_row(parts[DeliveryState.UNCERTAIN]),
        "under_way": {
            "count": made.under_way,
            **{str(state): parts[state].count for state in READY},
            "deferred": deferred,
        },
        "missing": made.missing,
    }


def _part_row(part: Part) -> Row:
    reasons = [
        {"reason": one.words, "count": one.count, "refusal": one.refusal or None}
        for one in part.reasons
    ]
    return {"count": part.count, "reasons": reasons, "other_reasons": part.others}


def _transport_rows(sheet: Sheet) -> list[Row]:
    found: dict[str, dict[DeliveryState, int]] = {}
    for one in sheet.tallies:
        if one.transport:
            mine = found.setdefault(one.transport, {})
            mine[one.state] = mine.get(one.state, 0) + one.count
    return [{"transport": name, "counts": counts_row(counts)} for name, counts in found.items()]


def _domain_row(tally: DomainTally) -> Row:
    return {
        "domain": tally.domain,
        "readers": tally.readers,
        "counts": counts_row(tally.counts),
        "rate_left": round(tally.left, 3),
        "last_trouble": None
        if tally.state is None
        else {
            "state": str(tally.state),
            "reason": tally.words,
            "refusal": tally.refusal or None,
            "at": when(tally.at),
        },
    }


def _remark_row(remark: Remark | None) -> Row | None:
    if remark is None:
        return None
    return {
        "at": when(remark.at),
        "email": remark.email,
        "state": str(remark.state),
        "reason": remark.words,
    }
