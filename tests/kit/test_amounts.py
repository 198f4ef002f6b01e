"""Amounts are compared by what they are worth, however they are written."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.kit.amounts import amounts, plain_figures


def worth(text: str, language: str) -> list[set[str]]:
    """Return what each amount of a text may be worth, as plain figures."""
    return [{f"{value:f}" for value in one.values} for one in amounts(text, language)]


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("1,000 people", "en", 1000),
        ("1.000 Menschen", "de", 1000),
        ("1 000 personnes", "fr", 1000),
        ("1\u202f000 personnes", "fr", 1000),
        ("1'000 Personen", "de-CH", 1000),
        ("one thousand people", "en", 1000),
        ("a thousand people", "en", 1000),
        ("mille personnes", "fr", 1000),
        ("mil personas", "es", 1000),
        ("bin kişi", "tr", 1000),
        ("1 тыс. человек", "ru", 1000),
        ("١٬٠٠٠ شخص", "ar", 1000),  # noqa: RUF001  as people write it
        ("ألف شخص", "ar", 1000),
        ("1千人", "ja", 1000),
        ("一千人", "zh", 1000),
        ("1,00,000 people", "en", 100_000),
        ("4 million", "en", 4_000_000),
        ("$4m", "en", 4_000_000),
        ("4mn", "en", 4_000_000),
        ("four million", "en", 4_000_000),
        ("4 Mio. Euro", "de", 4_000_000),
        ("vier Millionen", "de", 4_000_000),
        ("4 millions", "fr", 4_000_000),
        ("4 millones", "es", 4_000_000),
        ("4 млн", "ru", 4_000_000),
        ("4 миллиона", "ru", 4_000_000),
        ("4 milyon", "tr", 4_000_000),
        ("٤ ملايين", "ar", 4_000_000),
        ("400万人", "ja", 4_000_000),
        ("400만 명", "ko", 4_000_000),
        ("四百万人", "zh", 4_000_000),
        ("2 mil millones", "es", 2_000_000_000),
        ("two hundred thousand", "en", 200_000),
        ("twenty-five", "en", 25),
        ("三十二人", "zh", 32),
        ("三人", "zh", 3),
        ("1億2000万円", "ja", 120_000_000),
        ("12,5 Prozent", "de", Decimal("12.5")),
        ("12.5 per cent", "en", Decimal("12.5")),
        ("yüzde 12,5", "tr", Decimal("12.5")),
        ("1,234,567.89", "en", Decimal("1234567.89")),
        ("1.234.567,89", "de", Decimal("1234567.89")),
        ("2 Billionen", "de", 2 * 10**12),
        ("2 billion", "en", 2 * 10**9),
        ("１２３", "ja", 123),  # noqa: RUF001  as people write it
    ],
)
def test_the_same_amount_in_many_ways(text, language, value):
    assert any(Decimal(value) in one.values for one in amounts(text, language)), amounts(
        text, language
    )


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("1.000 litres", "en", 1000),
        ("1,000 Liter", "de", 1000),
        ("4 million", "en", 4),
        ("2 Billionen", "de", 2 * 10**9),
        ("one of them", "en", 1),
        ("the G20", "en", 20),
        ("十分满意", "zh", 1),
    ],
)
def test_what_an_amount_is_not(text, language, value):
    assert not any(Decimal(value) in one.values for one in amounts(text, language))


def test_where_no_language_is_known_both_readings_count():
    assert worth("1.000", "") == [{"1.000", "1000"}]


def test_parts_of_dates_and_clocks():
    assert worth("am 05.03.2026", "de") == [{"5"}, {"3"}, {"2026"}]
    assert worth("2026-03-05", "en") == [{"2026"}, {"3"}, {"5"}]
    assert {"7", "19"} <= worth("7:30 pm", "en")[0]
    assert {"7", "19"} <= worth("19:30", "en")[0]
    assert {"7", "19"} <= worth("um 19 Uhr", "de")[0]
    assert worth("90 h", "en") == [{"90"}]


@pytest.mark.parametrize(
    ("text", "language", "units"),
    [
        ("5%", "en", "%"),
        ("5 per cent", "en", "%"),
        ("5 Prozent", "de", "%"),
        ("5 pour cent", "fr", "%"),
        ("5 por ciento", "es", "%"),
        ("5 процентов", "ru", "%"),
        ("%5", "tr", "%"),
        ("٪5", "ar", "%"),
        ("5 في المئة", "ar", "%"),
        ("百分之5", "zh", "%"),
        ("5パーセント", "ja", "%"),
        ("US$5", "en", "$"),
        ("5 dollars", "en", "$"),
        ("5 million Australian dollars", "en", "$"),
        ("5 Mio. Euro", "de", "€"),
        ("€5", "en", "€"),
        ("EUR 5", "en", "€"),
        ("5 млн рублей", "ru", "₽"),
        ("5 people", "en", ""),
    ],
)
def test_of_what_an_amount_is(text, language, units):
    (found,) = amounts(text, language)
    assert "".join(sorted(found.units)) == units


def test_numbers_share_the_unit_that_follows():
    assert [one.units for one in amounts("from 5 to 7 per cent", "en")] == [{"%"}, {"%"}]
    assert [one.units for one in amounts("In 3 towns, wages rose 7 per cent", "en")] == [
        set(),
        {"%"},
    ]


GROUPED = {"en": ",", "de": ".", "fr": "\u202f", "ru": "\u00a0", "es": ".", "de-CH": "'"}
POINTS = {"en": ".", "de": ",", "fr": ",", "ru": ",", "es": ",", "de-CH": "."}


@given(
    st.integers(0, 10**15),
    st.integers(0, 99),
    st.sampled_from(sorted(GROUPED)),
    st.sampled_from(sorted(GROUPED)),
)
def test_a_number_is_worth_the_same_in_every_language(whole, cents, one, other):
    def written(language: str) -> str:
        grouped = f"{whole:,}".replace(",", GROUPED[language])
        return f"{grouped}{POINTS[language]}{cents:02}" if cents % 10 else grouped

    def value(language: str) -> frozenset[Decimal]:
        (found,) = amounts(f"({written(language)})", language)
        return found.values

    if len(f"{whole:,}") <= 30:
        assert value(one) & value(other)


@given(st.integers(2, 999), st.sampled_from(["million", "billion", "trillion"]))
def test_powers_are_the_figures_they_stand_for(number, power):
    zeros = {"million": 6, "billion": 9, "trillion": 12}[power]
    (said,), (spelled,) = (
        amounts(f"{number} {power}", "en"),
        amounts(f"{number}{'0' * zeros}", "en"),
    )
    assert said.values == spelled.values


@given(
    st.text(max_size=300), st.sampled_from(["", "en", "de", "fr", "zh", "ja", "ar", "tr", "xx"])
)
def test_every_text_has_amounts_or_none(text, language):
    plain = plain_figures(text)
    for one in amounts(text, language):
        assert one.values
        assert 0 <= one.start < one.end <= len(plain)


def test_a_text_of_figures_alone_takes_no_time():
    assert amounts("1" * 100_000, "en")
    assert len(amounts("1,1" * 30_000, "en")) <= 100_000
    assert amounts("one " * 20_000, "en") is not None
