"""Which articles enter a feed: the pure reading of a feed's `[select]` rules."""

from collections.abc import Callable, Mapping

from publisher.model.articles import SOURCE, CollectedArticle
from publisher.model.definitions import SelectRules


def _names(article: CollectedArticle, source: str) -> tuple[str, ...]:
    """Return what a source may be called: its key, its address alone, and its feed's own title."""
    said = article.attributes.get(SOURCE)
    title = str(said.get("title", "")) if isinstance(said, Mapping) else ""
    return tuple(name for name in (source, source.partition(":")[2], title) if name)


READERS: Mapping[str, Callable[[CollectedArticle, str], tuple[str, ...]]] = {
    "tag": lambda article, _: article.tags,
    "author": lambda article, _: article.authors,
    "title": lambda article, _: (article.title,),
    "text": lambda article, _: (article.text,),
    "url": lambda article, _: (article.url,),
    "source": _names,
    "language": lambda article, _: (article.language,),
}
"""The fields a rule may name, each with what an article of a source says there; `config` refuses others."""

PARTS = ("title", "text", "url")
"""Fields that are searched for a value; of the others the whole value counts."""


def enters(rules: SelectRules, article: CollectedArticle, source: str) -> bool:
    """Tell whether an article satisfies all of `all_of`, one of `any_of` and none of `none_of`.

    `source` is the key of the source that brought it.
    """

    def holds(rule: str) -> bool:
        return matches(rules, rule, article, source)

    return (
        all(map(holds, rules.all_of))
        and (not rules.any_of or any(map(holds, rules.any_of)))
        and not any(map(holds, rules.none_of))
    )


def matches(rules: SelectRules, rule: str, article: CollectedArticle, source: str) -> bool:
    """Tell whether one of the rules holds.

    `field:value` compares whole values without regard to case (title, text and url: contains);
    `field:~expression` searches; a rule without a known field is looked for in title and text.
    """
    field, separator, wanted = rule.partition(":")
    if not separator or field not in READERS:
        return _contains(rule, f"{article.title}\n{article.text}")
    values = READERS[field](article, source)
    if wanted.startswith("~"):
        return any(map(rules.expressions[rule].search, values))
    if field in PARTS:
        return any(_contains(wanted, value) for value in values)
    return any(value.casefold() == wanted.strip().casefold() for value in values)


def _contains(wanted: str, text: str) -> bool:
    return wanted.strip().casefold() in text.casefold()
