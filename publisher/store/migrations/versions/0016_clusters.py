"""Articles that tell one story stand together.

Revision 0016.
"""

import sqlalchemy as sa
from alembic import op

from publisher.store import types

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody stands with anybody so far; texts are looked at as they come."""
    op.add_column("article", sa.Column("placed", types.Words(), server_default="", nullable=False))
    op.add_column(
        "article", sa.Column("follows", types.Flag(), server_default="0", nullable=False)
    )
    op.add_column(
        "selection", sa.Column("beside", types.Structure(), server_default="{}", nullable=False)
    )
    op.create_table(
        "sketch",
        sa.Column("article", types.big(), nullable=False),
        sa.Column("marks", sa.LargeBinary(), nullable=False),
        sa.Column("size", types.big(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["article"], ["article.id"], name=op.f("fk_sketch_article"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article", name=op.f("pk_sketch")),
        sqlite_autoincrement=False,
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sketch_key",
        sa.Column("mark", types.big(), autoincrement=False, nullable=False),
        sa.Column("article", types.big(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article"], ["article.id"], name=op.f("fk_sketch_key_article"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("mark", "article", name=op.f("pk_sketch_key")),
        sqlite_autoincrement=False,
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_sketch_key_article", "sketch_key", ["article"], unique=False)
