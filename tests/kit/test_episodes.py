"""Episodes: whatever an article says, what can be meant is read and the rest is told."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.kit.clean import absolute_url
from publisher.kit.episodes import as_attribute, read_episode
from publisher.model.podcasts import Episode, Person, Transcript

BASE = "https://g.example/"
WORDS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12))
VALUES = st.recursive(
    WORDS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["url", "name", "type", "x"]), inner, max_size=3),
    ),
    max_leaves=6,
)
KEYS = st.sampled_from([*Episode.__dataclass_fields__, "seasons"])


def address(reference):
    return absolute_url(reference, BASE)


def read(said):
    return read_episode(said, address)


@given(st.one_of(VALUES, st.dictionaries(KEYS, VALUES, max_size=5)))
def test_nothing_breaks_it_and_what_is_read_is_kept(said):
    episode, problems = read(said)
    assert all(what for _, what in problems)
    kept = json.loads(json.dumps(as_attribute(episode)))
    assert read(kept) == (episode, [])


@pytest.mark.parametrize(
    ("written", "seconds"),
    [(61, 61), ("61", 61), (61.4, 61), ("1:01", 61), ("01:02:03", 3723), ("90:00", 5400), (0, 0)],
)
def test_lengths(written, seconds):
    assert read({"duration": written}) == (Episode(duration=seconds), [])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("duration", "long"),
        ("duration", -1),
        ("season", 0),
        ("season", True),
        ("episode", "1.5"),
        ("type", "half"),
        ("explicit", "maybe"),
        ("image", "javascript:alert(1)"),
        ("transcripts", ["words"]),
        ("people", [{"role": "host"}]),
        ("title", ["a"]),
        ("seasons", 1),
    ],
)
def test_what_cannot_be_meant_is_told_and_the_rest_stays(key, value):
    episode, problems = read({key: value, "chapters": "c.json"})
    assert episode == Episode(chapters=f"{BASE}c.json")
    assert [where for where, _ in problems] == [key]


def test_transcripts_and_people_may_be_written_in_short():
    episode, problems = read({"transcripts": "t/1.srt?x=1", "people": "Ada"})
    assert episode.transcripts == (
        Transcript(url=f"{BASE}t/1.srt?x=1", type="application/x-subrip"),
    )
    assert episode.people == (Person(name="Ada"),)
    assert not problems
