"""Postings count the articles of their term; articles know how strongly they are tied.

Revision 0015.
"""

import sqlalchemy as sa
from alembic import op

from publisher.store import types

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

NTH = (
    "UPDATE posting SET nth = counted.nth FROM (SELECT term, article,"
    " row_number() OVER (PARTITION BY term ORDER BY article) AS nth FROM posting) AS counted"
    " WHERE counted.term = posting.term AND counted.article = posting.article"
)
EVERY = (
    "INSERT INTO posting (term, article, weight, nth)"
    " SELECT '', article, 0.0, row_number() OVER (ORDER BY article)"
    " FROM (SELECT DISTINCT article FROM posting) AS indexed"
)


def upgrade() -> None:
    """Count what is indexed; ties are worked out anew as articles change."""
    op.add_column("posting", sa.Column("nth", types.big(), server_default="0", nullable=False))
    op.execute(NTH)
    op.execute(EVERY)
    op.add_column(
        "article", sa.Column("ties", types.Structure(), server_default="[]", nullable=False)
    )
