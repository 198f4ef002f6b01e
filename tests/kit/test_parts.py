"""Marks of merge fields, places and blocks: what is cut, what is refused, what nobody can forge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import TemplateError
from publisher.kit.parts import Marks
from publisher.model.messages import Body, Literal, Place, Slot, SlotKind

NAMES = ("why", "view_url")


def marks(seed: str = "content", kind: SlotKind = SlotKind.HTML) -> Marks:
    return Marks(seed, NAMES, kind)


def written(body: Body, made: Marks) -> str:
    """Write a body the way a template would, all its blocks in the last place."""
    places = [part for part in body.frame if isinstance(part, Place)]
    return "".join(
        _place(part, body if part is places[-1] else None, made)
        if isinstance(part, Place)
        else _piece(part, made)
        for part in body.frame
    )


def _piece(part: Literal | Slot, made: Marks) -> str:
    return part.text if isinstance(part, Literal) else made.fields[part.name]


def _place(place: Place, body: Body | None, made: Marks) -> str:
    blocks = [
        made.block(key) + "".join(_piece(piece, made) for piece in pieces) + made.end()
        for key, pieces in (body.blocks.items() if body else ())
    ]
    return " \n".join([made.place(place.name), *blocks]) + made.end()


texts = st.text(st.characters(exclude_characters="\n"), min_size=1).map(Literal)
slots = st.sampled_from([Slot("why", SlotKind.HTML), Slot("view_url", SlotKind.URL)])
names = st.text(min_size=1, max_size=12)


def apart(parts: list[Literal | Slot]) -> tuple[Literal | Slot, ...]:
    """Leave out a literal after a literal: they would come back as one."""
    kept: list[Literal | Slot] = []
    for part in parts:
        if not (kept and isinstance(part, Literal) and isinstance(kept[-1], Literal)):
            kept.append(part)
    return tuple(kept)


pieces = st.lists(texts | slots, max_size=4).map(apart)


@given(
    before=pieces,
    between=pieces,
    after=pieces,
    places=st.lists(names, min_size=2, max_size=2, unique=True),
    blocks=st.dictionaries(names, pieces, max_size=4),
)
def test_what_was_marked_comes_back_in_order(before, between, after, places, blocks):
    made = marks()
    first, last = map(Place, places)
    body = Body(frame=(*before, first, *between, last, *after), blocks=blocks)
    assert made.body(written(body, made), "t") == body


def test_kinds_follow_the_name_and_the_part():
    html, text = marks(), marks(kind=SlotKind.TEXT)
    assert html.body(html.fields["view_url"], "t").frame == (Slot("view_url", SlotKind.URL),)
    assert text.body(text.fields["why"], "t").frame == (Slot("why", SlotKind.TEXT),)


def test_a_line_of_its_own_goes_with_the_mark():
    made = marks()
    laid = f"{made.place('p')}\n{made.block('a')}\nstory\n{made.end()}\n{made.end()}\nend\n"
    body = made.body(laid, "t")
    assert body == Body(frame=(Place("p"), Literal("end\n")), blocks={"a": (Literal("story\n"),)})


def test_marks_that_are_misplaced_are_errors():
    made = marks()
    place, block, end = made.place("p"), made.block("story:7"), made.end()
    for laid, reason in {
        f"x{end}": "closes a block that is not open",
        f"{place}{block}x": "does not close story:7",
        f"{place}": "does not close p",
        f"{block}x{end}": "opens the block story:7 outside any place",
        f"{place}{block}{block}": "opens block story:7 inside another",
        f"{place}{place}": "opens place p inside another",
        f"{place}{end}{place}{end}": "has the place p twice",
        f"{place}{block}{end}{block}{end}{end}": "has the block story:7 twice",
        f"{place} x {end}": "has text between the blocks of p",
    }.items():
        with pytest.raises(TemplateError, match=reason):
            made.body(laid, "t")


@pytest.mark.parametrize("spoil", [str.upper, str.title, lambda field: field[:12] + "…"])
def test_a_field_may_not_go_through_a_filter(spoil):
    made = marks()
    with pytest.raises(TemplateError, match="take no filter"):
        made.body(spoil(made.fields["why"]), "t")


def test_content_cannot_hold_a_mark():
    """Any content changes the hash, so marks copied from one rendering are dead in the next."""
    old = marks("first").fields["view_url"]
    made = marks("first" + old)
    assert made.body(old, "t").frame == (Literal(old),)
    forged = "<!--block:0:0-->https://slot.invalid/slot-0-why-<!--/block:0-->"
    assert made.body(forged, "t").frame == (Literal(forged),)


def test_the_same_content_gives_the_same_marks():
    assert marks("x").fields == marks("x").fields
    assert marks("x").fields != marks("y").fields
