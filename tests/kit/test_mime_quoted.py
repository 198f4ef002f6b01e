"""Quoted-printable pieces: Python's own decoder reads them, alone and joined in any order."""

import quopri

from hypothesis import given
from hypothesis import strategies as st

from publisher.kit.mime.quoted import encode, unix
from publisher.kit.mime.segments import Body
from publisher.model import messages
from publisher.model.messages import Literal, Slot, SlotKind

texts = st.lists(
    st.one_of(
        st.text(max_size=40),
        st.sampled_from(
            ["From ", ".", "..", " ", "  ", "    ", "=", "\n", "\r\n", "\t", "é" * 30]
        ),
        st.sampled_from(["x" * 73, "x" * 74, "x" * 75, "x" * 76, "." * 200]),
    ),
    max_size=12,
).map("".join)
words = st.text("".join(map(chr, range(33, 127))), max_size=90)


def meant(text: str) -> bytes:
    return unix(text).replace("\n", "\r\n").encode("utf-8", "replace")


@given(st.lists(texts, max_size=6))
def test_pieces_decode_to_what_was_meant_in_whatever_order(pieces):
    encoded = b"".join(map(encode, pieces))
    assert quopri.decodestring(encoded) == b"".join(map(meant, pieces))
    for line in encoded.split(b"\r\n"):
        assert len(line) <= 76
        assert not line.startswith((b".", b"From "))
        assert b"  " not in line
        assert not line.endswith(b" ")


@given(words, st.sampled_from(SlotKind), st.booleans())
def test_a_word_stands_alike_whether_or_not_the_other_part_wrote_it(word, kind, html):
    """Each part writes a value by itself; what both write alike is written once."""
    body = messages.Body(frame=(Slot("word", kind), Literal("\n")))
    part, shared = Body(body, html=html), {}
    alone = part.chunks({}, {"word": word}, shared)
    assert quopri.decodestring(b"".join(alone)) == meant(part.filled({}, {"word": word}))
    other = Body(messages.Body(frame=(Slot("word", SlotKind.HTML), Literal("\n"))), html=True)
    second = b"".join(other.chunks({}, {"word": word}, shared))
    assert quopri.decodestring(second) == meant(other.filled({}, {"word": word}))
