"""Whatever the octets, a document gives findings, soon, and never a traceback."""

import json
from time import process_time

from hypothesis import given
from hypothesis import strategies as st

from publisher.lint.feeds.json_lines import lines
from tests.lint.documents import ATOM, JSON, OPML, RSS, SITEMAP, judged, rules

DOCUMENTS = tuple(text.encode() for text in (RSS, ATOM, JSON, OPML, SITEMAP))
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)
MEMBERS = st.sampled_from(
    (
        "version",
        "title",
        "items",
        "id",
        "url",
        "authors",
        "hubs",
        "next_url",
        "tags",
        "content_html",
    )
)


@given(st.binary(max_size=200))
def test_any_octets_are_judged(data: bytes):
    assert judged(data).size == len(data)


@given(
    st.sampled_from(DOCUMENTS), st.integers(0, 4000), st.integers(0, 60), st.binary(max_size=12)
)
def test_any_spoilt_document_is_judged(document: bytes, start: int, length: int, put: bytes):
    for found in judged(document[:start] + put + document[start + length :]).findings:
        assert found.line >= 0
        assert "\n" not in str(found)


@given(st.text(max_size=60))
def test_any_text_in_any_place_is_judged(text: str):
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    for document in (RSS, ATOM, OPML, SITEMAP):
        judged(document.replace("https://example.org/", escaped).encode("utf-8", "replace"))
        judged(document.replace("2026", escaped).encode("utf-8", "replace"))
    judged(JSON.replace("https://example.org/2", json.dumps(text)[1:-1]))


@given(st.dictionaries(MEMBERS, JSON_VALUES))
def test_any_json_is_judged(feed: dict[str, object]):
    judged(json.dumps(feed))
    judged(json.dumps({"items": [feed]}))


@given(JSON_VALUES)
def test_every_value_of_a_json_document_has_a_line(value: object):
    text = json.dumps({"a": value}, indent=1)
    wanted = {path for path, _ in _paths({"a": value}, ())}
    found = lines(text, wanted)
    assert found.keys() == wanted
    rows = text.split("\n")
    for path, one in _paths({"a": value}, ()):
        begins = json.dumps(one, indent=1).split("\n")[0]
        assert begins in rows[found[path] - 1]


def _paths(
    value: object, path: tuple[str | int, ...]
) -> list[tuple[tuple[str | int, ...], object]]:
    found = [(path, value)]
    if isinstance(value, dict):
        for key, one in value.items():
            found += _paths(one, (*path, key))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            found += _paths(one, (*path, number))
    return found


def test_entities_are_neither_expanded_nor_fetched():
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE rss [<!ENTITY a0 "ha">{laughs}]><rss version="2.0"><channel>&a11;</channel></rss>'
    outside = (
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel>&x;</channel></rss>'
    )
    for document in (bomb, outside):
        assert "document.entity" in rules(document)
        assert "root:" not in str(judged(document))


def test_depth_is_bounded():
    assert "document.depth" in rules("<rss>" * 100_000)
    assert rules("[" * 100_000) & {"document.depth", "document.malformed"}
    assert rules('{"a":' * 100_000) & {"document.depth", "document.malformed"}


def test_encodings_that_only_python_knows_are_read_and_noted():
    russian = RSS.replace("UTF-8", "koi8-r").replace("Second", "Второй").encode("koi8-r")
    assert rules(russian) == {"document.encoding"}
    chinese = RSS.replace("UTF-8", "gb18030").replace("Second", "大鱼").encode("gb18030")
    assert rules(chinese) == {"document.encoding"}
    assert "document.malformed" in rules(RSS.replace("UTF-8", "none-such"))
    assert "document.malformed" in rules(RSS.replace("UTF-8", "base64"))
    assert rules(RSS.replace("Second", "Zwölf").encode("latin-1")) >= {"document.malformed"}
    assert rules(RSS.replace("UTF-8", "UTF-16").encode("utf-16")) <= {"document.encoding"}


def test_hostile_markup_takes_linear_time():
    for part in ("&lt;a ", "&lt;a href=", "&lt;a style='", "&amp;", "srcset=", "&lt;"):
        html = part * 60_000
        begun = process_time()
        judged(RSS.replace("Short ", html))
        judged(ATOM.replace('type="html">', f'type="html">{html}'))
        assert process_time() - begun < 5


def test_findings_stay_few_in_a_document_of_many_mistakes():
    items = "".join(f"<item><mood{n}/><guid>{n}</guid></item>" for n in range(500))
    report = judged(RSS.replace("</channel>", f"{items}</channel>"))
    assert len(report.findings) < 20
