"""Key points that somebody outside writes: questions, answers, and what they cost.

Revision 0018.
"""

import sqlalchemy as sa
from alembic import op

from publisher.store import types

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables; nothing was asked yet."""
    op.create_table(
        "written_answer",
        sa.Column("key", types.Words(), nullable=False),
        sa.Column("points", types.Structure(), server_default="[]", nullable=False),
        _count("tries"),
        sa.Column("due", types.Instant(), nullable=True),
        sa.Column("at", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_written_answer")),
        **_plain(),
    )
    op.create_index("ix_written_answer_at", "written_answer", ["at"], unique=False)
    op.create_table(
        "written_day",
        sa.Column("purpose", types.Words(), nullable=False),
        sa.Column("day", types.Words(), nullable=False),
        _count("requests"),
        _count("tokens"),
        sa.PrimaryKeyConstraint("purpose", "day", name=op.f("pk_written_day")),
        **_plain(),
    )
    op.create_table(
        "written_service",
        sa.Column("service", types.Words(), nullable=False),
        _count("failures"),
        sa.Column("until", types.Instant(), nullable=True),
        sa.Column("error", types.Words(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("service", name=op.f("pk_written_service")),
        **_plain(),
    )


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, types.big(), server_default="0", nullable=False)


def _plain() -> dict[str, bool]:
    return {"sqlite_autoincrement": False, "sqlite_strict": True, "sqlite_with_rowid": False}
