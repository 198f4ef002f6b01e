"""Pictures of an edition: ours, fetched once, in time or not at all, and never in the edition's way."""

import io
import random
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from PIL import Image

from publisher.core.illustrating import AGAIN, PROXIED, Illustrator
from publisher.errors import FetchError, OutletError, ParseError
from publisher.kit.pictures import SafePictures
from publisher.model.articles import ArticleId
from publisher.model.definitions import ImageSettings
from publisher.model.views import Document, StoryView
from publisher.net import HttpFetcher, Limits
from publisher.ports import Fetched, Picture
from publisher.store import open_store
from tests.sources.loopback import site

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
BASE = "https://gazette.example/news/"


class HeldClock:
    moment = NOON

    def now(self):
        return self.moment


class Shelf:
    """An outlet that keeps what it is given."""

    def __init__(self):
        self.documents = {}

    def write(self, documents):
        self.documents.update({document.path: document for document in documents})
        return []


class Full:
    """An outlet without room."""

    def write(self, documents):
        raise OutletError("public", "no space left on device")


class Web:
    """A fetcher of what a test puts there; `asked` in order."""

    def __init__(self, **bodies):
        self.bodies = bodies
        self.asked = []

    def get(self, url, *, accept="*/*", etag="", last_modified=""):
        self.asked.append(url)
        name = url.rpartition("/")[2].partition(".")[0]
        if name not in self.bodies:
            raise FetchError(url, "the server answered 404", status=404)
        return Fetched(status=200, url=url, body=self.bodies[name], headers={})


class Labels:
    """Makes pictures of their own bytes, so that a test can see which one it is."""

    def fit(self, data):
        if not data.startswith(b"picture"):
            raise ParseError("", "is not a picture")
        return Picture(data=data.upper(), media_type="image/png", width=600, height=len(data))

    def measure(self, data):
        return 300, len(data)


class House:
    """An illustrator over a real store, its parts replaceable, and what it complained of."""

    def __init__(self, root):
        self.store = open_store("sqlite:///store.db", root)
        self.clock, self.shelf, self.web = HeldClock(), Shelf(), Web()
        self.files, self.complaints = {}, []

    def illustrator(self, **more):
        usual = {
            "store": self.store,
            "clock": self.clock,
            "settings": ImageSettings(),
            "base_url": BASE,
            "fetcher": self.web,
            "pictures": Labels(),
            "media": self.file,
            "holds": lambda path: path in self.shelf.documents,
            "outlets": [self.shelf],
            "complain": lambda subject, reason: self.complaints.append((subject, reason)),
        }
        return Illustrator(**{**usual, **more})

    def illustrate(self, *images, **more):
        stories = tuple(story(number, image) for number, image in enumerate(images, 1))
        return self.illustrator(**more).illustrate(stories)

    def file(self, path):
        data = self.files.get(path)
        return Document(path=path, data=data, media_type="image/png") if data else None


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def here():
    with site() as running:
        yield running


def story(number, image, **more):
    return StoryView(
        id=ArticleId(number),
        title=f"Story {number}",
        url=f"{BASE}{number}",
        image=image,
        published=NOON,
        **more,
    )


def address_of(data):
    return f"{BASE}{PROXIED}{sha256(data.upper()).hexdigest()[:32]}.png"


def test_every_story_gets_a_copy_of_ours_with_its_size(house):
    house.web.bodies = {"a": b"picture a", "b": b"picture bb"}
    house.files["articles/own one.png"] = b"picture own"
    found = house.illustrate(
        "https://x.example/a.jpg",
        "http://y.example/b",
        "",
        f"{BASE}media/articles/own%20one.png?v=2#top",
    )
    assert [one.image for one in found] == [
        address_of(b"picture a"),
        address_of(b"picture bb"),
        "",
        address_of(b"picture own"),
    ]
    assert [(one.image_width, one.image_height) for one in found] == [
        (600, 9),
        (600, 10),
        (0, 0),
        (600, 11),
    ]
    assert {BASE + path for path in house.shelf.documents} == {one.image for one in found} - {""}
    assert house.complaints == []


def test_nothing_else_of_a_story_changes_and_doing_it_twice_changes_nothing(house):
    house.web.bodies = {"a": b"picture"}
    before = story(1, "https://x.example/a", image_alt="A ferry", note="Read this")
    (once,) = house.illustrator().illustrate([before])
    assert replace(once, image=before.image, image_width=0, image_height=0) == before
    assert house.illustrator().illustrate([once]) == (once,)
    assert len(house.web.asked) == 1


def test_a_picture_is_fetched_once_however_many_editions_and_restarts(house, tmp_path):
    house.web.bodies = {"a": b"picture"}
    first = house.illustrate("https://x.example/a", "https://x.example/a")
    house.clock.moment += timedelta(days=40)
    house.store.close()
    house.store = open_store("sqlite:///store.db", tmp_path)
    assert house.illustrate("https://x.example/a", "https://x.example/a") == first
    assert house.web.asked == ["https://x.example/a"]


