"""Teasers: whether an entry's text is one, and how an entry becomes whole with its page's text.

Serves the following of links. Pure, total.
"""

import re
from dataclasses import replace

from publisher.kit.feed_entries import SUMMARY
from publisher.kit.page_labels import Label, label_kinds
from publisher.kit.page_tail import is_truncated
from publisher.kit.text import clean_text, shorten
from publisher.model.articles import CollectedArticle

SHORT = 1_200
"""Characters below which a text may be a teaser even though nothing says so."""

LONGER = 1.5
"""How many times as long as its teaser a page's text is at least; else it is no gain."""

ALIKE = 0.25
"""Share of a teaser's words that stand in its page; less is another page (a bot check, a consent)."""

_FEW = 4
_TAIL = 2
_CUT = re.compile(r"(?:[\[(]\s*)?(?:…|\.\.\.|&hellip;)\s*(?:[\])])?\s*\S{0,3}$")
_ARROWS = " \t\u00a0[](){}<>›»→⇒►▶.…:+"
_MORE = frozenset({"continue reading", "read the rest", "full story", "read full story", "more"})
_WORD = re.compile(r"[^\W\d_]{4,}")
_IDEOGRAPHS = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]{2,}"
)


def is_teaser(article: CollectedArticle) -> bool:
    """Tell whether an entry's text looks like the beginning of a longer one, or a summary of it."""
    return len(article.text.strip()) < SHORT or is_cut(article)


def is_cut(article: CollectedArticle) -> bool:
    """Tell whether a text says itself that there is more of it."""
    lines = [line for line in article.text.split("\n") if line.strip()][-_TAIL:]
    return any(_cut(line) for line in lines)


def _cut(line: str) -> bool:
    """Tell whether a line ends in the middle, or says where to read on."""
    words = line.strip(_ARROWS).casefold()
    says_more = words in _MORE or Label.READ in label_kinds(words)
    return says_more or is_truncated(line) or bool(_CUT.search(line))


def is_whole(teaser: CollectedArticle, page: CollectedArticle) -> bool:
    """Tell whether a page holds the text that a teaser is of: longer, and of the same things."""
    return len(page.text) > LONGER * len(teaser.text) and is_alike(teaser, page)


def is_alike(teaser: CollectedArticle, page: CollectedArticle) -> bool:
    """Tell whether a page is of the same things as a teaser."""
    return _alike(teaser, page) >= ALIKE


def _alike(teaser: CollectedArticle, page: CollectedArticle) -> float:
    """Return the share of a teaser's words that stand in a page; 1.0 where there are too few."""
    wanted = _words(f"{teaser.title} {teaser.text}")
    if len(wanted) < _FEW:
        return 1.0
    return len(wanted & _words(f"{page.title} {page.text}")) / len(wanted)


def _words(text: str) -> set[str]:
    """Return a text's longer words; pairs of characters where words are not parted by blanks."""
    folded = text.casefold()
    runs = _IDEOGRAPHS.findall(folded)
    pairs = {run[n : n + 2] for run in runs for n in range(len(run) - 1)}
    return pairs | set(_WORD.findall(_IDEOGRAPHS.sub(" ", folded)))


def fuller(entry: CollectedArticle, page: CollectedArticle) -> CollectedArticle:
    """Return an entry with its page's text; what the feed itself says of it stays."""
    return replace(
        entry,
        html=page.html,
        text=page.text,
        standfirst=entry.standfirst or page.standfirst,
        dek=entry.dek or page.dek,
        summary=entry.summary or _summary(entry, page),
        language=entry.language or page.language,
        authors=entry.authors or page.authors,
        tags=entry.tags or page.tags,
        image=entry.image or page.image,
        key_points=entry.key_points or page.key_points,
        read_also=entry.read_also or page.read_also,
        published=entry.published or page.published,
    )


def _summary(entry: CollectedArticle, page: CollectedArticle) -> str:
    """Return the teaser as a summary, "" where it only repeats how the text or standfirst begins."""
    teaser = shorten(entry.text, SUMMARY)
    start = teaser.rstrip("….[] ")[:80]
    said = (clean_text(page.text), clean_text(page.standfirst))
    return "" if any(text.startswith(start) for text in said) else teaser
