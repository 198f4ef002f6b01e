"""Key points are whole clean sentences of the text, in its order, and better than its beginning."""

import json
import re
import statistics
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.enrich import key_points
from publisher.enrich.key_points import (
    MAX_SENTENCES,
    MAX_TEXT,
    Extractive,
    key_points_rows,
)
from publisher.ports import ExplainsPoints

HERE = Path(__file__).parent
TEXT = """LONDON (Reuters) - The night ferry to Aldersund sails again after eleven years in the dock.

But the fare of 38 crowns stays what it was on the last sailing eleven years ago. [1]
He was glad about it. Is that not a strange thing to say on such a morning?
Scroll down for video of the night ferry leaving the harbour of the town.
The night ferry to Aldersund sails again after eleven years in the dock, says the owner.
"We never thought that we would see such a thing," said a woman on the mole.
The quay was rebuilt for 4 million crowns , and the town paid a third of the sum.
She said: "It is a day for the whole town and for everyone who
Short one. The hotel on the quay has no free bed before the end of the month of March.
"""
POINT = "The quay of the old harbour was rebuilt for the winter."


@pytest.fixture
def enricher():
    return key_points.create(key_points.Options(), None)


def test_points_stand_alone(enricher):
    assert enricher.points("Ferry", TEXT, 3, "en") == (
        "The night ferry to Aldersund sails again after eleven years in the dock.",
        "The fare of 38 crowns stays what it was on the last sailing eleven years ago.",
        "The quay was rebuilt for 4 million crowns, and the town paid a third of the sum.",
    )


def stories():
    """Yield (language, title, text, the points expected) of the two files beside this one."""
    parted = re.compile(r"(?m)^\[(\w+)\] ?")
    texts = parted.split((HERE / "key_point_texts.txt").read_text("utf-8"))[1:]
    wanted = parted.split((HERE / "key_point_points.txt").read_text("utf-8"))[1:]
    points = dict(zip(wanted[::2], wanted[1::2], strict=True))
    for language, story in zip(texts[::2], texts[1::2], strict=True):
        title, _, text = story.partition("\n")
        yield language, title, text, tuple(points[language].split("\n- ")[1:])


@pytest.mark.parametrize(
    ("language", "title", "text", "expected"),
    [pytest.param(*story, id=story[0]) for story in stories()],
)
def test_newsrooms_of_nine_languages(enricher, language, title, text, expected):
    assert enricher.points(title, text, 3) == tuple(point.strip() for point in expected)
    assert enricher.points(title, text, 3, language) == enricher.points(title, text, 3)


def test_the_title_is_not_a_point(enricher):
    title = "The night ferry to Aldersund sails again after eleven years in the dock"
    text = TEXT.partition(" - ")[2]
    assert f"{title}." in enricher.points("", text, 3, "en")
    assert f"{title}." not in enricher.points(title, text, 3, "en")


def test_what_the_title_and_the_standfirst_tell_weighs_more(enricher):
    text = (
        "The council of the town met on Monday in the hall beside the market. "
        "The library will open on Sundays from the spring of next year. "
        "The swimming pool will get a new roof before the end of summer. "
        "The bakery on the corner has been sold to a couple from Oslo."
    )

    def scores(title="", standfirst=""):
        found = enricher.explain(title, text, 1, "en", standfirst, more=3)
        return {one.point.split()[1]: one.score for one in found}

    plain, titled = scores(), scores("A new roof for the pool")
    assert titled["swimming"] > plain["swimming"]
    assert titled["bakery"] == plain["bakery"]
    led = scores("", "A new roof for the pool")
    assert plain["swimming"] < led["swimming"] < titled["swimming"]
    assert "pool" in enricher.points("The pool will get a new roof", text, 1, "en")[0]


def test_a_short_text_is_not_repeated_whole(enricher):
    text = (
        "The ferry left the harbour early this morning. The ship will be back before night falls."
    )
    assert len(enricher.points("", text, 3, "en")) <= 1
    assert enricher.points("", "The ferry left the harbour early this morning.", 3, "en") == ()
    assert enricher.points("", "", 3) == ()
    assert enricher.points("", TEXT, 0) == ()
    assert enricher.points("", TEXT, -1) == ()


