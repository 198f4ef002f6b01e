"""Which articles a feed's `[select]` rules let in."""

import pytest

from publisher.config.values import rule as read_rule
from publisher.core.selecting import READERS, enters, matches
from publisher.model.articles import SOURCE, CollectedArticle
from publisher.model.definitions import SelectRules

PORT = "feed:https://port.example/news.xml"
FERRY = CollectedArticle(
    external_id="1",
    title="Night ferry returns",
    text="The quay was full.",
    tags=("Harbour", "ships"),
    authors=("Ines Vautrin",),
    url="https://port.example/ferry",
    language="en",
    attributes={SOURCE: {"title": "Port news", "url": "https://port.example/news.xml"}},
)


def rules(*, all_of=(), any_of=(), none_of=()):
    """Rules as config makes them."""
    read = {one: read_rule(one) for one in (*all_of, *any_of, *none_of)}
    expressions = {one: expression for one, expression in read.items() if expression}
    return SelectRules(all_of=all_of, any_of=any_of, none_of=none_of, expressions=expressions)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("tag:harbour", True),
        ("tag:harb", False),
        ("tag:~harb", True),
        ("title:~ferr(y|ies)", True),
        ("title:~^ferry", False),
        ("title:~FERRY", True),
        ("title:ferry", True),
        ("text:the quay", True),
        ("text:~^the .*full", True),
        ("author:ines vautrin", True),
        ("author:Agency desk", False),
        ("author:~vautrin$", True),
        ("url:port.example", True),
        ("url:~^https://(www[.])?port[.]example/", True),
        ("language:EN", True),
        ("language:~^(en|de)(-|$)", True),
        ("quay", True),
        ("colour:red", False),
        ("source:Feed:https://port.example/news.xml", True),
        ("source:https://port.example/news.xml", True),
        ("source:port NEWS", True),
        ("source:port", False),
        ("source:~^port", True),
        ("source:~^page:", False),
    ],
)
def test_one_rule(rule, expected):
    assert (
        matches(rules(all_of=(rule,)) if ":~" in rule else rules(), rule, FERRY, PORT) is expected
    )


def test_a_source_without_a_title_is_known_by_its_key():
    bare = CollectedArticle(external_id="1", title="x")
    assert enters(rules(all_of=("source:folder:articles",)), bare, "folder:articles")
    assert enters(rules(all_of=("source:articles",)), bare, "folder:articles")
    assert not enters(rules(all_of=("source:Port news",)), bare, "folder:articles")


def test_every_field_can_be_searched_by_an_expression():
    for field in READERS:
        rule = f"{field}:~."
        assert enters(rules(all_of=(rule,)), FERRY, PORT), field


def test_all_any_and_none_are_joined():
    assert enters(SelectRules(), FERRY, PORT)
    assert enters(rules(any_of=("tag:culture", "tag:ships")), FERRY, PORT)
    assert not enters(rules(any_of=("tag:culture",)), FERRY, PORT)
    assert enters(rules(all_of=("tag:ships", "title:~ferr(y|ies)")), FERRY, PORT)
    assert not enters(rules(all_of=("tag:ships", "tag:culture")), FERRY, PORT)
    assert not enters(rules(none_of=("title:ferry",)), FERRY, PORT)
    assert not enters(rules(any_of=("tag:ships",), none_of=("title:~night",)), FERRY, PORT)


def test_rules_with_compiled_expressions_read_the_same_as_when_written():
    # A reselection follows when the written rules differ, and only then.
    one, two = rules(any_of=("title:~a+",)), rules(any_of=("title:~a+",))
    assert one.expressions["title:~a+"] is not two.expressions["title:~a+"]
    assert (one, repr(one)) == (two, repr(two))
    assert repr(one) == "SelectRules(all_of=(), any_of=('title:~a+',), none_of=())"
