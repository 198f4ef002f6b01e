"""New, changed, same or duplicate; news or backlog."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from publisher.core.deciding import FIRST_STOCK, fresh_stock, is_news, judge, memberships
from publisher.model.articles import ArticleId, CollectedArticle, KnownArticle, Verdict
from publisher.model.content import content_hash, difference
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


def test_an_unknown_article_is_new_and_a_known_one_the_same():
    assert judge([STORY], {}, {})[0].verdict is Verdict.NEW
    assert judge([STORY], {"a": known(STORY)}, {})[0].verdict is Verdict.SAME


def test_a_small_edit_is_a_change_but_not_a_significant_one():
    words = " ".join(f"word{n}" for n in range(100))
    before = replace(STORY, text=words)
    after = replace(STORY, text=words.replace("word7 ", "wordy7 "))
    judged = judge([after], {"a": known(before)}, {})[0]
    assert (judged.verdict, judged.significant) == (Verdict.CHANGED, False)
    retitled = judge([replace(before, title="Boat")], {"a": known(before)}, {})[0]
    assert (retitled.verdict, retitled.significant) == (Verdict.CHANGED, True)


def test_the_same_address_from_another_source_is_a_duplicate_of_the_stored_one():
    twin = replace(STORY, external_id="b", url="http://X.example/a/?utm_source=feed#top")
    urls = {canonical_url("https://x.example/a"): ArticleId(7)}
    judged = judge([twin], {}, urls)[0]
    assert (judged.verdict, judged.id) == (Verdict.DUPLICATE, 7)


def test_an_id_repeated_within_a_document_counts_once():
    verdicts = [item.verdict for item in judge([STORY, STORY], {}, {})]
    assert verdicts == [Verdict.NEW, Verdict.DUPLICATE]


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
    articles = [replace(STORY, external_id=name, url="") for name in ids]
    judged = judge(
        articles, {name: known(replace(STORY, external_id=name)) for name in stored}, {}
    )
    assert [item.article for item in judged] == articles
    new = [item.article.external_id for item in judged if item.verdict is Verdict.NEW]
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
