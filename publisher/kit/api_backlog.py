"""What of a site's archive is taken when it is first seen, and what is left alone from then on.

Serves the sources `wordpress` and `ghost`. Touches nothing but by the question that is handed in. What
lies behind the backlog was never stored: let in when somebody edits it, it would come as news.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from publisher.kit.api_pages import Ask, Mark, Row, Walked, walk
from publisher.kit.dates import as_instant

LARGEST = 450
"""Stories that one collection can bring, with room for pages that are asked for twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """The newest stories of a site. `edited` is when one of them was changed last.

    `horizon` is the date of the oldest when there are older ones, as text for a cursor, else "".
    """

    rows: tuple[Row, ...]
    walked: Walked
    horizon: str = ""
    edited: datetime | None = None


def take_stock(ask: Ask, now: datetime, backlog: int) -> Stock:
    """Read the newest stories, at most `backlog`; `ask` goes by date of publication. Raises SourceError."""
    walked = walk(ask, Mark(), now, timedelta(0), enough=backlog)
    rows = walked.rows[:backlog]
    dates = [row.moment for row in rows if row.moment]
    edits = [row.article.updated for row in rows if row.article.updated]
    cut = not walked.whole or len(walked.rows) > backlog
    return Stock(
        rows=rows,
        walked=walked,
        horizon=min(dates).isoformat() if cut and dates else "",
        edited=min(max(edits), now) if edits else None,
    )


def within(rows: Iterable[Row], horizon: str) -> list[Row]:
    """Return the stories that are not older than the horizon; an empty one bars none."""
    oldest = as_instant(horizon)
    return [
        row
        for row in rows
        if oldest is None or row.article.published is None or row.article.published >= oldest
    ]
