"""The tables, one definition for both databases; serves the verbs and the migrations' tests.

A change here needs a revision in `migrations/versions` (a test compares the two).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    and_,
)
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import text

from publisher.store.types import Amount, Flag, Instant, Structure, Words, big

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008")
"""Every revision ever released, oldest first; what stands last is what this code speaks."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _table(name: str, *parts: Any, plain: bool = False) -> Table:
    """Return a STRICT table; `plain` ones are kept in the order of their own key."""
    numbered = any(isinstance(part, Column) and part.name == "id" for part in parts)
    return Table(
        name,
        metadata,
        *parts,
        sqlite_strict=True,
        sqlite_with_rowid=not plain,
        sqlite_autoincrement=numbered,
    )


def _id() -> Column[int]:
    """Return a row number that is never given twice, also when the newest row is dropped."""
    return Column("id", big(), primary_key=True, autoincrement=True)


def _text(name: str, **more: Any) -> Column[str]:
    return Column(name, Words(), nullable=False, server_default="", **more)


def _list(name: str) -> Column[Any]:
    return Column(name, Structure(), nullable=False, server_default="[]")


def _map(name: str) -> Column[Any]:
    return Column(name, Structure(), nullable=False, server_default="{}")


def _count(name: str) -> Column[int]:
    return Column(name, big(), nullable=False, server_default="0")


def _flag(name: str) -> Column[bool]:
    return Column(name, Flag(), nullable=False, server_default="0")


def _instant(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, Instant(), nullable=nullable)


def _ref(name: str, target: str, *, key: bool = False, gone: str | None = None) -> Column[int]:
    return Column(name, big(), ForeignKey(target, ondelete=gone), nullable=False, primary_key=key)


# What is known of the store itself: identity (a uuid), beat (microseconds).
meta = _table("meta", Column("key", Words(), primary_key=True), _text("value"), plain=True)

source = _table(
    "source",
    Column("key", Words(), primary_key=True),
    _text("etag"),
    _text("last_modified"),
    _instant("next_check", nullable=True),
    _instant("last_checked", nullable=True),
    _instant("last_success", nullable=True),
    _count("failures"),
    _text("last_error"),
    _map("cursor"),
)

# `own_…` is what the operator set; collecting again does not undo it.
article = _table(
    "article",
    _id(),
    Column("uid", Words(), nullable=False, unique=True),
    _text("source"),
    _text("external_id"),
    Column("slug", Words(), nullable=False, unique=True),
    _text("title"),
    Column("own_title", Words()),
    _text("url"),
    _text("canonical", index=True),
    _text("html"),
    _text("text"),
    _text("standfirst"),
    _text("dek"),
    _text("summary"),
    _text("language"),
    _list("authors"),
    _list("tags"),
    Column("own_tags", Structure()),
    _text("image"),
    _list("enclosures"),
    _list("key_points"),
    _list("computed_points"),
    _list("read_also"),
    _list("related"),
    _instant("published"),
    _instant("updated"),
    _instant("first_seen"),
    _text("content_hash"),
    _flag("draft"),
    _flag("hidden"),
    _flag("pinned"),
    _count("priority"),
    Column("own_priority", big()),
    Column("cluster", big(), index=True),
    _map("attributes"),
    _flag("enriched"),
    _count("revision"),
    UniqueConstraint("source", "external_id"),
    Index("ix_article_published", "published"),
    # Partial on PostgreSQL too (migrations): to say so here would load its dialect, 3 MB, for SQLite.
    Index("ix_article_unenriched", "id", sqlite_where=text("enriched = 0")),
)

# One row a feed: `last` place given; `looked` is the last place any edition looked at; a newcomer
# begins after `newcomer`, so that the last edition's own stories are all they can get of the past.
feed = _table(
    "feed",
    Column("slug", Words(), primary_key=True),
    _count("entered"),
    _count("last"),
    _count("looked"),
    _count("newcomer"),
    plain=True,
)

# `seq` is the article's place in the feed, given when it is mailable and first could be read.
feed_article = _table(
    "feed_article",
    Column("feed", Words(), ForeignKey("feed.slug"), primary_key=True),
    _ref("article", "article.id", key=True, gone="CASCADE"),
    Column("seq", big()),
    _flag("mailable"),
    Column("present", Flag(), nullable=False, server_default="1"),
    _instant("entered"),
    UniqueConstraint("feed", "seq"),
    Index("ix_feed_article_article", "article"),
    plain=True,
)

