"""What formats are given of a story: its picture in words, its key points, what to read besides."""

from dataclasses import replace

import pytest

from publisher.core.viewing import alt_of, links_by, links_of, points_of, story
from publisher.kit.clean import clean_html
from publisher.model.articles import Article, ArticleId, Link, Origin, RelatedArticle
from tests.core.test_illustrating import NOON

URL = "https://x.example/a.jpg?w=1&h=2"
OTHER = '<img src="https://x.example/b.jpg" alt="another">'
SAME = (
    '<img alt="A &quot;big&quot; <ferry> \n at night" src="https://x.example/a.jpg?w=1&amp;h=2">'
)


def article(html: str, image: str = URL, **attributes: object) -> Article:
    return Article(
        id=ArticleId(1),
        uid="urn:uuid:1",
        source="feed:a",
        external_id="1",
        slug="a",
        title="A",
        url="https://x.example/a",
        html=clean_html(html, "https://x.example/"),
        image=image,
        published=NOON,
        updated=NOON,
        first_seen=NOON,
        attributes=attributes,
    )


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (article(SAME, image_alt=" A   ferry "), "A ferry"),
        (article(SAME, image_alt=""), ""),
        (article(SAME, image_alt=5), 'A "big" <ferry> at night'),
        (article(f"<p>{OTHER}</p><p>{SAME}</p>"), 'A "big" <ferry> at night'),
        (article(OTHER), ""),
        (article(SAME, image=""), ""),
        (article(f'<img src="{URL}">'), ""),
        (article("no pictures"), ""),
    ],
)
def test_the_words_of_a_picture(found: Article, expected: str) -> None:
    assert alt_of(found) == expected


PORT = Link(title="Port", url="https://x.example/port")
TIDES = RelatedArticle(id=ArticleId(2), title="Tides", url="https://x.example/tides", uid="u:2")
SAILS = RelatedArticle(id=ArticleId(3), title="Sails", url="https://x.example/sails", uid="u:3")


def test_supplied_links_come_first_each_address_once() -> None:
    named = Link(title="High water", url=TIDES.url)
    one = replace(
        article(""), read_also=(named, PORT, Link(title="Nowhere")), related=(TIDES, SAILS)
    )
    assert [(link.title, link.uid, by) for link, by in links_by(one)] == [
        ("High water", "u:2", Origin.SOURCE),
        ("Port", "", Origin.SOURCE),
        ("Sails", "u:3", Origin.COMPUTED),
    ]
    assert [link.title for link in links_of(one, 1)] == ["High water"]


def test_an_editors_links_stand_instead_and_are_not_cut() -> None:
    one = replace(article(""), read_also=(PORT,), related=(TIDES,), own_read_also=(SAILS, PORT))
    assert [link.title for link in links_of(one, 1)] == ["Sails", "Port"]
    assert links_of(one, 0) == ()
    assert links_of(replace(one, own_read_also=()), 3) == ()


def test_a_story_does_not_point_at_itself() -> None:
    one = article("")
    assert links_of(replace(one, read_also=(Link(title="Me", url=one.url), PORT)), 3) == (PORT,)


@pytest.mark.parametrize(
    ("by", "shown"), [(Origin.EDITOR, 3), (Origin.SOURCE, 3), (Origin.COMPUTED, 2)]
)
def test_only_computed_key_points_are_counted(by: Origin, shown: int) -> None:
    one = replace(article(""), key_points=("a", "b", "c"), points_by=by)
    assert len(points_of(one, 2)) == shown


def test_the_beginning_stands_for_a_standfirst_where_no_points_say_the_same() -> None:
    plain = replace(article("", ""), text="The ferry sails again. The quay is full.")
    assert story(plain, (), None).standfirst == plain.text
    pointed = replace(plain, key_points=("The ferry sails again.",))
    assert story(pointed, (), None).standfirst == ""
    assert story(pointed, (), None).summary == plain.text
    assert story(replace(pointed, dek="At last"), (), None).standfirst == "At last"
