"""What groups of readers get, in table `selection`; serves freezing and the ledger.

A selection never changes once written, so a process keeps those it has read.
"""

import json

from publisher.store.database import Raw
from publisher.store.memory import Selected

READ = "SELECT articles, more, feeds, owed, paid, upto, beside FROM selection WHERE id = ?"


def read_selection(raw: Raw, number: int) -> Selected:
    """Return one selection (edition and ledger hold it: it exists)."""
    ((articles, more, feeds, owed, paid, upto, beside),) = raw.rows(READ, number)
    return Selected(
        articles=tuple(json.loads(articles)),
        more=tuple(json.loads(more)),
        feeds=tuple(json.loads(feeds)),
        owed=tuple(json.loads(owed)),
        paid=tuple(json.loads(paid)),
        upto=json.loads(upto),
        beside={int(one): tuple(mates) for one, mates in json.loads(beside).items()},
    )
