"""Where else a story stands: who is named, by which name, and who is not."""

from datetime import UTC, datetime, timedelta

from publisher.core.elsewhere import ALSO_AT, Elsewhere, also_at
from publisher.model.articles import SOURCE, Article, ArticleId, ArticleState
from publisher.model.definitions import FeedDefinition

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


def article(number, url=None, cluster=1, published=NOON, **more):
    return Article(
        id=ArticleId(number), uid=f"tag:{number}", source="s", external_id=str(number),
        slug=f"s{number}", title=f"T{number}", url=url or f"https://www.site-{number}.example/a",
        published=published, updated=published, first_seen=published, cluster=cluster, **more,
    )  # fmt: skip


def named(title):
    return {SOURCE: {"title": title}}


def test_sources_are_named_as_they_name_themselves():
    mates = [article(2, attributes=named(" The  Quay ")), article(3)]
    found = also_at(article(1), mates, NOON)
    assert [(link.title, link.url) for link in found] == [
        ("The Quay", "https://www.site-2.example/a"),
        ("site-3.example", "https://www.site-3.example/a"),
    ]


def test_each_site_is_named_once_and_never_its_own():
    mates = [
        article(2, "https://site-1.example/other"),
        article(3, "https://quay.example/1"),
        article(4, "https://www.quay.example/2"),
    ]
    assert [link.url for link in also_at(article(1), mates, NOON)] == ["https://quay.example/1"]
    assert len(also_at(article(1), [article(n) for n in range(2, 20)], NOON)) == ALSO_AT


def test_what_may_not_be_read_is_not_named():
    mates = [
        article(2, state=ArticleState.HIDDEN),
        article(3, state=ArticleState.HELD),
        article(4, published=NOON + timedelta(days=1)),
    ]
    assert also_at(article(1), mates, NOON) == ()


class Shelf:
    def __init__(self, places, *articles):
        self.places, self.articles, self.asked = places, articles, []

    def cluster_mates(self, numbers):
        self.asked.append(list(numbers))
        return {number: [one for one in self.articles if one.id != number] for number in numbers}

    def memberships(self, numbers):
        return {number: self.places.get(number, ()) for number in numbers}


def test_what_stands_in_no_feed_at_hand_is_not_named():
    one, two, three = article(1), article(2), article(3)
    shelf = Shelf({2: ("secret",), 3: ("secret", "harbour")}, one, two, three)
    elsewhere = Elsewhere(store=shelf, feeds={"harbour"}, now=NOON)
    (entry,) = elsewhere.entries([one], FeedDefinition(slug="harbour", title="Harbour"))
    assert [link.title for link in entry.also_at] == ["site-3.example"]
    assert elsewhere.of([article(9, cluster=None)]) == {}
    assert shelf.asked == [[1]]
