"""A feed keeps its id among podcasts.

Revision 0007.
"""

import sqlalchemy as sa
from alembic import op

from publisher.store import types

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the guid that a podcast was given once."""
    op.add_column("published", sa.Column("guid", types.Words(), server_default="", nullable=False))
