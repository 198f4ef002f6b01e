"""What makes two states of an article the same, and how far two texts are apart."""

import hashlib
import json
from collections import Counter
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from publisher.model.articles import CollectedArticle
from publisher.model.urls import canonical_url

NESTED = ("enclosures", "read_also", "attributes")
PLAIN = tuple(one.name for one in fields(CollectedArticle) if one.name not in NESTED)

_JSON = json.JSONEncoder(default=str, sort_keys=True, ensure_ascii=False)

LONG_ENOUGH = 200
"""Characters from which the same words mean the same story; shorter ones are said of many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """By what the same story is known under another id; "" where an article has no such mark.

    In the order of trust: `canonical` is its address, `file` that of its first enclosure, `headline`
    its title and date, `wording` its whole text. The last two are digests.
    """

    canonical: str = ""
    file: str = ""
    headline: str = ""
    wording: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prints:
    """What is worked out of an article once, for judging it and for storing it."""

    hash: str
    marks: Marks


def prints(article: CollectedArticle) -> Prints:
    """Return an article's content hash and its marks."""
    first = article.enclosures[0].url if article.enclosures else ""
    words = " ".join(article.text.split()) if len(article.text) >= LONG_ENOUGH else ""
    return Prints(
        hash=content_hash(article),
        marks=Marks(
            canonical=canonical_url(article.url) if article.url else "",
            file=canonical_url(first) if first else "",
            headline=headline(article.title, article.published),
            wording=_digest(f"{article.title}\n{words}") if len(words) >= LONG_ENOUGH else "",
        ),
    )


def headline(title: str, published: datetime | None) -> str:
    """Return the mark of a title at a date, "" without either."""
    return _digest(f"{title.casefold()}\n{published.isoformat()}") if title and published else ""


def content_hash(article: CollectedArticle) -> str:
    """Return 32 hex digits that change when anything a reader or operator could see changes."""
    said: dict[str, object] = {name: getattr(article, name) for name in PLAIN}
    said["enclosures"] = [asdict(enclosure) for enclosure in article.enclosures]
    said["read_also"] = [asdict(link) for link in article.read_also]
    said["attributes"] = {str(key): str(value) for key, value in article.attributes.items()}
    return _digest(_JSON.encode(said))


def difference(old: str, new: str) -> float:
    """Return the share of words that differ, 0.0 (same words) to 1.0 (none in common)."""
    before, after = Counter(old.split()), Counter(new.split())
    total = sum((before | after).values())
    return 1.0 - sum((before & after).values()) / total if total else 0.0


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
