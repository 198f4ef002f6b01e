"""Marks of merge fields and blocks: what is cut, what is refused, what nobody can forge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import TemplateError
from publisher.kit.parts import Marks
from publisher.model.messages import Block, Literal, Part, Slot, SlotKind

NAMES = ("why", "view_url")


def marks(seed: str = "content", kind: SlotKind = SlotKind.HTML) -> Marks:
    return Marks(seed, NAMES, kind)


def written(parts: tuple[Part, ...], made: Marks) -> str:
    """Write parts the way a template would."""
    pieces = []
    for part in parts:
        if isinstance(part, Block):
            pieces += [made.block(part.key), written(part.parts, made), made.end()]
        else:
            pieces.append(part.text if isinstance(part, Literal) else made.fields[part.name])
    return "".join(pieces)


texts = st.text(st.characters(exclude_characters="\n"), min_size=1).map(Literal)
slots = st.sampled_from([Slot("why", SlotKind.HTML), Slot("view_url", SlotKind.URL)])


def blocks(inner):
    return st.builds(Block, st.sampled_from(["story:1", "section:A --> B", "lead:2"]), inner)


def apart(parts: list[Part]) -> tuple[Part, ...]:
    """Leave out a literal after a literal: they would come back as one."""
    kept: list[Part] = []
    for part in parts:
        if not (kept and isinstance(part, Literal) and isinstance(kept[-1], Literal)):
            kept.append(part)
    return tuple(kept)


sequences = st.recursive(
    st.lists(texts | slots, max_size=4).map(apart),
    lambda inner: st.lists(texts | slots | blocks(inner), max_size=5).map(apart),
)


@given(sequences)
def test_what_was_marked_comes_back_in_order(parts):
    made = marks()
    assert made.parts(written(parts, made), "t") == parts


def test_kinds_follow_the_name_and_the_part():
    html, text = marks(), marks(kind=SlotKind.TEXT)
    assert html.parts(html.fields["view_url"], "t") == (Slot("view_url", SlotKind.URL),)
    assert text.parts(text.fields["why"], "t") == (Slot("why", SlotKind.TEXT),)


def test_a_line_of_its_own_goes_with_the_mark():
    made = marks()
    laid = f"{made.block('a')}\nstory\n{made.end()}\nend\n"
    assert made.parts(laid, "t") == (Block("a", (Literal("story\n"),)), Literal("end\n"))


def test_marks_that_do_not_pair_are_errors():
    made = marks()
    with pytest.raises(TemplateError, match="closes a block that is not open"):
        made.parts(f"x{made.end()}", "t")
    with pytest.raises(TemplateError, match="does not close the block story:7"):
        made.parts(f"{made.block('story:7')}x", "t")


@pytest.mark.parametrize("spoil", [str.upper, str.title, lambda field: field[:12] + "…"])
def test_a_field_may_not_go_through_a_filter(spoil):
    made = marks()
    with pytest.raises(TemplateError, match="take no filter"):
        made.parts(spoil(made.fields["why"]), "t")


def test_content_cannot_hold_a_mark():
    """Any content changes the hash, so marks copied from one rendering are dead in the next."""
    old = marks("first").fields["view_url"]
    made = marks("first" + old)
    assert made.parts(old, "t") == (Literal(old),)
    forged = "<!--block:0:0-->https://slot.invalid/slot-0-why-<!--/block:0-->"
    assert made.parts(forged, "t") == (Literal(forged),)


def test_the_same_content_gives_the_same_marks():
    assert marks("x").fields == marks("x").fields
    assert marks("x").fields != marks("y").fields
