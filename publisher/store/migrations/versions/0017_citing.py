"""What editors' links lead to is found without looking at every article.

Revision 0017.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    condition = sa.text("own_related IS NOT NULL")
    op.create_index(
        "ix_article_own_related",
        "article",
        ["id"],
        unique=False,
        sqlite_where=condition,
        postgresql_where=condition,
    )
