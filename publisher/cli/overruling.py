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
OPTIONS = ("title", "priority", "tags", "points", "pointless", "links", "linkless", "computed")


def changes_of(
    asked: Mapping[str, Any], article: Article, find: Callable[[str], Article]
) -> ArticleChanges:
    """Return the changes that options ask for. Raises UsageError, NotFound for unknown stories."""
    if all(asked[name] in (None, (), False) for name in OPTIONS):
        raise click.UsageError(
            "say what to set: --title, --priority, --tag, --key-point, --read-also or --auto"
        )
    computed = [Overruled(one) for one in asked["computed"]]
    _one_of(asked, "--key-point", "points", "pointless", Overruled.KEY_POINTS in computed)
    _one_of(asked, "--read-also", "links", "linkless", Overruled.READ_ALSO in computed)
    points = _points(asked["points"])
    links = tuple(dict.fromkeys(_link(name, article, find) for name in asked["links"]))
    return ArticleChanges(
        title=asked["title"],
        priority=asked["priority"],
        tags=asked["tags"] or None,
        key_points=points if points or asked["pointless"] else None,
        read_also=links if links or asked["linkless"] else None,
        computed=computed,
    )


def _one_of(asked: Mapping[str, Any], option: str, some: str, none: str, computed: bool) -> None:  # noqa: FBT001  one of three
    if sum((bool(asked[some]), asked[none], computed)) > 1:
        kind = Overruled.KEY_POINTS if some == "points" else Overruled.READ_ALSO
        raise click.UsageError(f"only one of {option}, --no-{kind} and --auto {kind}")


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
