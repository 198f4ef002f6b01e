"""Replies: the same whole replies however the octets are cut, and no memory for rubbish."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.kit.smtp_client.replies import MAX_LINE, MAX_LINES, BadReply, Reply, ReplyReader

codes = st.integers(200, 559)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=40)
replies = st.builds(
    lambda code, lines: Reply(code, tuple(lines)), codes, st.lists(texts, min_size=1, max_size=5)
)


def written(reply: Reply) -> bytes:
    *most, last = reply.lines
    lines = [*(f"{reply.code}-{line}" for line in most), f"{reply.code} {last}"]
    return "".join(f"{line}\r\n" for line in lines).encode()


@given(st.lists(replies, max_size=5), st.data())
def test_replies_are_the_same_however_they_are_cut(expected, data):
    octets = b"".join(map(written, expected))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(octets)), max_size=8)))
    reader, got = ReplyReader(), []
    for start, end in zip([0, *cuts], [*cuts, len(octets)], strict=True):
        got += reader.feed(octets[start:end])
    assert got == expected
    assert reader.idle


@given(st.binary(max_size=300))
def test_any_octets_give_replies_or_a_refusal(octets):
    with suppress(BadReply):
        for reply in ReplyReader().feed(octets):
            assert 200 <= reply.code <= 599
            assert str(reply).isprintable()


@pytest.mark.parametrize("octets", [b"250\r\n", b"250 \r\n", b"250 ok\n"])
def test_short_forms_are_replies(octets):
    (reply,) = ReplyReader().feed(octets)
    assert reply.code == 250


@pytest.mark.parametrize(
    "octets",
    [
        b"HTTP/1.1 200 OK\r\n",
        b"\r\n",
        b"99 x\r\n",
        b"2500 x\r\n",
        b"250_x\r\n",
        b"150 x\r\n",
        b"250-a\r\n251 b\r\n",
        b"250 " + b"x" * MAX_LINE + b"\r\n",
        b"x" * (MAX_LINE + 1),
        b"250-x\r\n" * MAX_LINES,
    ],
)
def test_what_is_no_reply_is_refused(octets):
    with pytest.raises(BadReply):
        ReplyReader().feed(octets)


@pytest.mark.parametrize(
    ("line", "enhanced", "status"),
    [
        (b"550 5.1.1 no such user\r\n", "5.1.1", "5.1.1"),
        (b"550 no such user\r\n", "", "550"),
        (b"550 4.1.1 class differs\r\n", "", "550"),
        (b"451 4.7.500\r\n", "4.7.500", "4.7.500"),
        (b"250 2.0.0 queued\r\n", "2.0.0", "2.0.0"),
        (b"550 15.1.1 no\r\n", "", "550"),
    ],
)
def test_enhanced_codes(line, enhanced, status):
    (reply,) = ReplyReader().feed(line)
    assert (reply.enhanced, reply.status) == (enhanced, status)


def test_for_people_a_reply_is_one_printable_line():
    (reply,) = ReplyReader().feed(
        b"550-5.1.1 no\x1b[31m\r\n550 such   user" + b"!" * 900 + b"\r\n"
    )
    assert str(reply).startswith("550 5.1.1 no?[31m such user!")
    assert str(reply).isprintable()
    assert len(str(reply)) <= 300
