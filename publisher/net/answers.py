"""What answers say: headers by name, Retry-After, and errors in plain words. Serves `net`. Pure."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import urllib3

from publisher.errors import FetchError
from publisher.net.allowance import Allowance


def named(answer: urllib3.BaseHTTPResponse) -> dict[str, str]:
    """Return the headers by lower-case name; several of one name are one list (RFC 9110 5.3)."""
    return {name.lower(): value for name, value in answer.headers.itermerged()}


def retry_after(value: str, date: str = "") -> timedelta | None:
    """Return how long a server wants to be left alone (RFC 9110 section 10.2.3), None if unsaid.

    A date is counted from the answer's own `date`, so that no clock of ours is needed.
    """
    if value.strip().isdigit():
        return timedelta(seconds=min(int(value), 30 * 86_400))
    try:
        until, since = parsedate_to_datetime(value), parsedate_to_datetime(date)
    except ValueError:
        return None
    wait = _aware(until) - _aware(since)
    return max(wait, timedelta(0))


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def failure(url: str, error: Exception, allowed: Allowance) -> FetchError:
    """Return why a request failed, in one line without urllib3's object names."""
    text = re.sub(r"<[^>]*>: |\w+\(host=[^)]*\): ", "", str(error))
    return FetchError(url, allowed.why(text.strip() or type(error).__name__))