def test_it_is_fetched_again_for_other_settings_or_when_the_copy_is_gone(house):
    house.web.bodies = {"a": b"picture"}
    house.illustrate("https://x.example/a")
    house.illustrate("https://x.example/a", settings=ImageSettings(width=300))
    house.illustrate("https://x.example/a", settings=ImageSettings(quality=50))
    assert len(house.web.asked) == 3
    house.shelf.documents.clear()
    (found,) = house.illustrate("https://x.example/a")
    assert len(house.web.asked) == 4
    assert found.image.removeprefix(BASE) in house.shelf.documents


def test_our_own_pictures_are_looked_at_each_time(house):
    house.files["a.png"] = b"picture one"
    (one,) = house.illustrate(f"{BASE}media/a.png")
    house.files["a.png"] = b"picture two"
    (two,) = house.illustrate(f"{BASE}media/a.png")
    assert (one.image, two.image) == (address_of(b"picture one"), address_of(b"picture two"))
    assert house.web.asked == []


def test_one_that_fails_is_left_out_with_one_complaint_and_asked_again_a_day_later(house):
    house.web.bodies = {"good": b"picture", "bad": b"<html>"}
    images = ["https://x.example/bad", "https://x.example/gone", "https://x.example/good"]
    for _ in range(3):
        found = house.illustrate(*images, f"{BASE}media/none.png")
        assert [bool(one.image) for one in found] == [False, False, True, False]
    assert sorted(house.web.asked) == sorted(images)
    told = [subject for subject, _ in house.complaints]
    assert sorted(told[:3]) == sorted([*images[:2], f"{BASE}media/none.png"])
    assert told[3:] == [f"{BASE}media/none.png"] * 2  # a file of ours may be mended at any time
    assert dict(house.complaints)[images[1]] == "picture left out: the server answered 404"
    house.clock.moment += AGAIN
    house.web.bodies["bad"] = b"picture at last"
    assert house.illustrate(*images)[0].image == address_of(b"picture at last")


def test_a_late_one_is_left_out_and_the_others_come(house):
    release = threading.Event()

    class Slow(Web):
        def get(self, url, **headers):
            if url.endswith("slow"):
                release.wait(30)
            return super().get(url, **headers)

    web = Slow(a=b"picture", slow=b"picture too")
    try:
        images = ("https://x.example/slow", "https://x.example/a")
        slow, fast = house.illustrate(*images, fetcher=web, seconds=0.5)
    finally:
        release.set()
    assert (slow.image, fast.image) == ("", address_of(b"picture"))
    assert house.complaints == [(images[0], "picture left out: was not there after 0.5 s")]
    assert house.illustrate(images[0], fetcher=web)[0].image == address_of(b"picture too")


def test_an_edition_goes_without_pictures_when_they_cannot_be_written(house):
    house.web.bodies = {"a": b"picture"}
    (found,) = house.illustrate("https://x.example/a", outlets=[Full()])
    assert (found.image, found.image_width) == ("", 0)
    assert house.complaints == [
        ("https://x.example/a", "picture left out: public: no space left on device")
    ]
    assert house.illustrate("https://x.example/a")[0].image == address_of(b"picture")


def test_one_that_cannot_be_written_is_left_out_and_the_others_come(house):
    class Choosy(Shelf):
        def write(self, documents):
            if any(document.data == b"PICTURE ODD" for document in documents):
                raise OutletError("public/odd.png", "is a folder")
            return super().write(documents)

    house.web.bodies = {"a": b"picture", "odd": b"picture odd", "b": b"picture bb"}
    images = [f"https://x.example/{name}" for name in house.web.bodies]
    found = house.illustrate(*images, outlets=[Choosy()])
    assert [bool(one.image) for one in found] == [True, False, True]
    assert house.complaints == [(images[1], "picture left out: public/odd.png: is a folder")]


@pytest.mark.parametrize(
    "fault", [ZeroDivisionError("odd"), MemoryError(), RecursionError("deep")]
)
def test_a_picture_that_trips_a_decoder_is_left_out_and_the_others_come(house, fault):
    class Broken(Labels):
        def fit(self, data):
            if data == b"picture odd":
                raise fault
            return super().fit(data)

    house.web.bodies = {"a": b"picture", "odd": b"picture odd"}
    images = ["https://x.example/odd", "https://x.example/a"]
    for _ in range(2):  # asked again a day later at the earliest
        odd, good = house.illustrate(*images, pictures=Broken())
        assert (odd.image, good.image) == ("", address_of(b"picture"))
    ((subject, reason),) = house.complaints
    assert subject == images[0]
    assert type(fault).__name__ in reason


def test_a_picture_of_ours_that_trips_a_decoder_is_left_out_too(house):
    class Broken(Labels):
        def measure(self, data):
            raise MemoryError

    house.files["a.png"] = b"picture"
    settings = ImageSettings(proxy=False)
    (found,) = house.illustrate(f"{BASE}media/a.png", pictures=Broken(), settings=settings)
    assert found.image == ""
    assert house.complaints == [(f"{BASE}media/a.png", "picture left out: MemoryError")]


