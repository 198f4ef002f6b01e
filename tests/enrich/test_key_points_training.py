"""The benchmarks' own arithmetic: ROUGE as others compute it, a ridge that finds what is there."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.key_points_training import (
    Gain,
    Weights,
    fit,
    folds,
    gains,
    lead,
    lesson,
    solve,
    write,
)
from benchmarks.rouge import Rouge, rouge
from publisher.kit.selection import Habits, choose

REFERENCE = [
    "The night ferry sails again after eleven years.",
    "Fares stay at 38 crowns, the company says.",
]
SUMMARY = [
    "After eleven years the night ferry to Aldersund is sailing again.",
    "The fare stays at 38 crowns.",
]


def test_rouge_is_that_of_rouge_score():
    # rouge-score 0.1.2, use_stemmer=True, the sentences joined by line feeds.
    found = rouge(REFERENCE, SUMMARY)
    assert found.one == pytest.approx(84.85, abs=0.01)
    assert found.two == pytest.approx(58.06, abs=0.01)
    assert found.lsum == pytest.approx(66.67, abs=0.01)


def test_rouge_of_nothing_and_of_the_same():
    assert rouge(REFERENCE, []) == Rouge(0, 0, 0)
    assert rouge([], SUMMARY) == Rouge(0, 0, 0)
    assert rouge(REFERENCE, REFERENCE) == Rouge(100, 100, 100)


@given(st.lists(st.text()), st.lists(st.text()))
def test_rouge_is_a_share(reference, summary):
    found = rouge(reference, summary)
    assert all(0 <= value <= 100 for value in (found.one, found.two, found.lsum))


def test_equations_are_solved():
    matrix = [[0.0, 2.0, 1.0], [1.0, 1.0, 0.0], [3.0, 0.0, 4.0]]
    right = [sum(row[at] * value for at, value in enumerate((1, -2, 3))) for row in matrix]
    assert solve(matrix, right) == pytest.approx([1, -2, 3])


def test_every_article_is_held_out_once():
    held = [at for _, test in folds(11, 5, 3) for at in test]
    assert sorted(held) == list(range(11))
    assert all(not set(learn) & set(test) for learn, test in folds(11, 5, 3))


def article(number):
    """An article whose points are the sentences with a figure in them."""
    dice = random.Random(number)
    plain = [
        f"The {thing} of the town was quiet on that long day."
        for thing in ("quay", "mill", "pool")
    ]
    told = [
        f"The {thing} was sold for {dice.randint(10, 99)} crowns to a buyer from Oslo."
        for thing in ("inn", "barn")
    ]
    mixed = [*plain, *told]
    dice.shuffle(mixed)
    return lesson(" ".join(mixed), told, "en", 2)


def test_what_tells_is_learned():
    articles = [article(number) for number in range(20)]
    weights = fit(articles, 1.0)
    unknown = article(99)
    habits = Habits(redundancy=0.0, too_alike=0.99, words=30.0)
    chosen = choose(unknown.sentences, weights.scores(unknown), 2, habits)
    assert all("sold" in unknown.sentences[place].text for place in chosen)
    assert unknown.rouge(chosen).one > unknown.first.one


def test_gains_have_intervals():
    ours = [Rouge(40 + at % 3, 20, 30) for at in range(30)]
    first, *_ = gains(ours, [Rouge(39, 20, 30)] * 30)
    assert isinstance(first, Gain)
    assert first.low < first.ours - first.first < first.high


def test_the_first_sentences():
    assert lead("One. A first sentence. A second one here. The third one.", 2) == [
        "A first sentence.",
        "A second one here.",
    ]


def test_constants_are_written_as_they_are_read(tmp_path):
    weights = Weights([1.5] * 12, [0.5] * 12)
    habits = Habits(redundancy=6.0, too_alike=0.5, words=25.0)
    write(tmp_path / "weights.py", weights, 30.0, habits, "From 3 articles")
    found: dict[str, object] = {}
    exec((tmp_path / "weights.py").read_text("utf-8"), found)
    assert found["HABITS"] == habits
    assert found["WEIGHTS"]["early"] == (1.5, 0.5)
    assert found["WEIGHTS"]["number"] == (1.5, 0.0)
