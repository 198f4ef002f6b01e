"""Read also finds the same story elsewhere, and rather nothing than something unrelated."""

import json
import math
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.app.relating import related_among
from publisher.enrich import read_also
from publisher.enrich.read_also import TERMS, PostingIndex, weigh
from publisher.kit.memory_library import MemoryLibrary
from publisher.kit.near_copies import likeness, sketch
from publisher.model.articles import Article, ArticleId
from publisher.model.clusters import NEAR
from publisher.model.enrichment import Relations
from publisher.ports import ExplainsTies

FERRY = (
    "Night ferry returns",
    "The night ferry to Aldersund sails again. Captain Brodersen waits.",
)
TRIAL = ("A trial trip", "Forty people tried the night ferry to Aldersund with Captain Brodersen.")
CHOIR = ("The choir needs basses", "The foghorn choir sings on the mole when the fog is thick.")
SOUP = ("Fish soup", "Boil the bones for an hour, then add cream, dill and a spoon of flour.")


def library_of(*stories):
    library, finder = MemoryLibrary(), read_also.create(read_also.Options(), None)
    library.index({number: finder.terms(*story) for number, story in enumerate(stories, 1)})
    return library, finder


def tied(finder, library, story, count=9):
    return [tie.article for tie in finder.related(finder.terms(*story), library, count).ties]


def test_related_stories_come_first_after_the_story_itself():
    library, finder = library_of(FERRY, TRIAL, CHOIR, SOUP)
    assert tied(finder, library, FERRY)[:2] == [1, 2]
    assert tied(finder, library, TRIAL)[:2] == [2, 1]


def article(number, story, language="en"):
    moment = datetime(2026, 11, 24, 12, tzinfo=UTC)
    return Article(
        id=ArticleId(number),
        uid=f"urn:{number}",
        source="",
        external_id=str(number),
        slug=str(number),
        title=story[0],
        url=f"https://x.example/{number}",
        text=story[1],
        language=language,
        published=moment,
        updated=moment,
        first_seen=moment,
    )


def test_a_tie_says_which_words_make_it():
    library, finder = library_of(FERRY, TRIAL, CHOIR, SOUP)
    assert isinstance(finder, ExplainsTies)
    why = finder.explain(article(1, FERRY), article(2, TRIAL), library)
    words = [one.words for one in why.terms]
    assert {"Night", "ferry", "Aldersund", "Captain", "Brodersen"} == set(words)
    assert [one.weight for one in why.terms] == sorted((w.weight for w in why.terms), reverse=True)
    assert math.isclose(sum(one.weight for one in why.terms), 1)
    found = finder.related(finder.terms(*FERRY), library, 9)
    (score,) = (tie.score for tie in found.ties if tie.article == 2)
    assert math.isclose(why.alike, score / found.own)


def test_words_are_told_as_they_stand_in_other_languages_too():
    ours = ("Wahl in Köln", "Die Wahlen in Köln gewinnt Bürgermeisterin Schröder.")
    theirs = ("Köln wählt", "Bürgermeisterin Schröder hat die Wahl in Köln gewonnen.")
    finder, library = PostingIndex(), MemoryLibrary()
    library.index({1: finder.terms(*ours, "de"), 2: finder.terms(*theirs, "de")})
    why = finder.explain(article(1, ours, "de"), article(2, theirs, "de"), library)
    assert {"Wahl", "Köln", "Bürgermeisterin", "Schröder"} <= {one.words for one in why.terms}


def test_nothing_ties_strangers():
    library, finder = library_of(FERRY, SOUP)
    why = finder.explain(article(1, FERRY), article(2, SOUP), library)
    assert (why.alike, why.terms) == (0.0, ())
    empty = finder.explain(article(3, ("", "")), article(2, SOUP), library)
    assert (empty.alike, empty.terms) == (0.0, ())


def test_a_tie_is_the_same_from_either_end():
    library, finder = library_of(FERRY, TRIAL, CHOIR)
    there = {
        tie.article: tie.score for tie in finder.related(finder.terms(*FERRY), library, 9).ties
    }
    back = {
        tie.article: tie.score for tie in finder.related(finder.terms(*TRIAL), library, 9).ties
    }
    assert math.isclose(there[2], back[1])
    assert math.isclose(there[1], finder.related(finder.terms(*FERRY), library, 9).own)


