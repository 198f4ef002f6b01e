"""The contrast of colours, by WCAG's own figures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.kit.colours import contrast, rgb

colours = st.integers(0, 0xFFFFFF).map("#{:06x}".format).map(rgb)


@given(one=colours, other=colours)
def test_contrast_is_the_same_both_ways_and_within_its_bounds(one, other):
    assert contrast(one, other) == contrast(other, one)
    assert 1 <= contrast(one, other) <= 21.01
    assert contrast(one, one) == 1


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#767676", "#ffffff", 4.54)],
)
def test_known_pairs(one: str, other: str, expected: float):
    assert contrast(rgb(one), rgb(other)) == pytest.approx(expected, abs=0.005)
