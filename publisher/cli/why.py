"""Key points and Read also of one article, where each comes from and why; serves `articles show`."""

from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap

import click

from publisher.app.explaining import Explained
from publisher.cli.output import clean, columns
from publisher.cli.rows import Row, article_row
from publisher.core.viewing import links_by
from publisher.model.articles import Article, Origin
from publisher.model.enrichment import Reason, WhyPoint, WhyTie

MOST = 6
"""Reasons that people are shown; a program gets all of them."""

_BOUND = "\u00a0"  # no line is broken at it

LEAST = 0.005
"""A reason that rounds to nothing says nothing."""

_WHO = {
    Origin.EDITOR: "set by hand",
    Origin.SOURCE: "came with the story",
    Origin.COMPUTED: "computed",
}


def why_row(article: Article, why: Explained) -> Row:
    """Return what `articles show` adds to an article's row: whose each part is, and why."""
    links = article_row(article)["read_also"]
    shown = zip(links if isinstance(links, list) else [], links_by(article), strict=True)
    return {
        "key_points_by": str(article.points_by),
        "key_points_why": [
            _point_row(point, why.points.get(point)) for point in article.key_points
        ],
        "read_also": [
            {**row, "by": str(by), "why": _tie_row(why.ties.get(link.url))}
            for row, (link, by) in shown
        ],
    }


def write_why(article: Article, why: Explained, width: int) -> None:
    """Write key points and links for people; names stand in `width` columns."""
    if article.key_points or article.points_by is Origin.EDITOR:
        _write("key points", _WHO[article.points_by], _points(article, why), width)
    links = links_by(article)
    if links or article.own_read_also is not None:
        whose = _WHO[Origin.EDITOR] if article.own_read_also is not None else ""
        _write("read also", whose, _links(article, why), width)


def _write(name: str, head: str, items: Iterable[Sequence[str]], width: int) -> None:
    """Write a heading and its items: the first line of each behind a bullet, the others below it."""
    listed = list(items)
    lines = [head] if listed and head else []
    lines = lines if listed else [f"none, {head}" if head else "none"]
    room = max(40, columns() - width)
    for first, *rest in listed:
        lines += _hanging(f"- {clean(first)}", room)
        lines += [line for more in rest for line in _hanging(f"  {clean(more)}", room)]
    for number, line in enumerate(lines):
        label = name if number == 0 else ""
        click.echo(f"{label:<{width}}{line}".rstrip())


def _hanging(text: str, room: int) -> list[str]:
    """Return a text in lines of at most so many columns; no number is parted from its sign."""
    bound = text.replace(" %", f"{_BOUND}%")
    lines = wrap(
        bound, room, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
    return [line.replace(_BOUND, " ") for line in lines]


def _points(article: Article, why: Explained) -> Iterator[Sequence[str]]:
    computed = article.points_by is Origin.COMPUTED
    for point in article.key_points:
        found = why.points.get(point)
        if found:
            yield point, _sum(found)
        elif computed and why.points:
            yield (
                point,
                "not a sentence that would be chosen now: a model's words, or an older choice",
            )
        else:
            yield (point,)


def _links(article: Article, why: Explained) -> Iterator[Sequence[str]]:
    for link, by in links_by(article):
        found = why.ties.get(link.url)
        said = _WHO[by] + (f", {_alike(found)}" if found else "")
        # What editors set says so once, above all of it.
        yield (link.title, link.url) if by is Origin.EDITOR else (link.title, link.url, said)


def _sum(found: WhyPoint) -> str:
    """Say what a score is made of: `1.42: near the beginning 0.82, has a number 0.10`."""
    telling = [one for one in found.reasons if abs(one.weight) >= LEAST]
    parts = [f"{one.words} {_signed(one.weight)}" for one in telling[:MOST]]
    return f"{found.score:.2f}: {', '.join(parts)}" if parts else f"{found.score:.2f}"


def _signed(weight: float) -> str:
    return f"{weight:+.2f}".replace("-", "\u2212")


def _alike(found: WhyTie) -> str:
    """Say how near two stories are and by which words: `41 % alike: ferry 21 %, Margit 9 %`."""
    telling = [one for one in found.terms if one.weight >= LEAST]
    words = ", ".join(f"{one.words} {_share(one.weight)}" for one in telling[:MOST])
    rest = len(telling) - MOST
    more = f" and {rest} more" if rest > 0 else ""
    return f"{_share(min(found.alike, 1.0))} alike" + (f": {words}{more}" if words else "")


def _share(part: float) -> str:
    return f"{round(part * 100)} %"


def _point_row(point: str, found: WhyPoint | None) -> Row:
    if found is None:
        return {"point": point, "score": None, "reasons": []}
    return {"point": point, "score": round(found.score, 4), "reasons": _rows(found.reasons)}


def _tie_row(found: WhyTie | None) -> Row | None:
    if found is None:
        return None
    return {"alike": round(found.alike, 4), "terms": _rows(found.terms)}


def _rows(reasons: Iterable[Reason]) -> list[Row]:
    return [{"words": one.words, "weight": round(one.weight, 4)} for one in reasons]