def test_an_article_that_is_not_indexed_yet_can_ask():
    library, finder = library_of(FERRY, CHOIR)
    assert tied(finder, library, TRIAL)[0] == 1


def test_empty_library_and_empty_article():
    finder = PostingIndex()
    assert finder.related(finder.terms(*FERRY), MemoryLibrary(), 3) == Relations()
    library, _ = library_of(("", ""), FERRY)
    assert finder.related({}, library, 3) == Relations()


def test_no_more_than_asked():
    near = ("Night ferry returns", FERRY[1] + " The quay is full.")
    library, finder = library_of(FERRY, TRIAL, near, CHOIR, SOUP)
    assert tied(finder, library, FERRY, 2) == [1, 3]


def test_no_more_is_read_than_the_budget_allows():
    class Counting(MemoryLibrary):
        read = 0

        def postings(self, wanted):
            answer = super().postings(wanted)
            Counting.read = sum(map(len, answer.values()))
            return answer

    library, finder = Counting(), PostingIndex()
    library.index({n: finder.terms("", f"{FERRY[1]} number{n}") for n in range(600)})
    finder.related(finder.terms(*FERRY), library, 3)
    assert 0 < Counting.read <= read_also.BUDGET


def test_titles_names_and_numbers_weigh_more():
    weights = weigh("Storm", "A storm warning reached Aldersund and harbour 4711.")
    assert weights["storm"] > weights["aldersund"] == weights["4711"] > weights["warn"]


ODD = {
    "empty": ("", ""),
    "stop words": ("The", "and of it in that"),
    "one sentence": ("", "The night ferry to Aldersund sails."),
    "large": ("word " * 200_000, f"{FERRY[1]} " * 80_000),
    "binary": ("\0\x01\ufffd", bytes(range(256)).decode("latin-1") * 40),
    "capitals": (FERRY[0].upper(), FERRY[1].upper()),
    "right to left": ("عودة العبارة", "عادت العبارة الليلية إلى الميناء يوم الاثنين."),
    "a list": ("", "- quay\n- ferry\n- captain\n" * 30),
    "mixed": (
        "Fähre фото 東京",
        f"{FERRY[1]} Die Fähre fährt wieder. Паром вернулся. 夜の船が出航した。",
    ),
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_odd_input_has_an_answer(odd):
    answers = list(related_among([odd, FERRY, TRIAL, SOUP], 3))
    assert len(answers) == 4
    assert 1 in answers[2]
    assert len(PostingIndex().terms(*odd)) <= TERMS


def test_capitals_say_the_same():
    shouted = tuple(words.upper() for words in FERRY)
    assert next(related_among([shouted, TRIAL, SOUP], 3)) == [1]


@given(st.text(), st.text())
def test_weights_are_a_unit_vector_of_few_terms(title, text):
    weights = weigh(title, text)
    assert len(weights) <= TERMS
    length = math.sqrt(sum(weight * weight for weight in weights.values()))
    assert not weights or math.isclose(length, 1.0)


@given(
    st.lists(st.tuples(st.text(max_size=30), st.sampled_from([FERRY[1], TRIAL[1], SOUP[1], ""])))
)
def test_every_text_is_answered_and_never_with_itself_or_a_copy(stories):
    answers = list(related_among(stories, 2))
    assert len(answers) == len(stories)
    for at, links in enumerate(answers):
        assert at not in links
        assert len(set(links)) == len(links) <= 2
        assert all(likeness(sketch(*stories[at]), sketch(*stories[one])) < NEAR for one in links)


def test_right_on_the_samples(shared_dir, tmp_path):
    articles = shared_dir / "samples/articles/read_also.jsonl"
    rows = [json.loads(line) for line in articles.read_text("utf-8").splitlines()]
    answers = tmp_path / "answers.jsonl"
    found = related_among([(row["title"], row["text"]) for row in rows], 3)
    lines = (
        {"id": row["id"], "read_also": [rows[at]["id"] for at in links]}
        for row, links in zip(rows, found, strict=True)
    )
    answers.write_text("\n".join(map(json.dumps, lines)))
    tool = shared_dir / "tools/score_read_also.py"
    command = [sys.executable, str(tool), str(articles), str(answers)]
    score = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    assert score["precision_at_3_story"] >= 0.97
    assert score["empty_slots"] <= 10
