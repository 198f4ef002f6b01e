"""Flowed text: what is laid in lines comes back as the paragraphs it was (RFC 3676 section 4.2)."""

import re

from hypothesis import given
from hypothesis import strategies as st

from publisher.kit.flowing import WIDTH, _lines, columns, flow

CLOSING = "\uff0c\u3002"  # the comma and the full stop
CHINESE = f"港湾日报{CLOSING[0]}渡轮时刻{CLOSING[1]}"
letters = st.characters(codec="utf-8", exclude_categories=("Cc", "Zs", "Zl", "Zp"))
prose = st.lists(
    st.one_of(
        st.text(letters, min_size=1, max_size=12),
        st.text(CHINESE, min_size=1, max_size=90),
        st.sampled_from([">", "From", "--", "(wider)", "x" * 90]),
    ),
    max_size=60,
).map(" ".join)


def unflowed(text: str) -> list[str]:
    """Read as RFC 3676 section 4.2 says, with DelSp=yes: one text for each paragraph or fixed line."""
    found, open_ = [], ""
    for line in text.split("\n"):
        assert not line.startswith(">"), "no line is read as a quotation"
        content = line.removeprefix(" ")
        if content.endswith(" ") and content != "-- ":
            open_ += content[:-1]
        else:
            found.append(open_ + content)
            open_ = ""
    assert not open_, "the last line of a paragraph is fixed"
    return found


@given(text=prose)
def test_what_is_flowed_comes_back(text):
    expected = " ".join(text.split())
    assert unflowed(flow(text)) == [expected]
    assert flow(expected) == flow(text)


@given(first=prose, second=prose)
def test_paragraphs_stay_apart(first, second):
    parts = [" ".join(part.split()) for part in (first, second)]
    expected = [parts[0], "", parts[1]] if all(parts) else [parts[0] or parts[1]]
    assert unflowed(flow(f"{first}\n\n{second}")) == expected


@given(text=prose)
def test_only_what_cannot_be_broken_is_wide(text):
    for line in flow(text).split("\n"):
        wide = columns(line.strip()) > WIDTH
        assert not wide or " " not in line.strip()
        assert wide or columns(line) <= 76


def test_chinese_breaks_between_letters_and_keeps_its_marks():
    text = CHINESE * 8
    lines = flow(text).split("\n")
    assert len(lines) == 3
    assert all(columns(line.rstrip()) <= WIDTH for line in lines)
    assert not any(line[0] in CLOSING for line in lines)


def test_a_list_item_begins_with_its_mark():
    assert flow("one", "- ") == "- one"


def test_lines_that_mean_something_else_are_stuffed():
    assert flow("From the harbour") == " From the harbour"
    assert flow("> quoted") == " > quoted"


def test_an_address_stays_whole():
    address = "https://gazette.example/" + "x" * 100
    assert address in flow(f"See {address} for more").split(" \n")[1]


@given(st.lists(st.text("abcdefgh.,:/-(>", min_size=1, max_size=90), max_size=40).map(" ".join))
def test_plain_words_are_laid_as_any_others(paragraph):
    """The way for ASCII and the way for every script lay the same lines."""
    lines, taken = [""], 0
    for unit in re.findall("[^ ]+ ?", paragraph):
        if taken + len(unit.rstrip()) > 72 and lines[-1]:
            lines.append("")
            taken = 0
        lines[-1] += unit
        taken += len(unit)
    assert _lines(paragraph) == lines
