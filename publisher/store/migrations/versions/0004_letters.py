"""Letters are kept until somebody took them; editions know that their deliveries were dropped.

Revision 0004.
"""

import sqlalchemy as sa
from alembic import op

from publisher.store import types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the letters that nobody has taken yet, and when an edition was folded."""
    op.add_column("edition", sa.Column("folded", types.Instant(), nullable=True))
    op.create_table(
        "letter",
        sa.Column("id", types.big(), nullable=False, autoincrement=True),
        sa.Column("kind", types.Words(), server_default="", nullable=False),
        sa.Column("subscriber", types.big(), nullable=False),
        sa.Column("choice", types.Words(), server_default="", nullable=False),
        sa.Column("period", types.Words(), server_default="", nullable=False),
        sa.Column("made", types.Instant(), nullable=False),
        sa.Column("since", types.Instant(), nullable=True),
        sa.Column("due", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber"],
            ["subscriber.id"],
            name=op.f("fk_letter_subscriber"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_index("ix_letter_due", "letter", ["due"], unique=False)
    op.create_index("ix_letter_subscriber", "letter", ["subscriber"], unique=False)
