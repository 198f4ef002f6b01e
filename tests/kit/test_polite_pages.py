"""Reading strangers' pages: what their robots.txt says, turns and pauses, and what a page gives."""

import threading

import pytest

from publisher.errors import FetchError, ParseError
from publisher.kit.polite_pages import LONGEST_PAUSE, MAX_ROBOTS, Barred, PolitePages
from publisher.kit.robots import MAX_BYTES
from publisher.net import HttpFetcher
from publisher.ports import Fetched
from tests.sources.loopback import site

WORDS = "The harbour lies still in the morning, and the boats wait for the tide to come in again. "
PAGE = f"""<!DOCTYPE html><html lang="en"><head><title>The harbour</title></head><body>
<nav><a href="/">Home</a></nav><article><h1>The harbour</h1>
<p>{WORDS * 3}</p><p>{WORDS * 4}</p></article></body></html>""".encode()
HTML = {"Content_Type": "text/html; charset=utf-8"}


class Time:
    """A clock that moves when somebody sleeps."""

    def __init__(self):
        self.now, self.slept = 0.0, []

    def ticks(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(round(seconds, 3))
        self.now += seconds


@pytest.fixture
def here():
    with site() as running:
        running.document("/a", PAGE, **HTML)
        running.document("/b", PAGE, **HTML)
        yield running


@pytest.fixture
def clock():
    return Time()


@pytest.fixture
def pages(clock):
    fetcher = HttpFetcher(allow_private=True)
    return PolitePages(fetcher, ticks=clock.ticks, sleep=clock.sleep)


def paths(here):
    return [path for path, _ in here.asked]


def test_a_page_becomes_a_story(here, pages):
    story = pages.story(here.url + "/a", language="de")
    assert (story.external_id, story.url) == (here.url + "/a", here.url + "/a")
    assert (story.title, story.language) == ("The harbour", "en")
    assert story.text.count("The harbour lies still") == 7
    assert "Home" not in story.html


def test_robots_txt_is_asked_once_a_day(here, pages, clock):
    pages.get(here.url + "/a")
    pages.get(here.url + "/b")
    assert paths(here) == ["/robots.txt", "/a", "/b"]
    clock.now += 24 * 3600
    pages.get(here.url + "/a")
    assert paths(here)[3:] == ["/robots.txt", "/a"]


def test_what_robots_txt_bars_is_not_asked_for(here, pages):
    here.document("/robots.txt", b"User-agent: *\nDisallow: /a\n")
    with pytest.raises(Barred, match="bars publisher"):
        pages.story(here.url + "/a")
    assert pages.get(here.url + "/b").status == 200
    assert paths(here) == ["/robots.txt", "/b"]


def test_a_redirect_leads_to_nothing_that_is_barred(here, pages):
    here.document("/robots.txt", b"User-agent: publisher\nDisallow: /a\n")
    here.redirect("/short", "/a", 302)
    with pytest.raises(Barred):
        pages.get(here.url + "/short")


@pytest.mark.parametrize("status", [404, 401, 410])
def test_a_site_without_rules_is_open(here, pages, status):
    here.document("/robots.txt", b"User-agent: *\nDisallow: /\n", status)
    assert pages.get(here.url + "/a").status == 200


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_site_whose_rules_cannot_be_had_is_shut_for_an_hour(here, pages, clock, status):
    here.document("/robots.txt", b"", status)
    for _ in range(2):
        with pytest.raises(FetchError, match=r"robots\.txt cannot be had"):
            pages.get(here.url + "/a")
    assert paths(here) == ["/robots.txt"]
    clock.now += 3600
    here.document("/robots.txt", b"")
    assert pages.get(here.url + "/a").status == 200


def test_a_host_has_a_pause_between_two_pages_and_another_host_has_its_own(here, pages, clock):
    pages.get(here.url + "/a")
    assert pages.wait(here.url + "/b") == 0.5
    other = here.url.replace("127.0.0.1", "localhost")
    assert pages.wait(other + "/b") == 0.0
    pages.get(other + "/b")
    assert clock.slept == []
    pages.get(here.url + "/b")
    assert clock.slept == [0.5]


@pytest.mark.parametrize(("said", "pause"), [("3", 3.0), ("3600", LONGEST_PAUSE), ("0.1", 0.5)])
def test_crawl_delay_is_honoured_up_to_a_bound(here, pages, clock, said, pause):
    here.document("/robots.txt", f"User-agent: *\nCrawl-delay: {said}\n".encode())
    pages.get(here.url + "/a")
    pages.get(here.url + "/b")
    assert clock.slept == [pause]


def test_a_site_that_asks_for_patience_is_left_alone(here, pages, clock):
    here.document("/a", b"", 429, Retry_After="600")
    with pytest.raises(FetchError, match="429"):
        pages.get(here.url + "/a")
    assert pages.wait(here.url + "/b") == 600.0
    with pytest.raises(FetchError, match="left alone"):
        pages.get(here.url + "/b")
    assert clock.slept == []
    clock.now += 600
    assert pages.get(here.url + "/b").status == 200


def test_one_page_of_a_host_at_a_time(here, pages):
    """Nobody is let in while an answer is under way; the second comes when the first is through."""
    begun, go, quick = threading.Event(), threading.Event(), here.answers["/a"]

    def slow(handler):
        begun.set()
        go.wait(10)
        quick(handler)

    here.answers["/slow"] = slow
    first = threading.Thread(target=lambda: pages.get(here.url + "/slow"))
    second = threading.Thread(target=lambda: pages.get(here.url + "/b"))
    first.start()
    assert begun.wait(10)
    assert pages.wait(here.url + "/b") > 0
    second.start()
    second.join(0.1)
    assert "/b" not in paths(here)
    go.set()
    first.join(10)
    second.join(10)
    assert paths(here) == ["/robots.txt", "/slow", "/b"]


def test_what_is_no_page_or_no_story_is_an_error(here, pages):
    here.document("/paper", b"%PDF-1.7", Content_Type="application/pdf")
    here.document("/empty", b"<!DOCTYPE html><html><body></body></html>", **HTML)
    with pytest.raises(ParseError, match="application/pdf"):
        pages.story(here.url + "/paper")
    with pytest.raises(ParseError, match="no story"):
        pages.story(here.url + "/empty")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://[", "mailto:a@b.example", ""])
def test_only_web_addresses_are_read(pages, url):
    assert pages.wait(url) == 0.0
    with pytest.raises(FetchError):
        pages.story(url)


class Large:
    """A Fetcher whose every answer is large."""

    def get(self, url, **asked):
        return Fetched(status=200, url=url, headers={}, body=b"# nothing\n" * 100_000)


def test_what_is_remembered_is_bounded(clock):
    pages = PolitePages(Large(), ticks=clock.ticks, sleep=clock.sleep)
    for number in range(60):
        pages.get(f"https://{number}.example/a")
    assert MAX_ROBOTS - MAX_BYTES <= pages._size <= MAX_ROBOTS
    assert pages._size == sum(len(host.robots) for host in pages._hosts.values())
