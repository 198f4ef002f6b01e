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
from publisher.model.definitions import Publication

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

PROBLEMS: Mapping[int, tuple[str, str]] = {
    400: (
        "This request cannot be read",
        "Go back and try it once more from the link in your mail.",
    ),
    404: (
        "There is no such page",
        "The address may be incomplete or out of date. The first page lists everything there is.",
    ),
    405: ("This page does not work that way", "Open it from the link in your mail."),
    410: ("This feed has ended", "Nothing new will come. Remove it from your reader."),
    413: (
        "That was too much at once",
        "The form takes a few lines of text. Shorten it and save again.",
    ),
    500: (
        "This page could not be made",
        "The fault is on our side and has been written down. Try again in a few minutes.",
    ),
    503: ("The pages are not ready", "Try again in a minute."),
}

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

    def page(
        self,
        template: str,
        values: Mapping[str, object],
        *,
        status: int = 200,
        headers: Mapping[str, str] = PRIVATE,
    ) -> Response[bytes]:
        """Render a page of `templates/web/`. Raises RenderError."""
        context: dict[str, object] = {
            "title": self.publication.title,
            "language": self.publication.language,
            "publication": self.publication,
            "base": self.base,
            **values,
        }
        body = (self.guard or self.app.guard).html(f"web/{template}", context).encode()
        return reply(body, HTML, status=status, headers={**SECURITY, **headers})

    def problem(
        self,
        status: int,
        *,
        heading: str = "",
        text: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Response[bytes]:
        """Return an error page in the publication's look; a bare one when the templates fail."""
        usual = (
            PROBLEMS.get(status)
            or PROBLEMS[500 if status >= HTTPStatus.INTERNAL_SERVER_ERROR else 400]
        )
        values = {"heading": heading or usual[0], "text": text or usual[1], "status": status}
        more = {**PRIVATE, **(headers or {})}
        try:
            return self.page("problem.html", values, status=status, headers=more)
        except RenderError as error:
            log.warning("web.template", template="web/problem.html", error=str(error))
        words = f"<h1>{escape(str(values['heading']))}</h1><p>{escape(str(values['text']))}</p>"
        bare = f"<!DOCTYPE html><html lang=en><title>{status}</title>{words}</html>"
        return reply(bare.encode(), HTML, status=status, headers={**SECURITY, **more})


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
