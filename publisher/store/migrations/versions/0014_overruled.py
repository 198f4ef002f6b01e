"""Editors overrule key points and Read also.

Revision 0014.
"""

import sqlalchemy as sa
from alembic import op

from publisher.store import types

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what they set, none so far."""
    for name in ("own_points", "own_related"):
        op.add_column("article", sa.Column(name, types.Structure(), nullable=True))
