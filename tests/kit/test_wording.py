"""Sentences for one reader in each language: how much, when, and why."""

import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher import assets
from publisher.errors import TemplateError
from publisher.kit.calendar import Almanac
from publisher.kit.calendar.phrases import nth
from publisher.kit.templating import Templates
from publisher.kit.wording import Phrasebook
from publisher.model.definitions import Action, ScheduleDefinition

TEMPLATES = Templates(None, assets.templates())
BOOK = Phrasebook(TEMPLATES)
SINCE = date(2026, 3, 4)
FEEDS = ("Harbour", "Culture")
WEEKDAYS = "every weekday at 07:30"
EVERY_KIND = (
    "hourly",
    "every minute",
    "every 15m",
    "every 2h",
    "every 1h30m",
    "daily at 07:30",
    "daily at 07:30 and 18:00",
    WEEKDAYS,
    "every weekend at 10:00",
    "every mon, thu at 18:00",
    "every 2 weeks on tuesday at 09:00 from 2026-12-01",
    "on the 2nd tuesday at 09:00",
    "on the 1st and last wednesday at 09:00",
    "on the 1st and 15th at 08:00",
    "on the last day at 08:00",
    "on the last weekday at 08:00",
    "once on 2026-12-24 at 09:00",
)


def schedule(when: str = WEEKDAYS, cron: str = "") -> ScheduleDefinition:
    return ScheduleDefinition(slug="morning", action=Action.DIGEST, when=when, cron=cron)


@pytest.mark.parametrize(
    ("language", "fallback", "found"),
    [
        ("de", "en", "de"),
        ("de-AT", "en", "de"),
        ("zh-Hant-TW", "en", "zh"),
        ("DE", "en", "de"),
        ("xx", "fr-CA", "fr-CA"),
        ("en-GB", "en-US", "en-US"),
        ("de-AT", "en-US", "de"),
        ("xx", "yy", "en"),
        ("", "", "en"),
        ("../../x", "de", "de"),
    ],
)
def test_the_nearest_language_there_are_words_for(language: str, fallback: str, found: str):
    assert BOOK.nearest(language, fallback) == found


def test_dates_and_times_are_written_as_the_region_does():
    language = BOOK.nearest("en", "en-US")
    said = BOOK.why(language, schedule(), ("Harbour",), SINCE)
    assert said == (
        "You get this on weekdays at 7:30 AM because you subscribed to Harbour on March 4, 2026."
    )


def test_a_language_of_ones_own_is_found(tmp_path: Path):
    (tmp_path / "words").mkdir()
    (tmp_path / "words/de-at.toml").write_text('extent = "{stories}; {minutes}"\n')
    book = Phrasebook(Templates(tmp_path, assets.templates()))
    assert book.nearest("de-AT", "en") == "de-at"
    assert book.extent("de-AT", 1, 2) == "1 Artikel; 2 Minuten"
    assert book.extent("de", 1, 2) == "1 Artikel, 2 Minuten"


@pytest.mark.parametrize(
    ("language", "extents"),
    [
        ("en", ["1 story, 1 minute", "2 stories, 3 minutes", "21 stories, 11 minutes"]),
        ("de", ["1 Artikel, 1 Minute", "2 Artikel, 3 Minuten", "21 Artikel, 11 Minuten"]),
        ("fr", ["1 article, 1 minute", "2 articles, 3 minutes", "21 articles, 11 minutes"]),
        ("es", ["1 noticia, 1 minuto", "2 noticias, 3 minutos", "21 noticias, 11 minutos"]),
        ("tr", ["1 haber, 1 dakika", "2 haber, 3 dakika", "21 haber, 11 dakika"]),
        ("ru", ["1 статья, 1 минута", "2 статьи, 3 минуты", "21 статья, 11 минут"]),
        ("ar", ["خبر واحد، دقيقة واحدة", "خبران، 3 دقائق", "21 خبرًا، 11 دقيقة"]),
        ("zh", ["1 篇报道，1 分钟", "2 篇报道，3 分钟", "21 篇报道，11 分钟"]),
        ("pl", ["1 artykuł, 1 minuta", "2 artykuły, 3 minuty", "21 artykułów, 11 minut"]),
        ("ja", ["1本の記事、1分", "2本の記事、3分", "21本の記事、11分"]),
    ],
)
def test_extents(language: str, extents: list[str]):
    assert [BOOK.extent(language, *n) for n in ((1, 1), (2, 3), (21, 11))] == extents


