"""The first schema.

Revision 0001.
"""

import sqlalchemy as sa
from alembic import op

from publisher.store import types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table; nothing is there before."""
    _article()
    _feed()
    _meta()
    _run()
    _schedule()
    _source()
    _subscriber()
    _suppression()
    _edition()
    _feed_article()
    _memory()
    _posting()
    _reader_exception()
    _subscription()
    _lease()
    _selection()
    _delivery()


def _article() -> None:
    op.create_table(
        "article",
        sa.Column("id", types.big(), autoincrement=True, nullable=False),
        sa.Column("uid", types.Words(), nullable=False),
        sa.Column("source", types.Words(), server_default="", nullable=False),
        sa.Column("external_id", types.Words(), server_default="", nullable=False),
        sa.Column("slug", types.Words(), nullable=False),
        sa.Column("title", types.Words(), server_default="", nullable=False),
        sa.Column("own_title", types.Words(), nullable=True),
        sa.Column("url", types.Words(), server_default="", nullable=False),
        sa.Column("canonical", types.Words(), server_default="", nullable=False),
        sa.Column("html", types.Words(), server_default="", nullable=False),
        sa.Column("text", types.Words(), server_default="", nullable=False),
        sa.Column("standfirst", types.Words(), server_default="", nullable=False),
        sa.Column("dek", types.Words(), server_default="", nullable=False),
        sa.Column("summary", types.Words(), server_default="", nullable=False),
        sa.Column("language", types.Words(), server_default="", nullable=False),
        sa.Column("authors", types.Structure(), server_default="[]", nullable=False),
        sa.Column("tags", types.Structure(), server_default="[]", nullable=False),
        sa.Column("own_tags", types.Structure(), nullable=True),
        sa.Column("image", types.Words(), server_default="", nullable=False),
        sa.Column("enclosures", types.Structure(), server_default="[]", nullable=False),
        sa.Column("key_points", types.Structure(), server_default="[]", nullable=False),
        sa.Column("computed_points", types.Structure(), server_default="[]", nullable=False),
        sa.Column("read_also", types.Structure(), server_default="[]", nullable=False),
        sa.Column("related", types.Structure(), server_default="[]", nullable=False),
        sa.Column("published", types.Instant(), nullable=False),
        sa.Column("updated", types.Instant(), nullable=False),
        sa.Column("first_seen", types.Instant(), nullable=False),
        sa.Column("content_hash", types.Words(), server_default="", nullable=False),
        sa.Column("draft", types.Flag(), server_default="0", nullable=False),
        sa.Column("hidden", types.Flag(), server_default="0", nullable=False),
        sa.Column("pinned", types.Flag(), server_default="0", nullable=False),
        sa.Column("priority", types.big(), server_default="0", nullable=False),
        sa.Column("own_priority", types.big(), nullable=True),
        sa.Column("cluster", types.big(), nullable=True),
        sa.Column("attributes", types.Structure(), server_default="{}", nullable=False),
        sa.Column("enriched", types.Flag(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article")),
        sa.UniqueConstraint("slug", name=op.f("uq_article_slug")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_article_source_external_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_article_uid")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_index(op.f("ix_article_canonical"), "article", ["canonical"], unique=False)
    op.create_index(op.f("ix_article_cluster"), "article", ["cluster"], unique=False)
    op.create_index("ix_article_published", "article", ["published"], unique=False)
    op.create_index(
        "ix_article_unenriched",
        "article",
        ["id"],
        unique=False,
        sqlite_where=sa.text("enriched = 0"),
        postgresql_where=sa.text("enriched = 0"),
    )


def _feed() -> None:
    op.create_table(
        "feed",
        sa.Column("slug", types.Words(), nullable=False),
        sa.Column("entered", types.big(), server_default="0", nullable=False),
        sa.Column("last", types.big(), server_default="0", nullable=False),
        sa.Column("looked", types.big(), server_default="0", nullable=False),
        sa.Column("newcomer", types.big(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_feed")),
        sqlite_autoincrement=False,
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _meta() -> None:
    op.create_table(
        "meta",
        sa.Column("key", types.Words(), nullable=False),
        sa.Column("value", types.Words(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
        sqlite_autoincrement=False,
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _run() -> None:
    op.create_table(
        "run",
        sa.Column("id", types.big(), autoincrement=True, nullable=False),
        sa.Column("schedule", types.Words(), server_default="", nullable=False),
        sa.Column("key", types.Words(), server_default="", nullable=False),
        sa.Column("slot", types.Words(), server_default="", nullable=False),
        sa.Column("due", types.Instant(), nullable=False),
        sa.Column("state", types.Words(), server_default="", nullable=False),
        sa.Column("reason", types.Words(), server_default="", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("started", types.Instant(), nullable=True),
        sa.Column("finished", types.Instant(), nullable=True),
        sa.Column("owner", types.Words(), server_default="", nullable=False),
        sa.Column("lease", types.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        sa.UniqueConstraint("schedule", "key", name=op.f("uq_run_schedule_key")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_index("ix_run_state_due", "run", ["state", "due"], unique=False)


def _schedule() -> None:
    op.create_table(
        "schedule",
        sa.Column("slug", types.Words(), nullable=False),
        sa.Column("fingerprint", types.Words(), server_default="", nullable=False),
        sa.Column("cursor", types.Instant(), nullable=False),
        sa.Column("paused", types.Flag(), server_default="0", nullable=False),
        sa.Column("paused_until", types.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_schedule")),
        sqlite_autoincrement=False,
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _source() -> None:
    op.create_table(
        "source",
        sa.Column("key", types.Words(), nullable=False),
        sa.Column("etag", types.Words(), server_default="", nullable=False),
        sa.Column("last_modified", types.Words(), server_default="", nullable=False),
        sa.Column("next_check", types.Instant(), nullable=True),
        sa.Column("last_checked", types.Instant(), nullable=True),
        sa.Column("last_success", types.Instant(), nullable=True),
        sa.Column("failures", types.big(), server_default="0", nullable=False),
        sa.Column("last_error", types.Words(), server_default="", nullable=False),
        sa.Column("cursor", types.Structure(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_source")),
        sqlite_autoincrement=False,
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )


def _subscriber() -> None:
    op.create_table(
        "subscriber",
        sa.Column("id", types.big(), autoincrement=True, nullable=False),
        sa.Column("address", types.Words(), nullable=False),
        sa.Column("email", types.Words(), server_default="", nullable=False),
        sa.Column("name", types.Words(), server_default="", nullable=False),
        sa.Column("language", types.Words(), server_default="", nullable=False),
        sa.Column("timezone", types.Words(), server_default="", nullable=False),
        sa.Column("status", types.Words(), server_default="", nullable=False),
        sa.Column("kind", types.Words(), server_default="", nullable=False),
        sa.Column("joined", types.Instant(), nullable=False),
        sa.Column("consent_at", types.Instant(), nullable=True),
        sa.Column("sample", types.Flag(), server_default="0", nullable=False),
        sa.Column("erased", types.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriber")),
        sa.UniqueConstraint("address", name=op.f("uq_subscriber_address")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )


def _suppression() -> None:
    op.create_table(
        "suppression",
        sa.Column("address", types.Words(), nullable=False),
        sa.Column("email", types.Words(), server_default="", nullable=False),
        sa.Column("reason", types.Words(), server_default="", nullable=False),
        sa.Column("since", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_suppression")),
        sqlite_autoincrement=False,
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _edition() -> None:
    op.create_table(
        "edition",
        sa.Column("id", types.big(), autoincrement=True, nullable=False),
        sa.Column("run", types.big(), nullable=False),
        sa.Column("schedule", types.Words(), server_default="", nullable=False),
        sa.Column("slot", types.Words(), server_default="", nullable=False),
        sa.Column("number", types.big(), server_default="0", nullable=False),
        sa.Column("state", types.Words(), server_default="", nullable=False),
        sa.Column("reason", types.Words(), server_default="", nullable=False),
        sa.Column("title", types.Words(), server_default="", nullable=False),
        sa.Column("subject", types.Words(), server_default="", nullable=False),
        sa.Column("transport", types.Words(), server_default="", nullable=False),
        sa.Column("articles", types.Structure(), server_default="[]", nullable=False),
        sa.Column("feeds", types.Structure(), server_default="[]", nullable=False),
        sa.Column("opened", types.Instant(), nullable=False),
        sa.Column("audience", types.big(), server_default="0", nullable=False),
        sa.Column("totals", types.Structure(), nullable=True),
        sa.Column("notes", types.Structure(), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["run"], ["run.id"], name=op.f("fk_edition_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition")),
        sa.UniqueConstraint("run", name=op.f("uq_edition_run")),
        sa.UniqueConstraint("schedule", "number", name=op.f("uq_edition_schedule_number")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_index("ix_edition_state", "edition", ["state"], unique=False)


def _feed_article() -> None:
    op.create_table(
        "feed_article",
        sa.Column("feed", types.Words(), nullable=False),
        sa.Column("article", types.big(), nullable=False),
        sa.Column("seq", types.big(), nullable=True),
        sa.Column("mailable", types.Flag(), server_default="0", nullable=False),
        sa.Column("present", types.Flag(), server_default="1", nullable=False),
        sa.Column("entered", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article"], ["article.id"], name=op.f("fk_feed_article_article"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["feed"], ["feed.slug"], name=op.f("fk_feed_article_feed")),
        sa.PrimaryKeyConstraint("feed", "article", name=op.f("pk_feed_article")),
        sa.UniqueConstraint("feed", "seq", name=op.f("uq_feed_article_feed_seq")),
        sqlite_autoincrement=False,
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_feed_article_article", "feed_article", ["article"], unique=False)


def _memory() -> None:
    op.create_table(
        "memory",
        sa.Column("subscriber", types.big(), nullable=False),
        sa.Column("feed", types.Words(), nullable=False),
        sa.Column("start", types.big(), server_default="0", nullable=False),
        sa.Column("watermark", types.big(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber"],
            ["subscriber.id"],
            name=op.f("fk_memory_subscriber"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subscriber", "feed", name=op.f("pk_memory")),
        sqlite_autoincrement=False,
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _posting() -> None:
    op.create_table(
        "posting",
        sa.Column("term", types.Words(), nullable=False),
        sa.Column("article", types.big(), nullable=False),
        sa.Column("weight", types.Amount(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article"], ["article.id"], name=op.f("fk_posting_article"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("term", "article", name=op.f("pk_posting")),
        sqlite_autoincrement=False,
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_posting_article", "posting", ["article"], unique=False)


def _reader_exception() -> None:
    op.create_table(
        "reader_exception",
        sa.Column("subscriber", types.big(), nullable=False),
        sa.Column("article", types.big(), nullable=False),
        sa.Column("kind", types.Words(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["article"],
            ["article.id"],
            name=op.f("fk_reader_exception_article"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["subscriber"],
            ["subscriber.id"],
            name=op.f("fk_reader_exception_subscriber"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subscriber", "article", name=op.f("pk_reader_exception")),
        sqlite_autoincrement=False,
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _subscription() -> None:
    op.create_table(
        "subscription",
        sa.Column("subscriber", types.big(), nullable=False),
        sa.Column("feed", types.Words(), nullable=False),
        sa.Column("schedule", types.Words(), nullable=False),
        sa.Column("since", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber"],
            ["subscriber.id"],
            name=op.f("fk_subscription_subscriber"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subscriber", "feed", "schedule", name=op.f("pk_subscription")),
        sqlite_autoincrement=False,
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_subscription_schedule", "subscription", ["schedule", "subscriber"], unique=False
    )


def _lease() -> None:
    op.create_table(
        "lease",
        sa.Column("edition", types.big(), nullable=False),
        sa.Column("owner", types.Words(), nullable=False),
        sa.Column("until", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["edition"], ["edition.id"], name=op.f("fk_lease_edition")),
        sa.PrimaryKeyConstraint("edition", "owner", name=op.f("pk_lease")),
        sqlite_autoincrement=False,
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _selection() -> None:
    op.create_table(
        "selection",
        sa.Column("id", types.big(), autoincrement=True, nullable=False),
        sa.Column("edition", types.big(), nullable=False),
        sa.Column("articles", types.Structure(), server_default="[]", nullable=False),
        sa.Column("owed", types.Structure(), server_default="[]", nullable=False),
        sa.Column("paid", types.Structure(), server_default="[]", nullable=False),
        sa.Column("upto", types.Structure(), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(
            ["edition"], ["edition.id"], name=op.f("fk_selection_edition"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_selection")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_index("ix_selection_edition", "selection", ["edition"], unique=False)


def _delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", types.big(), autoincrement=True, nullable=False),
        sa.Column("edition", types.big(), nullable=False),
        sa.Column("subscriber", types.big(), nullable=False),
        sa.Column("selection", types.big(), nullable=False),
        sa.Column("state", types.Words(), server_default="", nullable=False),
        sa.Column("reason", types.Words(), server_default="", nullable=False),
        sa.Column("attempts", types.big(), server_default="0", nullable=False),
        sa.Column("owner", types.Words(), server_default="", nullable=False),
        sa.Column("due", types.Instant(), nullable=True),
        sa.Column("message_id", types.Words(), server_default="", nullable=False),
        sa.Column("transport", types.Words(), server_default="", nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.Column("remembered", types.Flag(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["edition"], ["edition.id"], name=op.f("fk_delivery_edition")),
        sa.ForeignKeyConstraint(
            ["selection"], ["selection.id"], name=op.f("fk_delivery_selection")
        ),
        sa.ForeignKeyConstraint(
            ["subscriber"], ["subscriber.id"], name=op.f("fk_delivery_subscriber")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("subscriber", "edition", name=op.f("uq_delivery_subscriber_edition")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_index(
        "ix_delivery_edition_state_id", "delivery", ["edition", "state", "id"], unique=False
    )
