"""What an inspection of a document finds: rules broken, where, and what to do about each.

Serves the lint room, the command line and the gate before sending.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs: an error stops a send, a warning is advice, a note is to know."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One rule that does not hold.

    `message` is one line for people: what is wrong and what to do. `where` is the first place
    ("line 12: <td>", a header's name, "text part"), `times` how many places there are. `clients`
    are the mail programs it goes wrong in, when it does not in all. `line` counts from 1, 0 when
    the whole is meant; `source` is the standard that asks for it ("RFC 4287 section 4.1.1").
    """

    rule: str
    severity: Severity
    message: str
    where: str = ""
    clients: tuple[str, ...] = ()
    times: int = 1
    line: int = 0
    source: str = ""

    def __str__(self) -> str:
        """Return one line: the message, then the place."""
        more = f" and {self.times - 1} more" if self.times > 1 else ""
        return f"{self.message} ({self.where}{more})" if self.where else self.message


@dataclass(frozen=True, slots=True, kw_only=True)
class MailReport:
    """What was found in one mail.

    `score` is the mean over mail programs of the share of its layout features that work there
    (full 1, partial one half); `clients` has each program's share, `features` how many there are.
    `refinements` are features that only add something where they work; they do not count. Sizes
    are octets, decoded for the parts.
    """

    score: float
    findings: tuple[Finding, ...]
    features: int = 0
    refinements: tuple[str, ...] = ()
    clients: Mapping[str, float] = field(default_factory=dict)
    html_size: int = 0
    text_size: int = 0
    size: int = 0
    links: tuple[str, ...] = ()
    pictures: int = 0

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Return what makes the mail unfit to be sent."""
        return self._of(Severity.ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """Return what could be better."""
        return self._of(Severity.WARNING)

    def _of(self, severity: Severity) -> tuple[Finding, ...]:
        return tuple(found for found in self.findings if found.severity is severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentReport:
    """What was found in one document: a feed, a list of feeds (OPML) or a sitemap.

    `kind` says what it is ("RSS 2.0", "Atom 1.0", "JSON Feed", "OPML", "sitemap"), "" when that is
    unknown; `entries` counts its items and `size` its octets.
    """

    kind: str
    findings: tuple[Finding, ...]
    entries: int = 0
    size: int = 0

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Return what makes the document unfit to be published."""
        return tuple(found for found in self.findings if found.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """Return what could be better."""
        return tuple(found for found in self.findings if found.severity is Severity.WARNING)
