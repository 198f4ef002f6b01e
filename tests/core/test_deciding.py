"""New, changed, same or duplicate; news or backlog."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from publisher.core.deciding import (
    FIRST_STOCK,
    Document,
    fresh_stock,
    is_news,
    judge,
    marks_of,
    memberships,
)
from publisher.model.articles import (
    ArticleId,
    CollectedArticle,
    Enclosure,
    KnownArticle,
    Twin,
    Verdict,
)
from publisher.model.content import content_hash, difference, prints
from publisher.model.definitions import FeedDefinition, SelectRules
from publisher.model.urls import canonical_url

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
STORY = CollectedArticle(
    external_id="a", title="Ferry", text="one two three four five", url="https://x.example/a"
)


def known(article, number=1):
    return KnownArticle(
        id=ArticleId(number),
        external_id=article.external_id,
        content_hash=content_hash(article),
        title=article.title,
        text=article.text,
    )


def judged(articles, stored=(), twins=(), **more):
    """Judge a document; `stored` by external id, `twins` (article, source) known by their marks."""
    found = {}
    for number, (article, source) in enumerate(twins, 7):
        twin = Twin(
            id=ArticleId(number),
            source=source,
            external_id=article.external_id,
            content_hash=content_hash(article),
            title=article.title,
            text=article.text,
            published=article.published or NOON,
        )
        for mark in marks_of(prints(article)):
            found.setdefault(mark, []).append(twin)
    return judge(
        Document(
            source="feed:here",
            articles=articles,
            prints=[prints(article) for article in articles],
            known={article.external_id: known(article) for article in stored},
            twins=found,
            **more,
        )
    )


def test_an_unknown_article_is_new_and_a_known_one_the_same():
    assert judged([STORY])[0].verdict is Verdict.NEW
    assert judged([STORY], [STORY])[0].verdict is Verdict.SAME


def test_a_small_edit_is_a_change_but_not_a_significant_one():
    words = " ".join(f"word{n}" for n in range(100))
    before = replace(STORY, text=words)
    after = replace(STORY, text=words.replace("word7 ", "wordy7 "))
    edited = judged([after], [before])[0]
    assert (edited.verdict, edited.significant) == (Verdict.CHANGED, False)
    retitled = judged([replace(before, title="Boat")], [before])[0]
    assert (retitled.verdict, retitled.significant) == (Verdict.CHANGED, True)


LONG = replace(STORY, url="", text="Ferries return to the harbour this week. " * 8)


def test_the_same_address_from_another_source_is_a_duplicate_of_the_stored_one():
    twin = replace(STORY, external_id="b", url="http://X.example/a/?utm_source=feed#top")
    (one,) = judged([twin], twins=[(STORY, "feed:other")])
    assert (one.verdict, one.id, one.renamed) == (Verdict.DUPLICATE, 7, False)


def test_a_sites_front_page_is_no_storys_address():
    home = replace(STORY, url="https://x.example/")
    assert (
        judged([replace(home, external_id="b")], twins=[(home, "feed:other")])[0].verdict == "new"
    )


def test_the_same_text_or_enclosure_from_another_source_is_a_duplicate():
    copy = replace(LONG, external_id="b", published=NOON)
    assert judged([copy], twins=[(LONG, "feed:other")])[0].verdict is Verdict.DUPLICATE
    episode = replace(STORY, url="", enclosures=(Enclosure(url="https://x.example/1.mp3"),))
    again = replace(episode, external_id="b", title="Another title")
    assert judged([again], twins=[(episode, "feed:other")])[0].verdict is Verdict.DUPLICATE


def test_a_title_and_date_tell_a_story_within_one_source_only():
    weather = replace(STORY, url="", title="Weather", published=NOON)
    again = replace(weather, external_id="b", text="Rain, and more of it")
    (one,) = judged([again], twins=[(weather, "feed:here")])
    assert (one.verdict, one.id, one.renamed) == (Verdict.CHANGED, 7, True)
    assert judged([again], twins=[(weather, "feed:other")])[0].verdict is Verdict.NEW


def test_a_source_that_renames_its_stories_brings_the_same_ones():
    moved = [replace(LONG, external_id=f"https:{n}", title=f"T{n}", published=NOON) for n in "12"]
    before = [
        (replace(one, external_id=f"http:{one.external_id[6:]}"), "feed:here") for one in moved
    ]
    again = judged(moved, twins=before)
    assert [(one.verdict, one.renamed, one.id) for one in again] == [
        (Verdict.SAME, True, 7),
        (Verdict.SAME, True, 8),
    ]


def test_entries_that_stand_side_by_side_are_not_each_other():
    """A change log: all its entries have one address, and the next has it, too."""
    log = [replace(STORY, external_id=name, title=f"Version {name}") for name in "123"]
    stored = log[:2]
    found = judged(log, stored, twins=[(one, "feed:here") for one in stored])
    assert [one.verdict for one in found] == [Verdict.SAME, Verdict.SAME, Verdict.NEW]
    alone = judged([log[2]], twins=[(log[1], "feed:here")])
    assert alone[0].verdict is Verdict.NEW


def test_of_a_part_no_id_is_taken_for_gone():
    part = judged([replace(LONG, external_id="b")], twins=[(LONG, "feed:here")], partial=True)
    assert part[0].verdict is Verdict.NEW


def test_two_stories_that_could_both_be_it_are_neither():
    two = [(LONG, "feed:one"), (replace(LONG, external_id="c"), "feed:two")]
    assert judged([replace(LONG, external_id="b")], twins=two)[0].verdict is Verdict.NEW


def test_one_stored_story_is_not_two():
    stored = replace(STORY, url="", title="Weather", published=NOON)
    twice = [replace(stored, external_id=name, text=name) for name in "xy"]
    found = judged(twice, twins=[(stored, "feed:here")])
    assert [one.verdict for one in found] == [Verdict.CHANGED, Verdict.NEW]


def test_an_id_repeated_within_a_document_counts_once():
    assert [one.verdict for one in judged([STORY, STORY])] == [Verdict.NEW, Verdict.DUPLICATE]
    renamed = replace(STORY, external_id="a|2")
    assert [one.verdict for one in judged([STORY, renamed])] == [Verdict.NEW, Verdict.DUPLICATE]


def test_backlog_of_a_new_source_is_no_news_to_a_feed_in_use():
    assert not is_news(source_known=False, feed_used=True, in_stock=True)
    assert is_news(source_known=True, feed_used=True, in_stock=False)
    assert is_news(source_known=False, feed_used=False, in_stock=True)


def test_only_the_newest_of_a_strangers_archive_is_fresh_but_all_of_our_own_folder():
    archive = [
        replace(STORY, external_id=str(n), published=NOON - timedelta(days=n)) for n in range(40)
    ]
    assert fresh_stock(archive, own=False) == {str(n) for n in range(FIRST_STOCK)}
    assert len(fresh_stock(archive, own=True)) == 40


def test_memberships_follow_the_rules_of_each_feed():
    feeds = [
        FeedDefinition(slug="all", title="All"),
        FeedDefinition(slug="none", title="None", select=SelectRules(any_of=("tag:x",))),
    ]
    assert memberships(STORY, feeds, {"all": False}, "feed:x") == (("all", False),)


@given(st.lists(st.sampled_from("abcdef"), max_size=12), st.sets(st.sampled_from("abcdef")))
def test_every_article_is_judged_and_each_id_is_new_at_most_once(ids, stored):
    articles = [replace(STORY, external_id=name, url="", title=name) for name in ids]
    found = judged(articles, [replace(STORY, external_id=name) for name in stored])
    assert [item.article for item in found] == articles
    new = [item.article.external_id for item in found if item.verdict is Verdict.NEW]
    assert sorted(new) == sorted(set(ids) - stored)


@given(st.text(), st.text())
def test_difference_is_symmetric_and_bounded(one, other):
    assert 0.0 <= difference(one, other) <= 1.0
    assert difference(one, other) == difference(other, one)
    assert difference(one, one) == 0.0


@given(st.text(max_size=60))
def test_canonical_urls_are_idempotent_and_total(text):
    once = canonical_url(f"https://e.example/{text}")
    assert canonical_url(once) == once
    canonical_url(text)
