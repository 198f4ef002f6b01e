"""`editions edit`: an editor's hand on one edition, and what it reads like then.

Serves `editions`. Options are edits, made in the order in which they are written, all or none.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from publisher.cli.output import (
    columns,
    say,
    when,
    write_facts,
    write_lines,
    write_object,
    write_table,
)
from publisher.cli.rows import edition_row
from publisher.cli.session import Session, json_option, pass_session
from publisher.cli.sheets import sheet_row

if TYPE_CHECKING:
    from publisher.app import App
    from publisher.core.revising import Edit
    from publisher.model.articles import ArticleId
    from publisher.model.editions import Edition, EditionContent
    from publisher.model.views import StoryView

ORDER = "publisher.order"
ALL = "all"


class Ordered(click.Command):
    """A command that knows in which order its options were written (`ctx.meta[ORDER]`)."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Note the names of the options as they come, each as often as it does."""
        written = self.make_parser(ctx).parse_args(list(args))[2]
        ctx.meta[ORDER] = [parameter.name for parameter in written]
        return super().parse_args(ctx, args)


def _option(name: str, metavar: str, text: str) -> Callable[[Any], Any]:
    words = len(metavar.split())
    return click.option(f"--{name}", multiple=True, nargs=words, metavar=metavar, help=text)


@click.command(cls=Ordered)
@click.argument("edition", type=int, help="Its number.")
@_option("pin", "ARTICLE", "Put it at the head, behind those pinned before.")
@_option("unpin", "ARTICLE", "Let it go; it stays where it stands.")
@_option("hide", "ARTICLE", "Take it out of every copy.")
@_option("show", "ARTICLE", "Bring it back to its place.")
@_option("top", "ARTICLE", "Let it lead.")
@_option("before", "ARTICLE OTHER", "Move it before another one.")
@_option("after", "ARTICLE OTHER", "Move it behind another one.")
@_option("title", "ARTICLE TEXT", "Another headline, in this edition only.")
@_option("standfirst", "ARTICLE TEXT", "Other words below the headline.")
@_option(
    "key-points", "ARTICLE TEXT", "Its key points; give each one. An empty one takes all away."
)
@_option("story-note", "ARTICLE TEXT", "A note on the story; an empty one takes it away.")
@_option("note", "TEXT", "A note at the top; an empty one takes it away.")
@_option("refresh", "ARTICLE", "Take it (or all) anew from the store; own words stay.")
@_option("original", "ARTICLE", "Take it (or all) anew from the store, without own words.")
@json_option
@pass_session
def edit(session: Session, /, edition: int, **edits: Any) -> None:
    """Edit an edition that waits or is paused.

    An ARTICLE is named by its id, its slug or its address. Edits are made in the order written, all
    or none. Nothing can be edited any more once somebody has the edition.
    """
    from publisher.errors import UsageError
    from publisher.model.editions import EditionId

    app = session.app
    written = list(_written(click.get_current_context().meta[ORDER], edits))
    if not written:
        raise UsageError(f"edition {edition}", "say what to edit; `editions edit --help` lists it")
    found = app.store.edition(EditionId(edition))
    schedule = app.schedule(found.schedule)
    made = [_edit(app, found, name, values) for name, values in written]
    app.revising.revise(found.id, schedule, made)
    tell(session, app.store.edition(found.id))
    say(
        f"`editions preview {edition}` writes it to files, `editions approve {edition}` lets it go"
    )


def tell(session: Session, edition: "Edition") -> None:
    """Tell of an edition: its accounting, its stories in order, and what changed since."""
    from publisher.app.sheets import sheet_of
    from publisher.cli.lines import LABEL
    from publisher.cli.page import page

    app = session.app
    sheet = sheet_of(app, edition.id)
    edition = sheet.edition
    content, changed = _content(app, edition)
    stories = [_story_row(story, changed.get(story.id, ())) for story in content.stories]
    row = {
        **list_row(app, edition),
        "number": edition.number,
        "content_version": content.version,
        "note": content.note,
        "stories": stories,
        "changed_since": [row["id"] for row in stories if row["changed"]],
        **sheet_row(sheet),
    }
    if session.json:
        write_object(row)
        return
    facts = {"edition": f"{edition.id} ({edition.schedule}, number {edition.number})"}
    names = ("slot", "state", "reason", "waits_until", "subject", "note")
    shown = {name: row[name] for name in names if row[name]}
    write_facts({**facts, **shown}, width=LABEL)
    write_lines(page(sheet, columns()))
    click.echo()
    write_table(("id", "story", "feeds", "marks", "changed since"), map(_cells, stories))


