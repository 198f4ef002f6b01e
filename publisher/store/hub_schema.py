"""The tables of our own WebSub hub; serve the verbs of hubs.py and the migrations' tests."""

from typing import Any

from sqlalchemy import Column, Index, Table, UniqueConstraint

from publisher.store.schema import metadata
from publisher.store.types import Instant, Words, big


def _numbered(name: str, *parts: Any) -> Table:
    return Table(
        name,
        metadata,
        Column("id", big(), primary_key=True, autoincrement=True),
        *parts,
        sqlite_strict=True,
        sqlite_with_rowid=True,
        sqlite_autoincrement=True,
    )


def _text(name: str) -> Column[str]:
    return Column(name, Words(), nullable=False, server_default="")


def _count(name: str) -> Column[int]:
    return Column(name, big(), nullable=False, server_default="0")


def _pair() -> list[Column[str]]:
    return [_text(name) for name in ("topic", "callback", "host", "secret")]


def _pending() -> list[Column[Any]]:
    """Return how a change waits: until `due` (nothing waits without), `held` by who brings it."""
    moments: list[Column[Any]] = [
        Column(name, Instant(), nullable=True) for name in ("due", "held", "since")
    ]
    return [*moments, _text("error")]


# What can be subscribed to, by address, and its digest as it was told last.
topic = Table(
    "hub_topic",
    metadata,
    Column("topic", Words(), primary_key=True),
    _text("digest"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# Requests whose callback has not confirmed them; the last one for a topic and callback counts.
intent = _numbered(
    "hub_intent",
    *_pair(),
    _text("mode"),
    _count("lease"),  # seconds
    Column("made", Instant(), nullable=False),
    Column("due", Instant(), nullable=False),
    Column("since", Instant(), nullable=True),
    UniqueConstraint("topic", "callback"),
    Index("ix_hub_intent_due", "due"),
    Index("ix_hub_intent_host", "host"),
)

# `change` counts what was to be told; one that comes while another is brought is brought after it.
subscription = _numbered(
    "hub_subscription",
    *_pair(),
    Column("until", Instant(), nullable=False),
    _count("change"),
    *_pending(),
    UniqueConstraint("topic", "callback"),
    Index("ix_hub_subscription_due", "due"),
    Index("ix_hub_subscription_host", "host"),
    Index("ix_hub_subscription_until", "until"),
)

# What other hubs have not heard of.
ping = _numbered(
    "hub_ping",
    _text("hub"),
    _text("topic"),
    _count("change"),
    *_pending(),
    UniqueConstraint("hub", "topic"),
    Index("ix_hub_ping_due", "due"),
)
