"""What stories in a folder may say of themselves, and the forms they come in."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import ParseError
from publisher.kit.story_fields import KEYS, Fields
from publisher.model.articles import SourceState
from publisher.ports import SourceContext
from publisher.sources import folder

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HTML = """<!DOCTYPE html><html lang="de"><head><title>Kran | Hafen</title></head><body><article>
<h1>Der Kran</h1><p>Er dreht sich wieder.</p><table><tr><td>1</td></tr></table>
<img src='crane.png' alt="Kran"><script>x()</script></article></body></html>"""


def collect(tmp_path, **files):
    shelf = tmp_path / "articles"
    shelf.mkdir(exist_ok=True)
    for name, written in files.items():
        (shelf / name.replace("__", ".")).write_text(written)
    context = SourceContext(
        key="k", root=tmp_path, fetcher=None, language="en", base_url="https://g.example/"
    )
    source = folder.create(folder.Options(path="articles"), context)
    return source.collect(SourceState(key="k"), NOON)


def test_an_html_story_keeps_its_tables_and_pictures(tmp_path):
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles/crane.png").write_bytes(b"\x89PNG")
    (article,) = collect(tmp_path, a__html=HTML).articles
    assert (article.title, article.language) == ("Der Kran", "de")
    assert "<td>1</td>" in article.html
    assert 'src="https://g.example/media/articles/crane.png"' in article.html
    assert "<h1>" not in article.html
    assert "script" not in article.html
    assert article.text.startswith("Er dreht sich wieder.")


def test_the_page_form_with_front_matter(tmp_path):
    page = "+++\ntags = ['x']\n+++\nT a title\n\nT a title\n\n*A dek*\n\nBody one[1].\n\n  1. One.\n  2. Two.\n"
    (article,) = collect(tmp_path, a__txt=page).articles
    assert (article.title, article.dek, article.tags) == ("T a title", "A dek", ("x",))
    assert article.key_points == ("One.", "Two.")
    assert article.text == "Body one."


def test_prose_without_any_form_has_a_title_from_its_words(tmp_path):
    (article,) = collect(
        tmp_path, a__txt="It turned. Nobody saw it.\n\nThen it stopped.\n"
    ).articles
    assert article.title == "It turned."
    assert article.html == "<p>It turned. Nobody saw it.</p>\n<p>Then it stopped.</p>"


def test_two_stories_with_one_id_are_told(tmp_path):
    collected = collect(tmp_path, a__md="---\nid: x\n---\nOne.", b__md="---\nid: x\n---\nTwo.")
    assert [article.text for article in collected.articles] == ["One."]
    (problem,) = collected.problems
    assert problem.where == "articles/b.md"
    assert "another story (x)" in problem.message


def test_a_problem_names_file_and_line(tmp_path):
    (problem,) = collect(tmp_path, a__md="---\ntitle: A\ntags: [\n---\n").problems
    assert problem.where == "articles/a.md"
    assert problem.message.startswith("line 3: front matter is not YAML")


@pytest.mark.parametrize(
    "line",
    [
        "date: soon",
        "updated: [1]",
        "priority: high",
        "priority: true",
        "draft: maybe",
        "title: [a]",
        "tags: {a: b}",
        "key_points: [[a]]",
        "read_also: story",
        "podcast: 7",
        "podcast: {duration: long}",
        "podcast: {seasons: 2}",
        "enclosures: [{type: audio/mpeg}]",
        "enclosures: [{url: 'file:///etc/passwd'}]",
    ],
)
def test_a_value_that_cannot_be_meant_is_named(tmp_path, line):
    collected = collect(tmp_path, bad__md=f"---\n{line}\n---\nText.", good__md="Text.")
    assert len(collected.articles) == 1
    (problem,) = collected.problems
    assert line.partition(":")[0] in problem.message


def test_harmlessly_odd_values_are_read(tmp_path):
    head = "---\ntitle: 2026\ntags: a, b\nauthor: Ada\ndraft: no\nread_also: [Another]\nmood: 2026-01-01\n---\n"
    (article,) = collect(tmp_path, a__md=head + "Text.").articles
    assert (article.title, article.tags, article.authors) == ("2026", ("a", "b"), ("Ada",))
    assert not article.draft
    assert [link.title for link in article.read_also] == ["Another"]
    assert article.attributes == {"mood": "2026-01-01"}


def test_a_story_says_what_it_is_as_an_episode(tmp_path):
    head = """---
podcast:
  duration: "32:10"
  season: 2
  episode: 7
  type: full
  explicit: no
  chapters: audio/7.json
  transcripts: [audio/7.vtt, {url: "https://cdn.example/7", type: text/plain, language: de}]
  people: [Ada, {name: Ben, role: guest}]
---
"""
    (article,) = collect(tmp_path, a__md=head + "Text.").articles
    assert article.attributes == {
        "podcast": {
            "duration": 1930,
            "season": 2,
            "episode": 7,
            "type": "full",
            "explicit": False,
            "chapters": "https://g.example/audio/7.json",
            "transcripts": [
                {"url": "https://g.example/audio/7.vtt", "type": "text/vtt"},
                {"url": "https://cdn.example/7", "type": "text/plain", "language": "de"},
            ],
            "people": [{"name": "Ada"}, {"name": "Ben", "role": "guest"}],
        }
    }


VALUES = st.recursive(
    st.one_of(
        *(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9)),
        *(st.dates(), st.datetimes()),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(st.sampled_from(sorted(KEYS)), VALUES)
def test_every_field_takes_every_value_or_names_its_key(key, value):
    fields = Fields({key: value, "mine": value}, "a.md", lambda url: url)
    readers = {
        **dict.fromkeys(("tags", "authors", "key_points"), fields.words),
        **dict.fromkeys(("date", "updated"), fields.instant),
        "draft": fields.flag,
        "podcast": lambda _: fields.episode(),
        "priority": fields.whole,
        "read_also": lambda name: list(fields.links(name)),
        "enclosures": lambda name: list(fields.enclosures(name)),
    }
    with pytest.raises(ParseError, match=key):
        raise ParseError("a.md", f"{key}: {readers.get(key, fields.word)(key)}")
    json.dumps(dict(fields.rest()))
    assert list(fields.rest()) == ["mine"]


def test_only_an_address_that_stands_alone_is_a_link(tmp_path):
    head = '---\ntitle: T\nread_also: ["On ftp://, a song", "https://x.example/y"]\n---\n'
    (article,) = collect(tmp_path, a__md=head + "Text.").articles
    assert [(link.title, link.url) for link in article.read_also] == [
        ("On ftp://, a song", ""),
        ("https://x.example/y", "https://x.example/y"),
    ]