# What the last complete publish of a feed ("" is the site around them) was made of, and what it made.
published = _table(
    "published",
    Column("feed", Words(), primary_key=True),
    _text("making"),
    _text("uid"),
    _text("guid"),
    _count("count"),
    _count("revision"),
    _map("archive"),
    _map("paths"),
    _instant("until", nullable=True),
)

# The page of a story as it was made last: of which revision of its article, in which settings and look.
page = _table(
    "page",
    Column("path", Words(), primary_key=True),
    _count("article"),
    _count("revision"),
    _text("making"),
    Index("ix_page_article", "article", unique=True),
    plain=True,
)

# Where a document is found that stood at a path once; "" is nowhere.
moved = _table("moved", Column("path", Words(), primary_key=True), _text("target"), plain=True)

posting = _table(
    "posting",
    Column("term", Words(), primary_key=True),
    _ref("article", "article.id", key=True, gone="CASCADE"),
    Column("weight", Amount(), nullable=False),
    Index("ix_posting_article", "article"),
    plain=True,
)

schedule = _table(
    "schedule",
    Column("slug", Words(), primary_key=True),
    _text("fingerprint"),
    _instant("cursor"),
    _flag("paused"),
    _instant("paused_until", nullable=True),
    plain=True,
)

run = _table(
    "run",
    _id(),
    _text("schedule"),
    _text("key"),
    _text("slot"),
    _instant("due"),
    _text("state"),
    _text("reason"),
    Column("attempts", Integer(), nullable=False, server_default="0"),
    _instant("started", nullable=True),
    _instant("finished", nullable=True),
    _text("owner"),
    _instant("lease", nullable=True),
    UniqueConstraint("schedule", "key"),
    Index("ix_run_state_due", "state", "due"),
)

edition = _table(
    "edition",
    _id(),
    Column("run", big(), ForeignKey("run.id"), nullable=False, unique=True),
    _text("schedule"),
    _text("slot"),
    _count("number"),
    _text("state"),
    _text("reason"),
    _text("title"),
    _text("subject"),
    _text("transport"),
    _list("articles"),
    _list("feeds"),
    _instant("opened"),
    _instant("ended", nullable=True),
    _count("audience"),
    Column("totals", Structure()),
    _instant("folded", nullable=True),  # since when its deliveries are dropped
    UniqueConstraint("schedule", "number"),
    Index("ix_edition_state", "state"),
    Index("ix_edition_schedule_state_id", "schedule", "state", "id"),
)

