"""`articles`: look at the article store, and overrule it."""

from typing import TYPE_CHECKING, Any, BinaryIO

import click

from publisher.cli.clusters import also_at_rows, join, split
from publisher.cli.lazy import Group
from publisher.cli.naming import find
from publisher.cli.output import (
    count,
    say,
    when,
    write_facts,
    write_json,
    write_object,
    write_table,
)
from publisher.cli.rows import article_row, source_row
from publisher.cli.session import Session, json_option, pass_session
from publisher.model.articles import Overruled

if TYPE_CHECKING:
    from publisher.model.articles import Article
    from publisher.ports import ArticleChanges

STATES = ("published", "scheduled", "draft", "hidden", "held")


@click.group(cls=Group)
@json_option
def articles() -> None:
    """Look at the article store, and overrule it.

    An ARTICLE is named by its id, its slug or its address.
    """


@articles.command("list")
@click.option("--feed", help="Only articles of this feed.")
@click.option(
    "--state",
    "states",
    type=click.Choice(STATES),
    multiple=True,
    default=("published",),
    show_default=True,
    help="Only articles in this state; may be given more than once.",
)
@click.option("--limit", type=click.IntRange(min=1), help="At most this many.")
@json_option
@pass_session
def list_(session: Session, feed: str | None, states: tuple[str, ...], limit: int | None) -> None:
    """List articles, newest first."""
    app = session.app
    if feed is not None:
        app.feeds([feed])
    found = app.store.articles(feed=feed, states=states, limit=limit, now=app.clock.now())
    if session.json:
        write_json(article_row(article) for article in found)
        return
    rows = ((a.id, when(a.published)[:10], str(a.state), a.title, a.url) for a in found)
    write_table(("id", "published", "state", "title", "url"), rows)
    say(f"{count(len(found), 'article')}; `articles show ID` has the rest of one")


@articles.command()
@click.argument("article", help="Its id, its slug or its address.")
@json_option
@pass_session
def show(session: Session, article: str) -> None:
    """Show one article with everything that is kept of it.

    Its key points and Read also links say where they come from: set by hand, supplied with the story,
    or computed. Of computed ones the reasons are shown: what a sentence scored for, and the words
    that tie two stories.
    """
    from publisher.app.explaining import explained
    from publisher.cli.why import why_row, write_why

    store = session.app.store
    found = find(session.app, article)
    feeds = store.memberships([found.id]).get(found.id, ())
    why = explained(session.app, found)
    row = {**article_row(found), **_rest(found), "feeds": list(feeds)}
    mates = also_at_rows(store.cluster_mates([found.id]).get(found.id, ()))
    row["also_at"] = mates
    if session.json:
        write_object({**row, **why_row(found, why)})
        return
    row["also_at"] = [f"{mate['title']} {mate['url']}" for mate in mates]
    text = row.pop("text")
    facts = {name: row[name] for name in row if name not in ("key_points", "read_also")}
    facts = {name: value for name, value in facts.items() if value not in ("", [], {}, None)}
    width = max(len(name) + 2 for name in (*facts, "key_points"))
    write_facts(facts, width)
    write_why(found, why, width)
    write_facts({"text": text} if text else {}, width)


@articles.command()
@click.argument("file", type=click.File("rb"), help="JSON; - is standard input.")
@click.option("--inbox", "name", help="Which inbox; needed when there are several.")
@json_option
@pass_session
def add(session: Session, file: BinaryIO, name: str | None) -> None:
    """Hand in an article, or a list of them, as JSON.

    The keys are those of a story's front matter, with `url` and one of `html`, `markdown` and `text`.
    The same id again is the same article: an edit, if anything differs.
    """
    from publisher.app.listening import follow

    inboxes = session.app.sources.inboxes()
    chosen = name or (next(iter(inboxes)) if len(inboxes) == 1 else "")
    if chosen not in inboxes:
        known = ", ".join(sorted(inboxes)) or 'none: a feed needs [[sources]] type = "inbox"'
        raise click.UsageError(f"say which inbox by --inbox; there is {known}")
    report = session.app.sources.hand_in(inboxes[chosen], file.read())
    follow(session.app, [report])
    if session.json:
        write_object(source_row(report))
    say(
        f"{report.new} new, {report.changed} changed, {report.same + report.duplicate} known;"
        " `publish` shows the change"
    )


@articles.command("set")
@click.argument("article", help="Its id, its slug or its address.")
@click.option("--title", help="Another headline.")
@click.option("--priority", type=int, help="Higher ones come first in a digest.")
@click.option("--tag", "tags", multiple=True, help="The tags from now on; give each one.")
@click.option("--key-point", "points", multiple=True, help="The key points; give each one.")
@click.option("--no-key-points", "pointless", is_flag=True, help="None at all.")
@click.option(
    "--read-also",
    "links",
    multiple=True,
    metavar="ARTICLE|TITLE=URL",
    help="What to read also; give each story, or the title and address of a page elsewhere.",
)
@click.option("--no-read-also", "linkless", is_flag=True, help="Nothing to read also.")
@click.option(
    "--auto",
    "computed",
    type=click.Choice([str(one) for one in Overruled]),
    multiple=True,
    help="Give up what was set: supplied or computed ones count again.",
)
@json_option
@pass_session
def set_(session: Session, /, article: str, **asked: Any) -> None:
    """Change what is kept of an article; a later edit at its source does not undo it.

    What is set by hand stands instead of what was supplied or computed. Readers who have the story
    already get no second mail, and its date stays.
    """
    from publisher.cli.overruling import changes_of, check_options

    check_options(asked)
    found = find(session.app, article)
    changes = changes_of(asked, found, lambda name: find(session.app, name))
    _change(session, found, changes, "changed")


@articles.command()
@click.argument("article", help="Its id, its slug or its address.")
@click.option("--undo", is_flag=True, help="Show it again.")
@json_option
@pass_session
def hide(session: Session, article: str, *, undo: bool) -> None:
    """Take an article out of feeds, pages and digests to come."""
    from publisher.ports import ArticleChanges

    verb = "shown" if undo else "hidden"
    _change(session, find(session.app, article), ArticleChanges(hidden=not undo), verb)


@articles.command()
@click.argument("article", help="Its id, its slug or its address.")
@click.option("--undo", is_flag=True, help="Let it go.")
@json_option
@pass_session
def pin(session: Session, article: str, *, undo: bool) -> None:
    """Keep an article at the head of its feeds and of the next digest."""
    from publisher.ports import ArticleChanges

    verb = "let go" if undo else "pinned"
    _change(session, find(session.app, article), ArticleChanges(pinned=not undo), verb)


articles.add_command(split)
articles.add_command(join)


def _rest(article: "Article") -> dict[str, object]:
    return {
        "uid": article.uid,
        "slug": article.slug,
        "updated": when(article.updated),
        "first_seen": when(article.first_seen),
        "language": article.language,
        "authors": list(article.authors),
        "standfirst": article.standfirst,
        "dek": article.dek,
        "summary": article.summary,
        "image": article.image,
        "enclosures": [
            {"url": item.url, "type": item.type, "length": item.length}
            for item in article.enclosures
        ],
        "pinned": article.pinned,
        "priority": article.priority,
        "attributes": dict(article.attributes),
        "text": article.text,
    }


def _change(session: Session, found: "Article", changes: "ArticleChanges", verb: str) -> None:
    app = session.app
    changed = app.store.change_article(found.id, changes, app.clock.now())
    if session.json:
        write_object(article_row(changed))
    say(f"{verb}: {changed.title}; `publish` writes the documents")
