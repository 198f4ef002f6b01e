"""What ships besides code, and the starter publication that `init` writes from it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from publisher import assets, config
from publisher.errors import OutletError, UsageError


def test_the_checkout_is_found(repository: Path):
    assert assets.root() == repository


def test_the_starter_is_a_valid_publication(tmp_path: Path):
    written = assets.write_starter(tmp_path / "new/one")
    found = config.load(tmp_path / "new/one")
    assert found.publication.title == "The Harbour Gazette"
    assert set(found.feeds) == {"culture", "harbour", "tides"}
    assert all(path.is_file() for path in written)
    assert (tmp_path / "new/one/.gitignore").read_text().split() == ["public/", "var/", "secrets/"]
    assert not (tmp_path / "new/one/templates").exists()


def test_stories_are_as_old_as_the_publication(tmp_path: Path, repository: Path):
    reference = tmp_path / "now"
    reference.touch()
    start = reference.stat().st_mtime - 2
    for path in assets.write_starter(tmp_path / "new"):
        assert path.stat().st_mtime >= start


def test_an_existing_publication_stays_as_it_is(tmp_path: Path):
    (tmp_path / "publisher.toml").write_text("mine")
    with pytest.raises(UsageError, match="there is a publication here already"):
        assets.write_starter(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["publisher.toml"]


def test_a_file_in_the_way_stops_before_anything_is_written(tmp_path: Path):
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds/harbour.toml").write_text("mine")
    with pytest.raises(UsageError, match=r"harbour.toml: is in the way"):
        assets.write_starter(tmp_path)
    assert {path.name for path in tmp_path.rglob("*")} == {"feeds", "harbour.toml"}


def test_a_git_folder_keeps_its_own_list(tmp_path: Path):
    (tmp_path / ".gitignore").write_text("*.bak\nvar/")
    assets.write_starter(tmp_path)
    assert (tmp_path / ".gitignore").read_text() == "*.bak\nvar/\npublic/\nsecrets/\n"


def test_nothing_half_written_is_left(tmp_path: Path):
    (tmp_path / "schedules").write_text("a file where a folder must be")
    with pytest.raises(OutletError, match="cannot be written"):
        assets.write_starter(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["schedules"]


def test_an_installed_package_finds_its_own_copy(tmp_path: Path, repository: Path):
    package = tmp_path / "publisher"
    package.mkdir()
    for name in ("__init__.py", "errors.py", "assets.py"):
        shutil.copy(repository / "publisher" / name, package / name)
    for name in ("templates", "feeds", "schedules", "articles"):
        shutil.copytree(repository / name, package / "_data" / name)
    for name in ("publisher.toml", "subscribers.csv"):
        shutil.copy(repository / name, package / "_data" / name)
    program = (
        "import pathlib; from publisher import assets; print(assets.root());"
        "print(len(assets.write_starter(pathlib.Path('fresh'))))"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    where, number = done.stdout.split()
    assert Path(where) == package / "_data"
    assert int(number) == len(assets.write_starter(tmp_path / "other"))
