"""What an edition is, for search engines and link previews: schema.org in JSON-LD. Pure.

Serves the pages of editions. A data block in a page is never executed, so that the policy of a page
without scripts holds for it too.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from publisher.core.online import Reading
from publisher.kit.phrases import iso
from publisher.model.views import StoryView

# In HTML nothing but `<` can end or open anything; the others cost nothing and please old parsers.
_ESCAPES = str.maketrans(
    {"<": r"\u003c", ">": r"\u003e", "&": r"\u0026", "\u2028": r"\u2028", "\u2029": r"\u2029"}
)
Node = dict[str, object]


def script_safe(data: Mapping[str, object]) -> str:
    """Return JSON that can stand inside a script element, whatever its texts hold."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)


def edition_data(reading: Reading, *, publication: str, url: str) -> Node:
    """Return an edition: a page about an issue of a periodical, with a list of its stories."""
    address = f"{url}editions/{reading.id}"
    published = iso(reading.date)
    issue: Node = {
        "@type": "PublicationIssue",
        "issueNumber": reading.number,
        "datePublished": published,
        "isPartOf": _periodical(reading.title, publication, url),
    }
    return {
        "@context": "https://schema.org",
        "@type": "CollectionPage",
        "@id": address,
        "url": address,
        "name": f"{reading.title}, {reading.number}",
        "inLanguage": reading.language,
        "datePublished": published,
        "isPartOf": issue,
        "mainEntity": _list([_article(story) for story in (*reading.stories, *reading.lines)]),
    }


def archive_data(readings: Sequence[Reading], *, publication: str, url: str, name: str) -> Node:
    """Return one page of the archive: a list of issues."""
    issues = [
        {
            "@type": "PublicationIssue",
            "url": f"{url}editions/{reading.id}",
            "name": reading.lead.title,
            "issueNumber": reading.number,
            "datePublished": iso(reading.date),
            "isPartOf": _periodical(reading.title, publication, url),
        }
        for reading in readings
    ]
    return {
        "@context": "https://schema.org",
        "@type": "CollectionPage",
        "name": name,
        "isPartOf": {"@type": "WebSite", "name": publication, "url": url},
        "mainEntity": _list(issues),
    }


def _periodical(title: str, publication: str, url: str) -> Node:
    publisher = {"@type": "Organization", "name": publication, "url": url}
    return {"@type": "Periodical", "name": title, "publisher": publisher}


def _list(items: Sequence[Node]) -> Node:
    return {
        "@type": "ItemList",
        "numberOfItems": len(items),
        "itemListElement": [
            {"@type": "ListItem", "position": place, "item": item}
            for place, item in enumerate(items, 1)
        ],
    }


def _article(story: StoryView) -> Node:
    known: Node = {
        "@type": "NewsArticle",
        "headline": story.title,
        "url": story.url,
        "description": story.standfirst or story.summary,
        "image": story.image,
        "inLanguage": story.language,
        "author": [{"@type": "Person", "name": name} for name in story.authors],
        "datePublished": iso(story.published),
        "dateModified": _moment(story.updated),
    }
    return {name: value for name, value in known.items() if value}


def _moment(moment: datetime | None) -> str:
    return iso(moment) if moment else ""
