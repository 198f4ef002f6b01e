"""The lint of documents: RSS, Atom, JSON Feed, OPML, sitemaps and sitemaps of news.

Serves `app` through the port Judge: the command line and the gate before publishing. One pass over a
document, entry by entry; touches nothing; any octets give a report.
"""

from datetime import datetime

from publisher.lint.feeds.atom import AtomJudge
from publisher.lint.feeds.json_feed import JsonJudge
from publisher.lint.feeds.opml import OpmlJudge
from publisher.lint.feeds.reading import Judge, Node, read
from publisher.lint.feeds.rss import RssJudge
from publisher.lint.feeds.sheet import Sheet
from publisher.lint.feeds.sitemap import SitemapJudge
from publisher.lint.feeds.standing import TYPES, Standing
from publisher.model.findings import DocumentReport

_MARK = b"\xef\xbb\xbf"
_XML = frozenset({"application/xml", "text/xml"})
_SERVED = {
    "RSS": _XML | {TYPES["rss"]},
    "Atom 1.0": _XML | {TYPES["atom"]},
    "JSON Feed": frozenset({TYPES["json"], "application/json"}),
    "OPML": _XML | {"text/x-opml", "application/opml+xml"},
    "sitemap": _XML,
}


class DocumentInspector:
    """Judges documents for machines."""

    def inspect(
        self, data: bytes, *, url: str = "", media_type: str = "", now: datetime | None = None
    ) -> DocumentReport:
        """Judge one document. Never raises, whatever the octets.

        What is known besides is held against it: the `url` at which it is served, its media type,
        and the time.
        """
        sheet, standing = Sheet(), Standing(url=url, now=now)
        if data.removeprefix(_MARK).lstrip()[:1] in {b"{", b"["}:
            json = JsonJudge(sheet, standing)
            json.judge(_text(data, sheet))
            kind, entries = "JSON Feed", json.count
        else:
            kind, entries = _judge_xml(data, sheet, standing)
        given = media_type.partition(";")[0].strip().lower()
        served = _SERVED.get(kind.partition(" ")[0] if kind.startswith("RSS") else kind)
        if given and served and given not in served:
            message = f"is not the media type of this document: serve it as {min(served - _XML or served)}"
            sheet.add("document.media-type", message, 0, value=given)
        return DocumentReport(
            kind=kind, findings=sheet.findings(), entries=entries, size=len(data)
        )


def _text(data: bytes, sheet: Sheet) -> str:
    try:
        return data.removeprefix(_MARK).decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        sheet.add("document.malformed", "is not UTF-8, as JSON must be: write it so", line)
        return data.decode("utf-8", "replace")


def _judge_xml(data: bytes, sheet: Sheet, standing: Standing) -> tuple[str, int]:
    """Judge a document of XML; return what it is, and how many entries it has."""
    made: list[tuple[str, Judge]] = []

    def choose(root: Node) -> Judge | None:
        kind, judge = _judge_of(root, sheet, standing, len(data))
        if judge is not None:
            made.append((kind, judge))
        return judge

    read(data, sheet, choose)
    if not made:
        return "", 0
    kind, judge = made[0]
    return kind, judge.count


def _judge_of(root: Node, sheet: Sheet, standing: Standing, size: int) -> tuple[str, Judge | None]:
    """Return what a document is by its root, and who judges it."""
    if root.tag == "rss":
        return f"RSS {root.attrs.get('version', '')}".strip(), RssJudge(sheet, standing, root)
    if root.tag in {"atom:feed", "atom:entry"}:
        return "Atom 1.0", AtomJudge(sheet, standing, root)
    if root.tag == "opml":
        return "OPML", OpmlJudge(sheet, root)
    if root.tag in {"sitemap:urlset", "sitemap:sitemapindex"}:
        return "sitemap", SitemapJudge(sheet, standing, size)
    _refuse(root, sheet)
    return "", None


_ALMOST = {
    "feed": ("atom.namespace", "write http://www.w3.org/2005/Atom"),
    "entry": ("atom.namespace", "write http://www.w3.org/2005/Atom"),
    "urlset": ("sitemap.namespace", "write http://www.sitemaps.org/schemas/sitemap/0.9"),
    "sitemapindex": ("sitemap.namespace", "write http://www.sitemaps.org/schemas/sitemap/0.9"),
}


def _refuse(root: Node, sheet: Sheet) -> None:
    """Say of a document that is none of ours what it is."""
    namespace, _, name = root.tag.rpartition(":")
    if name in _ALMOST:
        rule, remedy = _ALMOST[name]
        sheet.add(rule, f"is not its namespace: {remedy}", root.line, name, namespace)
    elif root.tag == "rdf:RDF":
        message = "is RSS 1.0, of which there are no rules here: publish RSS 2.0 or Atom"
        sheet.add("document.rdf", message, root.line, "RDF")
    else:
        message = "is no feed, no list of feeds and no sitemap by its root"
        sheet.add("document.kind", message, root.line, value=f"<{name}>")
