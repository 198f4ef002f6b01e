"""What stands at outlets besides the output folder.

Revision 0011.
"""

import sqlalchemy as sa
from alembic import op

from publisher.store import types

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, empty: no outlet has been given anything."""
    op.create_table(
        "placed",
        sa.Column("outlet", types.Words(), nullable=False),
        sa.Column("path", types.Words(), nullable=False),
        sa.Column("mark", types.Words(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("outlet", "path", name=op.f("pk_placed")),
        sqlite_autoincrement=False,
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
