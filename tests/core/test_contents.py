"""Within an edition a link is offered once, and leads out of it."""

from datetime import UTC, datetime

from publisher.core.contents import unrepeated
from publisher.model.articles import ArticleId, Link
from publisher.model.views import StoryView

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


def story(number, *to):
    links = tuple(Link(title=f"To {one}", url=f"https://port.example/{one}") for one in to)
    return StoryView(
        id=ArticleId(number),
        feeds=("harbour",),
        title=f"Story {number}",
        url=f"https://port.example/{number}",
        read_also=links,
        published=NOON,
    )


def test_links_lead_out_of_the_edition_and_to_each_place_once():
    told = unrepeated([story(1, 2, 7, 8), story(2, 8, 1, 9), story(3, 7)])
    assert [[link.title for link in one.read_also] for one in told] == [
        ["To 7", "To 8"],
        ["To 9"],
        [],
    ]


def test_nothing_else_changes():
    told = unrepeated([story(1, 7), story(2)])
    assert told == (story(1, 7), story(2))
    assert unrepeated([]) == ()
