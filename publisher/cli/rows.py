"""The JSON rows of the contract, made of model objects; serves the command modules. Pure."""

from collections.abc import Mapping

from publisher.cli.output import when
from publisher.core.viewing import links_of
from publisher.model.articles import Article, RelatedArticle, SourceReport
from publisher.model.editions import Delivery, DeliveryState, Edition
from publisher.model.sheets import LedgerLine
from publisher.model.subscribers import ImportRow, Subscriber
from publisher.model.timetable import Run

Row = dict[str, object]
ALL_LINKS = 1_000


def article_row(article: Article) -> Row:
    """Return an article as lists show it; `read_also` ids are null for links that lead elsewhere."""
    known = (*article.related, *article.read_also, *(article.own_read_also or ()))
    ids = {other.url: other.id for other in known if isinstance(other, RelatedArticle)}
    links = [
        {"id": ids.get(link.url), "title": link.title, "url": link.url}
        for link in links_of(article, ALL_LINKS)
    ]
    return {
        "id": article.id,
        "title": article.title,
        "url": article.url,
        "published": when(article.published),
        "tags": list(article.tags),
        "key_points": list(article.key_points),
        "read_also": links,
        "cluster": article.cluster,
        "source": article.source,
        "state": str(article.state),
    }


def source_row(report: SourceReport) -> Row:
    """Return what a collection of one source came to."""
    return {
        "source": report.source,
        "feeds": list(report.feeds),
        "new": report.new,
        "changed": report.changed,
        "same": report.same,
        "duplicate": report.duplicate,
        "filtered": report.filtered,
        "held": report.held,
        "next_check": when(report.next_check) if report.next_check else "",
        "problems": [{"where": item.where, "message": item.message} for item in report.problems],
        "error": report.error,
    }


def edition_row(edition: Edition) -> Row:
    """Return an edition with its accounting."""
    return {
        "id": edition.id,
        "schedule": edition.schedule,
        "slot": edition.slot,
        "state": str(edition.state),
        "subject": edition.subject,
        "articles": list(edition.articles),
        "audience": edition.audience,
        "counts": counts_row(edition.counts),
        "complete": edition.complete,
    }


def counts_row(counts: Mapping[DeliveryState, int]) -> dict[str, int]:
    """Return a number for every state of the ledger."""
    return {str(state): counts.get(state, 0) for state in DeliveryState}


def delivery_row(delivery: Delivery | LedgerLine) -> Row:
    """Return one ledger row."""
    return {
        "email": delivery.email,
        "state": str(delivery.state),
        "reason": delivery.reason,
        "attempts": delivery.attempts,
        "message_id": delivery.message_id,
        "transport": delivery.transport,
        "at": when(delivery.at) or None,
    }


def subscriber_row(person: Subscriber) -> Row:
    """Return one subscriber."""
    return {
        "email": person.email,
        "name": person.name,
        "language": person.language,
        "timezone": person.timezone,
        "status": str(person.status),
        "by": way(person),
        "subscriptions": [
            {"feed": wanted.feed, "schedule": wanted.schedule} for wanted in person.subscriptions
        ],
        "joined": when(person.joined),
    }


def way(person: Subscriber) -> str:
    """Return how somebody's editions reach them: `mail`, or `feed` for one of their own."""
    return "feed" if person.by_feed else "mail"


def import_row(row: ImportRow) -> Row:
    """Return what became of one row of an import."""
    return {
        "line": row.line,
        "email": row.email,
        "verdict": str(row.verdict),
        "reason": row.reason,
    }


def run_row(run: Run) -> Row:
    """Return one run of a schedule."""
    return {
        "schedule": run.schedule,
        "key": run.key,
        "slot": run.slot,
        "state": str(run.state),
        "reason": run.reason,
        "started": when(run.started) or None,
        "finished": when(run.finished) or None,
    }
