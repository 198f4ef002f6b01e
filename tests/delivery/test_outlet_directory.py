"""The folder outlet: whole files, quiet when nothing changed, never outside its folder."""

import errno
import gzip
import os
import threading

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.delivery import outlet_directory
from publisher.errors import OutletError
from publisher.model.views import Document
from publisher.ports import TransportContext
from publisher.testing.outlets import OutletContract, UnreachableOutletContract


def document(path: str, data: bytes = b"data") -> Document:
    return Document(path=path, data=data, media_type="text/plain")


@pytest.fixture
def outlet(tmp_path):
    context = TransportContext(name="directory", root=tmp_path)
    return outlet_directory.create(outlet_directory.Options(), context)


def test_documents_become_files(outlet, tmp_path):
    changed = outlet.write([document("feeds/a.rss", b"a"), document("index.html", b"b")])
    assert changed == ["feeds/a.rss", "index.html"]
    assert (tmp_path / "public/feeds/a.rss").read_bytes() == b"a"
    assert (tmp_path / "public/index.html").read_bytes() == b"b"
    assert sorted(p.name for p in (tmp_path / "public").rglob("*")) == [
        "a.rss",
        "feeds",
        "index.html",
    ]


def test_unchanged_bytes_leave_the_file_alone(outlet, tmp_path):
    outlet.write([document("a.rss"), document("b.rss")])
    path = tmp_path / "public/a.rss"
    os.utime(path, ns=(1, 1))
    before = path.stat()
    assert outlet.write([document("a.rss"), document("b.rss", b"new!")]) == ["b.rss"]
    after = path.stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


def pressed(tmp_path):
    context = TransportContext(name="directory", root=tmp_path)
    return outlet_directory.create(outlet_directory.Options(precompress=True), context)


def forms(tmp_path):
    return sorted(path.name for path in (tmp_path / "public").iterdir())


def test_compressed_forms_lie_beside_a_document_and_go_with_it(tmp_path, outlet):
    here, data = pressed(tmp_path), b"words " * 500
    here.write(
        [document("a.rss", data), document("short.rss"), document("odd.rss", os.urandom(900))]
    )
    assert forms(tmp_path) == ["a.rss", "a.rss.br", "a.rss.gz", "odd.rss", "short.rss"]
    public = tmp_path / "public"
    assert gzip.decompress((public / "a.rss.gz").read_bytes()) == data
    assert brotli.decompress((public / "a.rss.br").read_bytes()) == data
    assert (
        len({(public / name).stat().st_mtime_ns for name in ("a.rss", "a.rss.br", "a.rss.gz")})
        == 1
    )
    before = (public / "a.rss.br").stat().st_ino
    assert here.write([document("a.rss", data)]) == []
    assert (public / "a.rss.br").stat().st_ino == before
    assert here.write([document("a.rss", data + b"!")]) == ["a.rss"]
    assert gzip.decompress((public / "a.rss.gz").read_bytes()) == data + b"!"
    here.remove(["a.rss"])
    assert forms(tmp_path) == ["odd.rss", "short.rss"]


def test_an_old_form_never_stays_beside_a_new_document(tmp_path, outlet):
    """Also when the operator wants none any more: servers would go on to answer with it."""
    pressed(tmp_path).write([document("a.rss", b"words " * 500)])
    outlet.write([document("a.rss", b"other " * 500)])
    assert forms(tmp_path) == ["a.rss"]
    pressed(tmp_path).write([document("a.rss", b"other " * 500)])
    assert forms(tmp_path) == ["a.rss", "a.rss.br", "a.rss.gz"]


def test_same_length_other_bytes_is_a_change(outlet, tmp_path):
    outlet.write([document("a.rss", b"one")])
    assert outlet.write([document("a.rss", b"two")]) == ["a.rss"]
    assert (tmp_path / "public/a.rss").read_bytes() == b"two"


def test_files_it_did_not_write_stay(outlet, tmp_path):
    (tmp_path / "public").mkdir()
    (tmp_path / "public/robots.txt").write_text("mine")
    outlet.write([document("a.rss")])
    assert (tmp_path / "public/robots.txt").read_text() == "mine"


def test_files_can_be_read_by_a_web_server(outlet, tmp_path):
    mask = os.umask(0o022)
    try:
        outlet.write([document("feeds/a.rss")])
    finally:
        os.umask(mask)
    assert (tmp_path / "public/feeds/a.rss").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "..",
        "../a",
        "a/../../b",
        "/etc/passwd",
        "a\\b",
        "a/..",
        "a\0b",
        "a\nb",
        "a/",
        "//x/y",
    ],
)
def test_paths_that_leave_the_folder_are_refused_and_the_others_written(outlet, tmp_path, path):
    with pytest.raises(OutletError) as caught:
        outlet.write([document(path), document("good.rss")])
    assert "\n" not in str(caught.value)
    assert (tmp_path / "public/good.rss").is_file()
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["good.rss", "public"]


