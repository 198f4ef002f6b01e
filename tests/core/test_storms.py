"""Storms of new ids, and stories that come late."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from publisher.core.deciding import Judged
from publisher.core.storms import LEAST, is_late, is_storm
from publisher.model.articles import CollectedArticle, SourceState, Verdict
from publisher.model.content import prints

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
KNOWN = SourceState(key="feed:a", last_success=NOON, fates={"new": 9}, horizon=NOON)
DAY = timedelta(days=1)


def judged(verdict=Verdict.NEW, published=NOON - DAY, count=LEAST):
    article = CollectedArticle(external_id="x", title="x", published=published)
    return [Judged(article=article, prints=prints(article), verdict=verdict)] * count


def storm(judged, state=KNOWN, *, partial=False, own=False):
    return is_storm(state, judged, partial=partial, own=own)


def test_a_document_of_old_stories_under_new_ids_is_a_storm():
    assert storm(judged())
    assert storm(judged(published=None))
    assert storm(judged() + judged(published=NOON + DAY, count=LEAST - 1))


def test_a_busy_source_after_a_long_night_is_none():
    assert not storm(judged(published=NOON + timedelta(seconds=1), count=50))


def test_one_known_story_is_enough_to_trust_the_ids():
    assert not storm([*judged(count=50), *judged(Verdict.SAME, count=1)])
    assert not storm([*judged(count=50), *judged(Verdict.CHANGED, count=1)])
    assert storm([*judged(), *judged(Verdict.DUPLICATE, count=3)])


def test_what_is_expected_to_be_new_is_no_storm():
    assert not storm(judged(), SourceState(key="feed:a"))
    assert not storm(judged(), replace(KNOWN, fates={}))
    assert not storm(judged(), partial=True)
    assert not storm(judged(), own=True)
    assert not storm(judged(count=LEAST - 1))


def test_what_is_older_than_all_that_was_shown_is_no_news():
    old = CollectedArticle(external_id="x", title="x", published=NOON - DAY)
    assert is_late(KNOWN, old, own=False)
    assert not is_late(KNOWN, old, own=True)
    assert not is_late(KNOWN, replace(old, published=NOON), own=False)
    assert not is_late(KNOWN, replace(old, published=None), own=False)
    assert not is_late(replace(KNOWN, horizon=None), old, own=False)
