"""The live view of an edition being sent, as lines that fit the terminal; serves watching. Pure."""

from collections.abc import Iterator

from rich.text import Text

from publisher.cli.lines import QUIET, cut, flow, gauge, within
from publisher.cli.output import ATTENTION, clean
from publisher.cli.places import GAUGE, domains
from publisher.cli.sheets import lasting, rate_words, waits
from publisher.core.balancing import Balance, balance
from publisher.core.tempo import Tempo
from publisher.model.editions import BAD, GOOD, DeliveryState, EditionState
from publisher.model.sheets import Sheet

SHOWN = (DeliveryState.ACCEPTED, *BAD, DeliveryState.SUPPRESSED)
STILL = 10.0
"""Seconds without a move after which the live view says so."""


def live(sheet: Sheet, tempo: Tempo, width: int, height: int) -> list[Text]:
    """Return the live view of an edition being sent."""
    edition, made = sheet.edition, balance(sheet)
    width = within(width)
    share = f" {100 * made.ended // made.audience if made.audience else 0:>3} %"
    good = sum(made.parts[state].count for state in GOOD)
    bad = sum(made.parts[state].count for state in BAD)
    name = edition.subject or edition.title or edition.schedule
    bar = gauge(good, bad, made.audience, width - len(share))
    lines = [Text(f"Edition {edition.id} · {clean(name)}", "bold"), bar.append(share)]
    lines += flow([Text(words) for words in _pace(sheet, made, tempo)], width)
    lines += flow(list(_counts(sheet, made)), width)
    if len(sheet.domains) > 1:
        below = domains(sheet, sheet.domains, width)
        lines += [Text(), *below] if len(lines) + len(below) < height - 2 else []
    return [cut(line, width) for line in lines]


def work(title: str, done: int, total: int | None, what: str, width: int) -> list[Text]:
    """Return one line about work that is no edition."""
    line = Text(title)
    if total:
        line.append("  ").append(gauge(done, 0, total, GAUGE)).append(f"  {done:,} of {total:,}")
    return [cut(line.append(f"  {clean(what)}", QUIET), within(width))]


def one_line(sheet: Sheet, tempo: Tempo) -> str:
    """Return how far an edition is, for a pipe that somebody reads now and then."""
    made = balance(sheet)
    parts = [*_pace(sheet, made, tempo), *(text.plain for text in _counts(sheet, made))]
    return f"edition {sheet.edition.id}: {', '.join(parts)}"


def _pace(sheet: Sheet, made: Balance, tempo: Tempo) -> Iterator[str]:
    """Yield how much is done, how fast, and how long it takes, as far as that is true."""
    yield f"{made.ended:,} of {made.audience:,}"
    edition = sheet.edition
    if edition.state is not EditionState.OPEN:
        yield f"{edition.state}: {clean(edition.reason)}" if edition.reason else str(edition.state)
    elif made.ready and tempo.still >= STILL:
        yield f"nothing moved for {lasting(tempo.still)}"
    elif tempo.rate:
        yield rate_words(tempo.rate)
        if tempo.left:
            yield f"about {lasting(tempo.left)} left"


def _counts(sheet: Sheet, made: Balance) -> Iterator[Text]:
    for state in SHOWN:
        if number := made.parts[state].count:
            yield Text(f"{number:,} {state}", ATTENTION if state in BAD else "")
    if number := made.parts[DeliveryState.DEFERRED].count:
        yield Text(f"{number:,} deferred" + (f", {waits(sheet)}" if waits(sheet) else ""))
