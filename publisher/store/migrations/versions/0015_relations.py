"""Terms are counted as articles come; articles know how strongly they are tied.

Revision 0015.
"""

import sqlalchemy as sa
from alembic import op

from publisher.store import types

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Count what is indexed; ties are worked out anew as articles change."""
    op.create_table(
        "term",
        sa.Column("word", types.Words(), nullable=False),
        sa.Column("articles", types.big(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_term")),
        sqlite_autoincrement=False,
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO term (word, articles) SELECT term, count(*) FROM posting GROUP BY term"
    )
    op.execute(
        "INSERT INTO term (word, articles)"
        " SELECT '', count(DISTINCT article) FROM posting HAVING count(*) > 0"
    )
    op.add_column(
        "article", sa.Column("ties", types.Structure(), server_default="[]", nullable=False)
    )
