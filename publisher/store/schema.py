"""The tables, one definition for both databases; serves the verbs and the migrations' tests.

A change here needs a revision in `migrations/versions` (a test compares the two).
"""

from datetime import datetime

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    UniqueConstraint,
    and_,
)
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import text

from publisher.store import (
    cluster_schema,
    document_tables,
    hub_schema,
    push_schema,
    writing_schema,
)
from publisher.store.columns import (
    count,
    flag,
    identity,
    instant,
    listed,
    mapped,
    metadata,
    ref,
    span,
    table,
    words,
)
from publisher.store.types import Amount, Flag, Structure, Words, big

REVISIONS = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
    "0016",
    "0017",
    "0018",
)
"""Every revision ever released, oldest first; what stands last is what this code speaks."""

WHOLE = metadata
"""All tables, those of other modules included."""

OTHERS = (document_tables, hub_schema, push_schema, cluster_schema, writing_schema)
"""Where these stand: they must be known before anybody asks for the whole."""

# What is known of the store itself: identity (a uuid), beat (microseconds).
meta = table("meta", Column("key", Words(), primary_key=True), words("value"), plain=True)

source = table(
    "source",
    Column("key", Words(), primary_key=True),
    words("etag"),
    words("last_modified"),
    instant("next_check", nullable=True),
    instant("last_checked", nullable=True),
    instant("last_success", nullable=True),
    count("failures"),
    words("last_error"),
    mapped("cursor"),
    listed("hubs"),
    words("topic"),
    span("interval"),
    words("why"),
    span("gap"),
    instant("newest", nullable=True),
    instant("horizon", nullable=True),
    words("stopped"),
    flag("told"),
    mapped("fates"),
    flag("active"),  # defined somewhere, and not a memory of something else
    Index("ix_source_due", "next_check", sqlite_where=text("active = 1")),
)

# `own_…` is what the operator set; collecting again does not undo it.
article = table(
    "article",
    identity(),
    Column("uid", Words(), nullable=False, unique=True),
    words("source"),
    words("external_id"),
    Column("slug", Words(), nullable=False, unique=True),
    words("title"),
    Column("own_title", Words()),
    words("url"),
    words("canonical", index=True),
    words("file"),
    words("headline"),
    words("wording"),
    words("html"),
    words("text"),
    words("standfirst"),
    words("dek"),
    words("summary"),
    words("language"),
    listed("authors"),
    listed("tags"),
    Column("own_tags", Structure()),
    words("image"),
    listed("enclosures"),
    listed("key_points"),
    listed("computed_points"),
    Column("own_points", Structure()),
    listed("read_also"),
    listed("related"),
    Column("own_related", Structure()),
    listed("ties"),  # with itself, then with each of those
    instant("published"),
    instant("updated"),
    instant("first_seen"),
    words("content_hash"),
    flag("draft"),
    flag("hidden"),
    flag("held"),
    flag("pinned"),
    count("priority"),
    Column("own_priority", big()),
    Column("cluster", big(), index=True),
    words("placed"),  # what an operator said of that
    flag("follows"),  # another one leads in documents
    mapped("attributes"),
    flag("enriched"),
    count("revision"),
    UniqueConstraint("source", "external_id"),
    Index("ix_article_published", "published"),
    # Few have any: whom a story's new title concerns is found without looking at all.
    Index("ix_article_own_related", "id", sqlite_where=text("own_related IS NOT NULL")),
    # Partial on PostgreSQL too (migrations): to say so here would load its dialect, 3 MB, for SQLite.
    Index("ix_article_unenriched", "id", sqlite_where=text("enriched = 0")),
    Index("ix_article_file", "file", sqlite_where=text("file != ''")),
    Index("ix_article_headline", "headline", sqlite_where=text("headline != ''")),
    Index("ix_article_wording", "wording", sqlite_where=text("wording != ''")),
    Index("ix_article_held", "source", sqlite_where=text("held = 1")),
)

