"""Where the feeds of well-known sites are, for those who write the address of a profile or a channel.

Serves the `feed` source. Pure, total. What is in no table stays as it was written. A channel that is
named by a handle has no address that can be worked out: its page names its id.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, quote, urlsplit

_ACCOUNT = re.compile(r"@([A-Za-z0-9_.-]+)@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::\d+)?)\Z")
_NAME = r"[A-Za-z0-9_.-]+"
_CHANNEL = "UC[A-Za-z0-9_-]{22}"
_VIDEOS = "https://www.youtube.com/feeds/videos.xml"
_YOUTUBE = ("youtube.com", "www.youtube.com", "m.youtube.com")
_REDDIT = tuple(f"{name}reddit.com" for name in ("", "www.", "old.", "new.", "np."))
_BLUESKY = ("bsky.app", "www.bsky.app")
_MEDIUM = ("medium.com", "www.medium.com")
_NOT_MASTODON = frozenset(
    (*_YOUTUBE, *_REDDIT, *_BLUESKY, *_MEDIUM, "substack.com", "www.tiktok.com", "tiktok.com")
) | {"www.threads.net", "www.threads.com", "threads.net", "threads.com", "vimeo.com", "t.me"}
"""Sites where `/@name` is somebody else's profile."""

Write = Callable[[re.Match[str], SplitResult], str]


@dataclass(frozen=True, slots=True)
class _Place:
    """Addresses of one shape: on which hosts (none: on any other), with which path, and their feed's."""

    hosts: Sequence[str]
    path: re.Pattern[str]
    write: Write


def _host(parts: SplitResult) -> str:
    return f"{parts.scheme}://{parts.netloc}"


def _playlist(_found: re.Match[str], parts: SplitResult) -> str:
    listed = parse_qs(parts.query).get("list", [""])[0]
    return f"{_VIDEOS}?playlist_id={quote(listed)}" if listed else parts.geturl()


def _reddit(found: re.Match[str], parts: SplitResult) -> str:
    user = re.sub(r"\A/u/", "/user/", found[0].rstrip("/"))
    query = f"?{parts.query}" if parts.query else ""
    return f"https://www.reddit.com{user}/.rss{query}"


_PLACES = (
    _Place(
        _YOUTUBE,
        re.compile(rf"/channel/({_CHANNEL})(?:/.*)?\Z"),
        lambda found, _: f"{_VIDEOS}?channel_id={found[1]}",
    ),
    _Place(
        _YOUTUBE,
        re.compile(rf"/user/({_NAME})(?:/.*)?\Z"),
        lambda found, _: f"{_VIDEOS}?user={found[1]}",
    ),
    _Place(_YOUTUBE, re.compile(r"/playlist/?\Z"), _playlist),
    _Place(
        _REDDIT,
        re.compile(r"/(?:r|u|user)/[A-Za-z0-9_+-]+(?:/(?!\.rss)[A-Za-z0-9_]+)*/?\Z"),
        _reddit,
    ),
    _Place(
        _BLUESKY,
        re.compile(r"/profile/([A-Za-z0-9.:_-]+)/?\Z"),
        lambda found, _: f"https://bsky.app/profile/{found[1]}/rss",
    ),
    _Place(
        _MEDIUM,
        re.compile(rf"/(@{_NAME})/?\Z"),
        lambda found, _: f"https://medium.com/feed/{found[1]}",
    ),
    _Place(
        (),
        re.compile(rf"/@({_NAME})@([A-Za-z0-9.-]+)/?\Z"),
        lambda found, _: f"https://{found[2]}/@{found[1]}.rss",
    ),
    _Place(
        (),
        re.compile(rf"/@({_NAME}?)(?<!\.rss)(?<!\.atom)(?<!\.json)/?\Z"),
        lambda found, parts: f"{_host(parts)}/@{found[1]}.rss",
    ),
)


def feed_address(written: str) -> str:
    """Return where the feed of a profile or channel is; any other address as it was written.

    `@user@host` is a Mastodon account; `https://host/@user` is taken for one on every host that is
    not known for something else.
    """
    account = _ACCOUNT.match(written.strip())
    if account:
        return f"https://{account[2].lower()}/@{account[1]}.rss"
    parts = _parts(written)
    host = (parts.hostname or "") if parts else ""
    if parts is None or parts.scheme not in {"http", "https"} or not host:
        return written
    for place in _PLACES:
        here = host in place.hosts if place.hosts else host not in _NOT_MASTODON
        found = place.path.match(parts.path) if here else None
        if found:
            return place.write(found, parts)
    return written


def known_site(url: str) -> bool:
    """Tell whether an address is of a site in the table: its feeds are where the table says only."""
    parts = _parts(url)
    return parts is not None and (parts.hostname or "") in _NOT_MASTODON


_IDS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"youtube\.com/feeds/videos\.xml\?channel_id=({_CHANNEL})\b",
        rf"<link\b[^<>]*\bhref=[\"']https://www\.youtube\.com/channel/({_CHANNEL})[\"']",
        rf"<meta\b[^<>]*\bitemprop=[\"'](?:channelId|identifier)[\"'][^<>]*\bcontent=[\"']({_CHANNEL})[\"']",
        rf"\"externalId\"\s*:\s*\"({_CHANNEL})\"",
    )
)
"""Where a channel's page names its own id; `channelId` elsewhere in it is often another channel's."""


def channel_feed(url: str, html: str) -> str:
    """Return the feed of the channel whose page this is, "" for any other page."""
    parts = _parts(url)
    if parts is None or parts.hostname not in _YOUTUBE:
        return ""
    for pattern in _IDS:
        if found := pattern.search(html):
            return f"{_VIDEOS}?channel_id={found[1]}"
    return ""


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url.strip())
        _ = parts.port
    except ValueError:
        return None
    return parts
