"""Pages of stories are remembered one by one.

Revision 0006.
"""

import json
import re

import sqlalchemy as sa
from alembic import op

from publisher.store import types

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_PAGE = re.compile(r"articles/([^/]+)/index\.html")


def upgrade() -> None:
    """Add the pages, and take over those that were made: of no revision, so that they are made anew."""
    op.create_table(
        "page",
        sa.Column("path", types.Words(), nullable=False),
        sa.Column("article", types.big(), server_default="0", nullable=False),
        sa.Column("revision", types.big(), server_default="0", nullable=False),
        sa.Column("making", types.Words(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_page")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_page_article", "page", ["article"], unique=True)
    connection = op.get_bind()
    found = connection.execute(sa.text("SELECT paths FROM published WHERE feed = ''")).scalar()
    paths = json.loads(found) if isinstance(found, str) else found or {}
    for path in paths:
        if told := _PAGE.fullmatch(path):
            taken = sa.text(
                "INSERT INTO page (path, article) SELECT :path, id FROM article WHERE slug = :slug"
            )
            connection.execute(taken, {"path": path, "slug": told[1]})
