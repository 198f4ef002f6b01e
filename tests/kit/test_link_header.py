"""Links in HTTP headers."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.kit.link_header import header_links

HERE = "https://h.example/a/b"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", []),
        ("</f>; rel=alternate", [("https://h.example/f", {"alternate"}, "")]),
        (
            '<f>;rel="Alternate next" ; type="application/rss+xml; charset=utf-8"',
            [("https://h.example/a/f", {"alternate", "next"}, "application/rss+xml")],
        ),
        (
            '<https://x.example/wp-json/>; rel="https://api.w.org/", <https://x.example/>; rel=shortlink',
            [
                ("https://x.example/wp-json/", {"https://api.w.org/"}, ""),
                ("https://x.example/", {"shortlink"}, ""),
            ],
        ),
        ('</a,b>; title="x, <y>; rel=hub"; rel=self', [("https://h.example/a,b", {"self"}, "")]),
        ('</f>; title="a \\" b"; rel=self', [("https://h.example/f", {"self"}, "")]),
        ("</f>; rel=self; rel=hub", [("https://h.example/f", {"self"}, "")]),
        ("</f>; rel=self; crossorigin", [("https://h.example/f", {"self"}, "")]),
        ('</f>; rel=self; anchor="/a/b"', [("https://h.example/f", {"self"}, "")]),
        ('</f>; rel=self; anchor="/other"', []),
        ("<javascript:alert(1)>; rel=self", []),
        ("</f>", [("https://h.example/f", set(), "")]),
        ("no link at all", []),
    ],
)
def test_links_are_read(value, expected):
    assert [(one.url, set(one.rels), one.type) for one in header_links(value, HERE)] == expected


WORDS = st.text("abcXYZ0_-", min_size=1, max_size=8)


@given(st.lists(st.tuples(WORDS, WORDS, st.booleans(), st.text(max_size=10)), max_size=5))
def test_what_is_written_is_read(links):
    written = []
    for path, rel, quoted, title in links:
        safe = title.replace("\\", "\\\\").replace('"', '\\"')
        said = f'"{rel}"' if quoted else rel
        written.append(f'</{path}>; title="{safe}"; rel={said}')
    found = header_links(", ".join(written), HERE)
    expected = [(f"https://h.example/{path}", {rel.lower()}) for path, rel, _, _ in links]
    assert [(one.url, set(one.rels)) for one in found] == expected


@given(st.text())
def test_any_header_is_read(value):
    assert isinstance(header_links(value, HERE), tuple)


@pytest.mark.parametrize("piece", ["<", "<a>;", "<a>; b=", '<a>; b="', '"\\', "<a>; ; ", "<a> "])
def test_a_long_header_is_read_at_once(piece):
    begun = time.process_time()
    header_links(piece * 20_000, HERE)
    assert time.process_time() - begun < 1
