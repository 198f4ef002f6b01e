"""Readers may have their editions in a feed of their own, at an address that can be taken back.

Revision 0005.
"""

import sqlalchemy as sa
from alembic import op

from publisher.store import types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add how a person is reached, and the key of their feed's address."""
    op.add_column(
        "subscriber", sa.Column("by_feed", types.Flag(), server_default="0", nullable=False)
    )
    op.add_column(
        "subscriber", sa.Column("feed_key", types.Words(), server_default="", nullable=False)
    )
    op.create_index(
        "ix_subscriber_by_feed",
        "subscriber",
        ["id"],
        sqlite_where=sa.text("by_feed = 1"),
        postgresql_where=sa.text("by_feed = 1"),
    )
