"""What an operator sees of an edition, golden: the sheet, the list, the live view, at three widths.

`make golden` accepts what is shown now.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.cli.lines import gauge
from publisher.cli.listing import listing
from publisher.cli.page import page
from publisher.cli.screen import live, one_line, work
from publisher.cli.sheets import lasting, rate_words, sheet_row
from publisher.core.tempo import Tempo
from publisher.model.editions import DeliveryState, Edition, EditionId, EditionState
from publisher.model.sheets import DomainTally, ReasonTally, Remark, Sheet, Tally
from publisher.model.timetable import RunId

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "screens"
AT = datetime(2026, 11, 24, 7, 33, tzinfo=UTC)
SECOND = timedelta(seconds=1)
COUNTS = {
    DeliveryState.QUEUED: 1_204,
    DeliveryState.CLAIMED: 492,
    DeliveryState.SENDING: 4,
    DeliveryState.ACCEPTED: 3_182,
    DeliveryState.DEFERRED: 67,
    DeliveryState.FAILED: 42,
    DeliveryState.SUPPRESSED: 7,
    DeliveryState.UNCERTAIN: 2,
}
GONE = "550 5.1.1 <ida@quay.example>: Recipient address rejected: User unknown"
SLOW = "450 4.7.28 Too many messages from your network, slow down"
DIED = "the worker died while this was on the wire"
WIDTHS = (80, 60, 40)


def edition(number=12, **more):
    made = {
        "run": RunId(number),
        "schedule": "morning",
        "slot": "2026-11-24T08:30:00+01:00",
        "number": 4,
        "state": EditionState.OPEN,
        "subject": "Night ferry returns after eleven years, with bicycles and a library on board",
        "opened": AT,
        "audience": sum(COUNTS.values()),
        "counts": COUNTS,
        **more,
    }
    return Edition(id=EditionId(number), **made)


def domain(name, words="", state=None, **counts):
    every = dict.fromkeys(DeliveryState, 0) | {DeliveryState(k): v for k, v in counts.items()}
    return DomainTally(domain=name, counts=every, words=words, state=state, at=AT)


def tally(state, count, transport="relay", recent=0):
    return Tally(
        state=state,
        transport=transport,
        count=count,
        first=AT - 90 * SECOND,
        last=AT,
        recent=recent,
    )


@pytest.fixture
def sheet():
    accepted, failed = DeliveryState.ACCEPTED, DeliveryState.FAILED
    deferred, uncertain = DeliveryState.DEFERRED, DeliveryState.UNCERTAIN
    return Sheet(
        edition=edition(),
        asked=AT,
        tallies=(
            tally(accepted, 3_150, recent=2_400),
            tally(accepted, 32, "spare"),
            tally(failed, 42, recent=30),
            tally(deferred, 67),
            tally(uncertain, 2, ""),
        ),
        reasons=(
            ReasonTally(state=deferred, words=SLOW, count=60, refusal="policy"),
            ReasonTally(state=failed, words=GONE, count=39, refusal="hard"),
            ReasonTally(state=DeliveryState.SUPPRESSED, words="suppressed: complaint", count=7),
            ReasonTally(state=failed, words="552 5.2.2 Mailbox full", count=2, refusal="soft"),
            ReasonTally(state=uncertain, words=DIED, count=2),
        ),
        domains=(
            domain("harbour-mail.example", accepted=1_602, queued=390, failed=8, words=GONE),
            domain("quay.example", accepted=801, queued=199),
            replace(
                domain("slow.example", SLOW, deferred, accepted=133, deferred=60, queued=207),
                left=0.25,
            ),
            domain("xn--bcher-kva.a-rather-long-name.example", accepted=60, queued=190),
            domain("isle1.example", accepted=12, queued=1),
            domain("isle2.example", accepted=12, queued=1),
        ),
        first=Remark(at=AT - 80 * SECOND, email="ida@quay.example", state=failed, words=GONE),
        last=Remark(at=AT, email="kim@slow.example", state=deferred, words=SLOW),
        next_due=AT + 240 * SECOND,
        hands=1,
    )


@pytest.fixture
def tempo():
    seen = Tempo()
    seen.look(0.0, {DeliveryState.QUEUED: 2_500})
    seen.look(2.0, {DeliveryState.QUEUED: 1_700})
    return seen


def shown(lines):
    return "".join(f"{line.plain.rstrip()}\n" for line in lines)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_live_view(golden, sheet, tempo, width):
    lines = live(sheet, tempo, width, 24)
    assert all(line.cell_len < width for line in lines)
    golden(GOLDEN / f"live-{width}.txt", shown(lines))


def test_the_live_view_of_what_stands_still_or_is_paused(golden, sheet):
    tempo = Tempo()
    for second in range(45):
        tempo.look(float(second), {DeliveryState.QUEUED: 1_700})
    text = shown(live(sheet, tempo, 80, 24)[:4])
    reason = "the relay refused us: 535 5.7.8 authentication failed"
    paused = edition(state=EditionState.PAUSED, reason=reason)
    text += "\n" + shown(live(replace(sheet, edition=paused), tempo, 80, 24)[:5])
    golden(GOLDEN / "live-still.txt", text)


def test_on_a_low_terminal_the_live_view_leaves_the_domains_out(sheet, tempo):
    assert len(live(sheet, tempo, 80, 24)) > 10
    assert len(live(sheet, tempo, 80, 10)) == 5


@pytest.mark.parametrize("width", [*WIDTHS, 10_000])
def test_the_sheet(golden, sheet, width):
    name = "pipe" if width > max(WIDTHS) else str(width)
    golden(GOLDEN / f"sheet-{name}.txt", shown(page(sheet, width)))


def test_the_sheet_of_one_that_is_done_and_of_one_that_does_not_add_up(golden, sheet):
    ended = {DeliveryState.ACCEPTED: 4_958, DeliveryState.FAILED: 42}
    tallies = (tally(DeliveryState.ACCEPTED, 4_958), tally(DeliveryState.FAILED, 42))
    done = replace(
        sheet,
        edition=edition(counts=ended, audience=5_000, state=EditionState.DONE),
        tallies=tallies,
        reasons=sheet.reasons[1:2],
        domains=sheet.domains[:1],
        ended=AT + SECOND,
        next_due=None,
        hands=0,
        last=sheet.first,
    )
    short = replace(done, edition=replace(done.edition, audience=5_003), tallies=(), domains=())
    text = shown(page(done, 80)) + "\n" + shown(page(short, 80)[:11])
    golden(GOLDEN / "sheet-done.txt", text)


def test_the_list(golden):
    done = {DeliveryState.ACCEPTED: 4_958, DeliveryState.FAILED: 42}
    editions = [
        (edition(13, state=EditionState.REVIEW, counts={}), "2026-11-24T08:15:00Z"),
        (edition(12), ""),
        (edition(9, state=EditionState.DONE, counts=done, audience=5_000), ""),
        (edition(2, schedule="evening-alert", slot="", counts={}, audience=0), ""),
    ]
    golden(GOLDEN / "list.txt", shown(listing(editions)))


def test_the_line_of_a_pipe(golden, sheet, tempo):
    golden(GOLDEN / "line.txt", one_line(sheet, tempo) + "\n")


def test_other_work_has_one_line():
    (line,) = work("Running", 3, 12, "harbour \x1b[31m", 80)
    assert line.plain == "Running  ━━━─────────  3 of 12  harbour  [31m"
    (line,) = work("Sending", 0, None, "", 80)
    assert line.plain.strip() == "Sending"


def test_the_json_of_a_sheet_adds_up_and_says_it_all(sheet):
    row = sheet_row(sheet)
    side = row["balance"]
    parts = side["accepted"] + side["under_way"]["count"] + side["missing"]
    parts += sum(side[name]["count"] for name in ("failed", "suppressed", "uncertain"))
    assert parts == side["audience"] == 5_000
    assert side["failed"]["reasons"][0] == {"reason": GONE, "count": 39, "refusal": "hard"}
    assert side["failed"]["other_reasons"] == 1
    assert side["under_way"]["deferred"]["next"] == "2026-11-24T07:37:00Z"
    assert (row["started"], row["finished"]) == ("2026-11-24T07:31:30Z", None)
    assert row["per_second"] == 40.5
    assert row["expected"] == "2026-11-24T07:33:41Z"
    assert [one["transport"] for one in row["transports"]] == ["relay", "spare"]
    assert row["domains"][2]["last_trouble"]["reason"] == SLOW
    assert row["domains"][1]["last_trouble"] is None
    assert [one["rate_left"] for one in row["domains"][1:3]] == [1.0, 0.25]
    assert row["errors"]["last"]["email"] == "kim@slow.example"


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(0, 10**7), st.integers(1, 200))
def test_a_gauge_is_as_wide_as_asked_and_full_only_at_the_end(good, bad, left, width):
    bar = gauge(good, bad, good + bad + left, width)
    assert len(bar) == width
    full = bar.plain.count("━")
    assert (full == width) == (left == 0 and good + bad > 0)
    assert not bad or left or any("red" in str(span.style) for span in bar.spans)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 s"),
        (59.2, "60 s"),
        (119, "119 s"),
        (121, "3 min"),
        (7_200, "2 h 0 min"),
        (10_000, "2 h 47 min"),
        (200_000, "3 days"),
    ],
)
def test_a_length_of_time_is_rounded_up(seconds, words):
    assert lasting(seconds) == words


def test_a_rate_has_the_unit_that_reads_well():
    assert [rate_words(rate) for rate in (1_234.5, 3.25, 0.05)] == ["1,234/s", "3.2/s", "3.0/min"]
