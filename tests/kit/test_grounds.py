"""A sentence goes through only when the article supports its numbers, names and quotations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.kit.grounds import Grounds
from publisher.kit.sentences import sentences

ENGLISH = """\
Ferry services between Port Ellen and Kennacraig resumed on Monday after four million dollars of \
repairs, harbour master Anna Smith said. John Miller, mayor of Port Ellen, called it "a good day for \
the island". Ticket prices rise by 5 percent from March 3, 2026, and 1,250 passengers are expected \
each day. The World Health Organization was not asked. The G-20 meets at 7:30 pm in Oslo."""

SAID = {
    "en": ENGLISH,
    "de": "Der Fährverkehr zwischen Kiel und Oslo läuft seit Montag wieder. Die Reparatur kostete "
    "4,5 Millionen "
    "Euro, sagte Hafenmeisterin Anna Schmidt. Die Preise steigen am 3. März um 1.250 Euro.",
    "fr": "Les traversées entre Brest et l'île d'Ouessant ont repris lundi. Les réparations ont "
    "coûté 4,5 millions "
    "d'euros, a déclaré la capitaine Anne Lefèvre. Les prix augmentent de 5 % le 3 mars 2026.",
    "es": "Los transbordadores entre Cádiz y Ceuta volvieron el lunes. Las obras costaron 4,5 "
    "millones de euros, "
    "dijo la capitana Ana García. Los precios suben un 5 por ciento el 3 de marzo.",
    "ru": "Паромы между Мурманском и Архангельском снова ходят с понедельника. Ремонт обошёлся в "  # noqa: RUF001  as people write it
    "4,5 млн рублей, "
    "сказала начальница порта Анна Смирнова. Цены вырастут на 5 процентов 3 марта 2026 года.",
    "tr": "İstanbul ile Yalova arasındaki feribotlar pazartesi günü yeniden başladı. Onarım 4,5 "
    "milyon liraya mal "
    "oldu, dedi liman başkanı Ayşe Yılmaz. Fiyatlar 3 Mart'ta yüzde 5 artıyor.",
    "ar": "استأنفت العبارات رحلاتها بين طنجة وطريفة يوم الاثنين. وقالت مديرة الميناء أمينة العلوي "
    "إن الإصلاحات كلفت "
    "4.5 مليون دولار. وترتفع الأسعار بنسبة 5 في المئة في 3 مارس.",
    "zh": "香港与澳门之间的渡轮周一恢复航行。港务局长陈美玲说，维修费用为400万美元。"  # noqa: RUF001  as people write it
    "票价从3月3日起上涨百分之五，每天预计有1250名乘客。",  # noqa: RUF001  as people write it
    "ja": "大阪と神戸を結ぶフェリーが月曜日に運航を再開した。"
    "港長の田中花子氏は修理費が4億円だったと述べた。料金は3月3日から5パーセント上がる。",
}

GOOD = {
    "en": [
        "Ferry services resumed after $4m of repairs.",
        "Repairs cost 4,000,000 dollars, harbour master Smith said.",
        "Mayor John Miller called it “a good day for the island”.",
        "Ticket prices rise by 5% from 3 March 2026.",
        "After repairs, 1250 passengers are expected each day.",
        "The WHO was not asked.",
        "The G20 meets at 19:30 in Oslo.",
        "Port Ellen's mayor called it a good day.",
        "The ferry is expected to carry 1,250 passengers each day.",
    ],
    "de": [
        "Der Fährverkehr zwischen Kiel und Oslo läuft wieder.",
        "Die Reparatur kostete 4,5 Mio. Euro.",
        "Hafenmeisterin Anna Schmidt: Die Preise steigen im März um 1250 Euro.",
    ],
    "fr": [
        "Les traversées entre Brest et Ouessant ont repris lundi.",
        "Les réparations ont coûté 4 500 000 euros, selon Anne Lefèvre.",
        "Les prix augmentent de 5 pour cent le 3 mars.",
    ],
    "es": ["Las obras costaron 4,5 millones de euros.", "Los precios suben un 5 % el 3 de marzo."],
    "ru": [
        "Паромы между Мурманском и Архангельском снова ходят.",
        "Ремонт обошёлся в 4 500 000 рублей, сказала Анна Смирнова.",
        "Паромы ходят в Архангельск и Мурманск с понедельника.",  # noqa: RUF001  as people write it
        "Цены вырастут на 5% 3 марта.",
    ],
    "tr": [
        "İstanbul'dan Yalova'ya feribotlar pazartesi günü yeniden başladı.",
        "Fiyatlar 3 Mart'ta %5 artıyor.",
    ],
    "ar": ["كلفت الإصلاحات 4.5 مليون دولار.", "ترتفع الأسعار بنسبة 5% في 3 مارس."],
    "zh": ["维修费用为四百万美元。", "票价从3月3日起上涨5%。", "每天预计有1,250名乘客。"],
    "ja": ["大阪と神戸を結ぶフェリーが運航を再開した。", "料金は3月3日から5％上がる。"],  # noqa: RUF001  as people write it
}

BAD = {
    "en": [
        "Ferry services resumed after $5m of repairs.",
        "Ferry services resumed after 4 million euros of repairs.",
        "Ticket prices rise by 5 dollars from March.",
        "Ticket prices rise by 5% in April.",
        "John Smith called it a good day for the island.",
        "Peter Miller called it a good day.",
        "Mayor John Miller called it “a bad day for the island”.",
        "Merkel was not asked.",
        "The FBI was not asked.",
        "The G7 meets in Oslo.",
        "Nearly two thousand passengers are expected.",
        "Six passengers are expected each day.",
        "the moon is made of green cheese and nobody knows why",
        "Les traversées ont repris.",
        "",
        "…",
    ],
    "de": [
        "Der Fährverkehr zwischen Kiel und Bergen läuft wieder.",
        "Die Reparatur kostete 4,5 Milliarden Euro.",
        "Die Preise steigen um 1,25 Euro.",
        "Hafenmeisterin Anna Schulz sagte das.",
    ],
    "fr": ["Les prix augmentent de 6 %.", "La capitaine Anne Dupont a parlé lundi."],
    "es": [
        "Las obras costaron 45 millones de euros.",
        "Los transbordadores de Melilla volvieron.",
    ],
    "ru": [
        "Паромы между Мурманском и Петербургом снова ходят.",
        "Ремонт обошёлся в 5 млн рублей.",
        "Цены вырастут в апреле.",
    ],
    "tr": ["Fiyatlar 3 Mart'ta %6 artıyor.", "Onarım 4,5 milyar liraya mal oldu."],
    "ar": ["كلفت الإصلاحات 5.5 مليون دولار.", "قال رئيس الوزراء إن الحرب انتهت أخيرا في البلاد."],
    "zh": [
        "维修费用为500万美元。",
        "张局长先生说维修费用为400万美元。",
        "世界杯决赛昨晚在北京举行。",
    ],
    "ja": ["ニューヨークと神戸を結ぶフェリーが運航を再開した。", "料金は4月3日から5％上がる。"],  # noqa: RUF001  as people write it
}


def pairs(table):
    return [(code, sentence) for code, found in table.items() for sentence in found]


@pytest.mark.parametrize(("language", "sentence"), pairs(GOOD))
def test_what_the_article_says_goes_through(language, sentence):
    assert Grounds("A title", SAID[language], language).objection(sentence) == ""


@pytest.mark.parametrize(("language", "sentence"), pairs(BAD))
def test_what_the_article_does_not_say_does_not(language, sentence):
    assert Grounds("A title", SAID[language], language).objection(sentence)


@pytest.mark.parametrize("language", sorted(SAID))
def test_an_article_supports_each_of_its_sentences(language):
    grounds = Grounds("", SAID[language], language)
    for sentence in sentences(SAID[language], language):
        assert grounds.objection(sentence) == ""


def test_the_title_counts_and_the_language_may_be_unsaid():
    assert Grounds("Storm Ada hits Bergen", ENGLISH).objection("Storm Ada hits Bergen.") == ""


def test_parts_of_two_names_are_no_name():
    grounds = Grounds(
        "", "Anna Smith. John Miller came. Mr. Frank Jones, Peter Hall and I left.", "en"
    )
    assert "apart" in grounds.objection("John Smith came.")
    assert "apart" in grounds.objection("Jones Peter left.")
    assert grounds.objection("Mr. Jones came.") == ""


NAMES = st.sampled_from(["Anna", "Smith", "Miller", "Oslo", "Bergen", "Kiel", "Weber", "Costa"])
NUMBERS = st.integers(2, 10**9)


@given(st.lists(NAMES, min_size=1, max_size=6), NUMBERS)
def test_a_sentence_of_the_article_is_always_supported(names, number):
    sentence = f"Yesterday {' and '.join(names)} counted {number:,} birds."
    assert Grounds("", f"It rained. {sentence} It ended.", "en").objection(sentence) == ""


@given(NUMBERS, NUMBERS)
def test_another_number_is_never_supported(one, other):
    grounds = Grounds("", f"They counted {one:,} birds by the water.", "en")
    assert bool(grounds.objection(f"They counted {other} birds by the water.")) == (one != other)


@given(NAMES, NAMES)
def test_another_name_is_never_supported(one, other):
    grounds = Grounds("", f"They met {one} by the water.", "en")
    assert bool(grounds.objection(f"They met {other} by the water.")) == (one != other)


@given(st.text(max_size=200), st.text(max_size=200), st.sampled_from(["", "en", "zh", "ru"]))
def test_any_text_gets_an_answer(text, sentence, language):
    assert isinstance(Grounds(text[:20], text, language).objection(sentence), str)
