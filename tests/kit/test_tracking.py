"""Addresses without what tells where readers come from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.model.tracking import PREFIXES, TRACKING, is_tracking, without_tracking
from publisher.model.urls import canonical_url


@pytest.mark.parametrize(
    ("url", "left"),
    [
        ("https://h.example/a?utm_source=rss", "https://h.example/a"),
        ("https://h.example/a?utm_source=rss&utm_medium=x#top", "https://h.example/a#top"),
        (
            "https://h.example/a?mc_eid=1&q=a+b&gclid=2&q=%C3%A9",
            "https://h.example/a?q=a+b&q=%C3%A9",
        ),
        ("https://h.example/a#xtor=RSS-1", "https://h.example/a"),
        ("https://h.example/a?id=1#utm_source=x&part=2", "https://h.example/a?id=1#part=2"),
        ("https://h.example/a?utm_source", "https://h.example/a?utm_source"),
        ("https://h.example/a?", "https://h.example/a?"),
        ("https://h.example/a?a&&b=#", "https://h.example/a?a&&b=#"),
        ("https://h.example/utm_source=x", "https://h.example/utm_source=x"),
        ("mailto:a@b.example?subject=x&utm_source=y", "mailto:a@b.example?subject=x"),
    ],
)
def test_only_tracking_goes_and_all_else_is_as_it_was(url, left):
    assert without_tracking(url) == left


def test_the_table_is_in_small_letters_and_without_repetition():
    assert all(name == name.lower() for name in TRACKING)
    assert not any(name.startswith(PREFIXES) for name in TRACKING)
    assert is_tracking("FBCLID")
    assert is_tracking("Utm_Whatever")
    assert not is_tracking("id")


@given(st.text(alphabet="ab=&?#/%_utm", max_size=40))
def test_it_is_total_and_once_is_enough(text):
    once = without_tracking("https://h.example/" + text)
    assert without_tracking(once) == once
    assert len(once) <= len("https://h.example/" + text)


@given(
    st.lists(st.sampled_from(sorted(TRACKING)), max_size=4),
    st.sampled_from(["", "id=1", "a=b&c=d"]),
)
def test_addresses_that_differ_in_tracking_alone_are_one(names, query):
    tracked = "&".join([*(f"{name}=x" for name in names), *([query] if query else [])])
    url = "https://h.example/a" + (f"?{tracked}" if tracked else "")
    assert canonical_url(url) == canonical_url(f"https://h.example/a?{query}")
