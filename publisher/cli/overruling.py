"""What an editor sets on an article, from the options of `articles set`; serves `articles`."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import click

from publisher.errors import NotFound
from publisher.model.articles import Article, ArticleId, Link, Overruled
from publisher.ports import ArticleChanges

_ELSEWHERE = re.compile(r"(?!https?://)\s*(.*?\S)\s*=\s*(https?://\S+)\s*", re.DOTALL)
_ADDRESS = re.compile(r"https?://")
_WAYS = {
    Overruled.KEY_POINTS: ("--key-point", "points", "pointless"),
    Overruled.READ_ALSO: ("--read-also", "links", "linkless"),
}
OPTIONS = ("title", "priority", "tags", "points", "pointless", "links", "linkless", "computed")


def check_options(asked: Mapping[str, Any]) -> None:
    """Raise UsageError for options that say nothing, or two things at once."""
    if all(asked[name] in (None, (), False) for name in OPTIONS):
        raise click.UsageError(
            "say what to set: --title, --priority, --tag, --key-point, --read-also or --auto"
        )
    for kind, (option, some, none) in _WAYS.items():
        if sum((bool(asked[some]), bool(asked[none]), kind in asked["computed"])) > 1:
            raise click.UsageError(f"only one of {option}, --no-{kind} and --auto {kind}")


def changes_of(
    asked: Mapping[str, Any], article: Article, find: Callable[[str], Article]
) -> ArticleChanges:
    """Return the changes that options ask for. Raises UsageError, NotFound for unknown stories."""
    points = _points(asked["points"])
    links = tuple(dict.fromkeys(_link(name, article, find) for name in asked["links"]))
    return ArticleChanges(
        title=asked["title"],
        priority=asked["priority"],
        tags=asked["tags"] or None,
        key_points=points if points or asked["pointless"] else None,
        read_also=links if links or asked["linkless"] else None,
        computed=[Overruled(one) for one in asked["computed"]],
    )


def _points(asked: tuple[str, ...]) -> tuple[str, ...]:
    """Return key points as they are kept: one line each, none twice."""
    points = tuple(dict.fromkeys(" ".join(point.split()) for point in asked))
    if "" in points:
        raise click.UsageError("a key point needs words; for none at all there is --no-key-points")
    return points


def _link(name: str, article: Article, find: Callable[[str], Article]) -> ArticleId | Link:
    """Return the stored article that a name means, or a link to a page elsewhere."""
    elsewhere = _ELSEWHERE.fullmatch(name)
    try:
        found = find(name)
    except NotFound as error:
        if elsewhere:
            return Link(title=" ".join(elsewhere[1].split()), url=elsewhere[2])
        if _ADDRESS.match(name):
            raise click.UsageError(
                f"no article of ours is at {name}; a page elsewhere needs a title,"
                f' as in --read-also "Tide tables={name}"'
            ) from error
        raise
    if found.id == article.id:
        raise click.UsageError("a story cannot point at itself")
    return found.id
