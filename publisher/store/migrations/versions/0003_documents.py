"""Articles know how new they are; publishing remembers what it made and what has moved.

Revision 0003.
"""

import sqlalchemy as sa
from alembic import op

from publisher.store import types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the articles' revision and the memory of publishing."""
    op.add_column(
        "article", sa.Column("revision", types.big(), server_default="0", nullable=False)
    )
    op.create_table(
        "published",
        sa.Column("feed", types.Words(), nullable=False),
        sa.Column("making", types.Words(), server_default="", nullable=False),
        sa.Column("uid", types.Words(), server_default="", nullable=False),
        sa.Column("count", types.big(), server_default="0", nullable=False),
        sa.Column("revision", types.big(), server_default="0", nullable=False),
        sa.Column("archive", types.Structure(), server_default="{}", nullable=False),
        sa.Column("paths", types.Structure(), server_default="{}", nullable=False),
        sa.Column("until", types.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("feed", name=op.f("pk_published")),
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_table(
        "moved",
        sa.Column("path", types.Words(), nullable=False),
        sa.Column("target", types.Words(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_moved")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
