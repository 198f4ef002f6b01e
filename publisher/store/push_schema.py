"""The tables of what we hear from our sources' hubs; serve the verbs of pushes.py and the migrations' tests."""

from sqlalchemy import Column, Index, LargeBinary, UniqueConstraint

from publisher.store.columns import count, flag, identity, instant, table, words
from publisher.store.types import Words, big

# Our subscriptions at hubs of sources. `change` counts decisions: what was decided about a row
# that has changed since counts no more. What follows `error` is counted, never decided.
listening = table(
    "push_listening",
    identity(),
    words("source"),
    words("hub"),
    words("topic"),
    Column("token", Words(), nullable=False, unique=True),
    words("secret"),
    words("state"),
    count("change"),
    flag("waits"),
    instant("asked", nullable=True),
    instant("verified", nullable=True),
    instant("until", nullable=True),
    instant("due", nullable=True),
    instant("held", nullable=True),
    instant("since", nullable=True),
    words("error"),
    instant("last", nullable=True),
    instant("polled", nullable=True),  # when the source was last polled while this was alive
    instant("missed", nullable=True),
    count("pushes"),
    count("dropped"),
    UniqueConstraint("source", "hub", "topic"),
    Index("ix_push_listening_due", "due"),
)

# What hubs have brought and nobody has read yet; the same twice waits once.
waiting = table(
    "push_waiting",
    identity(),
    Column("listening", big(), nullable=False),
    words("source"),
    words("topic"),
    words("digest"),
    words("content_type"),
    Column("body", LargeBinary(), nullable=False),
    instant("came"),
    instant("due"),
    instant("held", nullable=True),
    count("tries"),
    UniqueConstraint("source", "digest"),
    Index("ix_push_waiting_due", "due"),
)
