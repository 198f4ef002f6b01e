"""robots.txt: what sites say to crawlers, and that no file of theirs can hurt."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.kit.robots import MAX_BYTES, OPEN, SHUT, read_robots

SITE = "https://s.example"


def allows(text: str, path: str) -> bool:
    return read_robots(text.encode()).allows(SITE + path)


@pytest.mark.parametrize(
    ("rules", "path", "may"),
    [
        ("Disallow: /", "/a", False),
        ("Disallow:", "/a", True),
        ("Disallow: /a", "/abc", False),
        ("Disallow: /a", "/b/a", True),
        ("Disallow: /a\nAllow: /a/b", "/a/b/c", True),  # the longest match counts
        ("Allow: /a/b\nDisallow: /a", "/a/c", False),
        ("Disallow: /a\nAllow: /a", "/a", True),  # of equals the one that allows
        ("Disallow: /*.pdf$", "/x/y.pdf", False),
        ("Disallow: /*.pdf$", "/x/y.pdf?z", True),
        ("Disallow: /*?", "/x?y=1", False),
        ("Disallow: /caf%C3%A9", "/café", False),
        ("Disallow: /café", "/caf%c3%a9", False),
        ("Disallow: /", "/robots.txt", True),
        ("Disallow: /a # not b\nDisallow: /c", "/c", False),
    ],
)
def test_rules_count_as_rfc_9309_says(rules, path, may):
    assert allows(f"User-agent: *\n{rules}\n", path) is may
    assert allows(f"user-AGENT : publisher\r\n{rules}\r\n", path) is may


def test_the_group_that_names_us_counts_and_else_the_one_for_all():
    text = "User-agent: *\nDisallow: /\n\nUser-agent: Publisher\nUser-agent: b\nDisallow: /x\n"
    assert allows(text, "/a")
    assert not allows(text, "/x")
    assert allows("User-agent: other\nDisallow: /\n", "/a")


def test_groups_that_name_us_twice_count_together():
    text = "User-agent: publisher\nDisallow: /a\n\nUser-agent: publisher\nDisallow: /b\n"
    assert not allows(text, "/a")
    assert not allows(text, "/b")


def test_the_pause_a_site_asks_for():
    assert read_robots(b"User-agent: *\nCrawl-delay: 2.5\n").delay == 2.5
    assert read_robots(b"User-agent: *\nCrawl-delay: soon\n").delay == 0.0
    assert read_robots(b"").delay == 0.0


def test_no_rules_are_no_bar_and_shut_is_shut():
    assert OPEN.allows(SITE + "/a")
    assert not SHUT.allows(SITE + "/a")


def test_a_byte_order_mark_and_an_error_page_do_no_harm():
    assert not read_robots(b"\xef\xbb\xbfUser-agent: *\nDisallow: /\n").allows(SITE + "/a")
    assert read_robots(b"<!DOCTYPE html><html><p>User-agent: *<p>No").allows(SITE + "/a")


def test_a_long_file_is_read_up_to_the_last_whole_line():
    line = b"Disallow: /private-and-long\n"
    data = b"User-agent: *\n" + line * (MAX_BYTES // len(line) + 2)
    rules = read_robots(data)
    assert not rules.allows(SITE + "/private-and-long")
    assert rules.allows(SITE + "/p")


def test_a_file_made_to_take_for_ever_does_not():
    stars = "User-agent: *\n" + ("Disallow: /" + "*a" * 200 + "*b\n") * 1000
    begun = time.process_time()
    assert read_robots(stars.encode()).allows(SITE + "/" + "a" * 4000)
    assert time.process_time() - begun < 5


@given(st.binary(max_size=400), st.text(max_size=40))
def test_reading_is_total(data, path):
    for start in (b"", b"User-agent: *\nDisallow: "):
        assert read_robots(start + data).allows(SITE + "/" + path) in {True, False}
