"""Copies and coverage are found among stored articles, follow their texts, and stay where they are put."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from publisher.core.clustering import Clusterer
from publisher.core.enriching import Enricher
from publisher.enrich.read_also import PostingIndex
from publisher.errors import UsageError
from publisher.kit.near_copies import likeness, sketch
from publisher.model.articles import CollectedArticle, SourceState
from publisher.model.clusters import ClusterSettings
from publisher.ports import CollectionResult, EnrichSettings
from publisher.store import open_store
from publisher.testing.store_articles import change
from publisher.testing.store_world import World

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
FERRY = (
    "The night ferry to Aldersund sails again after eleven years, Captain Brodersen told the harbour"
    " board. The first crossing on Friday was sold out within an hour, and the fare stays at 38 crowns."
    " The old pier was mended over the winter by the town's own carpenters."
)
TOLD = (
    "After eleven years a night ferry crosses to Aldersund once more. Brodersen, its captain, said that"
    " Friday's first crossing sold out at once; tickets cost 38 crowns as before. Carpenters of the town"
    " had mended the pier."
)
SOUP = (
    "Boil the bones for an hour, then add cream, dill and a spoon of flour. Let the soup rest before it"
    " is served with dark bread, and never salt it twice, says the cook of the island's only inn."
)


class Desk:
    """A store, and articles that come to it by their sources."""

    def __init__(self, store, **settings):
        self.store, finder = store, PostingIndex()
        self.complaints = []
        self.clusterer = Clusterer(
            store=store,
            sketch=sketch,
            likeness=likeness,
            own=lambda one: finder.own(finder.terms(one.title, one.text), store.library()),
            settings=ClusterSettings(**settings),
        )
        self.enricher = Enricher(
            store=store,
            key_points=None,
            read_also=finder,
            complain=lambda *told: self.complaints.append(told),
            clusters=self.clusterer,
        )

    def bring(self, source, text, title="", day=0):
        article = CollectedArticle(
            external_id=f"{source}{text[:20]}{day}", title=title or f"News of {source}", text=text,
            url=f"https://{source}.example/{len(text)}-{day}", published=NOON + day * timedelta(days=1),
        )  # fmt: skip
        (number,) = self.store.save_collected(
            CollectionResult(state=SourceState(key=source), now=NOON, new=((article, ()),))
        )
        return number

    def look(self):
        """Enrich what is new; return who stands together, as sets."""
        self.enricher.enrich(EnrichSettings(key_points=0))
        assert self.complaints == []
        found = {}
        for one in self.store.articles(now=NOON + timedelta(days=99)):
            if one.cluster is not None:
                found.setdefault(one.cluster, set()).add(one.id)
        return sorted(found.values(), key=min)


@pytest.fixture
def store(tmp_path):
    with closing(open_store("sqlite:///p.db", tmp_path)) as store:
        yield store


@pytest.fixture
def desk(store):
    return Desk(store)


def test_copies_and_coverage_of_other_sources_stand_together(desk):
    one = desk.bring("quay", FERRY)
    desk.bring("inn", SOUP)
    assert desk.look() == []
    copy = desk.bring("port", f"ALDERSUND (Agency) - {FERRY}", "Ferry back")
    assert desk.look() == [{one, copy}]
    told = desk.bring("isle", TOLD, "Night ferry to Aldersund sails again")
    assert desk.look() == [{one, copy, told}]
    assert desk.store.article(told).related == ()


def test_a_sequel_by_the_same_source_is_no_coverage(desk):
    one = desk.bring("quay", FERRY)
    sequel = desk.bring("quay", TOLD, "Night ferry to Aldersund sails again")
    assert desk.look() == []
    assert [other.id for other in desk.store.article(sequel).related] == [one]


def test_what_lies_days_apart_is_no_cluster_and_no_further_reading(desk):
    one, late = desk.bring("quay", FERRY), desk.bring("port", FERRY, day=9)
    assert desk.look() == []
    assert desk.store.article(late).related == desk.store.article(one).related == ()


def test_who_comes_to_tell_something_else_leaves(desk):
    one, two = desk.bring("quay", FERRY), desk.bring("port", FERRY)
    assert desk.look() == [{one, two}]
    before = desk.store.article(two)
    other = CollectedArticle(
        external_id=before.external_id, title="Soup", text=SOUP, url=before.url, published=NOON
    )
    change(World(desk.store), two, other, significant=True)
    assert desk.look() == []


def test_operators_have_the_last_word(desk):
    one, two, soup = desk.bring("quay", FERRY), desk.bring("port", FERRY), desk.bring("inn", SOUP)
    assert desk.look() == [{one, two}]
    desk.clusterer.split(two)
    late = desk.bring("isle", FERRY)
    assert desk.look() == [{one, late}]
    desk.clusterer.join([two, soup])
    assert desk.look() == [{one, late}, {two, soup}]
    with pytest.raises(UsageError):
        desk.clusterer.join([two, two])


def test_a_publication_that_wants_no_clusters_still_offers_no_copies(store):
    desk = Desk(store, enabled=False)
    one = desk.bring("quay", FERRY)
    desk.bring("port", FERRY)
    assert desk.look() == []
    assert store.article(one).related == ()
