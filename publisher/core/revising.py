"""Revise: the editors' hand on what an edition says, before anybody has it.

The edits are pure: contents in, contents out; none adds or drops a story. What editors write
themselves is remembered with what stood there, so that a story may be taken anew from the store and
keeps their words. `Revising` saves edits, all or none, while the edition rests.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from publisher.core.contents import Contents
from publisher.errors import Conflict, UsageError
from publisher.model.articles import Article, ArticleId, ArticleState
from publisher.model.definitions import ScheduleDefinition
from publisher.model.editions import (
    DeliveryState,
    Edition,
    EditionContent,
    EditionId,
    EditionState,
)
from publisher.model.views import StoryView
from publisher.ports import Articles, Editions

Edit = Callable[[EditionContent], EditionContent]
"""Changes contents; raises UsageError for a story that is not in them."""

ATTEMPTS = 5
"""How often edits are made again on what somebody else saved meanwhile."""

EDITABLE = (EditionState.REVIEW, EditionState.PAUSED)
WORDS = {"title": "title", "standfirst": "standfirst", "key_points": "key points"}
"""Fields that editors may write, and their names for people."""

SENT = (DeliveryState.ACCEPTED, DeliveryState.UNCERTAIN)
IN_HAND = (DeliveryState.CLAIMED, DeliveryState.SENDING)


def pin(content: EditionContent, article: ArticleId) -> EditionContent:
    """Put a story at the head, behind those that are pinned already."""
    marked = replace(find(content, article), pinned=True)
    others = [story for story in content.stories if story.id != article]
    head = next((n for n, story in enumerate(others) if not story.pinned), len(others))
    return replace(content, stories=(*others[:head], marked, *others[head:]))


def unpin(content: EditionContent, article: ArticleId) -> EditionContent:
    """Take a story's pin away; it stays where it stands."""
    return _put(content, replace(find(content, article), pinned=False))


def hide(content: EditionContent, article: ArticleId) -> EditionContent:
    """Take a story out of every copy."""
    return _put(content, replace(find(content, article), hidden=True))


def show(content: EditionContent, article: ArticleId) -> EditionContent:
    """Bring a hidden story back to its place."""
    return _put(content, replace(find(content, article), hidden=False))


def lift(content: EditionContent, article: ArticleId) -> EditionContent:
    """Let a story lead: it comes before all others."""
    return _moved(content, article, lambda _others: 0)


def put_before(content: EditionContent, article: ArticleId, other: ArticleId) -> EditionContent:
    """Move a story to the place before another one."""
    return _beside(content, article, other, 0)


def put_after(content: EditionContent, article: ArticleId, other: ArticleId) -> EditionContent:
    """Move a story to the place after another one."""
    return _beside(content, article, other, 1)


def write(
    content: EditionContent, article: ArticleId, name: str, words: str | tuple[str, ...]
) -> EditionContent:
    """Write a field of `WORDS` in an editor's words.

    Who writes what stood there has changed nothing. Raises UsageError for an empty title.
    """
    if name == "title" and not words:
        raise UsageError(f"article {article}", "a title cannot be empty; --hide takes it out")
    story = find(content, article)
    first = story.edited.get(name, getattr(story, name))
    kept = {key: before for key, before in story.edited.items() if key != name}
    edited = kept if words == first else {**kept, name: first}
    return _put(content, _with(story, {name: words, "edited": edited}))


def annotate(content: EditionContent, article: ArticleId, note: str) -> EditionContent:
    """Write the editors' note on a story; "" takes it away."""
    return _put(content, replace(find(content, article), note=note))


def preface(content: EditionContent, note: str) -> EditionContent:
    """Write what the editors say at the top; "" takes it away."""
    return replace(content, note=note)


def refresh(
    content: EditionContent,
    fresh: Mapping[ArticleId, StoryView],
    articles: Collection[ArticleId] | None = None,
    *,
    keep: bool = True,
) -> EditionContent:
    """Take stories (None: all) as they are in `fresh`, without moving them.

    Pins, hiding and notes stay; so do the editors' own words, unless they are not to be kept. What is
    no longer there stays as it is.
    """
    wanted = None if articles is None else {find(content, one).id for one in articles}
    return replace(
        content,
        stories=tuple(
            _taken(story, fresh[story.id], keep=keep)
            if story.id in fresh and (wanted is None or story.id in wanted)
            else story
            for story in content.stories
        ),
    )


def changes(story: StoryView, fresh: StoryView | None, article: Article | None) -> tuple[str, ...]:
    """Name what became of a story at its source since it was taken, in words for people."""
    if article is None or fresh is None:
        return ("gone",)
    found = [] if article.state is ArticleState.PUBLISHED else [str(article.state)]
    found += [
        told
        for name, told in WORDS.items()
        if story.edited.get(name, getattr(story, name)) != getattr(fresh, name)
    ]
    if story.content_hash != fresh.content_hash and not found:
        found.append("text")
    if story.updated != fresh.updated:
        found.append("updated")
    return tuple(found)


