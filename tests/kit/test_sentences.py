"""Sentences are cut where readers would cut them, and nothing is ever lost."""

# ruff: noqa: RUF001 - letters of other scripts are the subject

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.kit.sentences import sentences


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["The ferry left.", "It came back!", "Why?", "Nobody knows…", "Wait."]),
        ("en", ["Mr. Smith met Dr. Jones at St. Mary's.", "They talked."]),
        ("en", ["He lives in the U.S. Senate building.", "It is old."]),
        ("en", ["She moved to the U.S.", "The law changed."]),
        ("en", ["It opens at 5 p.m. on Monday.", "It closes at 9 p.m.", "Then it is dark."]),
        ("en", ["J. K. Rowling and George W. Bush read p. 5 of vol. 3.", "It was 3.5 m long."]),
        ("en", ['"Stop!" he said.', '"I will not go."', "She left."]),
        ("en", ["He was late (as usual.) and tired.", "“So what?” she asked."]),
        ("en", ["The company, Smith Inc., grew.", "Its head is e.g. a sailor."]),
        ("en", ["It cost 20 in 2010.", "The price doubled."]),
        ("de", ["Am 3. Oktober kam Dr. Müller, d. h. der Arzt.", "Er blieb bis 18 Uhr."]),
        ("de", ["Er kaufte Brot, Milch usw.", "Die Rechnung war hoch."]),
        ("de", ["„Das geht nicht.“", "Sie ging z. B. nach Hause."]),
        ("fr", ["M. Dupont est arrivé.", "« Bonjour ! » dit-il.", "Il est parti."]),
        ("es", ["El Sr. García llegó.", "¿Quién es?", "¡Nadie!"]),
        ("ru", ["Он родился в 1950 г. в г. Москве.", "Она тоже."]),
        ("ar", ["وصلت العبارة.", "هل تعود؟", "لا أحد يعرف."]),
        ("hi", ["नाव आई।", "फिर चली गई।"]),
        ("ur", ["کشتی آئی۔", "پھر چلی گئی۔"]),
    ],
)
def test_sentences_of_newsrooms(language, expected):
    assert list(sentences(" ".join(expected), language)) == expected


@pytest.mark.parametrize(
    "expected",
    [
        ["船が来た。", "また行った！", "本当？", "誰も知らない。"],
        ["彼は「行く。来る。」と言った。", "次の日、雨が降った。"],
        ["船来了。", "他说：“好。”", "我们走了！"],
    ],
)
def test_scripts_without_spaces(expected):
    assert list(sentences("".join(expected))) == expected


def test_paragraphs_and_lists_part_without_a_stop():
    text = "A heading\n\nThe first line\ngoes on.\n- one thing\n- another\n1. First\n2. Second."
    assert sentences(text, "en") == (
        "A heading",
        "The first line goes on.",
        "- one thing",
        "- another",
        "1. First",
        "2. Second.",
    )


def test_language_is_told_by_the_text():
    text = "Der Hafen ist seit dem 3. Oktober wieder offen, und die Fähre fährt. Das ist gut."
    assert len(sentences(text)) == 2


def test_nothing_is_nothing():
    assert sentences("") == ()
    assert sentences(" \n\n ") == ()


