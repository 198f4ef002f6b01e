"""The gate before the outlets: a document with an error is not published.

Serves core.publishing. What machines read (feeds, lists of feeds, sitemaps) is judged; pages for people
are not. What stands at the path of a refused document stays.
"""

from dataclasses import dataclass, field
from datetime import datetime

from publisher.model.findings import DocumentReport, Finding
from publisher.model.views import Document
from publisher.ports import Judge

_JUDGED = ("xml", "opml", "feed+json")
_TOLD = 3


@dataclass(slots=True, kw_only=True)
class Gate:
    """Judges documents by the rules of the lint; `url` is the publication's address.

    `warned` holds what was found in documents that go out all the same, as (path, what).
    """

    judge: Judge
    url: str
    now: datetime
    warned: list[tuple[str, str]] = field(default_factory=list)

    def refuses(self, document: Document) -> str:
        """Return why a document must not go out, "" when it may."""
        report = self._report(document)
        if report is None:
            return ""
        if report.errors:
            return f"{_told(report.errors)}; the last good document stays"
        if report.warnings:
            self.warned.append((document.path, _told(report.warnings)))
        return ""

    def faults(self, document: Document) -> str:
        """Return the errors of a document that is made for a look only."""
        report = self._report(document)
        return _told(report.errors) if report else ""

    def _report(self, document: Document) -> DocumentReport | None:
        subtype = document.media_type.partition(";")[0].rpartition("/")[2]
        if not subtype.endswith(_JUDGED):
            return None
        return self.judge.inspect(
            document.data,
            url=f"{self.url}{document.path}",
            media_type=document.media_type,
            now=self.now,
        )


def _told(findings: tuple[Finding, ...]) -> str:
    """Return findings as one line: the first few, and how many more there are."""
    said = "; ".join(f"{found.rule}: {found}" for found in findings[:_TOLD])
    more = len(findings) - _TOLD
    return f"{said}; and {more} more" if more > 0 else said
