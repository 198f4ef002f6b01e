"""`explain`: why someone did or did not get something, read from what is kept."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from publisher.cli.deliveries import dropped
from publisher.cli.output import count, say, when, write_facts, write_object
from publisher.cli.rows import delivery_row, subscriber_row
from publisher.cli.session import Session, json_option, pass_session
from publisher.errors import NotFound
from publisher.model.keeping import HELD_BACK

if TYPE_CHECKING:
    from publisher.app import App
    from publisher.model.articles import Article
    from publisher.model.editions import Delivery, Edition
    from publisher.model.subscribers import Subscriber

RESTING = {"paused": "resume", "review": "approve"}
COMING = {
    "queued": "it waits for its turn; `run` sends it",
    "claimed": "it is in a worker's hand and goes next",
    "sending": "it is on the wire right now",
    "deferred": "it is tried again by itself, later each time; `run` does that",
}
AGAIN = {
    "failed": "`retry {}` tries it again, with all others that failed",
    "uncertain": "it may have arrived; `retry {} --state uncertain` sends it again all the same",
}
PAST = 1_000
SHOWN = 10


@click.command()
@click.argument("address", help="Whose mail.")
@click.argument(
    "what", metavar="[EDITION|ARTICLE]", default="", help="An edition's number, or an article."
)
@json_option
@pass_session
def explain(session: Session, address: str, what: str) -> None:
    """Explain why someone did or did not get something.

    A number names an edition; a slug, an address or `article:ID` names an article. With neither,
    tells what they get and what they were sent lately.
    """
    app = session.app
    person = _find(app, address)
    past = app.store.deliveries_to(person.id, PAST)
    if what.isdigit():
        reasons = list(_of_edition(app, person, int(what)))
    elif what:
        reasons = list(_of_article(app, person, past, what.removeprefix("article:")))
    else:
        reasons = list(_of_person(app, person))
    if session.json:
        sent = [{"edition": d.edition, **delivery_row(d)} for d in past[:SHOWN]]
        write_object({**subscriber_row(person), "reasons": reasons, "deliveries": sent})
        return
    write_facts({"subscriber": f"{person.email} ({person.status})", "because": reasons})
    if not what:
        lately = [
            f"edition {d.edition}: {d.state} {when(d.at)} {d.reason}".rstrip()
            for d in past[:SHOWN]
        ]
        write_facts({"lately": lately or ["nothing was sent yet"]})
    say("`deliveries EDITION` has the whole ledger of one edition")


def _find(app: "App", address: str) -> "Subscriber":
    try:
        return app.store.find_subscriber(address)
    except NotFound:
        for barred in app.store.suppressions():
            if barred.email.casefold() == address.casefold():
                since = when(barred.since)
                reason = f"never subscribed, and is suppressed since {since}: {barred.reason}"
                raise NotFound(address, reason) from None
        raise


def _of_person(app: "App", person: "Subscriber") -> Iterator[str]:
    """Yield what decides whether they get anything at all."""
    yield from _barriers(app, person)
    if not person.subscriptions:
        yield "they subscribe to nothing"
    if person.by_feed:
        yield "their editions are put in their feed, and not mailed"
    for wanted in person.subscriptions:
        schedule = app.definitions.schedules.get(wanted.schedule)
        rule = app.calendar.describe(schedule) if schedule else "no such schedule any more"
        yield f"they get {wanted.feed} by {wanted.schedule} ({rule}) since {when(wanted.since)}"


def _barriers(app: "App", person: "Subscriber") -> Iterator[str]:
    status = str(person.status)
    if status == "suppressed":
        reasons = (
            barred.reason
            for barred in app.store.suppressions()
            if barred.email.casefold() == person.email.casefold()
        )
        yield f"the address is suppressed: {next(reasons, 'no reason was kept')}"
    elif status != "confirmed":
        yield f"they are {status}: only confirmed people are written to"


def _of_edition(app: "App", person: "Subscriber", number: int) -> Iterator[str]:
    from publisher.model.editions import EditionId

    edition = app.store.edition(EditionId(number))
    try:
        mine = app.store.delivery_to(person.id, edition.id)
    except NotFound:
        yield from _not_in(app, person, edition)
    else:
        yield from _of_delivery(app, mine)
        yield from _coming(edition, mine)


def _coming(edition: "Edition", mine: "Delivery") -> Iterator[str]:
    """Yield what becomes of a copy that is still to come, or could be tried again."""
    state, resting = str(edition.state), edition.reason and f": {edition.reason}"
    words = RESTING.get(state)
    if str(mine.state) in COMING and edition.reason.startswith(HELD_BACK):
        yield f"the edition is {state}{resting}; `publisher resume` lets it go on"
    elif str(mine.state) in COMING and words:
        yield f"the edition is {state}{resting}; `editions {words} {edition.id}` lets it go on"
    elif str(mine.state) in COMING:
        yield COMING[str(mine.state)]
    elif str(mine.state) in AGAIN:
        yield AGAIN[str(mine.state)].format(edition.id)


def _not_in(app: "App", person: "Subscriber", edition: "Edition") -> Iterator[str]:
    if edition.folded:
        yield f"nobody knows any more: edition {edition.id} ended long ago, {dropped(edition.folded)}"
        return
    yield f"they are not in the audience of edition {edition.id}, which opened {when(edition.opened)}"
    yield from _barriers(app, person)
    if person.joined > edition.opened:
        yield f"they joined later, {when(person.joined)}"
    yield from _unsubscribed(app, person, edition)


def _unsubscribed(app: "App", person: "Subscriber", edition: "Edition") -> Iterator[str]:
    mine = [w for w in person.subscriptions if w.schedule == edition.schedule]
    if not mine:
        yield f"they subscribe to nothing by {edition.schedule}"
    elif person.joined <= edition.opened:
        feeds = ", ".join(wanted.feed for wanted in mine)
        if app.store.run(edition.run).article is None:
            yield f"too little in {feeds} was new to them then; it is carried over"
        else:
            yield f"the story was not new to them then, or in none of {feeds}"


def _of_delivery(app: "App", delivery: "Delivery") -> Iterator[str]:
    reason = f": {delivery.reason}" if delivery.reason else ""
    tries = f", {delivery.attempts} tries" if delivery.attempts > 1 else ""
    yield f"edition {delivery.edition}: {delivery.state}{reason}{tries} {when(delivery.at)}".rstrip()
    if delivery.message_id:
        yield f"message {delivery.message_id} through {delivery.transport}"
    stories = app.store.articles_by_id(delivery.articles)
    titles = [stories[number].title for number in delivery.articles if number in stories]
    yield f"with {count(len(titles), 'story', 'stories')} chosen for them: {'; '.join(titles)}"


def _of_article(
    app: "App", person: "Subscriber", past: "Sequence[Delivery]", name: str
) -> Iterator[str]:
    from publisher.cli.naming import find

    article = find(app, name)
    mine = [d for d in past if article.id in (*d.articles, *d.more)]
    for delivery in mine:
        how = "was in" if article.id in delivery.articles else "was told by title only in"
        reason = f": {delivery.reason}" if delivery.reason else ""
        yield f"it {how} their edition {delivery.edition}: {delivery.state}{reason} {when(delivery.at)}"
    if mine:
        return
    yield f"no edition of theirs held “{article.title}”"
    yield from _barriers(app, person)
    yield from _no_story(app, person, article)


def _no_story(app: "App", person: "Subscriber", article: "Article") -> Iterator[str]:
    if str(article.state) != "published":
        yield f"the article is {article.state}"
    for slug in sorted({wanted.schedule for wanted in person.subscriptions}):
        for run in app.store.history(slug, PAST):
            if run.article == article.id and run.reason:
                yield f"{slug}, {run.state}: {run.reason}"
    feeds = set(app.store.memberships([article.id]).get(article.id, ()))
    wished = {wanted.feed for wanted in person.subscriptions}
    if not feeds & wished:
        mine, its = (", ".join(sorted(names)) or "no feed" for names in (wished, feeds))
        yield f"it is in {its}; they get {mine}"
    elif article.first_seen < person.joined:
        yield f"it came {when(article.first_seen)}, before they joined {when(person.joined)}"
    else:
        yield "it waits for their next edition, or came with a new source's backlog, which is never mailed"
