"""The tables that tell near-copies; serve the verbs of clusters.py and the migrations' tests."""

from sqlalchemy import Column, Index, LargeBinary

from publisher.store.columns import count, ref, table
from publisher.store.types import big

# The smallest hashes of an article's text, four bytes each, and how many it has in all.
sketch = table(
    "sketch",
    ref("article", "article.id", key=True, gone="CASCADE"),
    Column("marks", LargeBinary(), nullable=False),
    count("size"),
    plain=True,
)

# The first of them, by which an article is found.
sketch_key = table(
    "sketch_key",
    Column("mark", big(), primary_key=True, autoincrement=False),
    ref("article", "article.id", key=True, gone="CASCADE"),
    Index("ix_sketch_key_article", "article"),
    plain=True,
)