def test_an_address_of_any_length_is_remembered(house):
    house.web.bodies = {"a": b"picture"}
    long = "https://x.example/" + "x" * 9_000 + "/a"
    assert house.illustrate(long) == house.illustrate(long)
    assert house.web.asked == [long]


def test_without_the_proxy_pictures_stay_where_they_are(house):
    house.files["a.png"] = b"picture"
    images = (
        "https://x.example/a.jpg",
        "http://x.example/a.jpg",
        f"{BASE}media/a.png",
        f"{BASE}media/none.png",
        "data:image/png;base64,AA",
        "https://[",
        "",
    )
    found = house.illustrate(*images, settings=ImageSettings(proxy=False, width=480))
    assert [one.image for one in found] == [images[0], "", images[2], "", "", "", ""]
    assert [(one.image_width, one.image_height) for one in found[:3]] == [
        (480, 0),
        (0, 0),
        (300, 7),
    ]
    assert house.web.asked == []
    assert house.shelf.documents == {}


# With the real fetcher and the real decoder, against a real server


def photo(width, height, form="JPEG"):
    made = io.BytesIO()
    grain = Image.frombytes("RGB", (40, 30), random.Random(3).randbytes(3600))
    grain.resize((width, height)).save(made, form)
    return made.getvalue()


@pytest.fixture
def real(house):
    fetcher = HttpFetcher(allow_private=True, limits=Limits(bytes=200_000, seconds=3.0))
    pictures = SafePictures(width=600, quality=82)
    return house.illustrator(fetcher=fetcher, pictures=pictures, seconds=60)


def test_a_real_picture_comes_through_whatever_it_is_called(house, here, real):
    here.document("/picture.txt", photo(1500, 1000), Content_Type="text/plain")
    here.redirect("/old", "/small.gif")
    here.document("/small.gif", photo(90, 60, "WEBP"), Content_Type="image/gif")
    stories = [story(1, f"{here.url}/picture.txt"), story(2, f"{here.url}/old")]
    large, small = real.illustrate(stories)
    assert (large.image_width, large.image_height) == (600, 400)
    assert (small.image_width, small.image_height) == (90, 60)
    for one in (large, small):
        document = house.shelf.documents[one.image.removeprefix(BASE)]
        assert document.path == f"{PROXIED}{sha256(document.data).hexdigest()[:32]}.jpg"
        assert Image.open(io.BytesIO(document.data)).format == "JPEG"
    _, headers = here.asked[0]
    assert headers["accept"].startswith("image/")
    assert "cookie" not in headers
    assert "referer" not in headers


def test_hostile_servers_cost_a_picture_each_and_no_more(house, here, real):
    def endless(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n" + photo(50, 50))
        while not here.stop.is_set():
            handler.wfile.write(bytes(65_536))

    def drip(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not here.stop.wait(0.02):
            handler.wfile.write(b"x")
            handler.wfile.flush()

    here.answers |= {"/endless": endless, "/drip": drip}
    here.document("/empty", b"")
    here.document("/svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>")
    here.document("/half", photo(900, 600)[:-4000])
    here.document("/error", photo(90, 60), 500)
    here.redirect("/inside", "http://127.0.0.1:1/")
    here.redirect("/file", "file:///etc/passwd")
    here.document("/good", photo(300, 200))
    reasons = {
        "endless": "more than 200000 bytes",
        "drip": "took longer than 3 s",
        "empty": "is not a JPEG, PNG, GIF, WebP or AVIF picture",
        "svg": "is not a JPEG, PNG, GIF, WebP or AVIF picture",
        "half": "is damaged",
        "error": "the server answered 500",
        "inside": "refused",
        "file": "only http and https addresses",
        "none": "the server answered 404",
    }
    images = [f"{here.url}/{name}" for name in (*reasons, "good")]
    found = real.illustrate([story(number, image) for number, image in enumerate(images)])
    assert [one.image != "" for one in found] == [False] * len(reasons) + [True]
    told = dict(house.complaints)
    for name, reason in reasons.items():
        assert reason in told[f"{here.url}/{name}"]
    assert len(house.complaints) == len(reasons)


@pytest.mark.parametrize(
    "image",
    [
        "http://127.0.0.1:9/a.png",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/a.png",
        "http://[::ffff:10.0.0.1]/a.png",
        "http://10.0.0.1/a.png",
    ],
)
def test_private_addresses_are_not_asked(house, image):
    fetcher = HttpFetcher(limits=Limits(seconds=2))
    (found,) = house.illustrate(image, fetcher=fetcher)
    assert found.image == ""
    assert "is a private address" in house.complaints[0][1]


@pytest.mark.parametrize(
    "image",
    [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:image/png;base64,AA",
        "//x",
        "http://[",
        "x",
    ],
)
def test_only_web_addresses_are_asked(house, image):
    (found,) = house.illustrate(image, fetcher=HttpFetcher(limits=Limits(seconds=2)))
    assert found.image == ""
    assert "only http and https" in house.complaints[0][1]
