"""What kind of document stands at a path: the Content-Type that it is served and stored with.

Serves the web pages and what copies documents elsewhere. Pure.
"""

import mimetypes
from pathlib import Path

UTF8 = "; charset=utf-8"
TYPES = {
    ".rss": "application/rss+xml" + UTF8,
    ".atom": "application/atom+xml" + UTF8,
    ".html": "text/html" + UTF8,
    ".txt": "text/plain" + UTF8,
    ".css": "text/css" + UTF8,
    ".xml": "application/xml" + UTF8,
    ".json": "application/json" + UTF8,
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".opml": "text/x-opml" + UTF8,
}
FEEDS = {
    ".rss": TYPES[".rss"],
    ".atom": TYPES[".atom"],
    ".json": "application/feed+json" + UTF8,
}
OPML = "opml.xml"


def is_feed(path: str) -> bool:
    """Tell whether a document's path names a feed document (or one of its archive pages)."""
    return path.startswith("feeds/") and Path(path).suffix in FEEDS


def media_type(path: str) -> str:
    """Return the Content-Type of a document by its path."""
    if path == OPML:
        return TYPES[".opml"]
    suffix = Path(path).suffix.lower()
    if is_feed(path):
        return FEEDS[suffix]
    return TYPES.get(suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"
