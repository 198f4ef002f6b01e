"""Rules about what mail programs support, and the score.

Serves MailInspector.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from publisher.lint.mail.features import Use, uses
from publisher.lint.mail.lists import FORMATS_OF_PICTURES, INSTEAD, KEY_CLIENTS, TOLERATED
from publisher.lint.mail.page import Page, place
from publisher.lint.mail.rules import found
from publisher.lint.mail.support import support
from publisher.model.findings import Finding

STYLES = 16_384
"""Characters of style blocks that Gmail reads (hteumeuleu/email-bugs issue 90)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """What the programs make of a page: score, features by slug, share per program."""

    score: float
    layout: Mapping[str, Use]
    refinements: tuple[str, ...]
    clients: Mapping[str, float]


def judge(page: Page) -> Support:
    """Return how well the programs support what the layout rests on."""
    used = uses(page, support())
    layout = {slug: use for slug, use in used.items() if use.layout}
    shares = support().shares(layout)
    return Support(
        score=sum(shares.values()) / len(shares),
        layout=layout,
        refinements=tuple(sorted(used.keys() - layout.keys())),
        clients={support().clients[client]: share for client, share in shares.items()},
    )


def check(page: Page, judged: Support) -> Iterator[Finding]:
    """Yield the features that do not work where most people read."""
    for slug, use in sorted(judged.layout.items()):
        clients = support().without(slug, KEY_CLIENTS)
        if not clients or not use.inline or slug.startswith(FORMATS_OF_PICTURES):
            continue
        name = support().titles[slug]
        if slug in TOLERATED:
            message = f"{name} does not work in {_several(clients)}: {TOLERATED[slug]}"
            yield found("client.tolerated", message, use.where, clients)
            continue
        instead = INSTEAD.get(slug, "do without, or keep it for a style block")
        message = f"{name} does not work in {_several(clients)}: {instead}"
        yield found("client.unsupported", message, use.where, clients)
    yield from _styles(page)


def _styles(page: Page) -> Iterator[Finding]:
    for element, sheet in page.sheets:
        where = place(element)
        plain = [rule.selector for rule in sheet.rules if not rule.refines]
        if plain:
            message = f"{plain[0][:40]} stands in a style block; inline what everybody must see"
            yield found("style.plain", message, where, times=len(plain))
        for mistake in sheet.mistakes[:3]:
            yield found("style.mistake", f"Gmail drops the block for {mistake}", where)
        if element.getparent() is not None and element.getparent().tag != "head":
            yield found("style.place", "a style block stands outside the head; move it", where)
    total = sum(len(element.text or "") for element, _ in page.sheets)
    if total >= STYLES:
        message = f"style blocks have {total:,} characters; Gmail reads {STYLES:,}: shorten them"
        yield found("style.size", message, place(page.sheets[0][0]))


def _several(clients: tuple[str, ...]) -> str:
    named, others = clients[:2], len(clients[2:])
    return ", ".join(named) + (f" and {others} more" if others else "")
