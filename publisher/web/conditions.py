"""Conditional requests and encodings: RFC 9110 sections 8.8, 12.5.3 and 13. Pure.

Serves documents.py.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache

_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_MAX_HEADER = 8_192


@lru_cache(1_024)
def http_date(moment: datetime) -> str:
    """Write an aware instant as an HTTP date."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def is_current(
    etags: tuple[str, ...], modified: datetime | None, if_none_match: str | None, since: str | None
) -> bool:
    """Tell whether the client's copy is current, so that 304 is the answer.

    If-None-Match, when there, decides alone: a list, `*`, weak comparison (section 13.1.2). Else any
    If-Modified-Since not before `modified` counts, also an invented one (section 13.1.3); none does
    when it is not known when the document changed.
    """
    if if_none_match is not None:
        if if_none_match.strip() == "*":
            return True
        return not set(etags).isdisjoint(tags_of(if_none_match))
    if modified is None:
        return False
    moment = _date(since) if since else None
    return moment is not None and modified.replace(microsecond=0) <= moment


def tags_of(if_none_match: str) -> list[str]:
    """Return the tags of an If-None-Match, weak ones without their mark."""
    return _TAG.findall(if_none_match[:_MAX_HEADER])


@lru_cache(256)
def encoding_of(accept_encoding: str, offered: tuple[str, ...]) -> str:
    """Return which of the offered codings to answer with, "" for none (section 12.5.3).

    The greatest weight wins, among equals the first one offered; `*` stands for what is not named.
    Whoever takes neither a coding nor the document as it is gets it as it is: nothing is to be
    gained by answering 406.
    """
    weights = {"gzip" if name == "x-gzip" else name: q for name, q in weighted(accept_encoding)}
    others = weights.get("*", 0.0)
    ranked = {name: weights.get(name, others) for name in offered}
    best = max(ranked, key=ranked.__getitem__, default="")
    return best if best and ranked[best] > 0 else ""


def weighted(header: str) -> Iterator[tuple[str, float]]:
    """Yield the members of an Accept header or its like, lower-case, each with its weight."""
    for part in header[:_MAX_HEADER].lower().split(","):
        name, *parameters = part.split(";")
        weights = [_weight(one) for one in parameters if one.strip().startswith("q")]
        yield name.strip(), weights[0] if weights else 1.0


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    return float(value) if re.fullmatch(r"\s*(0(\.\d{0,3})?|1(\.0{0,3})?)\s*", value) else 0.0


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
