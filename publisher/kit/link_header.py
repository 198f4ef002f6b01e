"""The `Link` header of an HTTP answer (RFC 8288 section 3), as sloppily written as servers do.

Serves the sources: which feeds, hubs and interfaces a server points at. Pure, total.
"""

import re
from dataclasses import dataclass

from publisher.kit.clean import absolute_url

_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PARAMETER = rf";\s*({_NAME})\s*(?:=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s;,\"]*)))?\s*"
_LINK = re.compile(rf"<([^<>]*)>\s*((?:{_PARAMETER})*)")
_ONE = re.compile(_PARAMETER)
MAX_HEADER = 20_000
"""Characters read of a header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderLink:
    """One link: its address, absolute; its relations in small letters; the media type it says."""

    url: str
    rels: frozenset[str]
    type: str = ""


def header_links(value: str, base_url: str) -> tuple[HeaderLink, ...]:
    """Return the links of a header about the answer's own address, in order.

    Those that speak of something else (`anchor`), and those to no web address, are left out. Of a
    parameter that stands twice the first counts (RFC 8288 section 3.3).
    """
    found = []
    for link in _LINK.finditer(value[:MAX_HEADER]):
        said: dict[str, str] = {}
        for name, quoted, bare in _ONE.findall(link[2]):
            said.setdefault(name.lower(), re.sub(r"\\(.)", r"\1", quoted) or bare)
        url = absolute_url(link[1], base_url)
        about = said.get("anchor", "")
        if url and (not about or absolute_url(about, base_url) == absolute_url(base_url)):
            rels = frozenset(said.get("rel", "").lower().split())
            kind = said.get("type", "").partition(";")[0].strip().lower()
            found.append(HeaderLink(url=url, rels=rels, type=kind))
    return tuple(found)
