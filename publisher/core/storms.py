"""Storms of new ids: a publisher moves, and every old story seems new. Pure.

Serves collecting. Such stories are held back until an operator has looked; none is ever mailed.
"""

from collections.abc import Sequence

from publisher.core.deciding import Judged
from publisher.model.articles import CollectedArticle, SourceState, Verdict

LEAST = 5
"""Stories of which a storm has at least so many; fewer do little harm."""


def is_storm(state: SourceState, judged: Sequence[Judged], *, partial: bool, own: bool) -> bool:
    """Tell whether a whole document names nothing that is known and much that cannot be new.

    A busy source after a long night names nothing known either: then its stories are younger than
    the last look at it. A folder is the publication's own; of a part nothing known is expected.
    """
    if partial or own or state.last_success is None or not any(state.fates.values()):
        return False
    if any(one.verdict in {Verdict.SAME, Verdict.CHANGED} for one in judged):
        return False
    strange = [one.article for one in judged if one.verdict is Verdict.NEW]
    old = sum(_was_there(state, article) for article in strange)
    return len(strange) >= LEAST and 2 * old > len(strange)


def _was_there(state: SourceState, article: CollectedArticle) -> bool:
    """Tell whether a story should have been seen before: it has no date, or an old one."""
    if article.published is None or state.last_success is None:
        return True
    return article.published < state.last_success


def is_late(state: SourceState, article: CollectedArticle, *, own: bool) -> bool:
    """Tell whether a story is older than all that its source showed last: it enters, but is no news."""
    if own or state.horizon is None or article.published is None:
        return False
    return article.published < state.horizon
