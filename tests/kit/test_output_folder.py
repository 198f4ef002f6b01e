"""The output folder as what copies it sees it: documents, and nothing that is none."""

import os

import pytest

from publisher.errors import OutletError
from publisher.kit.output_folder import OutputFolder


@pytest.fixture
def public(tmp_path):
    root = tmp_path / "public"
    for path in ("feeds/a.rss", "feeds/a/index.html", "media/p.png", "opml.xml"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(path.encode())
    return root


def test_documents_are_seen_with_their_types(public):
    folder = OutputFolder(public)
    found = dict(folder.files())
    assert set(found) == {"feeds/a.rss", "feeds/a/index.html", "media/p.png", "opml.xml"}
    types = {path: folder.read(path).media_type for path in found}
    assert types == {
        "feeds/a.rss": "application/rss+xml; charset=utf-8",
        "feeds/a/index.html": "text/html; charset=utf-8",
        "media/p.png": "image/png",
        "opml.xml": "text/x-opml; charset=utf-8",
    }
    assert folder.read("feeds/a.rss").data == b"feeds/a.rss"


def test_drafts_links_and_compressed_forms_are_no_documents(public, tmp_path):
    (tmp_path / "secret").write_text("key")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/key").write_text("key")
    (public / ".a.rss.123").write_text("half")
    (public / ".hidden").mkdir()
    (public / ".hidden/x.html").write_text("x")
    (public / "link.html").symlink_to(tmp_path / "secret")
    (public / "linked").symlink_to(tmp_path / "secrets")
    (public / "feeds/a.rss.br").write_bytes(b"x")
    (public / "feeds/a.rss.gz").write_bytes(b"x")
    (public / "media/archive.gz").write_bytes(b"a picture of a harbour")
    assert {path for path, _ in OutputFolder(public).files()} == {
        "feeds/a.rss",
        "feeds/a/index.html",
        "media/p.png",
        "media/archive.gz",
        "opml.xml",
    }


def test_another_version_has_another_mark(public):
    """Also one of the same length, written in the same moment."""
    folder, path = OutputFolder(public), public / "feeds/a.rss"
    before, seen = dict(folder.files()), path.stat()
    assert dict(folder.files()) == before
    draft = public / ".draft"
    draft.write_bytes(b"feeds/b.rss")
    draft.replace(path)
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    after = dict(folder.files())
    assert {path for path, mark in after.items() if before[path] != mark} == {"feeds/a.rss"}


def test_what_is_gone_is_none(public):
    folder = OutputFolder(public)
    assert folder.read("never.html") is None
    assert folder.read("feeds") is None


def test_a_folder_that_cannot_be_read_is_an_error_and_not_empty(tmp_path):
    (tmp_path / "public").write_text("a file in its place")
    with pytest.raises(OutletError, match="Not a directory"):
        dict(OutputFolder(tmp_path / "public").files())
    assert dict(OutputFolder(tmp_path / "never").files()) == {}
