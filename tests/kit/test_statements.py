"""What can stand alone as a statement, and what may be cut off so that it does."""

# ruff: noqa: RUF001 - letters of other scripts are the subject

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.kit.statements import (
    flaw,
    in_capitals,
    inside_quotations,
    size,
    standing_alone,
)


@pytest.mark.parametrize(
    ("language", "raw", "clean"),
    [
        ("en", "The ferry left [1], it came back [12].", "The ferry left, it came back."),
        ("en", "OSLO (AP) — The ferry left.", "The ferry left."),
        ("en", "MOSCOW, May 5 (Reuters) - The ferry left.", "The ferry left."),
        ("en", "OSLO, Norway — The ferry left.", "The ferry left."),
        ("en", "(CNN) -- The ferry left .", "The ferry left."),
        ("en", "(cnn) the ferry left.", "the ferry left."),
        ("de", "Berlin (dpa/lno) - Die Fähre fährt.", "Die Fähre fährt."),
        ("es", "Madrid, 5 may (EFE).- El ferri zarpó.", "El ferri zarpó."),
        ("it", "(ANSA) - ROMA, 5 OTT - Il traghetto riparte.", "Il traghetto riparte."),
        ("zh", "新华社北京10月5日电（记者王明）渡轮启航。", "渡轮启航。"),
        ("ja", "【ロンドン共同】フェリーが出航した。", "フェリーが出航した。"),
        ("en", "And the ferry left.", "The ferry left."),
        ("en", "[3] The ferry left.", "The ferry left."),
        ("en", "- Quay 2 closes.", "Quay 2 closes."),
        ("en", "2) But the ferry left.", "The ferry left."),
        ("en", "2 ferries left.", "2 ferries left."),
        ("en", "The mayor (left) left.", "The mayor left."),
        ("en", "The mayor (who was left) left.", "The mayor (who was left) left."),
        (
            "en",
            "The quay was rebuilt , and . the town paid .",
            "The quay was rebuilt, and the town paid.",
        ),
        ("fr", "Il est tard : la nuit tombe !", "Il est tard : la nuit tombe !"),
        ("en", "The ferry left, police said.", "The ferry left, police said."),
        ("en", "", ""),
    ],
)
def test_only_safe_trims(language, raw, clean):
    assert standing_alone(raw, language) == clean


@pytest.mark.parametrize(
    ("language", "sentence", "reason"),
    [
        ("en", "The night ferry to Aldersund sails again after eleven years in dock.", ""),
        ("en", "“The night ferry sails again tonight,” said Mayor Anna Holm on the quay.", ""),
        ("en", "'The night ferry sails again tonight,' said Mayor Anna Holm on the quay.", ""),
        ("en", "Mayor Anna Holm said: 'The night ferry of the '90s sails again tonight.'", ""),
        ("de", "Die Bürgermeisterin sagte: „Die Nachtfähre fährt heute wieder nach Aldersund.“", ""),
        ("en", "The ferry sails.", "too short"),
        ("en", "The ferry sails " + "and sails " * 30 + "on.", "too long"),
        ("en", "Is it not strange that the night ferry to Aldersund sails again?", "a question"),
        ("ar", "لماذا استغرق الأمر كل هذا الوقت الطويل في ميناء المدينة؟", "a question"),
        ("en", "The night ferry to Aldersund sails again after eleven years and...", "trails off"),
        ("en", "Back home: the night ferry to Aldersund sails again after years.", "a caption"),
        ("en", "Mayor Anna Holm (second from left) looks at the night ferry to Aldersund.", ""),
        ("en", "Mayor Anna Holm (pictured, left) looks at the night ferry of Aldersund.", "a caption"),
        ("en", "Updated: the night ferry to Aldersund sails again after eleven years.", "a caption"),
        ("en", "8: 56am Monday 10th June 2013 the night ferry to Aldersund sailed.", "a time stamp"),
        ("en", "By Anna Holm, our correspondent in Aldersund on the northern coast.", "a byline"),
        ("en", "Write to ferry@example.org for tickets of the night ferry to Aldersund.", "boilerplate"),
        ("en", "Sign up for our letter on the night ferry to Aldersund and the harbour.", "boilerplate"),
        ("en", "The designer of the night ferry to Aldersund signs up forty sailors.", ""),
        ("de", "Lesen Sie auch, was die Nachtfähre nach Aldersund im Winter kosten wird.", "boilerplate"),
        ("zh", "延伸阅读关于开往奥尔德松的夜间渡轮星期一重新启航的消息。", "boilerplate"),
        ("en", "The night ferry <b>to Aldersund</b> sails again after eleven years.", "left-over markup"),
        ("en", "The night ferry to Alder\ufffdsund sails again after eleven years.", "unreadable characters"),
        ("en", "The night ferry to Aldersund sails again after eleven years in dock", "no full stop"),
        ("en", "It sails again to Aldersund after eleven years.", "points back at an earlier one"),
        ("en", "She said: “The night ferry to Oslo sails tonight.”", "points back at an earlier one"),
        ("en", "The mayor said: “The night ferry to Aldersund sails again tonight.", "a cut quotation"),
        ("en", "The night ferry to Aldersund sails again tonight,’ the mayor said.", "a cut quotation"),
        ("en", "Another said:' the night ferry to Aldersund sails again tonight.", "a cut quotation"),
        ("en", "The night ferry (built in Gdansk sails again to Aldersund tonight.", "a cut quotation"),
        ("en", "“The night ferry to Aldersund sails again tonight.”", "nobody says this quotation"),
    ],
)  # fmt: skip
def test_what_keeps_a_sentence_from_being_a_point(language, sentence, reason):
    assert flaw(sentence, language) == reason


def test_size_is_the_same_in_any_script():
    assert size("The night ferry to Aldersund sails again.") == pytest.approx(7.1, abs=0.1)
    assert size("开往奥尔德松的夜间渡轮重新启航。") == pytest.approx(8, abs=0.5)


def test_capitals():
    assert in_capitals("NIGHT FERRY SAILS AGAIN.")
    assert in_capitals("НОЧНОЙ ПАРОМ.")
    assert not in_capitals("The USA and the UK.")
    assert not in_capitals("夜间渡轮。")
    assert not in_capitals("")


def test_what_stands_inside_a_longer_quotation():
    found = [
        "“We came.",
        "The harbour was full.",
        "We left.”",
        "She smiled.",
        "'So it is.",
        "Yes,' he said.",
    ]
    assert inside_quotations(found) == [False, True, True, False, False, True]


def test_a_quotation_that_nobody_closes_does_not_swallow_the_text():
    assert inside_quotations(["“We came.", *["It rained."] * 20])[-1] is False


@given(st.text(), st.sampled_from(["", "en", "de", "zh", "xx"]))
def test_total_on_any_text(text, language):
    assert isinstance(flaw(text, language), str)
    assert isinstance(flaw(text * 20, language), str)
    assert isinstance(standing_alone(text, language), str)
    assert in_capitals(text) in (True, False)
    assert size(text) >= 0
    assert len(inside_quotations([text, text])) == 2
