"""How sentences open: what points or leans at the sentence before, what may be cut."""

# ruff: noqa: RUF001 - letters of other scripts are the subject

from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher import kit
from publisher.kit.openers import leans_back, points_back, speaks_of_itself, without_conjunction

NEWSROOMS = ("en", "de", "fr", "es", "ru", "tr", "ar", "zh", "ja")


@pytest.mark.parametrize(
    ("sentence", "language", "points"),
    [
        ("He left.", "en", True),
        ("“It is late,” he said.", "en-GB", True),
        ("( He left ) .", "en", True),
        ("But the ferry left.", "en", False),
        ("The ferry left.", "en", False),
        ("Hermann left.", "en", False),
        ("Its captain left.", "en", True),
        ("I left.", "en", True),
        ("On Tuesday, he left for Oslo.", "en", True),
        ("Normally, it leaves at nine.", "en", True),
        ("On Tuesday, the ferry left.", "en", False),
        ("When the ferry left, it was late.", "en", False),
        ("The mayor, his wife and a dog left.", "en", False),
        ("Sie fährt.", "de", True),
        ("Diese Fähre fährt.", "de", True),
        ("Die Fähre blieb.", "de", False),
        ("C'est la fin.", "fr", True),
        ("L'eau monte.", "fr", False),
        ("Su barco llegó.", "es", True),
        ("Sucre creció.", "es", False),
        ("Эта лодка ушла.", "ru", True),
        ("Этаж сгорел.", "ru", False),
        ("Bu gemi gitti.", "tr", True),
        ("Buca'da yangın çıktı.", "tr", False),
        ("وهو يعمل.", "ar", True),
        ("Αυτός έφυγε.", "el", True),
        ("वे चले गए।", "hi", True),
        ("नाव चली गई।", "hi", False),
        ("هذه السفينة غادرت.", "ar", True),
        ("غادرت السفينة.", "ar", False),
        ("他走了。", "zh", True),
        ("“这家公司关了。”", "zh", True),
        ("那不勒斯下雨了。", "zh", False),
        ("この船は出た。", "ja", True),
        ("「それは本当だ。」", "ja", True),
        ("船は出た。", "ja", False),
        ("He left.", "tlh", False),
        ("", "en", False),
        ("123 left.", "en", False),
        ("", "zh", False),
    ],
)
def test_pointing(sentence, language, points):
    assert points_back(sentence, language) is points


def test_leaning():
    assert leans_back("There the ferry stayed.", "en")
    assert leans_back("Außerdem blieb es.", "de")
    assert leans_back("但是船走了。", "zh")
    assert not leans_back("The ferry stayed.", "en")


@pytest.mark.parametrize(
    ("language", "sentence", "cut"),
    [
        ("en", "But the ferry left.", "The ferry left."),
        ("en", "However, the ferry left.", "The ferry left."),
        ("en", "However late, the ferry left.", "However late, the ferry left."),
        ("en", "And, of course, it left.", "Of course, it left."),
        ("en", "But for the storm it left.", "But for the storm it left."),
        ("en", "So far nobody left.", "So far nobody left."),
        ("en", "Also arrested were two sailors.", "Also arrested were two sailors."),
        ("en", "Butter melted.", "Butter melted."),
        ("en", "The ferry left, but late.", "The ferry left, but late."),
        ("en", "“But the ferry left.”", "“But the ferry left.”"),
        ("en", "But", "But"),
        ("en", "But ", "But "),
        ("en", "", ""),
        ("de", "Doch die Fähre fuhr.", "Die Fähre fuhr."),
        ("de", "Zudem fuhr die Fähre.", "Zudem fuhr die Fähre."),
        ("fr", "Par ailleurs, le port ferme.", "Le port ferme."),
        ("es", "Sin embargo, el puerto cierra.", "El puerto cierra."),
        ("ru", "Однако порт закрыт.", "Порт закрыт."),
        ("ru", "Однако, порт закрыт.", "Порт закрыт."),
        ("tr", "Ama iki gemi gitti.", "İki gemi gitti."),
        ("tr", "Amasya'da liman yok.", "Amasya'da liman yok."),
        ("ar", "لكن الميناء مغلق.", "الميناء مغلق."),
        ("zh", "但是，船走了。", "船走了。"),
        ("zh", "但丁来了。", "但丁来了。"),
        ("ja", "しかし、船は出た。", "船は出た。"),
        ("tlh", "But the ferry left.", "But the ferry left."),
    ],
)
def test_conjunctions_are_cut_off_where_a_whole_sentence_is_left(language, sentence, cut):
    assert without_conjunction(sentence, language) == cut


def test_first_person():
    assert speaks_of_itself("Nobody told me.", "en")
    assert not speaks_of_itself("Nobody told Mel.", "en")
    assert speaks_of_itself("Das hat mir keiner gesagt.", "de")
    assert speaks_of_itself("Personne ne m'a aidé, dit M. Dupont.", "fr")
    assert not speaks_of_itself("Personne ne l'a vu, dit M. J. Dupont.", "fr")
    assert not speaks_of_itself("The US and MY Foods agree.", "en")
    assert speaks_of_itself("I'm late.", "en")
    assert speaks_of_itself("कल मैं गया।", "hi")
    assert not speaks_of_itself("Nobody knows.", "tlh")
    assert speaks_of_itself("没有人告诉我。", "zh")
    assert not speaks_of_itself("", "zh")


def test_every_language_of_the_house_has_all_four_columns():
    lines = files(kit).joinpath("openers.txt").read_text("utf-8").splitlines()
    table = {
        code: words.split("|")
        for code, _, words in (line.partition(":") for line in lines if not line.startswith("#"))
    }
    assert set(NEWSROOMS) <= table.keys()
    assert all(len(columns) == 4 and all(map(str.strip, columns)) for columns in table.values())


@given(st.text(), st.sampled_from([*NEWSROOMS, "", "xx"]))
def test_total_and_only_ever_cut_from_the_front(text, language):
    for tell in (points_back, leans_back, speaks_of_itself):
        assert tell(text, language) in (True, False)
    assert text.endswith(without_conjunction(text, language)[2:])
