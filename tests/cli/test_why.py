"""`articles show`: where key points and links come from, and why, for people and for programs."""

from dataclasses import replace

import pytest

from publisher.app.explaining import Explained
from publisher.cli.why import why_row, write_why
from publisher.model.articles import Link, Origin, RelatedArticle
from publisher.model.enrichment import Reason, WhyPoint, WhyTie
from tests.core.test_viewing import article

POINT = "The ferry is back."
FERRY = RelatedArticle(id=7, title="The ferry", url="https://x.example/ferry", uid="u:7")  # type: ignore[arg-type]  # an id
PORT = Link(title="Port", url="https://x.example/port")
WHY = Explained(
    points={
        POINT: WhyPoint(
            point=POINT,
            score=1.234,
            reasons=(
                Reason("near the beginning", 1.0),
                Reason("has a number", 0.3),
                Reason("points back", -0.066),
                Reason("nothing", 0.001),
            ),
        )
    },
    ties={
        FERRY.url: WhyTie(
            alike=0.4123, terms=tuple(Reason(f"word{n}", (9 - n) / 36) for n in range(1, 9))
        )
    },
)


WORDS = "word1 22 %, word2 19 %, word3 17 %, word4 14 %, word5 11 %, word6 8 %"


def shown(one, why, capsys):
    write_why(one, why, 12)
    return capsys.readouterr().out.splitlines()


def test_people_are_told_the_largest_reasons(capsys):
    one = replace(article(""), key_points=(POINT, "Another."), read_also=(PORT,), related=(FERRY,))
    assert shown(one, WHY, capsys) == [
        "key points  computed",
        "            - The ferry is back.",
        "              1.23: near the beginning +1.00, has a number +0.30, points back \u22120.07",
        "            - Another.",
        "              not a sentence that would be chosen now: a model's words, or an older choice",
        "read also   - Port",
        "              https://x.example/port",
        "              came with the story",
        "            - The ferry",
        "              https://x.example/ferry",
        f"              computed, 41 % alike: {WORDS} and 2 more",
    ]


def test_programs_are_told_all(capsys):
    one = replace(article(""), key_points=(POINT, "Another."), read_also=(PORT,), related=(FERRY,))
    row = why_row(one, WHY)
    assert row["key_points_by"] == "computed"
    why = row["key_points_why"]
    assert isinstance(why, list)
    assert why[0]["score"] == 1.234
    assert why[0]["reasons"][2] == {"words": "points back", "weight": -0.066}
    assert why[1] == {"point": "Another.", "score": None, "reasons": []}
    links = row["read_also"]
    assert isinstance(links, list)
    assert [(link["id"], link["by"]) for link in links] == [(None, "source"), (7, "computed")]
    assert links[0]["why"] is None
    assert links[1]["why"]["alike"] == 0.4123
    assert len(links[1]["why"]["terms"]) == 8


@pytest.mark.parametrize(
    ("by", "said"), [(Origin.EDITOR, "set by hand"), (Origin.SOURCE, "came with the story")]
)
def test_what_was_not_computed_has_no_reasons(by, said, capsys):
    one = replace(article(""), key_points=(POINT,), points_by=by, own_read_also=(FERRY,))
    assert shown(one, Explained(), capsys) == [
        f"key points  {said}",
        "            - The ferry is back.",
        "read also   set by hand",
        "            - The ferry",
        "              https://x.example/ferry",
    ]


def test_an_editors_nothing_is_said(capsys):
    one = replace(article(""), points_by=Origin.EDITOR, own_read_also=())
    assert shown(one, Explained(), capsys) == [
        "key points  none, set by hand",
        "read also   none, set by hand",
    ]
    assert shown(article(""), Explained(), capsys) == []


def test_nothing_of_a_story_is_a_command_for_the_terminal(capsys):
    one = replace(article(""), key_points=("\x1b[31mred\n",), points_by=Origin.SOURCE)
    assert "\x1b" not in "".join(shown(one, Explained(), capsys))