# One row a feed: `last` place given; `looked` is the last place any edition looked at; a newcomer
# begins after `newcomer`, so that the last edition's own stories are all they can get of the past.
feed = table(
    "feed",
    Column("slug", Words(), primary_key=True),
    count("entered"),
    count("last"),
    count("looked"),
    count("newcomer"),
    plain=True,
)

# `seq` is the article's place in the feed, given when it is mailable and first could be read.
feed_article = table(
    "feed_article",
    Column("feed", Words(), ForeignKey("feed.slug"), primary_key=True),
    ref("article", "article.id", key=True, gone="CASCADE"),
    Column("seq", big()),
    flag("mailable"),
    Column("present", Flag(), nullable=False, server_default="1"),
    instant("entered"),
    UniqueConstraint("feed", "seq"),
    Index("ix_feed_article_article", "article"),
    plain=True,
)

# `nth` counts the articles of a term up to this one.
posting = table(
    "posting",
    Column("term", Words(), primary_key=True),
    ref("article", "article.id", key=True, gone="CASCADE"),
    Column("weight", Amount(), nullable=False),
    count("nth"),
    Index("ix_posting_article", "article"),
    plain=True,
)

schedule = table(
    "schedule",
    Column("slug", Words(), primary_key=True),
    words("fingerprint"),
    instant("cursor"),
    flag("paused"),
    instant("paused_until", nullable=True),
    plain=True,
)

run = table(
    "run",
    identity(),
    words("schedule"),
    words("key"),
    words("slot"),
    instant("due"),
    words("state"),
    words("reason"),
    Column("attempts", Integer(), nullable=False, server_default="0"),
    instant("started", nullable=True),
    instant("finished", nullable=True),
    words("owner"),
    instant("lease", nullable=True),
    UniqueConstraint("schedule", "key"),
    Index("ix_run_state_due", "state", "due"),
)

edition = table(
    "edition",
    identity(),
    Column("run", big(), ForeignKey("run.id"), nullable=False, unique=True),
    words("schedule"),
    words("slot"),
    count("number"),
    words("state"),
    words("reason"),
    words("title"),
    words("subject"),
    words("transport"),
    listed("articles"),
    listed("feeds"),
    instant("opened"),
    instant("ended", nullable=True),
    count("audience"),
    Column("totals", Structure()),
    instant("folded", nullable=True),  # since when its deliveries are dropped
    UniqueConstraint("schedule", "number"),
    Index("ix_edition_state", "state"),
    Index("ix_edition_schedule_state_id", "schedule", "state", "id"),
)

