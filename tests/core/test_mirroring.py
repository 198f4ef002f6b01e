"""Mirroring onto a fake outlet: only what differs goes, in order, and what failed goes the next time."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core import mirroring
from publisher.core.mirroring import Mirroring, rank
from publisher.errors import OutletError, OutletUnavailable
from publisher.model.views import Document

SITE = {
    "index.html": b"front",
    "sitemap.xml": b"map",
    "feeds/index.html": b"feeds",
    "feeds/harbour.rss": b"newest",
    "feeds/harbour.atom": b"newest",
    "feeds/harbour/index.html": b"page",
    "feeds/harbour/archive/1.rss": b"old",
    "feeds/harbour/archive/2.rss": b"older",
    "feeds/tag/quay.rss": b"quay",
    "feeds/tag/quay/archive/1.rss": b"quay",
    "articles/1/index.html": b"story",
    "media/a.png": b"picture",
    "feed-en.css": b"style",
}


class Elsewhere:
    """An outlet, a folder and a store in one: it refuses `bad` documents, and everything when `down`."""

    form = "plain"

    def __init__(self, site=SITE, **limits):
        self.limits = limits
        self.site, self.there, self.marks = dict(site), {}, {}
        self.bad, self.down_after, self.calls, self.order = set(), None, [], []

    # FinishedDocuments
    def files(self):
        return [(path, str(hash(data))) for path, data in self.site.items()]

    def read(self, path):
        data = self.site.get(path)
        return None if data is None else Document(path=path, data=data, media_type="x")

    # Placements
    def placed(self, outlet):
        return dict(self.marks)

    def record_placed(self, outlet, marks):
        assert marks.keys() <= self.there.keys(), "nothing is remembered that does not stand there"
        self.marks |= marks

    def drop_placed(self, outlet, paths):
        for path in paths:
            del self.marks[path]

    # Outlet
    def write(self, documents):
        documents = list(documents)
        self.calls.append([one.path for one in documents])
        done = []
        for one in documents:
            if self.down_after is not None and len(self.order) >= self.down_after:
                raise OutletUnavailable("elsewhere", "is down", written=done)
            if one.path not in self.bad:
                self.there[one.path] = one.data
                self.order.append(one.path)
                done.append(one.path)
        if len(done) < len(documents):
            raise OutletError("one", "is refused", written=done)
        return done

    def remove(self, paths):
        if self.down_after is not None:
            raise OutletUnavailable("elsewhere", "is down")
        for path in paths:
            self.there.pop(path, None)

    def lacks(self, paths):
        return not set(paths) <= self.there.keys()

    def mirror(self, **more):
        case = Mirroring(store=self, finished=self, outlet=self, name="cdn", **self.limits)
        return case.mirror(**more)


def test_all_of_it_goes_once_and_then_what_changed():
    here = Elsewhere()
    done = here.mirror()
    assert (done.written, done.removed, done.failed) == (len(SITE), 0, ())
    assert here.there == SITE
    here.order.clear()
    assert here.mirror() == replace(done, written=0)
    assert here.order == []
    here.site["index.html"] = b"new front"
    del here.site["media/a.png"]
    done = here.mirror()
    assert (done.written, done.removed) == (1, 1)
    assert here.order == ["index.html"]
    assert here.there == here.site


def test_what_others_point_at_goes_first_and_is_taken_away_last():
    here = Elsewhere()
    here.mirror()
    ranks = [rank(path) for path in here.order]
    assert ranks == sorted(ranks)
    assert set(ranks) == {0, 1, 2, 3}
    for path, kind in (
        ("articles/1/index.html", mirroring.STORIES),
        ("feed-en.css", mirroring.STORIES),
        ("feeds/tag/quay/archive/1.rss", mirroring.ARCHIVES),
        ("feeds/tag/quay.json", mirroring.FEEDS),
        ("feeds/harbour/index.html", mirroring.PAGES),
        ("sitemap-2.xml", mirroring.PAGES),
        ("robots.txt", mirroring.PAGES),
    ):
        assert rank(path) == kind


def test_no_batch_holds_what_points_at_another_of_its_own():
    """They go at once, in no order."""
    here = Elsewhere(batch=2)
    here.mirror()
    assert all(len({rank(path) for path in call}) == 1 for call in here.calls)
    assert max(map(len, here.calls)) == 2
    assert all(rank(one[-1]) <= rank(two[0]) for one, two in pairwise(here.calls))


def test_large_documents_go_few_at_a_time():
    pages = {f"articles/{n}/index.html": b"12345678" for n in range(6)}
    here = Elsewhere(pages, octets=10)
    here.mirror()
    assert [len(call) for call in here.calls] == [2, 2, 2]


def test_a_refused_document_keeps_back_no_other():
    here = Elsewhere()
    here.bad = {"media/a.png"}
    done = here.mirror()
    assert done.failed == (("one", "is refused"),)
    assert here.there.keys() == SITE.keys() - here.bad
    here.bad = set()
    assert here.mirror().written == 1
    assert here.there == SITE


def test_a_feed_waits_for_the_pages_of_its_archive_and_others_do_not():
    here = Elsewhere()
    here.bad = {"feeds/harbour/archive/1.rss"}
    done = here.mirror()
    held = {"feeds/harbour.rss", "feeds/harbour.atom", "feeds/harbour/index.html"}
    assert {subject for subject, _ in done.failed} == {"one", *held}
    assert here.there.keys() == SITE.keys() - here.bad - held
    here.bad = set()
    assert here.mirror().failed == ()
    assert here.there == SITE


def test_what_is_gone_is_taken_away_although_another_is_refused():
    """A link that leads nowhere is better than a page that somebody had erased."""
    here = Elsewhere()
    here.mirror()
    del here.site["articles/1/index.html"]
    here.site["feeds/harbour.rss"] = b"without it"
    here.bad = {"feeds/harbour.rss"}
    done = here.mirror()
    assert (done.removed, len(done.failed)) == (1, 1)
    assert "articles/1/index.html" not in here.there
    here.bad = set()
    assert here.mirror().written == 1
    assert here.there == here.site


def test_nothing_is_taken_away_from_what_takes_nothing():
    here = Elsewhere()
    here.mirror()
    del here.site["articles/1/index.html"]
    here.site["feeds/harbour.rss"] = b"without it"
    here.down_after = 0
    assert here.mirror().removed == 0
    here.down_after = None
    assert here.mirror().removed == 1
    assert here.there == here.site


@given(st.integers(min_value=0, max_value=len(SITE)))
def test_wherever_it_breaks_off_the_next_time_does_the_rest(after):
    here = Elsewhere()
    here.down_after = after
    done = here.mirror()
    assert done.written == len(here.order) == min(after, len(SITE))
    assert bool(done.failed) == (after < len(SITE))
    here.down_after = None
    assert here.mirror().written == len(SITE) - after
    assert here.there == SITE
    assert sorted(here.order) == sorted(SITE), "each of them went once"


def test_what_somebody_took_away_there_is_brought_again():
    here = Elsewhere()
    here.mirror()
    del here.there["feeds/harbour.rss"]
    assert here.mirror().written == 1
    assert here.there == SITE


def test_another_form_is_another_document():
    here = Elsewhere()
    here.mirror()
    here.form = "compressed"
    assert here.mirror().written == len(SITE)


def test_an_empty_folder_takes_nothing_away():
    here = Elsewhere()
    here.mirror()
    here.site.clear()
    done = here.mirror()
    assert "is empty" in done.failed[0][1]
    assert here.there == SITE


def test_an_outlet_that_cannot_be_asked_is_told():
    here = Elsewhere()
    here.mirror()

    def lacks(paths):
        raise OutletUnavailable("elsewhere", "is not reached")

    here.lacks = lacks
    assert here.mirror().failed == (("elsewhere", "is not reached"),)


def test_a_document_that_is_gone_by_now_is_passed_over():
    here = Elsewhere()
    here.read = lambda path, read=here.read: None if path == "media/a.png" else read(path)
    done = here.mirror()
    assert (done.written, done.failed) == (len(SITE) - 1, ())


def test_it_stops_when_told_to_and_goes_on_later():
    here = Elsewhere(batch=1)
    done = here.mirror(stop=lambda: len(here.order) >= 3)
    assert (done.written, done.removed) == (3, 0)
    steps = []
    here.mirror(progress=lambda number, total, name: steps.append((number, total, name)))
    assert steps[-1] == (len(SITE) - 3, len(SITE) - 3, "cdn")
    assert here.there == SITE


@pytest.mark.parametrize("gone", [1, 2_500])
def test_thousands_are_taken_away(gone):
    here = Elsewhere({f"articles/old-{n}/index.html": b"x" for n in range(gone)} | SITE)
    here.mirror()
    here.site = dict(SITE)
    assert here.mirror().removed == gone
    assert here.there == SITE
