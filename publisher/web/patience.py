"""Who asks for the same feed again and again, much faster than it is published, is told to wait.

Serves feeds.py. Remembers in this process only, and forgets who came first when there are too many.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from ipaddress import ip_address
from math import ceil
from threading import Lock

from publisher.web.turnstile import place_of

CREDIT = 12.0
"""Answers that a program may have at once before it must keep to the pace."""

CHEAP = 0.25
"""What a 304 costs of it: whoever sends validators does little harm."""

SHARE = 4
"""A program may ask so many times as often as the feed may change."""

MOST = 10_000


@dataclass(slots=True)
class _Account:
    credit: float
    at: datetime


class Patience:
    """Counts what each program was answered. Thread-safe."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._accounts: OrderedDict[tuple[str, str, str], _Account] = OrderedDict()
        self._lock = Lock()

    def wait(self, who: tuple[str, str, str], fresh: timedelta, cost: float, now: datetime) -> int:
        """Charge an answer about a document that stays fresh so long; return seconds to wait, or 0.

        `who` is the place, the program and the document. What must wait is not charged.
        """
        pace = fresh / SHARE
        with self._lock:
            account = self._accounts.pop(who, None) or _Account(CREDIT, now)
            earned = (now - account.at) / pace if now > account.at else 0.0
            account.credit, account.at = min(CREDIT, account.credit + earned), now
            self._accounts[who] = account
            if len(self._accounts) > self._most:
                self._accounts.popitem(last=False)
            if account.credit < cost:
                return max(1, ceil((cost - account.credit) * pace.total_seconds()))
            account.credit -= cost
            return 0


@lru_cache(1_024)
def counted(host: str, *, behind_proxy: bool) -> str:
    """Return the place that is counted, "" for nobody.

    Everybody behind a proxy that publisher was not told of comes from the same private address:
    they are not made to pay for one another.
    """
    try:
        here = ip_address(host).is_private
    except ValueError:
        here = False
    return "" if here and not behind_proxy else place_of(host)
