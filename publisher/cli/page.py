"""The balance sheet of an edition as a page of lines; serves `editions show`. Pure."""

from collections.abc import Iterator

from rich.text import Text

from publisher.cli.lines import LABEL, QUIET, fact, hang
from publisher.cli.output import ATTENTION, clean, count, when
from publisher.cli.places import domains
from publisher.cli.sheets import rate_words, waits
from publisher.core.balancing import READY, Balance, Part, advice, balance, times
from publisher.model.editions import BAD, ENDED, DeliveryState, EditionState
from publisher.model.sheets import Sheet


def page(sheet: Sheet, width: int) -> list[Text]:
    """Return the balance sheet of an edition as lines."""
    made = balance(sheet)
    lines = [*_times(sheet), Text()]
    lines += _balance(sheet, made, width)
    if len(sheet.domains) > 1 or any(one.words for one in sheet.domains):
        lines += [Text(), Text("largest domains", "bold"), *domains(sheet, sheet.domains, width)]
    for name, remark in (("first error", sheet.first), ("last error", sheet.last)):
        if remark is not None and (name == "first error" or remark != sheet.first):
            lines += [Text()] if name == "first error" else []
            who = f"{when(remark.at)} {remark.email} {remark.state}"
            lines += hang(fact(name, ""), clean(who), width)
            lines += hang(fact("", ""), clean(remark.words), width)
    return lines + list(_advice(sheet, width))


def _times(sheet: Sheet) -> Iterator[Text]:
    at = times(sheet)
    rate = "" if at.rate is None else rate_words(at.rate)
    if at.started:
        yield fact("started", when(at.started))
    if at.finished:
        yield fact("finished", when(at.finished) + (f", {rate} over all" if rate else ""))
    elif at.expected:
        yield fact("expected", f"{when(at.expected)} at {rate}, the rate of the last minute")
    elif at.rate == 0 and sheet.edition.state is EditionState.OPEN:
        yield fact("expected", "unknown: nothing moved in the last minute")
    through: dict[str, int] = {}
    for one in sheet.tallies:
        if one.transport:
            through[one.transport] = through.get(one.transport, 0) + one.count
    if through:
        named = ", ".join(f"{clean(name)} {number:,}" for name, number in through.items())
        yield fact("through", named)


def _balance(sheet: Sheet, made: Balance, width: int) -> Iterator[Text]:
    """Yield both sides: a part a line with its reasons, a rule, the audience."""
    digits = max(7, len(f"{made.audience:,}"))
    for state in (*ENDED, None):
        part = made.parts[state] if state else None
        number = part.count if part else made.under_way
        name = str(state) if state else "under way"
        wrong = state in BAD and number
        line = Text(f"{number:>{digits},}  ")
        line.append(f"{name:<{LABEL}}", ATTENTION if wrong else "")
        notes = list(_reasons(part)) if part else list(_under_way(sheet, made))
        for note in notes or [""]:
            yield from hang(line, note, width, QUIET)
            line = Text(" " * len(line))
    yield Text("─" * digits, QUIET)
    total = Text(f"{made.audience:>{digits},}  {'readers':<{LABEL}}")
    if made.missing:
        people = count(abs(made.missing), "copy", "copies")
        verb = "missing" if made.missing > 0 else "too many"
        yield total.append(f"{people} {verb}: `publisher repair`", ATTENTION)
    else:
        yield total.append("all accounted for", QUIET)


def _reasons(part: Part) -> Iterator[str]:
    if part.state is DeliveryState.ACCEPTED:
        return
    for one in part.reasons:
        kind = f"{one.refusal}: " if one.refusal else ""
        yield f"{one.count:,} × {kind}{clean(one.words) or 'no reason was given'}"
    if part.others and part.reasons:
        yield f"{part.others:,} × other reasons"


def _under_way(sheet: Sheet, made: Balance) -> Iterator[str]:
    parts = [f"{made.parts[state].count:,} {state}" for state in READY if made.parts[state].count]
    deferred = made.parts[DeliveryState.DEFERRED]
    if deferred.count:
        next_due = f" ({waits(sheet)})" if waits(sheet) else ""
        parts.append(f"{deferred.count:,} deferred{next_due}")
    if parts:
        yield ", ".join(parts)
    yield from _reasons(deferred)


def _advice(sheet: Sheet, width: int) -> Iterator[Text]:
    """Yield what can be done now; command and effect stand on two lines where one is too short."""
    now = advice(sheet)
    longest = max((len(one.command) for one in now), default=0)
    wide = all(LABEL + longest + len(one.does) + 2 <= width for one in now)
    for number, one in enumerate(now):
        if number == 0:
            yield Text()
        command = f"{one.command:<{longest if wide else 0}}"
        yield fact("now" if number == 0 else "", command + (f"  {one.does}" if wide else ""))
        if not wide:
            yield fact("", f"  {one.does}")
