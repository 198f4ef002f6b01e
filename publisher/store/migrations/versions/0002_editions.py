"""Editions keep what they say, selections what is told by title; operators are told once a day.

Revision 0002.
"""

import sqlalchemy as sa
from alembic import op

from publisher.store import types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add contents and ends of editions, columns of selections, and what the operators were told."""
    _edition_content()
    _selection()
    _alarm()
    _ended()
    _refused()
    _complaint()
    _brake()
    _meter()
    _relay_day()


def _edition_content() -> None:
    op.create_table(
        "edition_content",
        sa.Column("edition", types.big(), autoincrement=False, nullable=False),
        sa.Column("note", types.Words(), server_default="", nullable=False),
        sa.Column("stories", types.Structure(), server_default="[]", nullable=False),
        sa.Column("version", types.big(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["edition"],
            ["edition.id"],
            name=op.f("fk_edition_content_edition"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("edition", name=op.f("pk_edition_content")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_table(
        "edition_message",
        sa.Column("edition", types.big(), nullable=False),
        sa.Column("language", types.Words(), nullable=False),
        sa.Column("version", types.big(), server_default="0", nullable=False),
        sa.Column("html", types.Structure(), server_default="{}", nullable=False),
        sa.Column("text", types.Structure(), server_default="{}", nullable=False),
        sa.Column("flowed", types.Flag(), server_default="0", nullable=False),
        sa.Column("mark", types.Words(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["edition"],
            ["edition.id"],
            name=op.f("fk_edition_message_edition"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("edition", "language", name=op.f("pk_edition_message")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.drop_column("edition", "notes")
    op.create_index("ix_edition_schedule_state_id", "edition", ["schedule", "state", "id"])


def _selection() -> None:
    for name in ("more", "feeds"):
        op.add_column(
            "selection",
            sa.Column(name, types.Structure(), server_default="[]", nullable=False),
        )


def _alarm() -> None:
    op.create_table(
        "alarm",
        sa.Column("cause", types.Words(), nullable=False),
        sa.Column("day", types.Words(), nullable=False),
        sa.Column("noted", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("cause", "day", name=op.f("pk_alarm")),
        sqlite_autoincrement=False,
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _ended() -> None:
    op.add_column("edition", sa.Column("ended", types.Instant(), nullable=True))


def _refused() -> None:
    op.add_column(
        "delivery", sa.Column("refusal", types.Words(), server_default="", nullable=False)
    )
    op.add_column("delivery", sa.Column("since", types.Instant(), nullable=True))
    op.create_index(
        "ix_delivery_blocked",
        "delivery",
        ["edition"],
        sqlite_where=sa.text("refusal = 'policy'"),
        postgresql_where=sa.text("refusal = 'policy'"),
    )


def _complaint() -> None:
    op.create_table(
        "complaint",
        sa.Column("evidence", types.Words(), nullable=False),
        sa.Column("subscriber", types.big(), nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber"], ["subscriber.id"], name=op.f("fk_complaint_subscriber")
        ),
        sa.PrimaryKeyConstraint("evidence", name=op.f("pk_complaint")),
        sqlite_autoincrement=False,
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_complaint_at", "complaint", ["at"])


def _brake() -> None:
    op.create_table(
        "brake",
        sa.Column("edition", types.big(), nullable=False),
        sa.Column("cause", types.Words(), server_default="", nullable=False),
        sa.Column("pulled", types.Instant(), nullable=False),
        sa.Column("released", types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["edition"], ["edition.id"], name=op.f("fk_brake_edition")),
        sa.PrimaryKeyConstraint("edition", "pulled", name=op.f("pk_brake")),
        sqlite_autoincrement=False,
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _meter() -> None:
    op.create_table(
        "meter",
        sa.Column("bucket", types.Words(), nullable=False),
        sa.Column("tokens", types.Amount(), nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.Column("began", types.Instant(), nullable=False),
        sa.Column("base", types.Amount(), nullable=False),
        sa.Column("cut", types.Amount(), nullable=False),
        sa.Column("cut_at", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_meter")),
        sqlite_autoincrement=False,
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _relay_day() -> None:
    op.create_table(
        "relay_day",
        sa.Column("transport", types.Words(), nullable=False),
        sa.Column("day", types.Words(), nullable=False),
        sa.Column("editions", types.big(), server_default="0", nullable=False),
        sa.Column("letters", types.big(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("transport", "day", name=op.f("pk_relay_day")),
        sqlite_autoincrement=False,
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
