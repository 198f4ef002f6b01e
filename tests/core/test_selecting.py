"""Which articles a feed's `[select]` rules let in."""

import pytest

from publisher.core.selecting import enters, matches
from publisher.model.articles import CollectedArticle
from publisher.model.definitions import SelectRules

FERRY = CollectedArticle(
    external_id="1",
    title="Night ferry returns",
    text="The quay was full.",
    tags=("Harbour", "ships"),
    authors=("Ines Vautrin",),
    url="https://port.example/ferry",
    language="en",
)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("tag:harbour", True),
        ("tag:harb", False),
        ("title:~ferr(y|ies)", True),
        ("title:~^ferry", False),
        ("title:ferry", True),
        ("author:ines vautrin", True),
        ("author:Agency desk", False),
        ("url:port.example", True),
        ("language:EN", True),
        ("quay", True),
        ("colour:red", False),
    ],
)
def test_one_rule(rule, expected):
    assert matches(rule, FERRY) is expected


def test_all_any_and_none_are_joined():
    assert enters(SelectRules(), FERRY)
    assert enters(SelectRules(any_of=("tag:culture", "tag:ships")), FERRY)
    assert not enters(SelectRules(any_of=("tag:culture",)), FERRY)
    assert not enters(SelectRules(all_of=("tag:ships", "tag:culture")), FERRY)
    assert not enters(SelectRules(none_of=("title:ferry",)), FERRY)