PARAGRAPHS = {
    "en": """
The ferry left at 7:35 a.m. on Monday.|It came back at 9 p.m. and nobody was aboard.|Why?
He paid $3.50 for No. 5 on the list.|The U.S. Senate met in Washington, D.C. on Friday.|He said no.|It failed.
Dr. J. R. Smith Jr. spoke to Sgt. Maj. Lee at 10 Downing St. in London.|Nobody answered.
She asked: “Is it late? Is it dark?” and left.|Nobody knew...|Then it rained.
Visit www.example.com/a.b?c=D or write to a.b@example.com.|It is free.
He works for the F.B.I. in Va.|She was born on Jan. 5, 1990, in St. Louis.
It was 7: 35 am when it fell .|The 6. 1 - magnitude quake hit .
On a trip to the centre of . the island Mr . Cameron smiled .|Nobody else did.
What?!|Nobody told me!!!|OK.
The vote is on Nov. 3.|The winner takes office on Jan. 20, 2021.
See e.g. the report, i.e. page 3, etc.|It is long.
""",
    "de": """
Am 3. Oktober kam Dr. Müller, d. h. der Arzt, um 18 Uhr.|Bitte warten Sie.|Er blieb z. B. bis zum 5. Mai.
Das Haus Nr. 5 kostet ca. 2,5 Mio. Euro.|So ist das.|Nun ist es alt.
„Das geht nicht“, sagte sie.|„Warum?“, fragte er.|Niemand wusste es.
Im 19. Jahrhundert regierte Wilhelm II. in Berlin.|Heute nicht mehr.
Prof. Dr. h. c. Hans A. Meier sprach u. a. über die EU.|Es war spät.
»Komm!«|Er blieb (bzw. wollte bleiben).
""",
    "fr": """
M. Dupont et Mme. Durand sont arrivés à 8 h. 30.|Ils sont partis.
« Bonjour ! » dit-il.|« Comment allez-vous ? »|Il part.
Il a dit : « Nous partons. Vous restez. »|Puis il est parti…|Elle attend.
L'eau gagne 2 °C.|De nombreux ports ferment.|Il a vécu jusqu'en 700 av. J.-C. environ.
Le temple date de 700 avant J.-C.|L'espace central est vide.|M. L. Moreau l'a vu.
Selon l'art. 5 de la loi, c.-à-d. la nouvelle, etc.|Le vote suit.
""",
    "es": """
El Sr. García y la Dra. Ruiz llegaron a las 8 a.m. del lunes.|¿Quién es?|¡Nadie!
Los EE. UU. firmaron el acuerdo núm. 5.|El pacto dura 3.5 años.
Dijo: “Vamos. Es tarde”.|Y se fue.|—No lo sé —dijo ella.
""",
    "ru": """
Он родился в 1950 г. в г. Москве.|Она тоже.|Почему?
Цена выросла, т. е. удвоилась, до 5 млн. рублей.|Это много.
Директор А. С. Пушкин и д-р И. Иванов приехали.|Их ждали.
«Мы едем!» — сказал он.|— Куда? — спросила она.|Никто не знал…|Дождь шёл.
Компания работает с 2010 г.|В 2015 году она выросла на 3,5 %.
Там были яблоки, груши и т. д.|На рынке было шумно.
""",
    "tr": """
Dr. Ahmet Yılmaz, T.C. Sağlık Bakanlığı'nda konuştu.|Toplantı 3. kez yapıldı.
II. Abdülhamit 19. yüzyılda yaşadı.|Saat 19.30'da Ankara'da 15. Uluslararası Fuar açıldı.
"Gelmeyeceğim." dedi.|“Gelmeyeceğim!” diye bağırdı.|Kimse duymadı...|Yağmur başladı.
""",
    "ar": """
وصلت العبارة إلى الميناء.|هل تعود غدا؟|لا أحد يعرف!
قال د. أحمد إن السعر بلغ 3.5 مليون دولار.|وأضاف أن العمل مستمر.
""",
    "zh": """
船来了。|他说：“好。我们走！”|大家走了……|天黑了。
“我们走。”市长安娜·霍尔姆说。|《时代》报道了此事？|价格上涨了3.5%。
他们去了（很晚了。）公园。|公司名为Apple Inc.，总部在加州。
""",
    "ja": """
船が来た。|彼は「行く。来る。」と言った。|次の日、雨が降った。
「本当ですか？」と聞いた。|会社は『明日。』という本を出した。|東京（晴れ。）は暑い。
""",
}


@pytest.mark.parametrize("language", PARAGRAPHS)
def test_paragraphs_of_nine_languages(language):
    space = "" if language in {"zh", "ja"} else " "
    for paragraph in PARAGRAPHS[language].strip().splitlines():
        expected = paragraph.split("|")
        assert list(sentences(space.join(expected), language)) == expected


@pytest.mark.parametrize(
    "run", [".", "!.", "a. ", '"A. ', "(", "“", "؟", "…", "。", ".)", "1. ", "II. "]
)
def test_marks_without_an_end_are_looked_at_once(run):
    text = run * (50_000 // len(run))
    for language in ("en", "de", "zh"):
        assert squeezed("".join(sentences(text, language))) == squeezed(text)


def squeezed(text):
    return re.sub(r"\s", "", text)


@given(st.text(), st.sampled_from(["", "en", "de", "ja", "xx", "-"]))
def test_no_character_is_lost_and_every_sentence_is_one_line(text, language):
    found = sentences(text, language)
    assert squeezed("".join(found)) == squeezed(text)
    assert all(one == " ".join(one.split()) and one for one in found)


@given(st.lists(st.sampled_from(["Mr.", "U.S.", "The", "went", "3.", '"', ".", "。", "»", "(x)"])))
def test_cutting_again_what_was_cut_keeps_every_character(words):
    text = " ".join(words)
    again = [piece for one in sentences(text, "en") for piece in sentences(one, "en")]
    assert squeezed("".join(again)) == squeezed(text)
