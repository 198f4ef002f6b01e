"""Which WebSub hubs tell of a publication's changes, and of which documents; pure.

Serves publishing, the web server's headers and our own hub.
"""

from collections.abc import Collection, Iterable, Mapping

from publisher.model.definitions import FeedDefinition, WebsubSettings

HUB = "websub"
"""The path of our own hub below the publication's address."""


def hub_addresses(url: str, settings: WebsubSettings) -> tuple[str, ...]:
    """Return the hubs that documents name: our own first, each once."""
    own = (f"{url}{HUB}",) if settings.hub else ()
    return tuple(dict.fromkeys((*own, *settings.hubs)))


def topic_paths(
    feeds: Iterable[FeedDefinition], extensions: Mapping[str, str]
) -> Mapping[str, str]:
    """Return what can be subscribed to: each document's address below the publication's, and its path.

    That is every feed in every format, and its page for people; an archive page never changes.
    """
    paths = {}
    for feed in feeds:
        base = f"feeds/{feed.slug}"
        for name in feed.formats:
            document = f"{base}.{extensions.get(name, name)}"
            paths[document] = document
        paths[f"{base}/"] = f"{base}/index.html"
    return paths


def link_header(url: str, topic: str, hubs: Collection[str]) -> str:
    """Return the Link header of a document: itself and its hubs (WebSub section 4, RFC 8288)."""
    links = [f'<{url}{topic}>; rel="self"', *(f'<{hub}>; rel="hub"' for hub in hubs)]
    return ", ".join(links)
