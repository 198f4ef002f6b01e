"""Read also finds the same story elsewhere, and rather nothing than something unrelated."""

import json
import math
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from publisher.enrich import read_also
from publisher.enrich.read_also import TERMS, PostingIndex, read_also_rows, weigh
from publisher.kit.memory_library import MemoryLibrary

FERRY = (
    "Night ferry returns",
    "The night ferry to Aldersund sails again. Captain Brodersen waits.",
)
TRIAL = ("A trial trip", "Forty people tried the night ferry to Aldersund with Captain Brodersen.")
CHOIR = ("The choir needs basses", "The foghorn choir sings on the mole when the fog is thick.")
SOUP = ("Fish soup", "Boil the bones for an hour, then add cream, dill and a spoon of flour.")


def library_of(*stories):
    library, enricher = MemoryLibrary(), read_also.create(read_also.Options(), None)
    for number, (title, text) in enumerate(stories, 1):
        enricher.index(number, title, text, library)
    return library, enricher


def test_related_stories_and_nothing_else():
    library, enricher = library_of(FERRY, TRIAL, CHOIR, SOUP)
    assert enricher.related(1, *FERRY, 3, library) == (2,)
    assert enricher.related(2, *TRIAL, 3, library) == (1,)
    assert enricher.related(4, *SOUP, 3, library) == ()


def test_an_article_that_is_not_indexed_yet_can_ask():
    library, enricher = library_of(FERRY, CHOIR)
    assert enricher.related(9, *TRIAL, 3, library) == (1,)


def test_empty_library_and_empty_article():
    enricher = PostingIndex()
    assert enricher.related(1, *FERRY, 3, MemoryLibrary()) == ()
    library, _ = library_of(("", ""), FERRY)
    assert enricher.related(1, "", "", 3, library) == ()


def test_indexing_again_replaces():
    library, enricher = library_of(FERRY, TRIAL)
    enricher.index(2, *SOUP, library)
    assert enricher.related(1, *FERRY, 3, library) == ()
    assert library.size() == 2


def test_best_first_and_no_more_than_asked():
    near = ("Night ferry returns", FERRY[1] + " The quay is full.")
    library, enricher = library_of(FERRY, TRIAL, near, CHOIR, SOUP)
    assert enricher.related(1, *FERRY, 1, library) == (3,)
    assert enricher.related(1, *FERRY, 2, library) == (3, 2)


def test_a_query_stays_within_its_budget():
    class Counting(MemoryLibrary):
        read = 0

        def postings(self, terms, budget):
            assert list(terms) == sorted(terms, key=lambda t: (self.frequencies([t])[t], t))
            answer = super().postings(terms, budget)
            Counting.read = sum(map(len, answer.values()))
            return answer

    library = Counting()
    for number in range(600):
        PostingIndex().index(number, "", f"{FERRY[1]} number{number}", library)
    PostingIndex().related(1, *FERRY, 3, library)
    assert 0 < Counting.read <= read_also.BUDGET


def test_titles_names_and_numbers_weigh_more():
    weights = weigh("Storm", "A storm warning reached Aldersund and harbour 4711.")
    assert weights["storm"] > weights["aldersund"] == weights["4711"] > weights["warn"]


@given(st.text(), st.text())
def test_weights_are_a_unit_vector_of_few_terms(title, text):
    weights = weigh(title, text)
    assert len(weights) <= TERMS
    length = math.sqrt(sum(weight * weight for weight in weights.values()))
    assert not weights or math.isclose(length, 1.0)


@given(
    st.lists(st.tuples(st.text(max_size=30), st.sampled_from([FERRY[1], TRIAL[1], SOUP[1], ""])))
)
def test_rows_answer_for_every_row_and_never_with_itself(stories):
    rows = [
        {"id": f"n{n}", "title": title, "text": text} for n, (title, text) in enumerate(stories)
    ]
    answers = list(read_also_rows(iter(rows), 2))
    assert [answer["id"] for answer in answers] == [row["id"] for row in rows]
    for answer in answers:
        links = answer["read_also"]
        assert answer["id"] not in links
        assert len(set(links)) == len(links) <= 2


def test_right_on_the_samples(shared_dir, tmp_path):
    articles = shared_dir / "samples/articles/read_also.jsonl"
    rows = [json.loads(line) for line in articles.read_text("utf-8").splitlines()]
    hidden = [{name: row[name] for name in ("id", "title", "text")} for row in rows]
    answers = tmp_path / "answers.jsonl"
    answers.write_text("\n".join(json.dumps(row) for row in read_also_rows(hidden)))
    tool = shared_dir / "tools/score_read_also.py"
    command = [sys.executable, str(tool), str(articles), str(answers)]
    score = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    assert score["precision_at_3_story"] >= 0.97
    assert score["empty_slots"] <= 10
