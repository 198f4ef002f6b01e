"""Where stories stand in a copy: each once, the lead first, sections together, never too large."""

from hypothesis import given
from hypothesis import strategies as st

from publisher.core.arranging import AT_LENGTH, ROOM, arrange
from publisher.model.articles import ArticleId

numbers = st.lists(st.integers(1, 60), max_size=40, unique=True)
feeds = st.sampled_from(["harbour", "culture", "tides", ""])


def ids(keys, *sizes: str) -> list[int]:
    named = [key.partition(":") for key in keys]
    return [int(number) for size, _, number in named if size in sizes and number]


@given(
    stories=numbers,
    lines=st.lists(st.integers(61, 99), max_size=10, unique=True),
    chosen=st.dictionaries(st.integers(1, 60), feeds),
    octets=st.integers(0, 4_000),
    room=st.integers(0, 100_000),
)
def test_every_story_stands_once_and_the_copy_fits(stories, lines, chosen, octets, room):
    sections = {ArticleId(n): chosen.get(n, "harbour") for n in range(1, 61)}
    sizes = {f"{size}:{n}": octets for n in range(1, 61) for size in ("lead", "story")}
    sizes |= {f"brief:{n}": octets // 3 for n in range(1, 61)}
    made = arrange(stories, lines, sections, sizes, room)
    lead, told, more = (made.places[name] for name in ("lead", "stories", "more"))
    everywhere = [*ids(lead, "lead"), *ids(told, "story", "brief"), *ids(more, "line")]
    assert sorted(everywhere) == sorted([*stories, *lines])
    assert ids(lead, "lead") == stories[:1]
    assert [*made.stories, *made.lines] == everywhere
    assert len(set(told)) == len(told)
    taken = sum(sizes.get(key, 0) for key in (*lead, *told, *more))
    assert taken <= room or len(made.stories) <= 1


@given(stories=numbers, chosen=st.dictionaries(st.integers(1, 60), feeds))
def test_stories_of_a_section_stand_together_in_order(stories, chosen):
    sections = {ArticleId(n): chosen.get(n, "harbour") for n in range(1, 61)}
    told = arrange(stories, (), sections, {}, ROOM).places["stories"]
    headings = [key.removeprefix("section:") for key in told if key.startswith("section:")]
    assert headings == list(dict.fromkeys(sections[n] for n in stories[1:]))
    here = ""
    for key in told:
        if key.startswith("section:"):
            here, count = key.removeprefix("section:"), 0
            continue
        size, _, number = key.partition(":")
        count += 1
        assert sections[ArticleId(int(number))] == here
        assert size == ("story" if count <= AT_LENGTH else "brief")
    for slug in headings:
        mine = [n for n in stories[1:] if sections[n] == slug]
        assert [n for n in ids(told, "story", "brief") if sections[n] == slug] == mine


def test_the_tail_becomes_titles_when_the_copy_would_be_cut():
    sections = {ArticleId(n): "harbour" for n in range(1, 6)}
    sizes = {f"{size}:{n}": 100 for n in range(1, 6) for size in ("lead", "story", "brief")}
    made = arrange((1, 2, 3, 4, 5), (), sections, sizes | {"more": 10, "section:harbour": 10}, 330)
    assert made.places == {
        "lead": ("lead:1",),
        "stories": ("section:harbour", "story:2", "story:3"),
        "more": ("more", "line:4", "line:5"),
    }


def test_nothing_is_arranged_from_nothing():
    assert arrange((), (), {}, {}, ROOM).places == {"lead": (), "stories": (), "more": ()}
