"""The tables of what was asked outside; serve the verbs of writing.py and the migrations' tests."""

from sqlalchemy import Column, Index

from publisher.store.columns import count, instant, listed, table, words
from publisher.store.types import Words

# One row a question. `due` is when it may be asked (again): also how long it is one process's.
answer = table(
    "written_answer",
    Column("key", Words(), primary_key=True),
    listed("points"),
    count("tries"),
    instant("due", nullable=True),
    instant("at"),
    Index("ix_written_answer_at", "at"),
    plain=True,
)

# What was asked on a local day, whoever asked.
day = table(
    "written_day",
    Column("purpose", Words(), primary_key=True),
    Column("day", Words(), primary_key=True),
    count("requests"),
    count("tokens"),
    plain=True,
)

# How a service behaves: nobody asks it before `until`.
service = table(
    "written_service",
    Column("service", Words(), primary_key=True),
    count("failures"),
    instant("until", nullable=True),
    words("error"),
    plain=True,
)
