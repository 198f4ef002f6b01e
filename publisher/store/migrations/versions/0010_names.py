"""Messages know what everything was called when they began to go out.

Revision 0010.
"""

import sqlalchemy as sa
from alembic import op

from publisher.store import types

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the names; messages of before go on with those in force."""
    op.add_column(
        "edition_message",
        sa.Column("names", types.Structure(), server_default="{}", nullable=False),
    )
