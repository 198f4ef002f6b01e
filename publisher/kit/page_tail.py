"""The tail of a page in the page form: key points, excerpt, "Read also", "Latest".

Serves the reader of the page form. Labels of any language are found: those that are known by their
words, the others by where they stand. Pure, total.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from publisher.kit.page_labels import Label, inline_label, label_kinds
from publisher.kit.page_lines import Kind, Unit, inline_title, plain

_ITEM_LABELS = frozenset({Label.ALSO, Label.LATEST})
_ELLIPSES = ("...", "…", "[...]", "[…]", "(...)", "(…)")
_STOPS = (".", "!", "?", "。", "\uff01", "\uff1f", "؟", "।", "\u06d4")
_CLOSERS = "\"'”’»)"
_PROSE_WORDS = 8
_LABEL_WORDS = 5
_LABEL_LENGTH = 44
_ITEM_WORDS = 25
_SURELY_A_LIST = 3
_DASHES = frozenset("–—")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """Indexes into the page's units; ranges are half-open.

    `begin` is where the body ends; [`points`, `points_end`) are the key points (`begin` may lie
    one unit before them when they have a heading of their own); `excerpt` None when there is none.
    `labels` maps the index of each section's label to what it stands before.
    """

    begin: int
    points: int
    points_end: int
    excerpt: int | None
    labels: dict[int, Label]


def read_tail(units: Sequence[Unit]) -> Tail:
    """Find the tail of a page."""
    points, points_end = _key_points(units)
    if points == points_end:
        return _pointless_tail(units)
    heading = points > 0 and Label.POINTS in label_kinds(units[points - 1].text)
    excerpt = points_end if _is_excerpt(units, points_end) else None
    rest = points_end + (excerpt is not None)
    return Tail(
        begin=points - heading,
        points=points,
        points_end=points_end,
        excerpt=excerpt,
        labels=_sections(units, rest),
    )


def is_truncated(text: str) -> bool:
    """Tell whether a text is cut off with three dots or an ellipsis."""
    return plain(text).rstrip("\"'”’»").endswith(_ELLIPSES)


def _key_points(units: Sequence[Unit]) -> tuple[int, int]:
    """Return the range of the key points; empty when the page has none.

    The last numbered list counts unless prose follows it (then it belongs to the body) or it
    stands under "Read also" or "Latest"; where nothing is numbered, a bulleted list does.
    """
    for kind in (Kind.NUMBERED, Kind.BULLETED):
        for begin, end in reversed(_runs(units, kind)):
            if _under_item_label(units, begin):
                continue
            if _ends_page(units, end) and _is_list_of_points(units, begin, end, kind):
                return begin, end
            break
    return len(units), len(units)


def _runs(units: Sequence[Unit], kind: Kind) -> list[tuple[int, int]]:
    """Return the ranges of adjacent items; a number that does not rise begins a new one."""
    runs: list[tuple[int, int]] = []
    for index, unit in enumerate(units):
        if unit.kind is not kind:
            continue
        adjacent = bool(runs) and runs[-1][1] == index
        before = units[index - 1].number
        if adjacent and (unit.number > before or unit.number == before <= 1):
            runs[-1] = (runs[-1][0], index + 1)
        else:
            runs.append((index, index + 1))
    return runs


def _under_item_label(units: Sequence[Unit], begin: int) -> bool:
    """Tell whether a list stands under "Read also" or "Latest"."""
    return begin > 0 and bool(label_kinds(units[begin - 1].text) & _ITEM_LABELS)


def _is_list_of_points(units: Sequence[Unit], begin: int, end: int, kind: Kind) -> bool:
    """Tell whether a list that ends the page can be its key points."""
    headed = begin > 0 and Label.POINTS in label_kinds(units[begin - 1].text)
    signs = headed or _signs(units, end)
    if kind is Kind.NUMBERED:
        rising = end - begin > 1 and units[begin].number in {0, 1}
        return rising or end - begin >= _SURELY_A_LIST or (signs and units[begin].number == 1)
    spoken = any(unit.marker in _DASHES for unit in units[begin:end])
    return signs and end - begin > 1 and not spoken and begin > 1


def _signs(units: Sequence[Unit], end: int) -> bool:
    """Tell whether what follows a list is what follows key points: a cut excerpt, known labels."""
    return any(
        (unit.kind is Kind.PARAGRAPH and is_truncated(unit.text))
        or label_kinds(unit.text) & _ITEM_LABELS
        for unit in units[end : end + 3]
    )


def _ends_page(units: Sequence[Unit], end: int) -> bool:
    """Tell whether at most one paragraph of prose (the excerpt) follows before any label."""
    prose = 0
    for unit in units[end:]:
        if label_kinds(unit.text) & _ITEM_LABELS:
            break
        prose += is_prose(unit)
    return prose <= 1


def is_prose(unit: Unit) -> bool:
    """Tell whether a unit is running text: a paragraph of some words with an end."""
    if unit.kind is not Kind.PARAGRAPH or label_kinds(unit.text):
        return False
    long = len(unit.text.split()) >= _PROSE_WORDS or len(unit.text) > _LABEL_LENGTH
    return long and plain(unit.text).rstrip(_CLOSERS).endswith((*_STOPS, *_ELLIPSES))


def _is_excerpt(units: Sequence[Unit], index: int) -> bool:
    """Tell whether the unit after the key points is the excerpt rather than a label."""
    if index >= len(units) or units[index].kind is not Kind.PARAGRAPH:
        return False
    unit = units[index]
    if label_kinds(unit.text) & _ITEM_LABELS or inline_label(unit.text):
        return False
    if is_truncated(unit.text) or not unit.gap:
        return True
    return not _can_label(unit)


def _can_label(unit: Unit) -> bool:
    """Tell whether a unit has the shape of a label: short, on its own, without a full stop."""
    text = plain(unit.text)
    short = len(text) <= _LABEL_LENGTH and len(text.split()) <= _LABEL_WORDS
    return unit.kind is Kind.PARAGRAPH and short and not text.endswith((*_STOPS, *_ELLIPSES))


def _sections(units: Sequence[Unit], begin: int) -> dict[int, Label]:
    """Return the labels from `begin` on, at most one of each kind; unknown ones by their order."""
    labels: dict[int, Label] = {}
    for index in range(begin, len(units)):
        kinds = label_kinds(units[index].text) & _ITEM_LABELS - set(labels.values())
        if kinds and units[index].kind is Kind.PARAGRAPH:
            labels[index] = min(kinds)
    return dict(sorted((labels | _unknown(units, begin, labels)).items()))


def _unknown(units: Sequence[Unit], begin: int, known: dict[int, Label]) -> dict[int, Label]:
    """Return labels in languages we do not know: short lines, "Read also" before "Latest"."""
    missing = [kind for kind in (Label.ALSO, Label.LATEST) if kind not in known.values()]
    candidates = [
        index
        for index in range(begin, len(units))
        if index not in known and _can_label(units[index]) and _heads(units, index)
    ]
    if len(missing) == 1 and missing[0] is Label.ALSO:
        candidates = [index for index in candidates if index < min(known)]
    elif len(missing) == 1:
        candidates = [index for index in candidates if index > max(known)]
    if len(missing) == len(candidates) + 1 and candidates and not _has_colon(units[candidates[0]]):
        missing = missing[1:]
    return dict(zip(candidates, missing, strict=False))


def _has_colon(unit: Unit) -> bool:
    """Tell whether a label ends with a colon."""
    return plain(unit.text).rstrip().endswith((":", "\uff1a"))


def _heads(units: Sequence[Unit], index: int) -> bool:
    """Tell whether a short line stands like a label: a colon, a list or the end behind it."""
    following = units[index + 1] if index + 1 < len(units) else None
    if _has_colon(units[index]) or following is None or units[index].heading:
        return True
    return following.kind is Kind.BULLETED or _can_label(following)


def _pointless_tail(units: Sequence[Unit]) -> Tail:
    """Return the tail of a page without key points: from its first section label on."""
    first = len(units)
    for index in range(len(units) - 1, -1, -1):
        if is_prose(units[index]):
            break
        kinds = label_kinds(units[index].text) & _ITEM_LABELS
        if kinds and units[index].kind is Kind.PARAGRAPH:
            first = index
    labels = _sections(units, first)
    begin = min(labels, default=len(units))
    cut = (
        begin > 0
        and units[begin - 1].kind is Kind.PARAGRAPH
        and is_truncated(units[begin - 1].text)
    )
    excerpt = begin - 1 if cut and begin > 1 else None
    start = begin if excerpt is None else excerpt
    return Tail(begin=start, points=start, points_end=start, excerpt=excerpt, labels=labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """What the sections of a tail hold; `prose` is running text that belongs to the body."""

    also: tuple[Unit, ...] = ()
    latest: tuple[Unit, ...] = ()
    prose: tuple[Unit, ...] = ()


def tail_items(units: Sequence[Unit], tail: Tail) -> Items:
    """Sort what follows key points and excerpt into its sections; other short lines are dropped.

    Items are list items, or plain lines where a section has no list.
    """
    sorted_units: dict[Label | None, list[Unit]] = {Label.ALSO: [], Label.LATEST: [], None: []}
    current: Label | None = None
    listed = False
    begin = tail.points_end if tail.excerpt is None else tail.excerpt + 1
    for index in range(begin, len(units)):
        unit = units[index]
        if index in tail.labels:
            current, listed = tail.labels[index], False
        elif (story := inline_title(unit)) is not None:
            sorted_units[Label.ALSO].append(story)
        elif unit.kind in {Kind.NUMBERED, Kind.BULLETED} and current is not None:
            listed = True
            sorted_units[current].append(unit)
        elif is_prose(unit) and (
            listed or current is None or len(unit.text.split()) > _ITEM_WORDS
        ):
            sorted_units[None].append(unit)
        elif unit.kind is Kind.PARAGRAPH and current is not None and not listed:
            sorted_units[current].append(unit)
    return Items(
        also=tuple(sorted_units[Label.ALSO]),
        latest=tuple(sorted_units[Label.LATEST]),
        prose=tuple(sorted_units[None]),
    )
