"""Where stories stand in a copy: each once, the lead first, sections together, never too large."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from publisher.core.arranging import AT_LENGTH, Arranger
from publisher.model.articles import ArticleId

numbers = st.lists(st.integers(1, 60), max_size=40, unique=True)
FEEDS = ("harbour", "culture", "tides", "")
feeds = st.sampled_from(FEEDS)


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
def test_every_story_stands_once_or_only_lines_could_go(stories, lines, chosen, octets, room):
    sections = {ArticleId(n): chosen.get(n, "harbour") for n in range(1, 61)}
    sizes = {f"{size}:{n}": octets for n in range(1, 61) for size in ("lead", "story")}
    sizes |= {f"brief:{n}": octets // 3 for n in range(1, 61)}
    sizes |= {f"line:{n}": octets // 9 for n in range(1, 100)}
    sizes |= {"more": octets // 5, **{f"section:{feed}": octets // 7 for feed in FEEDS}}
    made = Arranger(sizes, room).arrange(stories, lines, sections)
    lead, told, more = (made.places[name] for name in ("lead", "stories", "more"))
    everywhere = [*ids(lead, "lead"), *ids(told, "story", "brief"), *ids(more, "line")]
    whole = Arranger({}, 0).arrange(stories, lines, sections)
    order = [*whole.stories, *whole.lines]
    assert sorted(order) == sorted([*stories, *lines])
    assert everywhere == [*made.stories, *made.lines] == order[: len(everywhere)]
    assert ids(lead, "lead") == stories[:1]
    assert len(set(told)) == len(told)
    assert more[:1] == (("more",) if made.lines else ())
    taken = sum(sizes.get(key, 0) for key in (*lead, *told, *more))
    assert taken <= room or not (made.stories[1:] or made.lines)
    if len(everywhere) < len(order):
        dropped = order[len(everywhere)]
        heading = 0 if made.lines else sizes["more"]
        assert len(made.stories) <= 1
        assert taken + heading + sizes[f"line:{dropped}"] > room


@given(stories=numbers, chosen=st.dictionaries(st.integers(1, 60), feeds))
def test_stories_of_a_section_stand_together_in_order(stories, chosen):
    sections = {ArticleId(n): chosen.get(n, "harbour") for n in range(1, 61)}
    told = Arranger({}).arrange(stories, (), sections).places["stories"]
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
    sizes |= {"more": 10, "section:harbour": 10}
    made = Arranger(sizes, 330).arrange((1, 2, 3, 4, 5), (), sections)
    assert made.places == {
        "lead": ("lead:1",),
        "stories": ("section:harbour", "story:2", "story:3"),
        "more": ("more", "line:4", "line:5"),
    }


def test_of_more_titles_than_fit_the_last_are_left_out():
    sizes = {"lead:1": 100, "more": 10} | {f"line:{n}": 50 for n in range(2, 9)}
    sections = dict.fromkeys(range(1, 9), "tides")
    made = Arranger(sizes, 275).arrange((1, 2, 3), (4, 5, 6, 7, 8), sections)
    assert made.places == {
        "lead": ("lead:1",),
        "stories": (),
        "more": ("more", "line:2", "line:3", "line:4"),
    }


class Counted(Counter):
    """Sizes that count how often they were asked for one."""

    asked = 0

    def __getitem__(self, key):
        self.asked += 1
        return super().__getitem__(key)


def test_the_work_grows_with_the_stories_not_with_their_square():
    numbers = range(1, 1_001)
    octets = {"lead": 9_000, "story": 2_000, "brief": 700, "line": 300}
    arranger = Arranger({}, 90_000)
    sizes = Counted({f"{size}:{n}": octets[size] for size in octets for n in numbers})
    arranger._sizes = sizes
    made = arranger.arrange(numbers, (), {n: f"feed-{n % 20}" for n in numbers})
    assert len(made.lines) == 270
    assert sizes.asked < 6 * len(numbers)


def test_nothing_is_arranged_from_nothing():
    assert Arranger({}).arrange((), (), {}).places == {"lead": (), "stories": (), "more": ()}
