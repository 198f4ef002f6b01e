"""Hostile documents are refused or bounded, within ten seconds and 300 MB of a process."""

import re
from pathlib import Path

import pytest

from publisher.errors import ParseError
from publisher.kit.feed_bounds import MAX_ENTRIES
from publisher.kit.feed_reader import read_feed
from publisher.kit.worker import WorkerPool

URL = "https://h.example/f"
MEGABYTES = 300
MANY = 300_000


def channel(inner, head=""):
    return (
        f'<?xml version="1.0"?>{head}<rss version="2.0"><channel>{inner}</channel></rss>'.encode()
    )


def items(written, head=""):
    return channel("".join(f"<item>{written.format(n)}</item>" for n in range(MANY)), head)


def attributes(count, what='a{}="x"'):
    return " ".join(what.format(number) for number in range(count))


HIDING, SPACE = 'a{}=">"', 'xmlns:a{0}="u{0}"'
BOMB = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(12))
HOSTILE = {
    "a file of ours": lambda: channel(
        "<item><title>&x;</title></item>", '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    ),
    "a billion laughs": lambda: channel(
        "<item><title>&a11;</title></item>", f"<!DOCTYPE r [{BOMB}]>"
    ),
    "attributes": lambda: channel(f"<item><title {attributes(100_000)}>T</title></item>"),
    "attributes, and a document type": lambda: channel(
        f"<item><title {attributes(100_000)}>T</title></item>", "<!DOCTYPE rss>"
    ),
    "attributes that hide": lambda: channel(
        f"<item><title {attributes(100_000, HIDING)}>T</title></item>"
    ),
    "namespaces": lambda: channel(f"<item {attributes(100_000, SPACE)}/>"),
    "a title": lambda: channel(f"<item><title>{'word ' * 10_000_000}</title></item>"),
    "nothing but ampersands": lambda: channel(f"<item><title>{'&' * 9_000_000}</title></item>"),
    "nothing but tags": lambda: channel(f"<item><title>{'<' * 9_000_000}</title></item>"),
    "nesting": lambda: channel(f"<item>{'<a>' * 500_000}{'</a>' * 500_000}</item>"),
    "nesting in the text": lambda: channel(
        f"<item><description>{'&lt;div&gt;' * 500_000}</description></item>"
    ),
    "references": lambda: channel(
        "<item><title>" + "".join(f"&#{n};" for n in range(1_000_000)) + "</title></item>"
    ),
    "categories": lambda: channel(
        "<item>" + "".join(f"<category>c{n}</category>" for n in range(MANY)) + "</item>"
    ),
    "files": lambda: channel("<item>" + "<enclosure url='/f'/>" * MANY + "</item>"),
    "comments": lambda: channel("<skipHours>" + "<!--" * 2_000_000),
    "brackets": lambda: b'{"version":"https://jsonfeed.org/version/1","items":' + b"[" * 4_000_000,
    "legacy text": lambda: channel("<item><title>Привет</title></item>").replace(
        "Привет".encode(), ("Привет мир " * 700_000).encode("koi8-r")
    ),
}


def read_in_a_process(data):
    """Return what reading gives in a process of its own, and the MB that it needed at most."""
    pool = WorkerPool(1)
    try:
        try:
            found = pool.run(10, read_feed, data, URL)
        except ParseError as error:
            found = error
        # Not getrusage, which counts what the process was before it became ours.
        status = pool.run(10, Path.read_text, Path("/proc/self/status"))
        used = int(re.search(r"VmHWM:\s*(\d+) kB", status)[1]) / 1024
    finally:
        pool.close()
    return found, used


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_are_refused_or_bounded(name):
    found, used = read_in_a_process(HOSTILE[name]())
    assert used < MEGABYTES
    if isinstance(found, ParseError):
        assert found.reason
    else:
        assert all("root:" not in one.title and len(one.title) <= 10_000 for one in found.articles)
        assert all(len(one.tags) <= 500 and len(one.enclosures) <= 500 for one in found.articles)


@pytest.mark.parametrize(
    "written",
    ["<title>{}</title>", "<title>{} &nbsp;</title>", "<guid>1</guid>", "<title>{}</title></x>"],
)
def test_of_many_entries_the_first_are_read_and_the_rest_is_told(written):
    found, used = read_in_a_process(
        items(written).replace(b"</channel>", b"<ttl>60</ttl></channel>")
    )
    assert used < MEGABYTES
    assert len(found.articles) == len({one.external_id for one in found.articles}) == MAX_ENTRIES
    assert [one.message for one in found.problems] == [
        f"is not read, nor are those after it: the first {MAX_ENTRIES} of {MANY} are"
    ]
    assert found.fresh_for is not None


def test_of_many_items_the_first_are_read_and_the_rest_is_told():
    written = ",".join(f'{{"id":"{n}"}}' for n in range(MANY))
    feed = f'{{"version":"https://jsonfeed.org/version/1","items":[{written}]}}'
    found, used = read_in_a_process(feed.encode())
    assert used < MEGABYTES
    assert len(found.articles) == MAX_ENTRIES
    assert len(found.problems) == 1


def test_entries_that_nobody_closed_are_cut_as_well():
    data = channel("".join(f"<item><title>T{n}</title>" for n in range(MAX_ENTRIES + 5)))
    found = read_feed(data, URL)
    assert len(found.articles) == MAX_ENTRIES
    assert found.articles[-1].title == f"T{MAX_ENTRIES - 1}"
