"""What makes two states of an article the same, and how far two texts are apart."""

import hashlib
import json
from collections import Counter
from dataclasses import asdict

from publisher.model.articles import CollectedArticle


def content_hash(article: CollectedArticle) -> str:
    """Return 32 hex digits that change when anything a reader or operator could see changes."""
    fields = asdict(article)
    fields["attributes"] = {str(key): str(value) for key, value in article.attributes.items()}
    written = json.dumps(fields, default=str, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(written.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def difference(old: str, new: str) -> float:
    """Return the share of words that differ, 0.0 (same words) to 1.0 (none in common)."""
    before, after = Counter(old.split()), Counter(new.split())
    total = sum((before | after).values())
    return 1.0 - sum((before & after).values()) / total if total else 0.0
