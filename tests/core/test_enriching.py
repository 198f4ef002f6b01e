"""Enriching goes by batches; one failing enricher costs its own enrichment only; elders are told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from publisher.core.enriching import Enricher
from publisher.enrich.read_also import PostingIndex
from publisher.errors import StoreBusy
from publisher.kit.memory_library import MemoryLibrary
from publisher.model.articles import Article, ArticleId
from publisher.model.enrichment import Relations, Relative
from publisher.ports import EnrichSettings

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
FERRY = "The night ferry to Aldersund sails again. Captain Brodersen waits at the quay."
FARES = "Fares on the night ferry to Aldersund rise, says Captain Brodersen at the quay."
SOUP = "Boil the bones for an hour, then add cream, dill and a spoon of flour."


class Shelf:
    """A store of articles in memory, as far as enriching needs one."""

    def __init__(self):
        self.articles, self.changed, self.saved = {}, set(), {}
        self._library = MemoryLibrary()

    def put(self, *texts, **more):
        for text in texts:
            number = ArticleId(len(self.articles) + 1)
            self.articles[number] = article(number, text, **more)
            self.changed.add(number)

    def unenriched(self, limit=500):
        return sorted(self.changed)[:limit]

    def articles_by_id(self, numbers):
        return {number: self.articles[number] for number in numbers}

    def library(self):
        return self._library

    def relatives(self, numbers):
        return {
            number: Relative(
                id=number,
                published=self.articles[number].published,
                relations=self.saved[number].relations if number in self.saved else Relations(),
            )
            for number in numbers
        }

    def save_enrichments(self, enrichments):
        self.saved |= {one.article: one for one in enrichments}
        self.changed -= {one.article for one in enrichments}

    def relate(self, numbers, decide):
        theirs = {tie.article for number in numbers for tie in self.saved[number].relations.ties}
        for number, relations in decide(self.relatives({*numbers, *theirs})).items():
            self.saved[number] = replace(self.saved[number], relations=relations)

    def related(self, number):
        return [tie.article for tie in self.saved[ArticleId(number)].relations.ties]


class First:
    """Takes the first sentence for the only key point."""

    def points(self, title, text, count, language="", standfirst=""):
        if "unreadable" in text:
            raise ZeroDivisionError
        return (text.split(". ")[0],)


class Together:
    """Knows which articles are near-copies, or fails."""

    def __init__(self, copies=(), error=None):
        self.copies, self.error, self.seen = dict(copies), error, []

    def cluster(self, articles, relations):
        self.seen.append(([one.id for one in articles], list(relations)))
        if self.error:
            raise self.error
        return self.copies


def article(number, text, **more):
    day = NOON + number * timedelta(days=1)
    return Article(
        id=number, uid=f"tag:{number}", source="s", external_id=str(number), slug=f"s{number}",
        title=f"T{number}", url=f"https://port.example/{number}", text=text,
        published=day, updated=day, first_seen=day, content_hash=text, **more,
    )  # fmt: skip


def enricher(shelf, complaints=None, **more):
    heard = [] if complaints is None else complaints
    return Enricher(
        store=shelf,
        key_points=First(),
        read_also=PostingIndex(),
        complain=lambda *told: heard.append(told),
        **more,
    )


def test_a_batch_knows_of_itself_whatever_its_order():
    for texts in ((FERRY, FARES, SOUP), (SOUP, FARES, FERRY)):
        shelf = Shelf()
        shelf.put(*texts)
        assert enricher(shelf).enrich(EnrichSettings()) == 3
        assert [shelf.related(n) for n in (1, 2, 3)] in ([[2], [1], []], [[], [3], [2]])


def test_an_older_article_learns_of_its_sequel():
    shelf = Shelf()
    shelf.put(FERRY, SOUP)
    enricher(shelf).enrich(EnrichSettings())
    assert shelf.related(1) == []
    shelf.put(FARES)
    assert enricher(shelf).enrich(EnrichSettings()) == 1
    assert (shelf.related(1), shelf.related(3), shelf.related(2)) == ([3], [1], [])
    assert shelf.saved[1].key_points == ("The night ferry to Aldersund sails again",)


def test_one_bad_article_stops_no_other():
    shelf, complaints = Shelf(), []
    shelf.put("unreadable. " + FERRY, FARES)
    assert enricher(shelf, complaints).enrich(EnrichSettings()) == 2
    assert shelf.saved[1].key_points == ()
    assert shelf.related(1) == [2]
    assert complaints == [("T1", "key points: ZeroDivisionError()")]


def test_a_failing_index_costs_only_what_is_related():
    class Broken(PostingIndex):
        def terms(self, title, text, language=""):
            if text == SOUP:
                raise ValueError(text)
            return super().terms(title, text, language)

    shelf, complaints = Shelf(), []
    shelf.put(FERRY, SOUP, FARES)
    replace(enricher(shelf, complaints), read_also=Broken()).enrich(EnrichSettings())
    assert [shelf.related(n) for n in (1, 2, 3)] == [[3], [], [1]]
    assert len(complaints) == 1


def test_a_failing_store_is_nobodys_enrichment():
    class Locked(Shelf):
        def relatives(self, numbers):
            raise StoreBusy("store", "locked")

    shelf = Locked()
    shelf.put(FERRY)
    with pytest.raises(StoreBusy):
        enricher(shelf).enrich(EnrichSettings())
    assert shelf.unenriched() == [1]


def test_supplied_points_and_feeds_that_want_none():
    shelf = Shelf()
    shelf.put(FERRY, key_points=("Supplied",), key_points_supplied=True)
    shelf.put(FARES)
    assert enricher(shelf).enrich(EnrichSettings(key_points=0, read_also=0)) == 2
    assert [shelf.saved[n].key_points for n in (1, 2)] == [(), ()]
    assert shelf.related(1) == shelf.related(2) == []


def test_stories_are_put_together_when_they_can_be_found():
    shelf, together = Shelf(), Together()
    shelf.put(FERRY, FARES)
    enricher(shelf, clusters=together).enrich(EnrichSettings(read_also=0))
    assert together.seen == [([1, 2], [1, 2])]


def test_near_copies_are_no_further_reading():
    shelf = Shelf()
    shelf.put(FERRY, FARES)
    enricher(shelf, clusters=Together({1: [2], 2: [1]})).enrich(EnrichSettings())
    assert shelf.related(1) == shelf.related(2) == []


def test_clusters_that_fail_cost_clusters_only():
    shelf, complaints = Shelf(), []
    shelf.put(FERRY, FARES)
    enricher(shelf, complaints, clusters=Together({}, ZeroDivisionError())).enrich(
        EnrichSettings()
    )
    assert shelf.related(1) == [2]
    assert complaints == [("T1", "clusters: ZeroDivisionError()")]
    shelf.put(SOUP)
    with pytest.raises(StoreBusy):
        enricher(shelf, clusters=Together({}, StoreBusy("here", "locked"))).enrich(
            EnrichSettings()
        )
