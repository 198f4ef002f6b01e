"""Pictures of the publication's folder: whatever a story asks for, only those inside it are read."""

from pathlib import Path

import pytest

from publisher.app import App
from publisher.model.definitions import Definitions, Publication

PIXELS = b"\x89PNG picture"


@pytest.fixture
def complaints():
    return []


@pytest.fixture
def app(tmp_path: Path, complaints):
    root = tmp_path / "gazette"
    (root / "articles" / "deep").mkdir(parents=True)
    (root / "articles" / "ferry.png").write_bytes(PIXELS)
    (root / "articles" / "notes.txt").write_text("not for readers")
    (tmp_path / "outside.png").write_bytes(PIXELS)
    (root / "out.png").symlink_to(tmp_path / "outside.png")
    (root / "loop.png").symlink_to(root / "loop.png")
    publication = Publication(title="Gazette", url="https://g.example/")
    definitions = Definitions(root=root, publication=publication)
    return App(definitions, complain=lambda *complaint: complaints.append(complaint))


def test_a_picture_of_the_folder_is_a_document(app, complaints):
    found = app.picture("articles/ferry.png")
    assert (found.path, found.data) == ("media/articles/ferry.png", PIXELS)
    assert found.media_type == "image/png"
    assert complaints == []


@pytest.mark.parametrize(
    "path",
    [
        "../outside.png",
        "articles/../../outside.png",
        "articles/deep/../ferry.png",  # no outlet takes such a path, and one refusal stops publishing
        "/etc/passwd.png",
        "out.png",
        "articles/notes.txt",
        "articles",
        "",
    ],
)
def test_nothing_else_is_read(app, path):
    assert app.picture(path) is None


@pytest.mark.parametrize(
    "path", ["none.png", "nul\0.png", "loop.png", "x" * 5000 + ".png", "articles/deep.png/a.png"]
)
def test_what_cannot_be_read_is_told_of(app, complaints, path):
    assert app.picture(path) is None
    ((subject, reason),) = complaints
    assert subject == path
    assert reason.startswith("picture cannot be read: ")
    assert not reason.endswith("None")
