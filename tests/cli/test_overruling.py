"""What `articles set` makes of its options, whatever editors type."""

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.cli.overruling import OPTIONS, changes_of, check_options
from publisher.errors import NotFound
from publisher.model.articles import Link, Overruled
from tests.core.test_viewing import article

NOTHING = dict.fromkeys(OPTIONS) | dict.fromkeys(("tags", "points", "links", "computed"), ())
STORY = article("")
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40)


def nobody(name):
    raise NotFound(name, "there is no such article")


def made(find=nobody, **asked):
    return changes_of({**NOTHING, **asked}, STORY, find)


@given(WORDS, st.sampled_from(["http", "https"]), st.text("abc/?=&%#.-", max_size=30))
def test_a_title_and_an_address_are_told_apart(title, scheme, path):
    title = " ".join(title.split())
    url = f"{scheme}://port.example/{path}"
    if not title or title.startswith(("http://", "https://")) or "=" in title:
        return
    for written in (f"{title}={url}", f"  {title} =  {url} "):
        assert made(links=(written,)).read_also == (Link(title=title, url=url),)


@given(st.lists(st.text(max_size=60), max_size=6).map(tuple))
def test_points_are_lines_each_once(points):
    if any(not point.split() for point in points):
        with pytest.raises(click.UsageError):
            made(points=points)
        return
    found = made(points=points).key_points or ()
    assert list(found) == list(dict.fromkeys(" ".join(point.split()) for point in points))


def test_a_story_of_ours_is_its_id_also_by_its_address():
    other = article("")
    object.__setattr__(other, "id", 7)
    asked = ("https://gazette.example/x", "7")
    assert made(lambda _name: other, links=asked).read_also == (7,)


def test_nothing_is_left_alone_and_none_is_none():
    with pytest.raises(click.UsageError):
        check_options(NOTHING)
    assert made(title="x").key_points is None
    assert made(pointless=True).key_points == ()
    assert made(linkless=True).read_also == ()
    assert list(made(computed=("read-also",)).computed) == [Overruled.READ_ALSO]
