"""Our own WebSub hub: topics, subscriptions, requests to be verified, pings to other hubs.

Revision 0008.
"""

import sqlalchemy as sa
from alembic import op

from publisher.store import types

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what the hub remembers."""
    op.create_table(
        "hub_topic",
        sa.Column("topic", types.Words(), nullable=False),
        sa.Column("digest", types.Words(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("topic", name=op.f("pk_hub_topic")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "hub_intent",
        sa.Column("id", types.big(), nullable=False, autoincrement=True),
        *_pair(),
        sa.Column("mode", types.Words(), server_default="", nullable=False),
        sa.Column("lease", types.big(), server_default="0", nullable=False),
        sa.Column("made", types.Instant(), nullable=False),
        sa.Column("due", types.Instant(), nullable=False),
        sa.Column("since", types.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hub_intent")),
        sa.UniqueConstraint("topic", "callback", name=op.f("uq_hub_intent_topic_callback")),
        **_numbered(),
    )
    op.create_index("ix_hub_intent_due", "hub_intent", ["due"], unique=False)
    op.create_index("ix_hub_intent_host", "hub_intent", ["host"], unique=False)
    op.create_table(
        "hub_subscription",
        sa.Column("id", types.big(), nullable=False, autoincrement=True),
        *_pair(),
        sa.Column("until", types.Instant(), nullable=False),
        sa.Column("change", types.big(), server_default="0", nullable=False),
        *_pending(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hub_subscription")),
        sa.UniqueConstraint("topic", "callback", name=op.f("uq_hub_subscription_topic_callback")),
        **_numbered(),
    )
    op.create_index("ix_hub_subscription_due", "hub_subscription", ["due"], unique=False)
    op.create_index("ix_hub_subscription_host", "hub_subscription", ["host"], unique=False)
    op.create_index("ix_hub_subscription_until", "hub_subscription", ["until"], unique=False)
    op.create_table(
        "hub_ping",
        sa.Column("id", types.big(), nullable=False, autoincrement=True),
        sa.Column("hub", types.Words(), server_default="", nullable=False),
        sa.Column("topic", types.Words(), server_default="", nullable=False),
        sa.Column("change", types.big(), server_default="0", nullable=False),
        *_pending(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hub_ping")),
        sa.UniqueConstraint("hub", "topic", name=op.f("uq_hub_ping_hub_topic")),
        **_numbered(),
    )
    op.create_index("ix_hub_ping_due", "hub_ping", ["due"], unique=False)


def _pair() -> list[sa.Column[str]]:
    names = ("topic", "callback", "host", "secret")
    return [sa.Column(name, types.Words(), server_default="", nullable=False) for name in names]


def _pending() -> list[sa.Column[object]]:
    return [
        sa.Column("due", types.Instant(), nullable=True),
        sa.Column("held", types.Instant(), nullable=True),
        sa.Column("since", types.Instant(), nullable=True),
        sa.Column("error", types.Words(), server_default="", nullable=False),
    ]


def _numbered() -> dict[str, bool]:
    return {"sqlite_autoincrement": True, "sqlite_strict": True, "sqlite_with_rowid": True}
