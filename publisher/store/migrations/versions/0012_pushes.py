"""What sources say of their hubs, our subscriptions there, and what was pushed to us.

Revision 0012.
"""

import sqlalchemy as sa
from alembic import op

from publisher.store import types

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what sources offer, and what we have made of it: nothing yet."""
    op.add_column(
        "source", sa.Column("hubs", types.Structure(), server_default="[]", nullable=False)
    )
    op.add_column("source", sa.Column("topic", types.Words(), server_default="", nullable=False))
    op.create_table(
        "push_listening",
        sa.Column("id", types.big(), nullable=False, autoincrement=True),
        *_words("source", "hub", "topic"),
        sa.Column("token", types.Words(), nullable=False),
        *_words("secret", "state"),
        _count("change"),
        sa.Column("waits", types.Flag(), server_default="0", nullable=False),
        *_moments("asked", "verified", "until", "due", "held", "since"),
        *_words("error"),
        *_moments("last", "polled", "missed"),
        _count("pushes"),
        _count("dropped"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_listening")),
        sa.UniqueConstraint("token", name=op.f("uq_push_listening_token")),
        sa.UniqueConstraint(
            "source", "hub", "topic", name=op.f("uq_push_listening_source_hub_topic")
        ),
        **_numbered(),
    )
    op.create_index("ix_push_listening_due", "push_listening", ["due"], unique=False)
    op.create_table(
        "push_waiting",
        sa.Column("id", types.big(), nullable=False, autoincrement=True),
        sa.Column("listening", types.big(), nullable=False),
        *_words("source", "topic", "digest", "content_type"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("came", types.Instant(), nullable=False),
        sa.Column("due", types.Instant(), nullable=False),
        *_moments("held"),
        _count("tries"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_waiting")),
        sa.UniqueConstraint("source", "digest", name=op.f("uq_push_waiting_source_digest")),
        **_numbered(),
    )
    op.create_index("ix_push_waiting_due", "push_waiting", ["due"], unique=False)


def _words(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, types.Words(), server_default="", nullable=False) for name in names]


def _moments(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, types.Instant(), nullable=True) for name in names]


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, types.big(), server_default="0", nullable=False)


def _numbered() -> dict[str, bool]:
    return {"sqlite_autoincrement": True, "sqlite_strict": True, "sqlite_with_rowid": True}