# What an edition says, frozen: a JSON document of its stories, with the version editors compare.
edition_content = _table(
    "edition_content",
    Column(
        "edition",
        big(),
        ForeignKey("edition.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    _text("note"),
    _list("stories"),
    _count("version"),
)

# How an edition goes out: rendered once a language, of one version of what it says.
edition_message = _table(
    "edition_message",
    _ref("edition", "edition.id", key=True, gone="CASCADE"),
    Column("language", Words(), primary_key=True),
    _count("version"),
    _map("html"),
    _map("text"),
    _flag("flowed"),
    _text("mark"),
)

# What a group of readers gets, `more` by title only, and the `feeds` by which they get it. `upto`
# maps feed → place their watermark moves to; `owed` becomes owed and `paid` stops being owed when a
# copy is accepted.
selection = _table(
    "selection",
    _id(),
    _ref("edition", "edition.id", gone="CASCADE"),
    _list("articles"),
    _list("more"),
    _list("feeds"),
    _list("owed"),
    _list("paid"),
    _map("upto"),
    Index("ix_selection_edition", "edition"),
)

subscriber = _table(
    "subscriber",
    _id(),
    Column("address", Words(), nullable=False, unique=True),  # the key: see addresses.py
    _text("email"),
    _text("name"),
    _text("language"),
    _text("timezone"),
    _text("status"),
    _text("kind"),
    _instant("joined"),
    _instant("consent_at", nullable=True),
    _flag("sample"),
    _instant("erased", nullable=True),
    _flag("by_feed"),  # in a feed of their own instead of by mail
    _text("feed_key"),  # of that feed's address: another key, another address
    Index("ix_subscriber_by_feed", "id", sqlite_where=text("by_feed = 1")),
)

subscription = _table(
    "subscription",
    _ref("subscriber", "subscriber.id", key=True, gone="CASCADE"),
    Column("feed", Words(), primary_key=True),
    Column("schedule", Words(), primary_key=True),
    _instant("since"),
    Index("ix_subscription_schedule", "schedule", "subscriber"),
    plain=True,
)

suppression = _table(
    "suppression",
    Column("address", Words(), primary_key=True),
    _text("email"),
    _text("reason"),
    _instant("since"),
    plain=True,
)

# Promise 4: what each person has been dealt with, feed by feed: places in (start, watermark].
memory = _table(
    "memory",
    _ref("subscriber", "subscriber.id", key=True, gone="CASCADE"),
    Column("feed", Words(), primary_key=True),
    _count("start"),
    _count("watermark"),
    plain=True,
)

# Promise 4: the exceptions, `owed` below a watermark and `sent` above one.
reader_exception = _table(
    "reader_exception",
    _ref("subscriber", "subscriber.id", key=True, gone="CASCADE"),
    _ref("article", "article.id", key=True, gone="CASCADE"),
    _text("kind"),
    plain=True,
)

delivery = _table(
    "delivery",
    _id(),
    _ref("edition", "edition.id"),
    _ref("subscriber", "subscriber.id"),
    _ref("selection", "selection.id"),
    _text("state"),
    _text("reason"),
    _count("attempts"),
    _text("owner"),
    _instant("due", nullable=True),
    _text("message_id"),
    _text("transport"),
    _instant("at"),
    _flag("remembered"),  # the reader's memory has moved for this copy
    _text("refusal"),  # hard, soft or policy; "" unless the last answer refused it
    _instant("since", nullable=True),  # first put off
    UniqueConstraint("subscriber", "edition"),
    # Claims, counts and lists by state are all walks along this one.
    Index("ix_delivery_edition_state_id", "edition", "state", "id"),
    Index(
        "ix_delivery_blocked",
        "edition",
        sqlite_where=text("refusal = 'policy'"),
    ),
)

# Who works on which edition and until when; one row for all of an owner's rows, so that prolonging
# costs the same for a batch of one and of five hundred.
lease = _table(
    "lease",
    _ref("edition", "edition.id"),
    Column("owner", Words(), nullable=False),
    _instant("until"),
    PrimaryKeyConstraint("edition", "owner"),
    plain=True,
)

# Who called a copy spam; a report counts once, whoever hands it in and how often.
complaint = _table(
    "complaint",
    Column("evidence", Words(), primary_key=True),
    _ref("subscriber", "subscriber.id"),
    _instant("at"),
    Index("ix_complaint_at", "at"),
    plain=True,
)

# Why an edition stopped by itself, and when somebody let it go on: what went before counts no more.
brake = _table(
    "brake",
    _ref("edition", "edition.id"),
    _text("cause"),
    _instant("pulled"),
    _instant("released", nullable=True),
    PrimaryKeyConstraint("edition", "pulled"),
    plain=True,
)

# What a transport took on a local day: copies of editions (those on the wire too), and letters.
relay_day = _table(
    "relay_day",
    Column("transport", Words(), nullable=False),
    Column("day", Words(), nullable=False),
    _count("editions"),
    _count("letters"),
    PrimaryKeyConstraint("transport", "day"),
    plain=True,
)

# What the operators were told: one message per cause and local day.
alarm = _table(
    "alarm",
    Column("cause", Words(), primary_key=True),
    Column("day", Words(), primary_key=True),
    _instant("noted"),
    plain=True,
)

# Letters that nobody has taken yet; who carries one holds it until it is due.
letter = _table(
    "letter",
    _id(),
    _text("kind"),
    _ref("subscriber", "subscriber.id", gone="CASCADE"),
    _text("choice"),
    _text("period"),
    _instant("made"),
    _instant("since", nullable=True),
    _instant("due"),
    Index("ix_letter_due", "due"),
    Index("ix_letter_subscriber", "subscriber"),
)

# Rates that processes share: what each may give out, and how far it is cut.
meter = _table(
    "meter",
    Column("bucket", Words(), primary_key=True),
    Column("tokens", Amount(), nullable=False),
    _instant("at"),
    _instant("began"),
    Column("base", Amount(), nullable=False),
    Column("cut", Amount(), nullable=False),
    _instant("cut_at"),
    plain=True,
)


def on(flag: Column[bool]) -> ColumnElement[bool]:
    """Return the condition that a flag is set (PostgreSQL takes no number for a condition)."""
    return flag == 1


def off(flag: Column[bool]) -> ColumnElement[bool]:
    """Return the condition that a flag is not set."""
    return flag == 0


def readable(now: datetime) -> ColumnElement[bool]:
    """Return the condition that an article may be shown and mailed at an instant."""
    return and_(off(article.c.draft), off(article.c.hidden), article.c.published <= now)