def test_as_many_as_asked_for(enricher):
    places = ("quay", "library", "bakery", "pool", "school", "church", "mill", "bridge", "market")
    fates = ("built", "opened", "sold", "closed", "moved", "cleaned", "lit", "raised", "paved")
    text = " ".join(
        f"The {place} of Aldersund will be {fate} by the town before the spring. Nobody knew."
        for place, fate in zip(places, fates, strict=True)
    )
    assert [len(enricher.points("", text, count, "en")) for count in (3, 5, 8)] == [3, 5, 8]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        (" \n\t\n ", 0),
        (POINT, 0),
        ("- eggs\n- milk\n- a pound of flour\n- two spoons of sugar", 0),
        ("\x00\x01\x7f\ufffd" * 2_000, 0),
        ("".join(map(chr, range(256))) * 50, 0),
        ("“We came here to stay and we will stay.” “Nobody can send us away from here.” " * 9, 0),
        ("Is it late for the ferry to the island today? Will the ferry sail at all? " * 9, 0),
        ("word " * 20_000, 0),
        ("." * 100_000, 0),
        ("(" * 100_000, 0),
        ("“" * 100_000, 0),
        ("a. " * 40_000, 0),
        ('"A. ' * 40_000, 0),
        (" " * 100_000, 0),
        ("\n" * 100_000, 0),
        (TEXT.upper(), 3),
        (f"{TEXT}\n\nNIGHT FERRY SAILS AGAIN FROM ALDERSUND AFTER ELEVEN YEARS.", 3),
        (TEXT + "Die Fähre nach Aldersund fährt jede Nacht um neun Uhr vom alten Kai ab.", 3),
    ],
)
def test_bad_input_has_an_answer(enricher, text, count):
    found = enricher.points("A title", text, 3)
    assert len(found) == count
    assert not any("NIGHT FERRY SAILS" in point for point in found) or text == TEXT.upper()


def test_only_the_beginning_of_a_huge_text_is_looked_at(enricher):
    story = TEXT.replace("\n\n", " ") * 20
    beginning = (story * (MAX_TEXT // len(story) + 1))[:MAX_TEXT]
    huge = beginning + "The end of all. " * 320_000
    assert len(huge) > 5_000_000
    assert enricher.points("", huge, 3, "en") == enricher.points("", beginning, 3, "en")
    many = "The quay of Aldersund is empty. " * (MAX_SENTENCES + 1)
    last = "The harbour master bought 12 new boats for the winter in the town."
    assert last not in enricher.points("", f"{many}{last}", 10, "en")
    assert last in enricher.points("", f"{last} {many}", 10, "en")


@given(st.text(st.characters(codec=None)), st.integers(-1, 6), st.sampled_from(["", "en", "ja"]))
def test_total_on_any_text(text, count, language):
    found = Extractive().points(text[:10], text, count, language, text[-10:])
    assert len(found) <= max(count, 0)


@given(
    st.lists(
        st.sampled_from([*TEXT.split("\n"), "\n\n", POINT, "船が来た。", "هل تعود؟", '"', "NO."]),
        unique=True,
    )
)
def test_points_are_deterministic_and_in_text_order(lines):
    text = " ".join(lines)
    found = Extractive().points("", text, 4, "en")
    assert found == Extractive().points("", text, 4, "en")
    flat = re.sub(r"\s*\[1\]|\s+(?=[,.])", "", " ".join(text.split()))
    places = [flat.find(point[1:]) for point in found]
    assert -1 not in places
    assert places == sorted(places)


def test_points_can_be_explained(enricher):
    assert isinstance(enricher, ExplainsPoints)
    found = enricher.explain("Ferry", TEXT, 3, "en")
    assert tuple(one.point for one in found) == enricher.points("Ferry", TEXT, 3, "en")
    for one in found:
        assert one.score == pytest.approx(sum(reason.weight for reason in one.reasons))
        sizes = [abs(reason.weight) for reason in one.reasons]
        assert sizes == sorted(sizes, reverse=True)
    words = [reason.words for reason in found[1].reasons]
    assert "has a number" in words
    assert "has a quotation" not in words
    more = enricher.explain("Ferry", TEXT, 1, "en", more=2)
    assert len(more) == 3
    assert more[1].score >= more[2].score


def test_rows_for_the_command_line():
    rows = [{"id": "a", "text": TEXT}, {"id": 2, "title": None, "text": ""}]
    answer = list(key_points_rows(iter(rows), 1))
    assert [row["id"] for row in answer] == ["a", 2]
    assert len(answer[0]["key_points"]) == 1
    assert answer[1]["key_points"] == []


def words(sentences):
    return Counter(re.findall(r"\w+", " ".join(sentences).casefold()))


def overlap(reference, found):
    common = sum((reference & found).values())
    return 2 * common / max(1, sum(reference.values()) + sum(found.values()))


DANGLING = re.compile(
    r"(?:he|she|it|they|we|i|this|these|those|his|her|their|its|but|and|so)\b", re.IGNORECASE
)
END = re.compile(r"(?<=[.!?])[\"'”’)]*\s+(?=[\"'“‘(]?[A-Z0-9])")


def test_better_than_the_first_three_sentences(shared_dir):
    lines = (shared_dir / "samples/articles/key_points.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    hidden = [{name: row[name] for name in ("id", "title", "text")} for row in rows]
    found = {row["id"]: row["key_points"] for row in key_points_rows(hidden)}
    gains, points = [], []
    for row in rows:
        lead = [one for one in END.split(row["text"]) if len(one.split()) > 2][:3]
        reference = words(row["key_points"])
        gains.append(overlap(reference, words(found[row["id"]])) - overlap(reference, words(lead)))
        points += [(point, " ".join(row["text"].split())) for point in found[row["id"]]]
    assert statistics.fmean(gains) > 0.01
    assert len(points) / len(rows) > 2.75
    assert statistics.fmean(bool(DANGLING.match(point)) for point, _ in points) <= 0.02
    assert statistics.fmean(point.rstrip(".") in text for point, text in points) >= 0.9
