"""The operators are told once per cause and day.

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
    """Add what the operators were told."""
    _alarm()


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
