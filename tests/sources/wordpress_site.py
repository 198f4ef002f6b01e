"""A WordPress site on loopback that answers as its REST API does: filters, order, pages, totals, logins."""

import base64
import contextlib
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

from tests.serving import serving

EPOCH = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass
class Post:
    """A row of wp_posts."""

    id: int
    title: str
    published: datetime
    modified: datetime
    kind: str = "posts"
    content: str = "<p>The quay was full of people and of news.</p>"
    more: dict[str, object] = field(default_factory=dict)


@dataclass
class PressSite:
    """The site. `zone` is its own: dates are stored, and compared, in local time."""

    url: str = ""
    posts: list[Post] = field(default_factory=list)
    zone: timezone = field(default_factory=lambda: timezone(timedelta(hours=1)))
    pretty: bool = True  # /wp-json/ works
    named: str = "header"  # where the page tells of the API: header, head, nowhere
    old: bool = False  # older than 5.7: knows no modified_after
    totals: bool = True
    login: str = ""
    validators: bool = False
    clock: datetime = EPOCH + timedelta(days=900)  # later than what any test calls now
    asked: list[str] = field(default_factory=list)
    sent: list[dict[str, str]] = field(default_factory=list)
    before: Callable[[str], None] = lambda _: None  # called before each answer about posts
    broken: dict[int, Callable[[BaseHTTPRequestHandler], None]] = field(
        default_factory=dict
    )  # by page

    def write(self, number: int, hours: float, title: str = "", **more: object) -> Post:
        """Publish a post so many hours after the epoch."""
        at = EPOCH + timedelta(hours=hours)
        made = Post(number, title or f"Story {number}", at, at, **more)
        self.posts.append(made)
        return made

    def edit(self, number: int, hours: float, title: str) -> None:
        """Edit a post so many hours after the epoch."""
        one = next(post for post in self.posts if post.id == number)
        one.title, one.modified = title, EPOCH + timedelta(hours=hours)

    @property
    def questions(self) -> list[dict[str, str]]:
        """What was asked of posts, each as its parameters."""
        parsed = [urlsplit(path) for path in self.asked if "wp/v2/" in path]
        return [{k: v[0] for k, v in parse_qs(parts.query).items()} for parts in parsed]

    # The API

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        route = query.get("rest_route")
        if route is None and self.pretty and parts.path.startswith("/wp-json"):
            route = parts.path.removeprefix("/wp-json")
        if route is None:
            self.page(handler, parts.path)
        elif self.login and handler.headers.get("authorization") != self.credentials():
            self.refuse(handler, 401, "rest_not_logged_in", "You are not currently logged in.")
        elif route.strip("/") == "":
            self.json(
                handler, {"name": "Port &amp; Sea", "home": self.url, "namespaces": ["wp/v2"]}
            )
        elif route.startswith("/wp/v2/"):
            self.rows(handler, route.removeprefix("/wp/v2/"), query)
        else:
            self.refuse(handler, 404, "rest_no_route", "No route was found.")

    def credentials(self) -> str:
        return "Basic " + base64.b64encode(self.login.encode()).decode()

    def page(self, handler: BaseHTTPRequestHandler, path: str) -> None:
        root = f"{self.url}/wp-json/" if self.pretty else f"{self.url}/index.php?rest_route=/"
        head = f"<link rel='https://api.w.org/' href='{root}' />" if self.named == "head" else ""
        body = f"<!DOCTYPE html><html><head>{head}</head><body><p>Hi.</p></body></html>".encode()
        handler.send_response(200 if path == "/" else 404)
        handler.send_header("Content-Type", "text/html; charset=UTF-8")
        if self.named == "header":
            handler.send_header("Link", f'<{root}>; rel="https://api.w.org/"')
            handler.send_header("Link", f"<{self.url}/>; rel=shortlink")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def rows(self, handler: BaseHTTPRequestHandler, kind: str, query: dict[str, str]) -> None:
        self.before(handler.path)
        page, size = int(query.get("page", 1)), int(query.get("per_page", 10))
        if page in self.broken:
            self.broken[page](handler)
            return
        found = self.found(kind, query)
        if not any(post.kind == kind for post in self.posts) and kind != "posts":
            self.refuse(handler, 404, "rest_no_route", "No route was found.")
            return
        pages = math.ceil(len(found) / size)
        if size > 100:
            self.refuse(handler, 400, "rest_invalid_param", "Invalid parameter(s): per_page")
        elif page > max(pages, 1):
            self.refuse(handler, 400, "rest_post_invalid_page_number", "The page is too far.")
        else:
            rows = [
                self.row(post, "_embed" in query)
                for post in found[(page - 1) * size : page * size]
            ]
            totals = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(pages)}
            self.json(handler, rows, totals if self.totals else {})

    def found(self, kind: str, query: dict[str, str]) -> list[Post]:
        """Compare and sort as date_query does: by local time."""
        found = [post for post in self.posts if post.kind == kind]
        if "after" in query:
            bound = datetime.fromisoformat(query["after"]).astimezone(self.zone)
            found = [post for post in found if post.published.astimezone(self.zone) > bound]
        if "modified_after" in query and not self.old:
            bound = datetime.fromisoformat(query["modified_after"]).astimezone(self.zone)
            found = [post for post in found if post.modified.astimezone(self.zone) > bound]
        by = "modified" if query.get("orderby") == "modified" else "published"
        back = query.get("order", "desc") == "desc"
        return sorted(found, key=lambda post: (getattr(post, by), post.id), reverse=back)

    def row(self, post: Post, embed: bool) -> dict[str, object]:
        def local(moment: datetime) -> str:
            return moment.astimezone(self.zone).replace(tzinfo=None).isoformat()

        def utc(moment: datetime) -> str:
            return moment.astimezone(UTC).replace(tzinfo=None).isoformat()

        row: dict[str, object] = {
            "id": post.id,
            "date": local(post.published),
            "date_gmt": utc(post.published),
            "modified": local(post.modified),
            "modified_gmt": utc(post.modified),
            "guid": {"rendered": f"{self.url}/?p={post.id}"},
            "link": f"{self.url}/{post.id}/",
            "title": {"rendered": post.title},
            "content": {"rendered": post.content, "protected": False},
            "excerpt": {"rendered": "", "protected": False},
        }
        embedded = {
            "author": [{"name": "Ines &amp; Vautrin"}],
            "wp:featuredmedia": [{"source_url": "/uploads/quay.jpg"}],
            "wp:term": [
                [
                    {"taxonomy": "category", "name": "Harbour &#038; sea", "slug": "harbour"},
                    {"taxonomy": "category", "name": "Uncategorized", "slug": "uncategorized"},
                ],
                [
                    {"taxonomy": "post_tag", "name": "ships", "slug": "ships"},
                    {"taxonomy": "post_format", "name": "Aside", "slug": "post-format-aside"},
                ],
            ],
        }
        return {**row, **({"_embedded": embedded} if embed else {}), **post.more}

    def refuse(
        self, handler: BaseHTTPRequestHandler, status: int, code: str, message: str
    ) -> None:
        self.json(
            handler, {"code": code, "message": message, "data": {"status": status}}, {}, status
        )

    def json(
        self,
        handler: BaseHTTPRequestHandler,
        value: object,
        headers: dict[str, str] | None = None,
        status: int = 200,
    ) -> None:
        body = json.dumps(value).encode()
        etag = f'"{hash(body)}"'
        same = self.validators and handler.headers.get("if-none-match") == etag
        handler.send_response(304 if same else status)
        for name, said in (headers or {}).items():
            handler.send_header(name, said)
        handler.send_header("Content-Type", "application/json; charset=UTF-8")
        if self.validators:
            handler.send_header("ETag", etag)
        handler.send_header("Content-Length", "0" if same else str(len(body)))
        handler.end_headers()
        if not same:
            handler.wfile.write(body)


@contextlib.contextmanager
def wordpress() -> Iterator[PressSite]:
    """Serve a site until the test ends."""
    here = PressSite()

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
