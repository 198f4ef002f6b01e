"""Sources know their rhythm; stories are known by more than their address, and may be held back.

Revision 0013.
"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from publisher.model.articles import CollectedArticle, Enclosure
from publisher.model.content import prints
from publisher.store import types

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BATCH = 500


def upgrade() -> None:
    """Add the columns; the stories that are there get their marks."""
    for name in ("why", "stopped"):
        op.add_column("source", _words(name))
    for name in ("interval", "gap"):
        op.add_column("source", sa.Column(name, types.Span(), server_default="0", nullable=False))
    for name in ("newest", "horizon"):
        op.add_column("source", sa.Column(name, types.Instant(), nullable=True))
    for name in ("told", "active"):
        op.add_column("source", _flag(name))
    op.add_column(
        "source", sa.Column("fates", types.Structure(), server_default="{}", nullable=False)
    )
    _index("source", "ix_source_due", "next_check", "active = 1")
    for name in ("file", "headline", "wording"):
        op.add_column("article", _words(name))
    op.add_column("article", _flag("held"))
    _mark(op.get_bind())
    for name in ("file", "headline", "wording"):
        _index("article", f"ix_article_{name}", name, f"{name} != ''")
    _index("article", "ix_article_held", "source", "held = 1")


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, types.Words(), server_default="", nullable=False)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, types.Flag(), server_default="0", nullable=False)


def _index(table: str, name: str, column: str, where: str) -> None:
    condition = sa.text(where)
    op.create_index(
        name, table, [column], unique=False, sqlite_where=condition, postgresql_where=condition
    )


def _mark(connection: sa.Connection) -> None:
    """Work out the marks of what is stored, a part at a time."""
    names = ("id", "title", "text", "published", "enclosures")
    article = sa.table("article", *(sa.column(name) for name in names))
    marked = sa.text("UPDATE article SET file = :f, headline = :h, wording = :w WHERE id = :id")
    last = 0
    while True:
        part = sa.select(article).where(article.c.id > last).order_by(article.c.id).limit(BATCH)
        rows = connection.execute(part).all()
        if not rows:
            return
        last = rows[-1].id
        connection.execute(marked, [_marks(row) for row in rows])


def _marks(row: Any) -> dict[str, object]:
    """Return the marks of one row; the date of one that never had a date says nothing, but is kept."""
    number, title, text, published, enclosures = row
    found = prints(
        CollectedArticle(
            external_id="",
            title=title,
            text=text,
            published=types.moment(published),
            enclosures=tuple(Enclosure(**one) for one in json.loads(enclosures)[:1]),
        )
    ).marks
    return {"id": number, "f": found.file, "h": found.headline, "w": found.wording}