def list_row(app: "App", edition: "Edition") -> dict[str, object]:
    """Return an edition's row with its reason and until when it waits for approval."""
    from publisher.app.sending import carrier, resting
    from publisher.core.reviewing import deadline
    from publisher.model.editions import EditionState

    until = deadline(edition, app.definitions.schedules.get(edition.schedule))
    reason = edition.reason
    goes_on = edition.state is EditionState.OPEN and not edition.complete
    if goes_on and (wait := resting(app, carrier(app, edition))):
        until, reason = wait.until, wait.reason
    return {**edition_row(edition), "reason": reason, "waits_until": when(until) or None}


def _content(
    app: "App", edition: "Edition"
) -> "tuple[EditionContent, Mapping[ArticleId, tuple[str, ...]]]":
    from publisher.model.editions import EditionContent

    schedule = app.definitions.schedules.get(edition.schedule)
    if schedule is None:
        return app.store.content(edition.id) or EditionContent(stories=()), {}
    content = app.contents.of(edition, schedule)
    return content, app.revising.changed(edition, schedule, content)


def _story_row(story: "StoryView", changed: Sequence[str]) -> dict[str, object]:
    return {
        "id": story.id,
        "title": story.title,
        "url": story.url,
        "feeds": list(story.feeds),
        "pinned": story.pinned,
        "hidden": story.hidden,
        "note": story.note,
        "edited": sorted(story.edited),
        "changed": list(changed),
    }


def _cells(row: Mapping[str, Any]) -> tuple[object, ...]:
    marks = [name for name in ("pinned", "hidden") if row[name]]
    marks += ["note"] if row["note"] else []
    marks += [f"own {name.replace('_', ' ')}" for name in row["edited"]]
    joined = (", ".join(words) for words in (row["feeds"], marks, row["changed"]))
    return (row["id"], row["title"], *joined)


def _written(
    order: Sequence[str], edits: Mapping[str, Sequence[Any]]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield (option, its values) as written; the key points of one story come together."""
    left = {name: iter(values) for name, values in edits.items()}
    points: dict[str, list[str]] = {}
    for article, text in edits["key_points"]:
        points.setdefault(article, []).append(text)
    for name in order:
        if name not in left:
            continue
        value = next(left[name])
        values = (value,) if isinstance(value, str) else tuple(value)
        if name != "key_points":
            yield name, values
        elif values[0] in points:
            yield name, (values[0], *filter(None, points.pop(values[0])))


def _edit(app: "App", edition: "Edition", name: str, values: tuple[str, ...]) -> "Edit":
    """Return one edit. Raises NotFound for an article that is not in the store."""
    from publisher.cli.naming import find
    from publisher.core import revising

    if name == "note":
        return partial(revising.preface, note=values[0])
    if name in {"refresh", "original"}:
        fresh = app.revising.fresh(edition, app.schedule(edition.schedule))
        wanted = None if values[0] == ALL else [find(app, values[0]).id]
        return partial(revising.refresh, fresh=fresh, articles=wanted, keep=name == "refresh")
    article = find(app, values[0]).id
    simple: dict[str, Edit] = {
        "pin": partial(revising.pin, article=article),
        "unpin": partial(revising.unpin, article=article),
        "hide": partial(revising.hide, article=article),
        "show": partial(revising.show, article=article),
        "top": partial(revising.lift, article=article),
    }
    if name in simple:
        return simple[name]
    if name in {"before", "after"}:
        put = revising.put_before if name == "before" else revising.put_after
        return partial(put, article=article, other=find(app, values[1]).id)
    if name == "story_note":
        return partial(revising.annotate, article=article, note=values[1])
    words = values[1:] if name == "key_points" else values[1]
    return partial(revising.write, article=article, name=name, words=words)
