"""Articles by tag, author and source.

Revision 0009.
"""

import sqlalchemy as sa
from alembic import op

from publisher.store import types

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the topics, empty: they are worked out from the articles."""
    op.create_table(
        "topic",
        sa.Column("id", types.big(), nullable=False, autoincrement=True),
        sa.Column("kind", types.Words(), server_default="", nullable=False),
        sa.Column("key", types.Words(), server_default="", nullable=False),
        sa.Column("slug", types.Words(), server_default="", nullable=False),
        sa.Column("title", types.Words(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic")),
        sa.UniqueConstraint("kind", "slug", name=op.f("uq_topic_kind_slug")),
        sa.UniqueConstraint("key", "kind", name=op.f("uq_topic_key_kind")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
        sqlite_with_rowid=True,
    )
    op.create_table(
        "topic_article",
        sa.Column("topic", types.big(), nullable=False),
        sa.Column("article", types.big(), nullable=False),
        sa.ForeignKeyConstraint(
            ["topic"], ["topic.id"], name=op.f("fk_topic_article_topic"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["article"], ["article.id"], name=op.f("fk_topic_article_article"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("topic", "article", name=op.f("pk_topic_article")),
        sqlite_autoincrement=False,
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_topic_article_article", "topic_article", ["article"], unique=False)
