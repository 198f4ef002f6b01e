"""Whatever comes and goes, paging back meets every article once, and what is full stays as it is."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from publisher.core.archiving import lay_out
from publisher.model.archives import Archive, Member
from publisher.model.articles import ArticleId

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def member(number: int, *, day: int | None = None, edits: int = 0, pinned: bool = False) -> Member:
    published = NOON + timedelta(days=number if day is None else day)
    updated = published + timedelta(hours=edits)
    return Member(id=ArticleId(number), published=published, updated=updated, pinned=pinned)


def paged(layout) -> list[int]:
    """What a reader collects: the subscription document, then page after page back."""
    back = [article for page in reversed(layout.archive.every) for article in page.articles[::-1]]
    return [*layout.current, *back]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "late", "hide", "show", "edit", "pin", "limit"]),
        st.integers(0, 60),
    ),
    max_size=60,
)


@given(STEPS, st.integers(1, 7))
def test_any_history_is_met_exactly_once(steps, limit):
    members: dict[int, Member] = {}
    hidden: dict[int, Member] = {}
    archive = Archive()
    for verb, number in steps:
        if verb in {"add", "late"}:
            new = len(members) + len(hidden) + 1
            members[new] = member(new, day=-number if verb == "late" else None)
        elif verb == "limit":
            limit = 1 + number % 7
        elif verb == "show" and hidden:
            back = sorted(hidden)[number % len(hidden)]
            members[back] = hidden.pop(back)
        elif members:
            chosen = sorted(members)[number % len(members)]
            if verb == "hide":
                hidden[chosen] = members.pop(chosen)
            else:
                members[chosen] = member(chosen, edits=number, pinned=verb == "pin")
        layout = lay_out(archive, list(members.values()), limit)
        assert sorted(paged(layout)) == sorted(members)
        assert len(layout.current) <= limit
        if layout.archive.every:
            assert layout.archive.every[-1].number == max(
                page.number for page in layout.archive.every
            )
        names = [page.name for page in layout.archive.every]
        assert len(set(names)) == len(names)
        unchanged = {page.name: page for page in archive.every} | {
            page.name: page for page in layout.archive.every
        }
        assert all(unchanged[page.name] == page for page in archive.every if page.name in names)
        assert set(layout.gone) == {page.name for page in archive.every} - set(names)
        assert set(layout.gone.values()) <= {"", *names}
        archive = layout.archive


@given(st.integers(0, 80), st.integers(1, 9))
def test_the_newest_stand_in_the_subscription_document_and_full_pages_behind_it(count, limit):
    layout = lay_out(Archive(), [member(number) for number in range(1, count + 1)], limit)
    assert paged(layout) == list(range(count, 0, -1))
    assert len(layout.current) == min(count, limit)
    assert [page.name for page in layout.archive.pages] == [
        str(number + 1) for number in range(max(0, count - limit) // limit)
    ]
    assert {len(page.articles) for page in layout.archive.pages} <= {limit}


def test_what_is_full_stays_and_the_last_page_is_followed():
    first = lay_out(Archive(), [member(number) for number in range(1, 14)], 5)
    assert [len(page.articles) for page in first.archive.every] == [5, 3]
    later = lay_out(first.archive, [member(number) for number in range(1, 16)], 5)
    assert later.archive.pages[0] == first.archive.pages[0]
    assert [page.name for page in later.archive.every] == ["1", "2"]
    assert later.gone == {first.archive.tail.name: "2"}


def test_a_hidden_story_leaves_its_page_under_a_new_name():
    members = [member(number) for number in range(1, 16)]
    before = lay_out(Archive(), members, 5).archive
    after = lay_out(before, [one for one in members if one.id != 7], 5)
    assert after.archive.pages[0] == before.pages[0]
    renamed = after.archive.pages[1]
    assert renamed.number == 2
    assert renamed.name.startswith("2-")
    assert after.gone == {"2": renamed.name}
    assert 7 not in paged(after)


def test_an_edit_that_matters_renews_its_page_and_another_does_not():
    members = [member(number) for number in range(1, 11)]
    before = lay_out(Archive(), members, 5).archive
    assert lay_out(before, members, 5).gone == {}
    members[1] = member(2, edits=3)
    assert list(lay_out(before, members, 5).gone) == ["1"]
