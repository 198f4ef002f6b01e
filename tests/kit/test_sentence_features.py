"""What is seen of a sentence: figures that mean the same in any language and any length of text."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.kit.sentence_features import FEATURES, MARKS, cosine, look_at, vector
from publisher.kit.sentence_weights import HABITS, WEIGHTS

FOUND = (
    "The night ferry to Aldersund sails again after eleven years in dock.",
    "The ferry company sold 12,000 tickets for the night ferry to Aldersund.",
    "There the council of the town had once wanted to close the quay.",
    "“We never believed in the ferry to Aldersund,” said Mayor Anna Holm.",
    "The night ferry to Aldersund sails again after eleven years in dock.",
    "NIGHT FERRY SAILS AGAIN FROM ALDERSUND AFTER ELEVEN LONG YEARS.",
    "Nobody told me that the night ferry had ever stopped to sail.",
)


def named(sentence):
    return dict(zip(FEATURES, sentence.features, strict=True))


def test_features_of_a_story():
    seen = [named(one) for one in look_at(FOUND, "en")]
    assert [one["early"] for one in seen[:3]] == [1, 1 / 2, 1 / 3]
    assert [one["late"] for one in seen][::6] == [0, 1]
    assert [one["number"] for one in seen] == [0, 1, 0, 0, 0, 0, 0]
    assert [one["leaning"] for one in seen] == [0, 0, 1, 0, 0, 0, 0]
    assert [one["quotation"] for one in seen] == [0, 0, 0, 1, 0, 0, 0]
    assert [one["own_voice"] for one in seen] == [0, 0, 0, 1, 0, 0, 1]
    assert seen[1]["central"] > seen[2]["central"]
    assert seen[1]["like_opening"] > seen[2]["like_opening"]
    assert sum(one["central"] for one in seen) == pytest.approx(0)


def test_what_the_whole_text_says_about_a_sentence():
    flaws = [one.flaw for one in look_at(FOUND, "en")]
    assert flaws[4:] == ["repeats an earlier one", "in capitals", "in the first person"]
    own = look_at(
        [f"Nobody told me about the ferry that sails on day {day}." for day in range(4)], "en"
    )
    assert not any(one.flaw for one in own[:1])
    loud = look_at([one.upper() for one in FOUND], "en")
    assert loud[1].flaw == ""


def test_every_feature_has_a_weight_and_the_other_way_round():
    assert list(WEIGHTS) == list(FEATURES)
    assert FEATURES.keys() >= MARKS
    assert all(WEIGHTS[name][1] == 0 for name in MARKS)
    assert HABITS.words > 0


def test_vectors_have_length_one_or_none():
    found = vector(["ferry", "ferry", "quay"], {"quay": 2.0})
    assert cosine(found, found) == pytest.approx(1)
    assert cosine(found, {}) == 0
    assert vector([], {}) == {}


@given(st.lists(st.text(min_size=1), max_size=9), st.sampled_from(["", "en", "zh"]))
def test_figures_are_finite_whatever_stands_there(found, language):
    for one in look_at(found, language):
        assert len(one.features) == len(FEATURES)
        assert all(map(math.isfinite, one.features))
