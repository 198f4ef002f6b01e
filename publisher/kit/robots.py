"""What robots.txt lets us read (RFC 9309); the only importer of protego.

Serves the reader of pages. Pure and total: whatever a site wrote, an answer comes out.
"""

from dataclasses import dataclass, field

from protego import Protego

PRODUCT = "publisher"
"""The product token by which rules name us (RFC 9309 section 2.2.1)."""

MAX_BYTES = 500 * 1024
"""Read of one file (RFC 9309 section 2.5 asks for at least so many)."""


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of one site: `delay` is the pause between two requests that it asks for, in seconds."""

    delay: float = 0.0
    _rules: Protego | None = field(default=None, compare=False)
    _shut: bool = False

    def allows(self, url: str) -> bool:
        """Tell whether an absolute address may be read."""
        if self._shut or self._rules is None:
            return not self._shut
        try:
            return self._rules.can_fetch(url, PRODUCT)
        except ValueError:  # an address that cannot be taken apart
            return False


OPEN = Robots()
"""A site without rules (RFC 9309 section 2.3.1.3)."""

SHUT = Robots(_shut=True)
"""A site whose rules cannot be had for the moment (RFC 9309 section 2.3.1.4)."""


def read_robots(data: bytes) -> Robots:
    """Return the rules in a robots.txt; of one that is too long the last line may be half, and goes."""
    text = data if len(data) <= MAX_BYTES else data[:MAX_BYTES].rpartition(b"\n")[0]
    rules = Protego.parse(text.decode("utf-8-sig", "replace"))
    return Robots(rules.crawl_delay(PRODUCT) or 0.0, rules)
