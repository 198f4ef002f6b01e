"""How sentences open: what leans on the sentence before, what may be cut."""

import pytest

from publisher.kit.openers import leans_back, speaks_of_itself, without_conjunction


@pytest.mark.parametrize(
    ("sentence", "language", "leans"),
    [
        ("He left.", "en", True),
        ("“It is late,” he said.", "en-GB", True),
        ("But the ferry left.", "en", True),
        ("The ferry left.", "en", False),
        ("Hermann left.", "en", False),
        ("Dabei blieb es.", "de", True),
        ("Die Fähre blieb.", "de", False),
        ("He left.", "tlh", False),
        ("", "en", False),
        ("123 left.", "en", False),
    ],
)
def test_leaning(sentence, language, leans):
    assert leans_back(sentence, language) is leans


@pytest.mark.parametrize(
    ("sentence", "cut"),
    [
        ("But the ferry left.", "The ferry left."),
        ("However, the ferry left.", "The ferry left."),
        ("Butter melted.", "Butter melted."),
        ("The ferry left, but late.", "The ferry left, but late."),
        ("But", "But"),
        ("", ""),
    ],
)
def test_conjunctions_are_cut_off(sentence, cut):
    assert without_conjunction(sentence, "en") == cut


def test_first_person():
    assert speaks_of_itself("Nobody told me.", "en")
    assert not speaks_of_itself("Nobody told Mel.", "en")
    assert speaks_of_itself("Das hat mir keiner gesagt.", "de")
