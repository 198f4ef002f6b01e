"""Tiny mails: one that keeps every rule, and changes to it."""

from publisher.lint.mail import MailInspector
from publisher.model.findings import MailReport

LEAVE = "https://gazette.example/unsubscribe/TOKEN"
HEADERS = {
    "From": "The Gazette <news@gazette.example>",
    "To": "Ada <ada@example.org>",
    "Subject": "The night ferry is back",
    "Date": "Mon, 23 Nov 2026 06:30:00 +0000",
    "Message-ID": "<morning-7.14cd9c14@gazette.example>",
    "List-Id": "Morning digest <morning.gazette.example>",
    "List-Unsubscribe": f"<{LEAVE}>, <mailto:leave@gazette.example?subject=unsubscribe>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
}
STYLE = """
.bare:hover { text-decoration: underline !important; }
@media (prefers-color-scheme: dark) {
.page { background-color: #17181b !important; }
.ink { color: #ece8df !important; }
}
"""
HEAD = (
    '<meta charset="utf-8"><title>The night ferry is back</title>'
    "<!--[if mso]><xml><o:OfficeDocumentSettings><o:PixelsPerInch>96</o:PixelsPerInch>"
    "</o:OfficeDocumentSettings></xml><style>td { mso-line-height-rule: exactly; }</style><![endif]-->"
    f"<style>{STYLE}</style>"
)
TOP = (
    f'<p style="margin:0"><a class="ink" href="{LEAVE}" style="color:#1c1b19">Unsubscribe</a>'
    " from the digest</p>"
)
STORY = (
    '<h2 style="margin:0"><a class="ink bare" href="https://gazette.example/ferry/" '
    'style="color:#1c1b19;line-height:44px">The night ferry is back</a></h2>'
    '<p style="margin:0">It sails at ten with a library on board.</p>'
)
PICTURE = '<img src="https://gazette.example/f.png" alt="" width="600" height="300" border="0">'
BODY = (
    '<div class="page ink" role="main" lang="en" dir="ltr" '
    'style="background-color:#fbf8f1;color:#1c1b19">'
    '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr>'
    '<td style="padding:8px;font-size:16px;line-height:24px">'
    "{top}<h1>The Gazette</h1>{picture}{story}{more}</td></tr></table></div>"
)
TEXT = f"""THE GAZETTE
Unsubscribe from the digest: {LEAVE}

The night ferry is back
https://gazette.example/ferry/
It sails at ten with a library on board.
"""


def page(
    *,
    html: str = 'lang="en" dir="ltr"',
    head: str = HEAD,
    top: str = TOP,
    story: str = STORY,
    picture: str = PICTURE,
    more: str = "",
) -> str:
    """Return the HTML part."""
    body = BODY.format(top=top, story=story, picture=picture, more=more)
    return (
        f"<!DOCTYPE html>\n<html {html}>\n<head>{head}</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def mail(
    headers: dict[str, str | None] | None = None,
    *,
    html: str | None = None,
    text: str = TEXT,
    turned: bool = False,
) -> bytes:
    """Return a mail; a header that is None is left out, `turned` puts the HTML part first."""
    written = {**HEADERS, **(headers or {})}
    lines = [f"{name}: {value}" for name, value in written.items() if value is not None]
    parts = [("plain", text)] if text else []
    parts += [("html", page() if html is None else html)] if html != "" else []
    if turned:
        parts.reverse()
    lines += ["MIME-Version: 1.0", 'Content-Type: multipart/alternative; boundary="b"', ""]
    for kind, content in parts:
        lines += ["--b", f"Content-Type: text/{kind}; charset=utf-8", "", content]
    lines += ["--b--", ""]
    return "\r\n".join(lines).encode()


def inspect(data: bytes) -> MailReport:
    """Judge a mail."""
    return MailInspector().inspect(data)


def rules_of(data: bytes) -> set[str]:
    """Return the ids of the rules a mail breaks."""
    return {found.rule for found in inspect(data).findings}
