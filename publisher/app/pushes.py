"""Being pushed to, for one opened publication: which sources are, and what listens.

Serves the page that hubs call, collecting, the scheduler and the command line.
"""

import secrets
from collections.abc import Collection, Mapping

from publisher.app.parts import Parts
from publisher.core.push_rules import unreachable
from publisher.core.pushes import Listener
from publisher.model.definitions import SourceDefinition

SECONDS = 15.0
"""What one hub may take to answer."""

ADVICE = "[websub] allow_private_addresses lets it be asked"
CHANCE = 32
"""Bytes of chance in a token and in a secret."""


def unheard(parts: Parts) -> str:
    """Return why no hub could reach this publication, "" when one can."""
    from publisher.net import public_address

    if parts.definitions.websub.allow_private_addresses:
        return ""
    return unreachable(parts.definitions.publication.url, public_address)


def pushable(parts: Parts) -> Mapping[str, SourceDefinition]:
    """Return the sources that take pushes, by key; the first feed that names one counts."""
    found: dict[str, SourceDefinition] = {}
    for feed in parts.definitions.feeds.values():
        for source in feed.sources:
            found.setdefault(source.key, source)
    return {key: source for key, source in found.items() if takes_pushes(source)}


def takes_pushes(source: SourceDefinition) -> bool:
    """Tell whether operators let a source be pushed to; whether it names a hub shows when it is asked."""
    return source.adapter.options.get("push", True) is not False


def listener(parts: Parts) -> Listener:
    """Return the listen use-case."""
    from publisher.net import HttpCaller

    made = parts.definitions

    def wanted() -> Collection[str]:
        return () if unheard(parts) else pushable(parts).keys()

    return Listener(
        store=parts.store,
        clock=parts.clock,
        caller=HttpCaller(
            contact=made.collect.contact or made.publication.contact,
            allow_private=made.websub.allow_private_addresses,
            seconds=SECONDS,
            advice=ADVICE,
        ),
        url=made.publication.url,
        wanted=wanted,
        unguessable=lambda: secrets.token_urlsafe(CHANCE),
        complain=parts.complain,
        memory=parts.heard,
    )
