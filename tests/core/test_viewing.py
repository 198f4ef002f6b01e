"""What a story's picture shows, in words: told by the author, or found beside the picture."""

import pytest

from publisher.core.viewing import alt_of
from publisher.kit.clean import clean_html
from publisher.model.articles import Article, ArticleId
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
