"""The fingerprint tells a running publisher when to read again."""

import os

from publisher.config import fingerprint


def test_it_stays_while_nothing_changes(write):
    root = write({})
    before = fingerprint(root)
    (root / "feeds/notes.txt").write_text("x")
    assert fingerprint(root) == before


def test_it_changes_with_every_definition_file(write):
    root = write({})
    seen = {fingerprint(root)}
    (root / "feeds/new.toml").write_text("")
    seen.add(fingerprint(root))
    os.utime(root / "publisher.toml", ns=(1, 1))
    seen.add(fingerprint(root))
    (root / "schedules/morning.toml").unlink()
    seen.add(fingerprint(root))
    (root / "feeds/new.toml").rename(root / "feeds/newer.toml")
    seen.add(fingerprint(root))
    assert len(seen) == 5


def test_a_missing_folder_has_one_too(tmp_path):
    assert fingerprint(tmp_path / "nowhere")
