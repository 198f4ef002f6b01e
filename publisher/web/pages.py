"""Pages rendered on request, in the publication's own templates, with their security headers.

Serves the handlers of web. An error page never fails: when the templates are broken, a bare one
goes out. Touches the templates only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import structlog
from litestar import HttpMethod, Request, Response
from litestar.response.base import ASGIResponse

from publisher.app import App
from publisher.errors import RenderError
from publisher.kit.templating import Guard
from publisher.kit.words import Words
from publisher.model.definitions import Publication
from publisher.web.conditions import encoding_of, http_date, is_current
from publisher.web.shelf import Loaded

HTML = "text/html; charset=utf-8"
_CSP = (
    "default-src 'none'; style-src {style}; img-src * data:; media-src *; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# The mail's markup carries its styles with it; nothing in it can run.
MAIL_CSP = _CSP.format(style="'unsafe-inline'")
SECURITY = {
    "content-security-policy": _CSP.format(style="'self'"),
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
}
# For pages behind a signed link: nobody else may learn or keep the address.
PRIVATE = {
    "cache-control": "private, no-store",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow",
}

PROBLEMS = frozenset((400, 404, 405, 410, 413, 429, 500, 503))
"""The statuses that the words have a page for, `[problem.404]`; others are said as 400 or 500."""

MAX_AGE = "public, max-age=300"

log = structlog.get_logger("publisher.web")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every handler is given: the publication, opened.

    `guard` renders instead of the publication's own, for trying the templates.
    """

    app: App
    guard: Guard | None = None

    @property
    def publication(self) -> Publication:
        """Return who publishes, as in force now."""
        return self.app.definitions.publication

    @property
    def base(self) -> str:
        """Return the path under which the publication lives, with slashes at both ends."""
        return base_path(self.publication.url)

    def words(self, language: str = "") -> Words:
        """Return the words of a reader's language, else of the publication's. Raises TemplateError."""
        wording = self.app.wording
        return wording.words(wording.nearest(language, self.publication.language))

    def page(
        self,
        template: str,
        values: Mapping[str, object],
        *,
        language: str = "",
        status: int = 200,
        headers: Mapping[str, str] = PRIVATE,
    ) -> Response[bytes]:
        """Render a page of `templates/web/`, for a reader of `language`. Raises RenderError."""
        body = self.render(template, values, language)
        return reply(body, HTML, status=status, headers={**SECURITY, **headers})

    def render(self, template: str, values: Mapping[str, object], language: str = "") -> bytes:
        """Return a page of `templates/web/`, for a reader of `language`. Raises RenderError."""
        context: dict[str, object] = {
            "title": self.publication.title,
            "language": self.words(language).language,
            "publication": self.publication,
            "base": self.base,
            "site": self.app.site,
            **values,
        }
        return (self.guard or self.app.guard).html(f"web/{template}", context).encode()

    def problem(
        self, status: int, *, name: str = "", headers: Mapping[str, str] | None = None
    ) -> Response[bytes]:
        """Return an error page in the publication's look; a bare one when the templates fail.

        `name` is its key below `[problem]` in the words, if not the status.
        """
        usual = 500 if status >= HTTPStatus.INTERNAL_SERVER_ERROR else 400
        heading, text = self._said(name or str(status if status in PROBLEMS else usual), usual)
        values = {"heading": heading, "text": text, "status": status}
        more = {**PRIVATE, **(headers or {})}
        try:
            return self.page("problem.html", values, status=status, headers=more)
        except RenderError as error:
            log.warning("web.template", template="web/problem.html", error=str(error))
        words = f"<h1>{escape(heading)}</h1><p>{escape(text)}</p>"
        bare = f"<!DOCTYPE html><title>{status}</title>{words}</html>"
        return reply(bare.encode(), HTML, status=status, headers={**SECURITY, **more})

    def _said(self, name: str, usual: int) -> tuple[str, str]:
        """Return heading and text of a problem; the standard's own phrase when the words fail."""
        try:
            words = self.words()
            return words.say(f"problem.{name}.title"), words.say(f"problem.{name}.text")
        except RenderError as error:
            log.warning("web.words", problem=name, error=str(error))
            return HTTPStatus(usual).phrase, ""


def desk_of(request: Request[Any, Any, Any]) -> Desk:
    """Return the desk of the application a request came to."""
    desk: Desk = request.app.state.desk
    return desk


def reply(
    body: bytes, content_type: str, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response[bytes]:
    """Return an answer with its length, also when a HEAD request leaves the body out."""
    named = {
        "content-type": content_type,
        "content-length": str(len(body)),
        "x-content-type-options": "nosniff",
        **(headers or {}),
    }
    return Lenient(content=body, status_code=status, headers=named)


def conditional(
    request: Request[Any, Any, Any], loaded: Loaded, headers: Mapping[str, str] | None = None
) -> Response[Any]:
    """Answer with a document for everybody: 304 where the reader has it, compressed where it is taken."""
    status, named, body = answered(request.headers, loaded, {**SECURITY, **(headers or {})})
    if status == HTTPStatus.NOT_MODIFIED:
        return Response(content=b"", status_code=status, headers=named)
    return reply(body, loaded.media_type, headers=named)


def answered(
    asked: Mapping[str, str], loaded: Loaded, headers: Mapping[str, str]
) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body for a document and what was asked; 304 where it is known."""
    encoding = encoding_of(asked.get("accept-encoding", ""), tuple(loaded.pressed))
    named = {"etag": loaded.tag(encoding), "cache-control": MAX_AGE, **headers}
    if loaded.modified is not None:
        named["last-modified"] = http_date(loaded.modified)
    if loaded.pressed:
        named["vary"] = ", ".join(filter(None, ("Accept-Encoding", headers.get("vary", ""))))
    # A copy in another encoding holds the same document, so its tag is as good.
    conditions = asked.get("if-none-match"), asked.get("if-modified-since")
    if is_current(loaded.etags, loaded.modified, *conditions):
        return HTTPStatus.NOT_MODIFIED, named, b""
    if encoding:
        named["content-encoding"] = encoding
    return HTTPStatus.OK, named, loaded.form(encoding)


class Lenient(Response[bytes]):
    """An answer that may be given to GET and HEAD alike."""

    def to_asgi_response(self, app: Any, request: Any, **options: Any) -> ASGIResponse:
        """Drop the body of an answer to HEAD, keeping the headers that describe it."""
        if request.method == HttpMethod.HEAD:
            self.content = b""
        return super().to_asgi_response(app, request, **options)


def base_path(url: str) -> str:
    """Return the path of the publication's address, with slashes at both ends."""
    path = urlsplit(url).path.strip("/")
    return f"/{path}/" if path else "/"
