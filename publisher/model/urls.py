"""One spelling for one address, so that the same story under two URLs is seen to be the same."""

from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

# Names that only tell where a reader came from; the list is that of Miniflux's urlcleaner, shortened
# to what is still seen, plus the prefixes `utm_` and `mtm_`.
TRACKING = frozenset(
    (
        *("fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "twclid", "yclid", "igshid"),
        *("mc_cid", "mc_eid", "_hsenc", "_hsmi", "mkt_tok", "ref_src", "ref_url", "vero_id"),
        *("oly_anon_id", "oly_enc_id", "rb_clickid", "s_cid", "wickedid"),
    )
)
PREFIXES = ("utm_", "mtm_", "pk_", "at_")
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
        sorted((k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if _kept(k))
    )
    return urlunsplit(("https", netloc, path, query, ""))


def _kept(name: str) -> bool:
    """Tell whether a query parameter may tell pages apart."""
    lowered = name.lower()
    return lowered not in TRACKING and not lowered.startswith(PREFIXES)
