"""Where a WordPress site's REST API begins (developer.wordpress.org/rest-api/using-the-rest-api/discovery).

Serves the source `wordpress`. Touches the network through its interface. Pretty addresses stand below
`/wp-json/`, or wherever the site put them; without them everything goes through `?rest_route=`.
"""

import html as entities
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from publisher.errors import FetchError, ParseError, SourceError
from publisher.kit.api_pages import Interface, plain_address, read_json
from publisher.kit.clean import absolute_url
from publisher.kit.decode import decode_document
from publisher.kit.link_header import header_links
from publisher.kit.text import plain_title

REL = "https://api.w.org/"
_LINK = re.compile(r"<link\b[^<>]*>", re.IGNORECASE)
_REL = re.compile(r"\brel\s*=\s*[\"']?https://api\.w\.org/", re.IGNORECASE)
_HREF = re.compile(r"\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_BELOW = re.compile(r"(/wp-json)(?:/.*)?\Z")
_HEAD = 200_000
_ROUTE = "rest_route"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a site's API begins, and what the site says of itself."""

    root: str
    title: str = ""
    home: str = ""

    @classmethod
    def of(cls, cursor: Mapping[str, str]) -> "Place":
        """Return what a cursor says; `root` "" when it says nothing."""
        return cls(
            root=cursor.get("root", ""),
            title=cursor.get("title", ""),
            home=cursor.get("home", ""),
        )

    def cursor(self) -> dict[str, str]:
        """Return it for a cursor."""
        said = {"root": self.root, "title": self.title, "home": self.home}
        return {key: value for key, value in said.items() if value}


def find_place(interface: Interface, url: str) -> Place:
    """Look for the API of the site at an address. Raises FetchError and ParseError.

    An address of the API is taken at its word; else the site's page is asked where it is, and then
    the usual places are tried.
    """
    written = written_root(url)
    if written:
        return _place(interface, written)
    roots = (*_said(interface, url), *usual_roots(url))
    refused: SourceError | None = None
    for root in dict.fromkeys(roots):
        try:
            return _place(interface, root)
        except FetchError as error:
            if error.status not in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
                refused = refused or error
        except ParseError:
            continue
    raise refused or FetchError(plain_address(url), "no REST API there")


def _said(interface: Interface, url: str) -> tuple[str, ...]:
    """Return the roots that the site's page names; nothing when the page cannot be had."""
    try:
        answer = interface.get(url)
    except FetchError as error:
        if error.status is None:  # nobody answers, so nobody will in other places either
            raise
        return ()
    text = decode_document(answer.body, answer.headers.get("content-type", ""))
    return said_roots(answer.headers.get("link", ""), text, answer.url)


def _place(interface: Interface, root: str) -> Place:
    """Return what the index of an API says. Raises FetchError, and ParseError for another thing."""
    url = route(root, "", {"_fields": "name,home,namespaces"})
    answer = interface.get(url)
    index = read_json(answer.body, answer.headers.get("content-type", ""), url)
    if not isinstance(index, dict) or "wp/v2" not in (index.get("namespaces") or ()):
        raise ParseError(plain_address(url), "no REST API there")
    return Place(
        root=root,
        title=plain_title(str(index.get("name") or "")),
        home=absolute_url(str(index.get("home") or "")),
    )


def written_root(url: str) -> str:
    """Return the API's root when an address is one of the API itself, "" otherwise."""
    parts = urlsplit(url)
    if any(name == _ROUTE for name, _ in parse_qsl(parts.query, keep_blank_values=True)):
        return urlunsplit((*parts[:3], f"{_ROUTE}=/", ""))
    found = _BELOW.search(parts.path)
    if found is None:
        return ""
    return urlunsplit((*parts[:2], f"{parts.path[: found.end(1)]}/", "", ""))


def said_roots(link_header: str, html: str, url: str) -> tuple[str, ...]:
    """Return the roots that a page names, in its header and in its head."""
    found = [link.url for link in header_links(link_header, url) if REL in link.rels]
    for tag in _LINK.findall(html[:_HEAD]):
        href = _HREF.search(tag)
        if href and _REL.search(tag):
            said = entities.unescape(href[1] or href[2] or href[3] or "")
            found.append(absolute_url(said, url))
    return tuple(dict.fromkeys(filter(None, found)))


def usual_roots(url: str) -> tuple[str, ...]:
    """Return where the root of a site at this address usually is."""
    parts = urlsplit(url)
    folder = parts.path if parts.path.endswith("/") else f"{parts.path}/"
    return (
        urlunsplit((*parts[:2], f"{folder}wp-json/", "", "")),
        urlunsplit((*parts[:2], folder, f"{_ROUTE}=/", "")),
    )


def route(root: str, path: str, query: dict[str, str]) -> str:
    """Return the address of a route below a root: `route(root, "wp/v2/posts", {"page": "2"})`."""
    parts = urlsplit(root)
    said = dict(parse_qsl(parts.query, keep_blank_values=True))
    if _ROUTE in said:
        whole = {**said, _ROUTE: f"{said[_ROUTE].rstrip('/')}/{path}".rstrip("/") or "/", **query}
        return urlunsplit((*parts[:3], urlencode(whole, safe="/:,"), ""))
    below = f"{parts.path.rstrip('/')}/{quote(path)}"
    return urlunsplit((*parts[:2], below, urlencode({**said, **query}, safe=":,"), ""))
