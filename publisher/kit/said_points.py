"""Key points as somebody else wrote them, made fit to be shown: one plain line each, or none.

Serves what asks language models. Pure and total. What comes in is a stranger's text: marks of lists
and of Markdown go; whatever holds a link, an address, markup, a question or an excuse is refused.
"""

import re
from collections.abc import Sequence

from publisher.kit.grounds import Grounds
from publisher.kit.orders import gives_orders
from publisher.kit.terms import count_words, terms
from publisher.kit.text import clean_text

SHORTEST, LONGEST = 4, 45  # words
MOST = 320  # characters

_LIST_MARK = re.compile(r"^(?:[-*•·–—]\s+|\(?\d{1,2}[.)]\s+)+")
_STARS = re.compile(r"\*\*|__|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)|`")
_CITED = re.compile(r"\s*\[\d{1,3}\](?!\()")
_LINK = re.compile(
    r"https?:|\bwww\.|mailto:|\]\(|[\w.+-]+@[\w-]+\.\w|(?<![\d.])\b[\w-]*[^\W\d]\.[a-z]{2,}\b",
    re.IGNORECASE,
)
_INITIALS = re.compile(r"^(?:[^\W\d_]\.)+[^\W\d_]?$")
_MARKUP = re.compile(r"<[A-Za-z/!?]|&#?\w+;|[{}<>|\\~]|^#")
_EXCUSE = re.compile(
    r"\bas an? (?:ai|language model)\b|\b(?:i|we) (?:cannot|can't|am unable|apologi[sz]e)\b|\bi'?m sorry\b"
    r"|\bkey points?\b|\bthe article (?:says|does|is)\b"
    r"|\bje suis désolé|\bes tut mir leid\b|\blo siento\b|抱歉|申し訳",
    re.IGNORECASE,
)
_ASKS = ("?", "\uff1f", "\u061f", "…", "...")
_STOPPED = re.compile(r"[.!。\uff01\u06d4\u0964\u0589\u1362][\"'”’“»)\]」』]*$")
_STOPS = {"zh": "。", "ja": "。", "hi": "\u0964", "mr": "\u0964", "ur": "\u06d4", "hy": "\u0589"}


COVERED = 0.6
"""Share of a sentence's terms that another one has, from which it says nothing more."""


def supported(
    said: Sequence[str], grounds: Grounds, count: int, language: str
) -> tuple[Sequence[str], tuple[str, ...]]:
    """Return the first `count` points that were said, "" for each that is refused, and why those are."""
    good: list[str] = []
    reasons: list[str] = []
    for one in said[:count]:
        line, reason = tidied(one, language)
        reason = reason or grounds.objection(line)
        if not reason and _covered(line, good, language) >= COVERED:
            reason = "repeats another one"
        good.append("" if reason else line)
        reasons += [reason] if reason else []
    missing = count - len(good)
    reasons += ["is missing"] * missing
    return [*good, *[""] * missing], tuple(reasons)


def filled(points: Sequence[str], extracted: Sequence[str], language: str) -> tuple[str, ...]:
    """Return the points with each gap filled by the best extracted sentence that says something new.

    Where none does, the one that repeats least.
    """
    chosen = list(points)
    left = list(extracted)
    for place, one in enumerate(chosen):
        if one or not left:
            continue
        repeats = [_covered(other, chosen, language) for other in left]
        new = next((n for n, share in enumerate(repeats) if share < COVERED), None)
        chosen[place] = left.pop(repeats.index(min(repeats)) if new is None else new)
    return tuple(one for one in chosen if one)


def _covered(one: str, others: Sequence[str], language: str) -> float:
    """Return the largest share of a sentence's terms that one of the others has, or the other way."""
    mine = set(terms(one, language))
    shares = [0.0]
    for other in filter(None, others):
        theirs = set(terms(other, language))
        least = min(len(mine), len(theirs)) or 1
        shares.append(len(mine & theirs) / least)
    return max(shares)


def tidied(said: str, language: str) -> tuple[str, str]:
    """Return a point on one line with a full stop, and why it is none ("" when it is one)."""
    if len(said) > 4 * MOST:
        return "", "is too long"
    line = _CITED.sub("", _STARS.sub("", _LIST_MARK.sub("", clean_text(said)))).strip()
    reason = _refused(line)
    if reason:
        return "", reason
    if not _STOPPED.search(line):
        line = line.rstrip(" ,;:–—-") + _STOPS.get(language.partition("-")[0].lower(), ".")
    return line, ""


def _refused(line: str) -> str:
    """Return why a line is no key point, "" when it is."""
    if _MARKUP.search(line) or not line.isprintable():
        return "holds markup"
    if any(not _INITIALS.match(found[0]) for found in _LINK.finditer(line)):
        return "holds a link"
    if gives_orders(line) or _EXCUSE.search(line):
        return "speaks of the task, not of the story"
    if line.endswith(_ASKS):
        return "is no statement"
    if len(line) > MOST or count_words(line) > LONGEST:
        return "is too long"
    return "" if count_words(line) >= SHORTEST else "is too short"