def test_a_link_does_not_lead_out(outlet, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "public").mkdir()
    (tmp_path / "public/out").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutletError, match="link"):
        outlet.write([document("out/deep/a.rss")])
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_link_in_the_file_s_place_is_replaced_not_followed(outlet, tmp_path):
    (tmp_path / "public").mkdir()
    (tmp_path / "secret").write_bytes(b"data")
    (tmp_path / "public/a.rss").symlink_to(tmp_path / "secret")
    assert outlet.write([document("a.rss", b"data")]) == ["a.rss"]
    assert not (tmp_path / "public/a.rss").is_symlink()
    assert (tmp_path / "secret").read_bytes() == b"data"


def test_the_folder_itself_may_be_a_link(outlet, tmp_path):
    (tmp_path / "www").mkdir()
    (tmp_path / "public").symlink_to(tmp_path / "www")
    outlet.write([document("feeds/a.rss")])
    assert (tmp_path / "www/feeds/a.rss").is_file()


def test_one_that_cannot_be_written_does_not_keep_back_the_others(outlet, tmp_path):
    (tmp_path / "public/a.rss").mkdir(parents=True)
    (tmp_path / "public/file").write_text("")
    with pytest.raises(OutletError, match=r"a\.rss.*1 more"):
        outlet.write([document("a.rss"), document("file/x"), document("b.rss")])
    assert (tmp_path / "public/b.rss").is_file()
    assert not list((tmp_path / "public").rglob(".*")), "no drafts are left behind"


def test_nothing_is_put_in_its_place_before_the_bytes_of_all_are_durable(tmp_path):
    paths, seen = ["c/c.rss", "a.rss", "b/b.rss"], []

    def sync(descriptor):
        os.fsync(descriptor)
        seen.append([path for path in paths if (tmp_path / path).exists()])

    outlet = outlet_directory.DirectoryOutlet(tmp_path, sync=sync)
    assert outlet.write([document(path) for path in paths]) == paths
    assert seen == [[], [], []]
    assert all((tmp_path / path).is_file() for path in paths)


def test_one_whose_bytes_cannot_be_kept_leaves_the_old_one_and_no_draft(tmp_path):
    def sync(descriptor):
        if os.fstat(descriptor).st_size == len(b"too much"):
            raise OSError(errno.ENOSPC, "No space left on device")

    outlet = outlet_directory.DirectoryOutlet(tmp_path, sync=sync)
    outlet.write([document("a.rss", b"old"), document("b.rss", b"old")])
    with pytest.raises(OutletError, match=r"a\.rss: No space left") as caught:
        outlet.write([document("a.rss", b"too much"), document("b.rss", b"new")])
    assert list(caught.value.written) == ["b.rss"]
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "a.rss": b"old",
        "b.rss": b"new",
    }


def test_documents_beyond_one_flush_keep_their_order(tmp_path):
    outlet = outlet_directory.DirectoryOutlet(tmp_path)
    paths = [f"{number}.rss" for number in range(2 * outlet_directory.BATCH + 3)]
    assert outlet.write([document(path) for path in paths]) == paths


def test_a_path_that_comes_twice_ends_as_it_came_last(outlet, tmp_path):
    outlet.write([document("a.rss", b"old")])
    outlet.write([document("a.rss", b"new"), document("a.rss", b"old")])
    assert (tmp_path / "public/a.rss").read_bytes() == b"old"


def test_a_reader_never_sees_half_a_file(outlet, tmp_path):
    versions = [bytes([65 + n]) * 200_000 for n in range(20)]
    outlet.write([document("a.rss", versions[0])])
    seen, stop = set(), threading.Event()

    def read() -> None:
        while not stop.is_set():
            data = (tmp_path / "public/a.rss").read_bytes()
            seen.add((len(data), len(set(data))))

    reader = threading.Thread(target=read)
    reader.start()
    for version in versions:
        outlet.write([document("a.rss", version)])
    stop.set()
    reader.join()
    assert seen == {(200_000, 1)}


@given(
    st.dictionaries(st.sampled_from(["a", "b/c", "b/d", "e"]), st.binary(max_size=9), max_size=4)
)
def test_writing_twice_changes_nothing(tmp_path_factory, contents):
    outlet = outlet_directory.DirectoryOutlet(tmp_path_factory.mktemp("site") / "public")
    documents = [document(path, data) for path, data in contents.items()]
    assert outlet.write(documents) == list(contents)
    assert outlet.write(documents) == []


class TestContract(OutletContract):
    @pytest.fixture(autouse=True)
    def _place(self, tmp_path):
        self.root = tmp_path

    def open(self):
        context = TransportContext(name="directory", root=self.root)
        return outlet_directory.create(outlet_directory.Options(), context)

    def standing(self):
        public = self.root / "public"
        found = (path for path in public.rglob("*") if path.is_file())
        return {path.relative_to(public).as_posix(): path.read_bytes() for path in found}


class TestClosed(UnreachableOutletContract):
    @pytest.fixture(autouse=True)
    def _place(self, tmp_path):
        self.root = tmp_path
        (tmp_path / "public").write_text("a file in its place")

    def open(self):
        context = TransportContext(name="directory", root=self.root)
        return outlet_directory.create(outlet_directory.Options(), context)