# What an edition says, frozen: a JSON document of its stories, with the version editors compare.
edition_content = table(
    "edition_content",
    Column(
        "edition",
        big(),
        ForeignKey("edition.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    words("note"),
    listed("stories"),
    count("version"),
)

# How an edition goes out: rendered once a language, of one version of what it says.
edition_message = table(
    "edition_message",
    ref("edition", "edition.id", key=True, gone="CASCADE"),
    Column("language", Words(), primary_key=True),
    count("version"),
    mapped("html"),
    mapped("text"),
    flag("flowed"),
    mapped("names"),
    words("mark"),
)

# What a group of readers gets, `more` by title only, and the `feeds` by which they get it. `upto`
# maps feed → place their watermark moves to; `owed` becomes owed and `paid` stops being owed when a
# copy is accepted. `beside` maps a story to those of its cluster that it stands for.
selection = table(
    "selection",
    identity(),
    ref("edition", "edition.id", gone="CASCADE"),
    listed("articles"),
    listed("more"),
    listed("feeds"),
    listed("owed"),
    listed("paid"),
    mapped("upto"),
    mapped("beside"),
    Index("ix_selection_edition", "edition"),
)

subscriber = table(
    "subscriber",
    identity(),
    Column("address", Words(), nullable=False, unique=True),  # the key: see addresses.py
    words("email"),
    words("name"),
    words("language"),
    words("timezone"),
    words("status"),
    words("kind"),
    instant("joined"),
    instant("consent_at", nullable=True),
    flag("sample"),
    instant("erased", nullable=True),
    flag("by_feed"),  # in a feed of their own instead of by mail
    words("feed_key"),  # of that feed's address: another key, another address
    Index("ix_subscriber_by_feed", "id", sqlite_where=text("by_feed = 1")),
)

subscription = table(
    "subscription",
    ref("subscriber", "subscriber.id", key=True, gone="CASCADE"),
    Column("feed", Words(), primary_key=True),
    Column("schedule", Words(), primary_key=True),
    instant("since"),
    Index("ix_subscription_schedule", "schedule", "subscriber"),
    plain=True,
)

suppression = table(
    "suppression",
    Column("address", Words(), primary_key=True),
    words("email"),
    words("reason"),
    instant("since"),
    plain=True,
)

# Promise 4: what each person has been dealt with, feed by feed: places in (start, watermark].
memory = table(
    "memory",
    ref("subscriber", "subscriber.id", key=True, gone="CASCADE"),
    Column("feed", Words(), primary_key=True),
    count("start"),
    count("watermark"),
    plain=True,
)

# Promise 4: the exceptions, `owed` below a watermark and `sent` above one.
reader_exception = table(
    "reader_exception",
    ref("subscriber", "subscriber.id", key=True, gone="CASCADE"),
    ref("article", "article.id", key=True, gone="CASCADE"),
    words("kind"),
    plain=True,
)

delivery = table(
    "delivery",
    identity(),
    ref("edition", "edition.id"),
    ref("subscriber", "subscriber.id"),
    ref("selection", "selection.id"),
    words("state"),
    words("reason"),
    count("attempts"),
    words("owner"),
    instant("due", nullable=True),
    words("message_id"),
    words("transport"),
    instant("at"),
    flag("remembered"),  # the reader's memory has moved for this copy
    words("refusal"),  # hard, soft or policy; "" unless the last answer refused it
    instant("since", nullable=True),  # first put off
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
lease = table(
    "lease",
    ref("edition", "edition.id"),
    Column("owner", Words(), nullable=False),
    instant("until"),
    PrimaryKeyConstraint("edition", "owner"),
    plain=True,
)

# Who called a copy spam; a report counts once, whoever hands it in and how often.
complaint = table(
    "complaint",
    Column("evidence", Words(), primary_key=True),
    ref("subscriber", "subscriber.id"),
    instant("at"),
    Index("ix_complaint_at", "at"),
    plain=True,
)

# Why an edition stopped by itself, and when somebody let it go on: what went before counts no more.
brake = table(
    "brake",
    ref("edition", "edition.id"),
    words("cause"),
    instant("pulled"),
    instant("released", nullable=True),
    PrimaryKeyConstraint("edition", "pulled"),
    plain=True,
)

# What a transport took on a local day: copies of editions (those on the wire too), and letters.
relay_day = table(
    "relay_day",
    Column("transport", Words(), nullable=False),
    Column("day", Words(), nullable=False),
    count("editions"),
    count("letters"),
    PrimaryKeyConstraint("transport", "day"),
    plain=True,
)

# What the operators were told: one message per cause and local day.
alarm = table(
    "alarm",
    Column("cause", Words(), primary_key=True),
    Column("day", Words(), primary_key=True),
    instant("noted"),
    plain=True,
)

# Letters that nobody has taken yet; who carries one holds it until it is due.
letter = table(
    "letter",
    identity(),
    words("kind"),
    ref("subscriber", "subscriber.id", gone="CASCADE"),
    words("choice"),
    words("period"),
    instant("made"),
    instant("since", nullable=True),
    instant("due"),
    Index("ix_letter_due", "due"),
    Index("ix_letter_subscriber", "subscriber"),
)

# Rates that processes share: what each may give out, and how far it is cut.
meter = table(
    "meter",
    Column("bucket", Words(), primary_key=True),
    Column("tokens", Amount(), nullable=False),
    instant("at"),
    instant("began"),
    Column("base", Amount(), nullable=False),
    Column("cut", Amount(), nullable=False),
    instant("cut_at"),
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
    shown = (off(article.c.draft), off(article.c.hidden), off(article.c.held))
    return and_(*shown, article.c.published <= now)