@pytest.mark.parametrize("when", EVERY_KIND)
def test_the_english_words_are_those_of_the_calendar(when: str):
    said = Almanac().describe(schedule(when))
    if "2 weeks" in when:
        said = said.replace("Tuesday", "Tuesdays")
    if "2026-12-24" in when:
        said = said.replace("2026-12-24", "24 December 2026")
    assert BOOK.rhythm("en", schedule(when)) == said


RHYTHMS = {
    "de": {
        "hourly": "stündlich",
        "every 1h30m": "alle 1 Stunde und 30 Minuten",
        "daily at 07:30 and 18:00": "täglich um 07:30 und 18:00 Uhr",
        WEEKDAYS: "montags bis freitags um 07:30 Uhr",
        "every mon, thu at 18:00": "montags und donnerstags um 18:00 Uhr",
        "on the 1st and last wednesday at 09:00": (
            "am 1. und letzten Mittwoch des Monats um 09:00 Uhr"
        ),
        "on the 15th and last day at 08:00": "am 15. und letzten Tag des Monats um 08:00 Uhr",
        "once on 2026-12-24 at 09:00": "einmalig am 24. Dezember 2026 um 09:00 Uhr",
    },
    "fr": {
        "every 15m": "toutes les 15 minutes",
        WEEKDAYS: "du lundi au vendredi à 07:30",
        "every mon, thu at 18:00": "le lundi et le jeudi à 18:00",
        "on the 2nd tuesday at 09:00": "le 2e mardi du mois à 09:00",
        "on the 1st and 15th at 08:00": "le 1er et le 15 du mois à 08:00",
        "every 2 weeks on tuesday at 09:00 from 2026-12-01": (
            "toutes les 2 semaines, le mardi à 09:00"
        ),
    },
    "es": {
        "every 2h": "cada 2 horas",
        WEEKDAYS: "de lunes a viernes a las 7:30",
        "on the 1st and last wednesday at 09:00": (
            "el primer y el último miércoles del mes a las 9:00"
        ),
        "on the last day at 08:00": "el último día de cada mes a las 8:00",
    },
    "tr": {
        "every 15m": "15 dakika arayla",
        "every mon, thu at 18:00": "pazartesi ve perşembe günleri, saat 18:00",
        "on the 2nd tuesday at 09:00": "ayın 2. salı günü, saat 09:00",
        "on the last weekday at 08:00": "ayın son iş günü, saat 08:00",
    },
    "ru": {
        "every 21m": "раз в 21 минуту",
        "every 1h30m": "раз в 1 час 30 минут",
        WEEKDAYS: "по будням в 07:30",
        "every mon, thu at 18:00": "по понедельникам и четвергам в 18:00",
        "on the 2nd tuesday at 09:00": "во 2-й вторник месяца в 09:00",
        "on the 1st and last wednesday at 09:00": "в 1-ю и в последнюю среду месяца в 09:00",
        "on the 3rd sunday at 09:00": "в 3-е воскресенье месяца в 09:00",
        "every 5 weeks on friday at 09:00 from 2026-12-04": ("раз в 5 недель по пятницам в 09:00"),
    },
    "ar": {
        "every 2h": "كل ساعتين",
        "every 15m": "كل 15 دقيقة",
        "every mon, thu at 18:00": "أيام الاثنين والخميس الساعة 6:00 م",
        "on the 2nd tuesday at 09:00": "يوم الثلاثاء الثاني من كل شهر الساعة 9:00 ص",
        "every 3 weeks on tuesday at 09:00 from 2026-12-01": (
            "كل 3 أسابيع أيام الثلاثاء الساعة 9:00 ص"
        ),
    },
    "zh": {
        "daily at 07:30": "每天 07:30",
        "every mon, thu at 18:00": "每周一和周四 18:00",
        "on the 1st and 15th at 08:00": "每月1日和15日 08:00",
        "on the last friday at 16:00": "每月最后一个星期五 16:00",
    },
    "it": {
        "every mon, sun at 18:00": "il lunedì e la domenica alle 18:00",
        "on the 1st sunday at 09:00": "la 1ª domenica del mese alle 09:00",
        "on the 8th and 15th at 08:00": "l’8 e il 15 del mese alle 08:00",
    },
    "nl": {"on the 1st and 15th at 08:00": "op de 1e en 15e van de maand om 08:00"},
    "pl": {
        "every 2h": "co 2 godziny",
        "every tue, wed at 18:00": "we wtorki i w środy o 18:00",
        "on the last wednesday at 09:00": "w ostatnią środę miesiąca o 09:00",
    },
    "pt": {
        "every tue, sat at 18:00": "às terças-feiras e aos sábados, às 18:00",
        "on the last friday at 16:00": "na última sexta-feira do mês, às 16:00",
    },
    "uk": {
        "every mon, thu at 18:00": "щопонеділка і щочетверга о 18:00",
        "on the 1st saturday at 09:00": "у 1-шу суботу місяця о 09:00",
    },
    "ja": {
        "every mon, thu at 18:00": "毎週月曜日、木曜日の18:00",
        "on the 2nd tuesday at 09:00": "毎月第2火曜日の9:00",
    },
}


