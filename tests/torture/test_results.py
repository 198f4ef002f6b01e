"""The table of the proofs says what was found, and a run of some proofs keeps the rows of others."""

import json
from dataclasses import replace

from tests.torture.results import Result, lines, save

ROW = Result(proof=1, fault="SIGKILL", rounds=2_000, lost=0, twice=3, uncertain=4, bound=8)


def test_a_row_holds_only_when_all_of_it_does():
    assert ROW.held
    assert not replace(ROW, lost=1).held
    assert not replace(ROW, uncertain=9).held
    assert not replace(ROW, wrong=("sums that differ",)).held


def test_the_table_is_aligned_and_ordered():
    head, first, second = lines([replace(ROW, proof=6), ROW])
    assert head.split() == [
        "proof",
        "fault",
        "rounds",
        "lost",
        "twice",
        "uncertain",
        "bound",
        "held",
    ]
    assert first.split() == ["1", "SIGKILL", "2,000", "0", "3", "4", "8", "yes"]
    assert second.startswith("6")


def test_rows_of_tests_that_were_left_out_stay(tmp_path):
    path = tmp_path / "found.json"
    save({"kill[sqlite]": ROW, "kill[postgres]": ROW, "asleep": replace(ROW, proof=8)}, path)
    save({"kill[sqlite]": replace(ROW, rounds=5)}, path, failed=["kill[postgres]"])
    told = json.loads(path.read_text("utf-8"))
    assert [(row["proof"], row["rounds"]) for row in told["results"]] == [(1, 5), (8, 2_000)]
    assert all(row["held"] for row in told["results"])
    assert "Python" in told["machine"]
