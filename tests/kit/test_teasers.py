"""Teasers: which texts are cut, which pages hold the rest, and what an entry becomes."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.kit.teasers import SHORT, fuller, is_teaser, is_whole
from publisher.model.articles import CollectedArticle

LONG = "The harbour lies still in the morning, and the boats wait for the tide. " * 30


def entry(text, **more):
    return CollectedArticle(external_id="1", title="The harbour", text=text, **more)


@pytest.mark.parametrize(
    "end",
    [
        *("…", "...", "[...]", "[…]", "(…)", " […] »", "\n\nRead more", "\n\nRead more »"),
        *("\n\nWeiterlesen", "\n\nLire la suite →", "\n\n[Continue reading]", "\n\nЧитать"),
        *("…\n\nThe post The harbour appeared first on Quay.", "... >>"),
    ],
)
def test_a_cut_text_is_a_teaser_however_long(end):
    assert is_teaser(entry(LONG.strip() + end))


def test_a_long_text_that_ends_is_none_and_a_short_one_may_be():
    assert not is_teaser(entry(LONG))
    assert not is_teaser(entry(LONG + "\n\nAnd then ... it was gone.\n\nThe end."))
    assert is_teaser(entry("Short."))
    assert is_teaser(entry(""))


@pytest.mark.parametrize(
    ("teaser", "page", "whole"),
    [
        ("The harbour lies still in the morning …", LONG, True),
        ("", LONG, True),
        (LONG[:600], LONG[:700], False),  # a paywall shows no more than the feed
        (
            "The harbour lies still in the morning …",
            "Please enable scripts and cookies. " * 20,
            False,
        ),
        (
            "港口在清晨很安静，船只在等待潮水。",
            "港口在清晨很安静，船只在等待潮水。人们慢慢走来。" * 9,
            True,
        ),
        (
            "港口在清晨很安静，船只在等待潮水。",
            "请启用脚本后继续访问本网站，谢谢您的配合。" * 9,
            False,
        ),
    ],
)
def test_a_page_counts_when_it_says_more_of_the_same(teaser, page, whole):
    title = "港口" if teaser.startswith("港") else "The harbour"
    short = CollectedArticle(external_id="1", title=title, text=teaser)
    assert is_whole(short, CollectedArticle(external_id="2", title="", text=page)) is whole


def test_an_entry_keeps_what_its_feed_says_and_gains_what_its_page_says():
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    short = entry(
        "What the harbour is like at dawn.", html="<p>What</p>", url="https://a/1", tags=("sea",)
    )
    page = CollectedArticle(
        external_id="https://a/1",
        title="The harbour | Quay",
        html="<p>Long</p>",
        text=LONG,
        language="en",
        authors=("Ann",),
        tags=("x",),
        image="https://a/i.jpg",
        published=noon,
    )
    whole = fuller(short, page)
    assert (whole.external_id, whole.title, whole.url) == ("1", "The harbour", "https://a/1")
    assert (whole.html, whole.text, whole.published) == ("<p>Long</p>", LONG, noon)
    assert (whole.tags, whole.authors, whole.language) == (("sea",), ("Ann",), "en")
    assert whole.summary == "What the harbour is like at dawn."


def test_a_teaser_that_is_how_the_text_begins_is_no_summary():
    page = CollectedArticle(external_id="2", title="", text=LONG)
    assert fuller(entry("The harbour lies still in the morning …"), page).summary == ""


@given(st.text(max_size=3000), st.text(max_size=3000))
def test_judging_is_total(text, page):
    short, whole = entry(text), CollectedArticle(external_id="2", title="", text=page)
    assert is_teaser(short) or len(text.strip()) >= SHORT
    if is_whole(short, whole):
        assert len(page) > len(text)
    assert fuller(short, whole).text == page