@pytest.mark.parametrize(
    ("language", "when", "said"),
    [(tag, when, said) for tag, rules in RHYTHMS.items() for when, said in rules.items()],
)
def test_rhythms(language: str, when: str, said: str):
    assert BOOK.rhythm(language, schedule(when)) == said


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (
            "en",
            (
                "You get this on weekdays at 07:30 because you subscribed to Harbour and Culture "
                "on 4 March 2026."
            ),
        ),
        (
            "de",
            (
                "Sie bekommen diese Mail montags bis freitags um 07:30 Uhr, weil Sie am 4. März 2026 "
                "Harbour und Culture abonniert haben."
            ),
        ),
        (
            "fr",
            (
                "Vous recevez cet e-mail du lundi au vendredi à 07:30 en raison de votre abonnement à "
                "Harbour et Culture, souscrit le 4 mars 2026."
            ),
        ),
        (
            "ru",
            (
                "Вы получаете это письмо по будням в 07:30, потому что 4 марта 2026 г. "
                "вы подписались на «Harbour» и «Culture»."
            ),
        ),
        (
            "ar",
            (
                "تصلكم هذه الرسالة من الاثنين إلى الجمعة الساعة 7:30 ص بناءً على اشتراككم في "
                "«Harbour» و«Culture» بتاريخ 4 مارس 2026."
            ),
        ),
        (
            "zh",
            (
                "您收到这封邮件，是因为您于2026年3月4日订阅了《Harbour》和《Culture》。"
                "发送时间：周一至周五 07:30。"
            ),
        ),
    ],
)
def test_why(language: str, sentence: str):
    assert BOOK.why(language, schedule(), FEEDS, SINCE) == sentence


@pytest.mark.parametrize(
    ("feeds", "since", "sentence"),
    [
        ((), None, "You get this because you subscribed."),
        (("Harbour",), None, "You get this because you subscribed to Harbour."),
        ((), SINCE, "You get this because you subscribed on 4 March 2026."),
        (
            FEEDS,
            SINCE,
            "You get this because you subscribed to Harbour and Culture on 4 March 2026.",
        ),
    ],
)
@pytest.mark.parametrize("rule", [schedule("", "30 7 * * 1-5"), schedule(""), schedule("now!")])
def test_what_words_cannot_say_is_left_out(rule, feeds, since, sentence: str):
    assert BOOK.rhythm("en", rule) == ""
    assert BOOK.why("en", rule, feeds, since) == sentence


def test_titles_are_never_read_as_phrases():
    said = BOOK.why("en", schedule(""), ("{date}", "{x} & {"), SINCE)
    assert said == "You get this because you subscribed to {date} and {x} & { on 4 March 2026."


