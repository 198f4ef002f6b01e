"""One spelling for one address, so that the same story under two URLs is seen to be the same."""

from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from publisher.model.tracking import is_tracking

PORTS = {"http": 80, "https": 443}
SAFE_PATH = "/:@!$&'()*+,;=~-._"


def canonical_url(url: str) -> str:
    """Return the address without what does not tell pages apart; "" for what is no web address.

    Lower-case host, default port, fragment, tracking parameters and dot-free trailing slash are
    normalised, and http counts as https (they are the same page for readers). Idempotent.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return ""
    if parts.scheme.lower() not in PORTS or not host:
        return ""
    netloc = f"[{host}]" if ":" in host else host
    if port and port not in PORTS.values():
        netloc = f"{netloc}:{port}"
    path = quote(unquote(parts.path), safe=SAFE_PATH).rstrip("/") or "/"
    query = urlencode(
        sorted(
            (k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not is_tracking(k)
        )
    )
    return urlunsplit(("https", netloc, path, query, ""))
