"""The tables of what publishing made and gathers; serves documents.py and topics.py.

They belong to the one schema: a change here needs a revision in `migrations/versions`, too.
"""

from sqlalchemy import Column, Index, UniqueConstraint

from publisher.store.columns import count, identity, instant, mapped, ref, table, words
from publisher.store.types import Words

# What the last complete publish of a feed ("" is the site around them) was made of, and what it made.
published = table(
    "published",
    Column("feed", Words(), primary_key=True),
    words("making"),
    words("uid"),
    words("guid"),
    count("count"),
    count("revision"),
    mapped("archive"),
    mapped("paths"),
    instant("until", nullable=True),
)

# Where a document is found that stood at a path once; "" is nowhere.
moved = table("moved", Column("path", Words(), primary_key=True), words("target"), plain=True)

# The page of a story as it was made last: of which revision of its article, in which settings and look.
page = table(
    "page",
    Column("path", Words(), primary_key=True),
    count("article"),
    count("revision"),
    words("making"),
    Index("ix_page_article", "article", unique=True),
    plain=True,
)

# What articles have in common: a tag, an author, a source. A slug is given once and stays.
topic = table(
    "topic",
    identity(),
    words("kind"),
    words("key"),
    words("slug"),
    words("title"),
    UniqueConstraint("kind", "slug"),
    UniqueConstraint("key", "kind"),
)

topic_article = table(
    "topic_article",
    ref("topic", "topic.id", key=True, gone="CASCADE"),
    ref("article", "article.id", key=True, gone="CASCADE"),
    Index("ix_topic_article_article", "article"),
    plain=True,
)

# What stands at an outlet besides the output folder: which version of each document, in which form.
placed = table(
    "placed",
    Column("outlet", Words(), primary_key=True),
    Column("path", Words(), primary_key=True),
    words("mark"),
    plain=True,
)
