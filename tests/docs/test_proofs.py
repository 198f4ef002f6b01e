"""The page of what the proofs found is made from results, and only from them."""

import importlib.util
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_shows_every_result_and_hides_no_failure():
    specification = importlib.util.spec_from_file_location("proofs", DOCS / "proofs.py")
    proofs = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(proofs)
    row = {"proof": 1, "fault": "SIGKILL", "rounds": 2000, "lost": 0, "twice": 3, "uncertain": 4}
    good, bad = row | {"bound": 8, "held": True}, row | {"bound": 3, "held": False}
    made = proofs.page({"day": "2026-11-26", "machine": "2 cores", "results": [good, bad]})
    assert "on 2026-11-26 (2 cores)" in made
    assert "| 1 | SIGKILL | 2,000 | 0 | 3 | 4 | 8 | yes |" in made
    assert "| 1 | SIGKILL | 2,000 | 0 | 3 | 4 | 3 | **no** |" in made
    published = (DOCS / "explanation" / "proofs.md").read_text("utf-8")
    assert published.startswith(proofs.TEXT.partition("{day}")[0])
    assert "**no**" not in published
