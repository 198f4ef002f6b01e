"""The contract every outlet keeps.

Serves the tests of built-in outlets and of adapters elsewhere. A suite is a class to inherit from;
pytest finds its tests through the subclass. Touches what the outlet under test touches.
"""

from collections.abc import Mapping

from publisher.errors import OutletError
from publisher.model.views import Document
from publisher.ports import Outlet

_MANY = 120


def make_document(path: str, data: bytes = b"<rss/>") -> Document:
    """Return a document at a path."""
    return Document(path=path, data=data, media_type="application/rss+xml; charset=utf-8")


class OutletContract:
    """Inherit, and give `open()` and `standing()`; every outlet passes these tests."""

    def open(self) -> Outlet:
        """Return a fresh outlet over one and the same place."""
        raise AssertionError("give the outlet to be tested")

    def standing(self) -> Mapping[str, bytes]:
        """Return what stands there, by path."""
        raise AssertionError("tell what stands there")

    def test_what_is_written_stands_there(self) -> None:
        """Byte by byte, and its paths come back in order."""
        documents = [make_document("feeds/a.rss", b"a\x00\xff"), make_document("index.html", b"b")]
        assert list(self.open().write(documents)) == ["feeds/a.rss", "index.html"]
        assert dict(self.standing()) == {"feeds/a.rss": b"a\x00\xff", "index.html": b"b"}

    def test_a_changed_document_takes_the_place_of_the_old_one(self) -> None:
        """Also when another process wrote the old one."""
        self.open().write([make_document("a.rss", b"old"), make_document("b.rss", b"stays")])
        assert list(self.open().write([make_document("a.rss", b"new")])) == ["a.rss"]
        assert dict(self.standing()) == {"a.rss": b"new", "b.rss": b"stays"}

    def test_many_documents_at_once_all_arrive(self) -> None:
        """From an iterator, which is read once."""
        made = {f"feeds/f{n}.rss": f"feed {n}".encode() for n in range(_MANY)}
        changed = self.open().write(make_document(path, data) for path, data in made.items())
        assert list(changed) == list(made)
        assert dict(self.standing()) == made

    def test_nothing_to_write_or_remove_is_fine(self) -> None:
        """Nothing is touched."""
        outlet = self.open()
        assert list(outlet.write([])) == []
        outlet.remove([])
        assert dict(self.standing()) == {}

    def test_odd_names_are_names(self) -> None:
        """A picture may be called anything."""
        paths = ["media/ü né.png", "media/a&b+c'd.png", "media/100% <x>.png", "media/~a=b;c.png"]
        outlet = self.open()
        outlet.write([make_document(path, path.encode()) for path in paths])
        assert dict(self.standing()) == {path: path.encode() for path in paths}
        outlet.remove(paths[1:])
        assert set(self.standing()) == {paths[0]}

    def test_what_is_removed_is_gone_and_the_rest_stays(self) -> None:
        """Once gone, removing it again does no harm."""
        outlet = self.open()
        outlet.write([make_document(f"feeds/{name}.rss") for name in "abc"])
        outlet.remove(["feeds/a.rss", "feeds/never.rss", "feeds/c.rss"])
        outlet.remove(["feeds/a.rss"])
        assert set(self.standing()) == {"feeds/b.rss"}

    def test_it_lacks_nothing_that_it_was_given(self) -> None:
        """Not even as another process sees it."""
        outlet = self.open()
        outlet.write([make_document("feeds/a.rss"), make_document("b.rss")])
        assert not outlet.lacks(["feeds/a.rss", "b.rss"])
        assert not self.open().lacks(["feeds/a.rss", "b.rss"])
        assert not outlet.lacks([])

    def test_its_form_is_as_lasting_as_its_settings(self) -> None:
        """Else everything would be written again at each start."""
        assert self.open().form == self.open().form

    def test_a_probe_leaves_nothing_behind(self) -> None:
        """And says in one line what works."""
        told = self.open().probe()
        assert told
        assert "\n" not in told
        assert dict(self.standing()) == {}


class UnreachableOutletContract:
    """Inherit, and give `open()` an outlet whose place cannot be reached or written."""

    def open(self) -> Outlet:
        """Return an outlet that cannot work."""
        raise AssertionError("give the outlet to be tested")

    def test_an_error_in_one_line_and_nothing_counts_as_written(self) -> None:
        """So that all of it is tried again."""
        caught: OutletError | None = None
        try:
            self.open().write([make_document("a.rss"), make_document("b.rss")])
        except OutletError as error:
            caught = error
        assert caught is not None
        assert caught.written == ()
        assert "\n" not in str(caught)

    def test_a_probe_tells(self) -> None:
        """Before anything is published."""
        caught: OutletError | None = None
        try:
            self.open().probe()
        except OutletError as error:
            caught = error
        assert caught is not None
