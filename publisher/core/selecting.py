"""Which articles enter a feed: the pure reading of a feed's `[select]` rules."""

import re
from collections.abc import Callable, Mapping

from publisher.model.articles import CollectedArticle
from publisher.model.definitions import SelectRules

READERS: Mapping[str, Callable[[CollectedArticle], tuple[str, ...]]] = {
    "tag": lambda article: article.tags,
    "author": lambda article: article.authors,
    "title": lambda article: (article.title,),
    "text": lambda article: (article.text,),
    "url": lambda article: (article.url,),
    "language": lambda article: (article.language,),
}
"""The fields a rule may name; `config` refuses any other."""


def enters(rules: SelectRules, article: CollectedArticle) -> bool:
    """Tell whether an article satisfies all of `all_of`, one of `any_of` and none of `none_of`."""
    return (
        all(matches(rule, article) for rule in rules.all_of)
        and (not rules.any_of or any(matches(rule, article) for rule in rules.any_of))
        and not any(matches(rule, article) for rule in rules.none_of)
    )


def matches(rule: str, article: CollectedArticle) -> bool:
    """Tell whether one rule holds.

    `field:value` compares whole values without regard to case (title, text and url: contains);
    `field:~expression` searches; a rule without a known field is looked for in title and text.
    """
    field, separator, wanted = rule.partition(":")
    if not separator or field not in READERS:
        return _contains(rule, f"{article.title}\n{article.text}")
    values = READERS[field](article)
    if wanted.startswith("~"):
        return any(re.search(wanted[1:], value, re.IGNORECASE) for value in values)
    if field in ("title", "text", "url"):
        return any(_contains(wanted, value) for value in values)
    return any(value.casefold() == wanted.strip().casefold() for value in values)


def _contains(wanted: str, text: str) -> bool:
    return wanted.strip().casefold() in text.casefold()