def rules() -> st.SearchStrategy[str]:
    """Texts of the whole grammar, each kind with any of its values."""
    times = st.lists(st.times().map("{:%H:%M}".format), min_size=1, max_size=3).map(", ".join)
    names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    days = st.lists(st.sampled_from(names), min_size=1, max_size=7).map(", ".join)
    nths = st.lists(st.sampled_from(["first", "2nd", "3rd", "4th", "5th", "last"]), min_size=1)
    dates = st.lists(st.integers(1, 31).map(nth), min_size=1).map(", ".join)
    day, one = st.dates(date(2000, 1, 1), date(2099, 1, 1)), st.sampled_from(names)
    last = st.sampled_from(["weekday", "day"])
    return st.one_of(
        st.builds("every {}m".format, st.integers(1, 1439)),
        st.builds("daily at {}".format, times),
        st.builds("every {} at {}".format, st.one_of(days, st.just("weekend")), times),
        st.builds(
            "every {} weeks on {} at {} from {}".format, st.integers(2, 52), days, times, day
        ),
        st.builds("on the {} {} at {}".format, nths.map(", ".join), one, times),
        st.builds("on the {} at {}".format, dates, times),
        st.builds("on the last {} at {}".format, last, times),
        st.builds("once on {} at {:%H:%M}".format, day, st.times()),
    )


@given(rules(), st.sampled_from(TEMPLATES.languages()))
def test_every_rule_is_said_in_every_language_on_one_line(when: str, language: str):
    rule = schedule(when)
    label, sentence = BOOK.rhythm(language, rule), BOOK.why(language, rule, FEEDS, SINCE)
    assert label
    assert label in sentence
    for text in (label, sentence):
        assert text.isprintable()
        assert "{" not in text
        assert text == " ".join(text.split())


@given(st.text(), st.text(), st.lists(st.text(max_size=5), max_size=3), st.text(max_size=8))
def test_nothing_is_too_strange_to_be_said(when: str, cron: str, feeds: list[str], language: str):
    assert BOOK.why(language, schedule(when, cron), feeds, None)
    assert BOOK.extent(language, 0, 0)


def test_broken_words_are_named(tmp_path: Path):
    (tmp_path / "words").mkdir()
    (tmp_path / "words/de.toml").write_text(
        'extent = "{story}"\n[rhythm]\ngenders = "mm"\n[why]\nplain = 7\n'
    )
    book = Phrasebook(Templates(tmp_path, assets.templates()))
    with pytest.raises(TemplateError, match=r"words/de\.toml: extent: there is no {story}"):
        book.extent("de", 1, 1)
    with pytest.raises(TemplateError, match=r"words/de\.toml: rhythm\.genders: has no entry 4"):
        book.rhythm("de", schedule("on the 2nd friday at 09:00"))
    with pytest.raises(TemplateError, match=r"words/de\.toml: why\.plain: is missing"):
        book.why("de", schedule(""), (), None)


def test_changed_words_count_from_the_next_object(tmp_path: Path):
    (tmp_path / "words").mkdir()
    templates = Templates(tmp_path, assets.templates())
    book = Phrasebook(templates)
    before = book.extent("de", 1, 1)
    (tmp_path / "words/de.toml").write_text('extent = "{stories} ({minutes})"\n')
    assert book.extent("de", 1, 1) == before
    assert Phrasebook(templates).extent("de", 1, 1) == "1 Artikel (1 Minute)"


def test_said_once_it_costs_next_to_nothing():
    rule = schedule()
    BOOK.why("ru", rule, FEEDS, SINCE)
    best = min(_seconds(rule) for _ in range(7))
    assert best < 20e-6  # measured: 1 µs; the rest is for a busy machine


def _seconds(rule: ScheduleDefinition, count: int = 2_000) -> float:
    begun = time.perf_counter()
    for _ in range(count):
        BOOK.why("ru", rule, FEEDS, SINCE)
    return (time.perf_counter() - begun) / count


def test_what_comes_is_named_by_its_rhythm_or_else_by_its_schedule():
    assert BOOK.coming("en", schedule(), "Harbour") == "Harbour: weekdays at 07:30"
    assert BOOK.coming("fr", schedule(), "Port").startswith("Port : ")
    alert = ScheduleDefinition(slug="breaking", action=Action.ALERT, title="Breaking news")
    assert BOOK.coming("de", alert, "Hafen") == "Hafen: Breaking news"
