"""Personal digests: joining blocks, and a digest for each of many readers with subscriptions of their own.

The baseline renders each mail by Jinja2 and builds it with EmailMessage, as most senders do.
"""

from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP

from benchmarks.measure import Figure, compare
from publisher.core.composing import Composed
from publisher.formats import digest
from publisher.model.editions import Delivery
from publisher.testing.digests import (
    BASE,
    example_delivery,
    example_edition,
    example_feeds,
    example_story,
    personal_deliveries,
)

STORIES = 100
TOLD = 20
FEEDS = 8
MANY_FEEDS = 20
READERS = 100_000
COPIES = 5_000
NAIVE = 20
JOINS = 3_000


def edition(feeds: int = FEEDS) -> Composed:
    """Return an edition of 100 stories in so many feeds, composed."""
    slugs = list(example_feeds(feeds))
    stories = [example_story(n, (slugs[n % feeds],)) for n in range(1, STORIES + 1)]
    return example_edition(stories, example_feeds(feeds))


def naive(composed: Composed, row: Delivery) -> bytes:
    """Render one reader's mail by Jinja2 and build it with EmailMessage; nothing is inlined."""
    templates = composed.composer.format._templates  # noqa: SLF001  the baseline uses the same ones
    copy = composed.version("").copy(row)
    stories = [story for story in composed.view.stories if story.id in row.articles]
    context = {
        "publication": "The Harbour Gazette",
        "url": BASE,
        "language": "en",
        "contact": "",
        "postal_address": "1 Quay Street, Harbour",
        "title": "Morning digest",
        "number": 214,
        "date": composed.view.date,
        "timezone": "Europe/Berlin",
        "note": "",
        "stories": stories,
        "sections": composed.view.sections,
        "field": copy.values,
        "place": lambda _name: "",
        "block": lambda _key: "",
        "end": lambda: "",
        "sentinel": "",
    }
    html = templates.html(digest.template_name("newspaper"), context)
    text = templates.text("text/digest.txt", context)
    mail = EmailMessage(policy=SMTP.clone(max_line_length=998))
    mail["From"], mail["To"] = "news@gazette.example", row.email
    mail["Subject"] = copy.subject
    mail["List-Unsubscribe"] = f"<{copy.unsubscribe_url}>"
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    return mail.as_bytes()


def join(composed: Composed) -> Figure:
    """Join 20 of 100 blocks and write the headers, for one reader after another."""
    version = composed.version("")
    mine = composed.edition.articles[:TOLD]
    copies = [version.copy(example_delivery(number, mine)) for number in range(JOINS)]
    row = example_delivery(1, mine)
    copy = version.copy(row)
    html, text = composed.bodies(row)

    def ours() -> int:
        for number, one in enumerate(copies):
            version.letter.parcel(one, number)
        return JOINS

    def bare() -> int:
        for _ in range(NAIVE):
            mail = EmailMessage(policy=SMTP.clone(max_line_length=998))
            mail["From"], mail["To"] = "news@gazette.example", row.email
            mail["Subject"] = copy.subject
            mail.set_content(text, cte="quoted-printable")
            mail.add_alternative(html, subtype="html", cte="quoted-printable")
            mail.as_bytes()
        return NAIVE

    return compare("join", "copies/s", ours, "EmailMessage, ready bodies", bare)


def personal(composed: Composed) -> Figure:
    """Compose a digest for each of 100,000 readers who chose any of eight feeds, once over."""
    return _composed("personal", composed, personal_deliveries(composed, READERS))


def unlike() -> Figure:
    """Do the same for readers of whom hardly two have the same feeds: six of twenty each."""
    composed = edition(MANY_FEEDS)
    return _composed("unlike", composed, personal_deliveries(composed, READERS, feeds=6))


def _composed(what: str, composed: Composed, rows: Sequence[Delivery]) -> Figure:
    begins = iter(range(0, READERS, COPIES))

    def ours() -> int:
        begin = next(begins)
        for row in rows[begin : begin + COPIES]:
            composed.parcel(row)
        return COPIES

    def bare() -> int:
        for row in rows[:NAIVE]:
            naive(composed, row)
        return NAIVE

    return compare(what, "digests/s", ours, "Jinja2 + EmailMessage", bare, READERS // COPIES)
