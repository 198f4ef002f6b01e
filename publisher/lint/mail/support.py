"""What mail programs support: the shipped tables of caniemail, and the score made of them.

Serves the client rules. Reads the data beside it once.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_OWN = frozenset({"font:"})
"""Shorthands that what begins with their name is no part of: `font-family`."""
_WORTH = {"y": 1.0, "a": 0.5, "n": 0.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """The tables: `features` has slug to (title, one letter a client); `tokens` leads to slugs."""

    source: str
    date: str
    clients: Mapping[str, str]
    titles: Mapping[str, str]
    verdicts: Mapping[str, str]
    tokens: Mapping[str, str]

    def slug(self, token: str) -> str | None:
        """Return the feature a token stands for; `border-left-color:` is `border:` when nothing is nearer."""
        found = self.tokens.get(token)
        while found is None and token.endswith(":") and "-" in token[1:]:
            token = f"{token[:-1].rpartition('-')[0]}:"
            found = self.tokens.get(token) if token not in _OWN else None
        return found

    def without(self, slug: str, clients: Iterable[str]) -> tuple[str, ...]:
        """Return those of the clients that do not support a feature at all, by name."""
        row = dict(zip(self.clients, self.verdicts[slug], strict=True))
        return tuple(self.clients[client] for client in clients if row[client] == "n")

    def shares(self, slugs: Collection[str]) -> dict[str, float]:
        """Return per client the share of these features that works; what is unknown is left out."""
        shares = {}
        for number, client in enumerate(self.clients):
            letters = [self.verdicts[slug][number] for slug in slugs]
            known = [_WORTH[letter] for letter in letters if letter in _WORTH]
            shares[client] = sum(known) / len(known) if known else 1.0
        return shares


@cache
def support() -> Support:
    """Return the shipped tables."""
    data = json.loads((Path(__file__).parent / "caniemail.json").read_text("utf-8"))
    features = data["features"]
    return Support(
        source=data["source"],
        date=data["date"],
        clients=data["clients"],
        titles={slug: feature["title"] for slug, feature in features.items()},
        verdicts={slug: feature["support"] for slug, feature in features.items()},
        tokens={
            token: slug
            for slug, feature in features.items()
            for token in feature["tokens"].split()
        },
    )
