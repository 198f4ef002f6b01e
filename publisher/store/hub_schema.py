"""The tables of our own WebSub hub; serve the verbs of hubs.py and the migrations' tests."""

from typing import Any

from sqlalchemy import Column, Index, UniqueConstraint

from publisher.store.columns import count, identity, instant, table, words
from publisher.store.types import Words


def _pair() -> list[Column[str]]:
    return [words(name) for name in ("topic", "callback", "host", "secret")]


def _pending() -> list[Column[Any]]:
    """Return how a change waits: until `due` (nothing waits without), `held` by who brings it."""
    moments = [instant(name, nullable=True) for name in ("due", "held", "since")]
    return [*moments, words("error")]


# What can be subscribed to, by address, and its digest as it was told last.
topic = table(
    "hub_topic",
    Column("topic", Words(), primary_key=True),
    words("digest"),
    plain=True,
)

# Requests whose callback has not confirmed them; the last one for a topic and callback counts.
intent = table(
    "hub_intent",
    identity(),
    *_pair(),
    words("mode"),
    count("lease"),  # seconds
    instant("made"),
    instant("due"),
    instant("since", nullable=True),
    UniqueConstraint("topic", "callback"),
    Index("ix_hub_intent_due", "due"),
    Index("ix_hub_intent_host", "host"),
)

# `change` counts what was to be told; one that comes while another is brought is brought after it.
subscription = table(
    "hub_subscription",
    identity(),
    *_pair(),
    instant("until"),
    count("change"),
    *_pending(),
    UniqueConstraint("topic", "callback"),
    Index("ix_hub_subscription_due", "due"),
    Index("ix_hub_subscription_host", "host"),
    Index("ix_hub_subscription_until", "until"),
)

# What other hubs have not heard of.
ping = table(
    "hub_ping",
    identity(),
    words("hub"),
    words("topic"),
    count("change"),
    *_pending(),
    UniqueConstraint("hub", "topic"),
    Index("ix_hub_ping_due", "due"),
)
