"""HTTP: conditional GET for sources, requests for outlets; capped in size and time, guarded.

Serves the sources through the port Fetcher, the outlets, and whoever asks what strangers named; the
only importer of urllib3. Redirects are followed by hand so that each hop is checked, and every
address is checked at the moment of connecting, so that a name that resolves to somewhere else the
second time gains nothing (DNS rebinding).
"""

from publisher.net.addresses import public_address, same_server
from publisher.net.allowance import MAX_BYTES, Limits
from publisher.net.answers import retry_after
from publisher.net.dialling import Dialler
from publisher.net.fetching import HttpFetcher
from publisher.net.sending import HttpCaller, HttpSender

__all__ = [
    "MAX_BYTES",
    "Dialler",
    "HttpCaller",
    "HttpFetcher",
    "HttpSender",
    "Limits",
    "public_address",
    "retry_after",
    "same_server",
]