class ReviseStore(Articles, Editions, Protocol):
    """What revising needs of the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revising:
    """The revise use-case."""

    store: ReviseStore
    contents: Contents

    def revise(
        self, number: EditionId, schedule: ScheduleDefinition, edits: Sequence[Edit]
    ) -> EditionContent:
        """Make edits in order, all or none, and save what came of them.

        Raises UsageError for an edit that cannot be made, Conflict for an edition that does not
        rest or that somebody has already, NotFound.
        """
        for attempt in range(1, ATTEMPTS + 1):
            edition = self.store.edition(number)
            check_rests(edition, self.store.tried(number))
            before = self.contents.freeze(edition, schedule)
            after = before
            for edit in edits:
                after = edit(after)
            if after == before:
                return before
            if all(story.hidden for story in after.stories):
                reason = f"no story would be left; `publisher editions reject {number}` ends it"
                raise UsageError(f"edition {number}", reason)
            try:
                return self.store.save_content(number, after, before.version)
            except Conflict:
                if attempt == ATTEMPTS:
                    raise
        raise AssertionError

    def fresh(
        self, edition: Edition, schedule: ScheduleDefinition
    ) -> Mapping[ArticleId, StoryView]:
        """Return the edition's stories as they would be taken now. Raises StoreError."""
        return {story.id: story for story in self.contents.build(edition, schedule).stories}

    def changed(
        self, edition: Edition, schedule: ScheduleDefinition, content: EditionContent
    ) -> Mapping[ArticleId, tuple[str, ...]]:
        """Return, for each story, what became of it at its source since. Raises StoreError."""
        # Pictures cost time and are not compared.
        plain = replace(self, contents=replace(self.contents, illustrate=tuple))
        fresh = plain.fresh(edition, schedule)
        articles = self.store.articles_by_id([story.id for story in content.stories])
        return {
            story.id: changes(story, fresh.get(story.id), articles.get(story.id))
            for story in content.stories
        }


def check_rests(edition: Edition, tried: int) -> None:
    """Raise Conflict, saying what to do, for an edition that cannot be edited now.

    Copies that were `tried` and wait to be tried again may have arrived: they stay as they are.
    """
    about, state = f"edition {edition.id}", edition.state
    if state is EditionState.PREPARING:
        raise Conflict(about, "is being composed; try again in a moment")
    if state is EditionState.OPEN:
        raise Conflict(about, f"hold it first: `publisher editions hold {edition.id}`")
    if state not in EDITABLE:
        raise Conflict(about, f"is {state}; nobody gets it any more")
    if had := sum(edition.counts.get(one, 0) for one in SENT):
        raise Conflict(about, f"{had:,} of {edition.audience:,} readers have it as it is")
    if tried:
        reason = (
            f"{tried:,} of {edition.audience:,} readers may have it as it is: their copies were"
        )
        raise Conflict(
            about, f"{reason} tried once and wait to be tried again; approve it, or cancel it"
        )
    if any(edition.counts.get(one, 0) for one in IN_HAND):
        raise Conflict(about, "a worker has copies of it in hand; try again in a moment")


def find(content: EditionContent, article: ArticleId) -> StoryView:
    """Return a story. Raises UsageError for one that is not in the edition."""
    for story in content.stories:
        if story.id == article:
            return story
    raise UsageError(f"article {article}", "is not in this edition; `editions show` lists them")


def _taken(story: StoryView, fresh: StoryView, *, keep: bool) -> StoryView:
    own = {"pinned": story.pinned, "hidden": story.hidden, "note": story.note}
    if not keep:
        return _with(fresh, own)
    words = {name: getattr(story, name) for name in story.edited}
    stood = {name: getattr(fresh, name) for name in story.edited}
    edited = {name: before for name, before in stood.items() if before != words[name]}
    return _with(fresh, {**own, **words, "edited": edited})


def _beside(
    content: EditionContent, article: ArticleId, other: ArticleId, step: int
) -> EditionContent:
    find(content, other)
    if article == other:
        find(content, article)
        return content
    return _moved(content, article, lambda others: others.index(other) + step)


def _moved(
    content: EditionContent, article: ArticleId, place: Callable[[list[ArticleId]], int]
) -> EditionContent:
    story = find(content, article)
    others = [one for one in content.stories if one.id != article]
    here = place([one.id for one in others])
    return replace(content, stories=(*others[:here], story, *others[here:]))


def _put(content: EditionContent, story: StoryView) -> EditionContent:
    stories = (story if one.id == story.id else one for one in content.stories)
    return replace(content, stories=tuple(stories))


def _with(story: StoryView, values: Mapping[str, Any]) -> StoryView:
    return replace(story, **values)
