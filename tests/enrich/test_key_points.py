"""Key points are whole clean sentences of the text, in its order, and better than its beginning."""

import json
import re
import statistics
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.enrich import key_points
from publisher.enrich.key_points import Extractive, clean_point, key_points_rows

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


@pytest.fixture
def enricher():
    return key_points.create(key_points.Options(), None)


def test_points_stand_alone(enricher):
    assert enricher.points("Ferry", TEXT, 3, "en") == (
        "The night ferry to Aldersund sails again after eleven years in the dock.",
        "The fare of 38 crowns stays what it was on the last sailing eleven years ago.",
        "The quay was rebuilt for 4 million crowns, and the town paid a third of the sum.",
    )


def test_the_title_is_not_a_point(enricher):
    title = "The night ferry to Aldersund sails again after eleven years in the dock"
    text = TEXT.partition(" - ")[2]
    assert f"{title}." in enricher.points("", text, 3, "en")
    assert f"{title}." not in enricher.points(title, text, 3, "en")


def test_a_short_text_is_not_repeated_whole(enricher):
    text = "The ferry left the harbour early this morning. It will be back before night falls."
    assert len(enricher.points("", text, 3, "en")) <= 1
    assert enricher.points("", "The ferry left the harbour early this morning.", 3, "en") == ()
    assert enricher.points("", "", 3) == ()
    assert enricher.points("", TEXT, 0) == ()


def test_other_scripts_have_points_too(enricher):
    japanese = (
        "東京の港では十一年ぶりに夜の船がふたたび出航した。船賃は三十八のまま変わらないという。"
        "町は岸壁の工事に四百万を払った。新しい船長は港の学校で育った人である。"
    )
    first, second = enricher.points("", japanese, 2)
    assert first == "東京の港では十一年ぶりに夜の船がふたたび出航した。"
    assert second.endswith("。")


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("The ferry left [1], it came back [12].", "The ferry left, it came back."),
        ("OSLO (AP) — The ferry left.", "The ferry left."),
        ("(CNN) -- The ferry left .", "The ferry left."),
        ("And the ferry left.", "The ferry left."),
        ("[3] The ferry left.", "The ferry left."),
        ("- Quay 2 closes.", "Quay 2 closes."),
        ("2) But the ferry left.", "The ferry left."),
        ("2 ferries left.", "2 ferries left."),
        ("The mayor (left) left.", "The mayor (left) left."),
    ],
)
def test_only_safe_trims(raw, clean):
    assert clean_point(raw, "en") == clean


@given(st.text(st.characters(codec=None)), st.integers(-1, 6), st.sampled_from(["", "en", "ja"]))
def test_total_on_any_text(text, count, language):
    found = Extractive().points(text[:10], text, count, language)
    assert len(found) <= max(count, 0)


@given(st.lists(st.sampled_from([*TEXT.split("\n"), "\n\n", "The quay is empty."]), unique=True))
def test_points_are_deterministic_and_in_text_order(lines):
    text = " ".join(lines)
    found = Extractive().points("", text, 4, "en")
    assert found == Extractive().points("", text, 4, "en")
    flat = re.sub(r"\s*\[1\]|\s+(?=,)", "", " ".join(text.split()))
    places = [flat.find(point[1:]) for point in found]
    assert -1 not in places
    assert places == sorted(places)


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
    assert statistics.fmean(gains) > 0.005
    assert len(points) / len(rows) > 2.8
    assert statistics.fmean(bool(DANGLING.match(point)) for point, _ in points) <= 0.05
    assert statistics.fmean(point.rstrip(".") in text for point, text in points) >= 0.9
