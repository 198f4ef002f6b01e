"""Which WebSub hubs tell of a publication's changes, and of which documents; pure.

Serves publishing, the web server's headers and our own hub.
"""

import re
from collections.abc import Collection, Mapping

from publisher.model.archives import FeedRecord
from publisher.model.definitions import WebsubSettings

HUB = "websub"
"""The path of our own hub below the publication's address."""

_PAGE = re.compile(r"(feeds/[\w-]+(?:/[\w-]+)?/)index\.html")
_DOCUMENT = re.compile(r"feeds/[\w/-]+\.(?:rss|atom|json)")


def hub_addresses(url: str, settings: WebsubSettings) -> tuple[str, ...]:
    """Return the hubs that documents name: our own first, each once."""
    own = (f"{url}{HUB}",) if settings.hub else ()
    return tuple(dict.fromkeys((*own, *settings.hubs)))


def topic_of(path: str) -> str:
    """Return what stands behind the publication's address when a document can be subscribed to, "" else.

    That is every feed in every format, and its page for people; an archive page never changes.
    """
    if "/archive/" in path:
        return ""
    page = _PAGE.fullmatch(path)
    return page[1] if page else path if _DOCUMENT.fullmatch(path) else ""


def path_of(topic: str) -> str:
    """Return the path of the document behind a topic."""
    return f"{topic}index.html" if topic.endswith("/") else topic


def topics_of(url: str, records: Mapping[str, FeedRecord]) -> Mapping[str, str]:
    """Return the digest of each published document that can be subscribed to, by its address."""
    return {
        f"{url}{topic}": digest
        for record in records.values()
        for path, digest in record.paths.items()
        if (topic := topic_of(path))
    }


def link_header(url: str, topic: str, hubs: Collection[str]) -> str:
    """Return the Link header of a document: itself and its hubs (WebSub section 4, RFC 8288)."""
    links = [f'<{url}{topic}>; rel="self"', *(f'<{hub}>; rel="hub"' for hub in hubs)]
    return ", ".join(links)
