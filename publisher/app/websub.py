"""WebSub of one opened publication: what its hub is made of, and when it works.

Serves publishing, the page of the hub, the scheduler and the command line.
"""

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePosixPath
from urllib.parse import unquote

from publisher.app.parts import Parts
from publisher.core.hubbing import Experience, Hub
from publisher.core.hubs import path_of, topics_of
from publisher.kit.channel import MEDIA_TYPES
from publisher.model.views import Document

LANES = 8
"""How many callbacks are spoken to at a time: one that is slow holds up no other."""

SECONDS = 15.0
"""What one of them may take."""

ADVICE = "[websub] allow_private_addresses lets it be asked"
_CHALLENGE = 24  # bytes


def hub(parts: Parts, experience: Experience | None = None) -> Hub | None:
    """Return the hub use-case, None for a publication that has no hub and tells none."""
    made = parts.definitions
    settings = made.websub
    if not (settings.hub or settings.hubs):
        return None
    from publisher.net import HttpCaller, public_address

    return Hub(
        store=parts.store,
        clock=parts.clock,
        caller=HttpCaller(
            contact=made.collect.contact or made.publication.contact,
            allow_private=settings.allow_private_addresses,
            seconds=SECONDS,
            advice=ADVICE,
        ),
        settings=settings,
        url=made.publication.url,
        load=lambda topic: _document(parts, topic),
        reachable=public_address,
        challenge=lambda: secrets.token_urlsafe(_CHALLENGE),
        complain=parts.complain,
        alarm=parts.alarm.tell,
        experience=experience or Experience(),
    )


def tell(parts: Parts) -> int:
    """Note which published documents have changed since that was last noted; return how many.

    Compares digests, so that no change is lost with a process, and none is told twice. Raises
    StoreError.
    """
    made = parts.definitions
    if not (made.websub.hub or made.websub.hubs):
        return 0
    topics = topics_of(made.publication.url, parts.store.feed_records())
    return len(parts.store.tell_topics(topics, made.websub.hubs, parts.clock.now()))


def carry(made: Hub | None, stop: Callable[[], bool] = lambda: False) -> int:
    """Do what is due, several things at a time; return how much was done. Raises StoreError."""
    due = made.due() if made else 0
    if made is None or not due:
        return 0
    with ThreadPoolExecutor(min(due, LANES), thread_name_prefix="websub") as lanes:
        done = [lanes.submit(made.work, stop) for _ in range(min(due, LANES))]
        return sum(one.result() for one in done)


def _document(parts: Parts, topic: str) -> Document | None:
    """Return the document behind a topic as it is served."""
    made = parts.definitions
    path = path_of(unquote(topic.removeprefix(made.publication.url)))
    if not topic.startswith(made.publication.url) or ".." in PurePosixPath(path).parts:
        return None
    try:
        data = (made.root / made.output / path).read_bytes()
    except OSError:
        return None
    kind = MEDIA_TYPES.get(path.rpartition(".")[2], "text/html")
    return Document(path=path, data=data, media_type=f"{kind}; charset=utf-8")
