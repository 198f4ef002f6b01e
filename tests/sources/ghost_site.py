"""A Ghost site on loopback that answers as its Content API does: keys, versions, filters, order, pages."""

import contextlib
import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

from tests.serving import serving

EPOCH = datetime(2026, 11, 1, tzinfo=UTC)
KEY = "22444f78447824223cefc48062"
FILTER = re.compile(r"(published_at|updated_at):>'(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)'")


@dataclass
class GhostSite:
    """The site; `posts` are as the API shows them, with instants."""

    url: str = ""
    folder: str = ""
    posts: list[dict[str, object]] = field(default_factory=list)
    validators: bool = True
    settings: bool = True
    clock: datetime = EPOCH + timedelta(days=900)
    asked: list[str] = field(default_factory=list)
    sent: list[dict[str, str]] = field(default_factory=list)
    before: Callable[[int], None] = lambda _: None  # called with the page's number
    broken: dict[int, Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)

    def write(self, number: int, hours: float, **more: object) -> dict[str, object]:
        """Publish a post so many hours after the epoch."""
        at = EPOCH + timedelta(hours=hours)
        made = {
            "id": f"{number:024x}",
            "title": f"Story {number}",
            "html": f"<p>The quay was full of people, {number} of them.</p>",
            "url": f"{self.url}/story-{number}/",
            "published_at": at,
            "updated_at": at,
            "visibility": "public",
            **more,
        }
        self.posts.append(made)
        return made

    def edit(self, number: int, hours: float, title: str) -> None:
        """Edit a post so many hours after the epoch."""
        one = next(post for post in self.posts if post["id"] == f"{number:024x}")
        one["title"], one["updated_at"] = title, EPOCH + timedelta(hours=hours)

    @property
    def questions(self) -> list[dict[str, str]]:
        """What was asked of posts, each as its parameters."""
        parsed = [urlsplit(path) for path in self.asked if "/posts/" in path]
        return [{k: v[0] for k, v in parse_qs(parts.query).items()} for parts in parsed]

    # The API

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        below = parts.path.removeprefix(f"{self.folder}/ghost/api/content/")
        if below == parts.path or below not in {"posts/", "settings/"}:
            self.refuse(handler, 404, "NotFoundError", "Resource not found")
        elif "key" not in query:
            self.refuse(handler, 403, "NoPermissionError", "Authorization failed")
        elif query["key"] != KEY:
            self.refuse(handler, 401, "UnauthorizedError", "Unknown Content API Key")
        elif below == "settings/":
            site = {"title": "Port & Sea", "url": f"{self.url}/", "lang": "de"}
            shown = self.settings
            self.json(
                handler, {"settings": site, "meta": {}} if shown else {}, 200 if shown else 500
            )
        else:
            self.rows(handler, query)

    def rows(self, handler: BaseHTTPRequestHandler, query: dict[str, str]) -> None:
        page, limit = int(query.get("page", 1)), min(int(query.get("limit", 15)), 100)
        self.before(page)
        if page in self.broken:
            self.broken[page](handler)
            return
        found = list(self.posts)
        if "filter" in query:
            matched = FILTER.fullmatch(query["filter"])
            if matched is None:
                self.refuse(handler, 400, "BadRequestError", "Error parsing filter")
                return
            bound = datetime.fromisoformat(matched[2]).replace(tzinfo=UTC)
            found = [post for post in found if post[matched[1]] > bound]  # type: ignore[operator]  # instants
        by, _, way = query.get("order", "published_at desc").partition(" ")
        found.sort(key=lambda post: (post[by], post["id"]), reverse=way == "desc")
        pages = max(1, math.ceil(len(found) / limit))
        pagination = {
            "page": page,
            "limit": limit,
            "pages": pages,
            "total": len(found),
            "next": page + 1 if page < pages else None,
            "prev": page - 1 if page > 1 else None,
        }
        included = query.get("include", "").split(",")
        rows = [self.row(post, included) for post in found[(page - 1) * limit : page * limit]]
        self.json(handler, {"posts": rows, "meta": {"pagination": pagination}})

    def row(self, post: dict[str, object], included: list[str]) -> dict[str, object]:
        shown = {
            key: value.isoformat(timespec="milliseconds") if isinstance(value, datetime) else value
            for key, value in post.items()
        }
        if "tags" not in included:
            shown.pop("tags", None)
        if "authors" not in included:
            shown.pop("authors", None)
        return shown

    def refuse(self, handler: BaseHTTPRequestHandler, status: int, kind: str, said: str) -> None:
        self.json(handler, {"errors": [{"message": said, "type": kind, "code": None}]}, status)

    def json(self, handler: BaseHTTPRequestHandler, value: object, status: int = 200) -> None:
        body = json.dumps(value).encode()
        etag = f'W/"{hash(body)}"'
        same = self.validators and handler.headers.get("if-none-match") == etag
        handler.send_response(304 if same else status)
        handler.send_header("Content-Type", "application/json; charset=utf-8")
        if self.validators:
            handler.send_header("ETag", etag)
        handler.send_header("Content-Length", "0" if same else str(len(body)))
        handler.end_headers()
        if not same:
            handler.wfile.write(body)


@contextlib.contextmanager
def ghost() -> Iterator[GhostSite]:
    """Serve a site until the test ends."""
    here = GhostSite()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def date_time_string(self, timestamp: float | None = None) -> str:
            return format_datetime(here.clock, usegmt=True)

        def do_GET(self) -> None:
            here.asked.append(self.path)
            here.sent.append({k.lower(): v for k, v in self.headers.items()})
            with contextlib.suppress(OSError):
                here.answer(self)

        def log_message(self, *arguments: object) -> None:
            """Keep quiet."""

    with serving(Handler) as here.url:
        yield here
