"""A newsletter as it came by mail, as an article; serves the `imap` source.

`read_newsletter` is called in a killable process: what strangers mail decides how long it takes.
Pure. A mail is made for one reader: what only concerns that reader (links to unsubscribe, hidden
previews, pictures that report) does not go into an article.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import parseaddr

from lxml import etree, html

from publisher.errors import ParseError
from publisher.kit import css
from publisher.kit.clean import absolute_url, clean_html, html_to_text
from publisher.kit.dates import as_instant
from publisher.kit.decode import decode_document
from publisher.kit.text import clean_text, derive_title, plain_title, text_to_html
from publisher.model.articles import CollectedArticle

HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|max-height\s*:\s*0(?![.\d])"
    r"|font-size\s*:\s*0(?:px)?\s*(?:;|$)",
    re.IGNORECASE,
)
PERSONAL = re.compile(
    r"unsubscribe|manage (?:your )?(?:preferences|subscription)|update (?:your )?preferences"
    r"|view (?:this |it )?(?:e-?mail |message |newsletter )?(?:online|in (?:your |a |the )?browser)|abmelden"
    r"|abbestellen|im browser|einstellungen ändern|désabonn|désinscri|dans (?:votre|le) navigateur"
    r"|darse de baja|cancelar (?:la )?suscripción|disiscriv|cancella(?:ti| iscrizione)|uitschrijven"
    r"|afmelden|avregistrera|wypisz|odhlásit|отписаться|aboneliği? (?:iptal|sonlandır)|配信停止|退订",
    re.IGNORECASE,
)
BRIEF = 60
"""Characters of a link or a line that says no more than that; a sentence about it is a story's."""

CONFIRMS = re.compile(
    r"confirm|verify your|activate your|bestätig|best[aä]tigung|confirme[zr]|conferma|bevestig|bekräfta"
    r"|potwierd|подтверд|onayla|確認|确认",
    re.IGNORECASE,
)
SHORT = 2_500
"""Characters that a mail asking for confirmation has at most; a newsletter may use the word, too."""

_ADDRESS = re.compile(r"https?://\S+")
LIST_NAME = re.compile(r"(?P<name>[^<]*)<(?P<id>[^<>\s]+)>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsletter:
    """A mail as read: the article, whom it is from, and which list it went to ("" for none).

    `confirm` is the address to open when the mail asks whether its reader wants it.
    """

    article: CollectedArticle
    sender: str
    list_id: str = ""
    confirm: str = ""


def read_newsletter(data: bytes) -> Newsletter:
    """Read a mail (RFC 5322, MIME). Raises ParseError for what has neither subject nor text."""
    try:
        message = message_from_bytes(data, policy=policy.default)
        return _newsletter(message, data)
    except (MessageError, LookupError, ValueError, TypeError, AttributeError, IndexError) as error:
        raise ParseError("mail", f"cannot be read: {error!r}"[:200]) from error


def _newsletter(message: EmailMessage, data: bytes) -> Newsletter:
    markup, plain = _body(message, "html"), _body(message, "plain")
    tree = css.parse(markup) if markup.strip() else None
    page = _archived(message)
    confirm = _confirmation(message, tree, plain)
    cleaned = _cleaned(tree, _unsubscribing(message)) if tree is not None else ""
    if not html_to_text(cleaned):
        cleaned = text_to_html(_without_personal(plain))
    text = html_to_text(cleaned)
    title = plain_title(_header(message, "subject")) or derive_title(text)
    if not title:
        raise ParseError("mail", "has neither a subject nor a text")
    name, sender = parseaddr(_header(message, "from"))
    listed = LIST_NAME.search(_header(message, "list-id"))
    list_name = clean_text(listed["name"].strip(' "')) if listed is not None else ""
    author = clean_text(name) or sender
    return Newsletter(
        sender=sender.lower(),
        list_id=listed["id"].lower() if listed is not None else "",
        confirm=confirm,
        article=CollectedArticle(
            external_id=_identity(message, data),
            title=title,
            url=page,
            html=cleaned,
            text=text,
            language=clean_text(_header(message, "content-language").partition(",")[0]),
            authors=(author,) if author else (),
            tags=(list_name,) if list_name else (),
            published=as_instant(_header(message, "date")),
        ),
    )


def _header(message: EmailMessage, name: str) -> str:
    """Return a header decoded (RFC 2047, RFC 6532), on one line; "" when absent or unreadable."""
    try:
        return " ".join(str(message.get(name, "")).split())
    except (ValueError, TypeError, LookupError, AttributeError, IndexError):
        return ""  # email's parser of structured headers has bugs


def _identity(message: EmailMessage, data: bytes) -> str:
    """Return the Message-ID; without one a digest of the mail."""
    found = re.search(r"<([^<>\s]+)>", _header(message, "message-id"))
    return f"mid:{found[1]}" if found else f"sha256:{hashlib.sha256(data).hexdigest()[:32]}"


def _body(message: EmailMessage, kind: str) -> str:
    """Return the text of the part that is to be shown, "" when there is none of that kind."""
    try:
        part = message.get_body(preferencelist=(kind,))
    except (KeyError, ValueError, AttributeError):
        part = None
    if part is None:
        return ""
    payload = part.get_payload(decode=True)
    charset = f"text/{kind}; charset={part.get_content_charset() or ''}"
    return decode_document(payload, charset) if isinstance(payload, bytes) else ""


def _archived(message: EmailMessage) -> str:
    """Return where everybody can read the mail (Archived-At, RFC 5064).

    A link to "view online" is not taken: it often carries who its reader is.
    """
    found = re.search(r"<(https?://[^<>\s]+)>", _header(message, "archived-at"))
    return absolute_url(found[1]) if found else ""


def _unsubscribing(message: EmailMessage) -> frozenset[str]:
    """Return the addresses that end the subscription (List-Unsubscribe, RFC 2369)."""
    return frozenset(re.findall(r"<([^<>\s]+)>", _header(message, "list-unsubscribe")))


def _confirmation(message: EmailMessage, tree: html.HtmlElement | None, plain: str) -> str:
    """Return the address that confirms a subscription, when that is what the mail asks for."""
    words = css.words(tree) if tree is not None else plain
    if len(words) > SHORT or not CONFIRMS.search(_header(message, "subject")):
        return ""
    if tree is not None:
        for link in css.select(tree, "a[href]"):
            said = f"{css.words(link)} {link.get('href')}"
            if CONFIRMS.search(said) and absolute_url(link.get("href") or ""):
                return absolute_url(link.get("href") or "")
    found = next((one for one in re.findall(r"https?://\S+", plain) if CONFIRMS.search(one)), "")
    return absolute_url(found.rstrip(".,;>)"))


def _cleaned(tree: html.HtmlElement, unsubscribing: frozenset[str]) -> str:
    """Return a mail's HTML without what is hidden, personal or layout, sanitised."""
    for element in list(_unwanted(tree, unsubscribing)):
        if element.getparent() is not None:
            element.drop_tree()
    for table in css.select(tree, "table"):
        if _is_layout(table):
            for part in (table, *_cells(table)):
                part.tag = "div"
    return clean_html(html.tostring(tree, encoding="unicode"))


def _unwanted(tree: html.HtmlElement, unsubscribing: frozenset[str]) -> Iterator[html.HtmlElement]:
    """Yield the elements that do not go into an article."""
    for element in tree.iter(etree.Element):
        if HIDDEN.search(element.get("style") or "") or element.get("hidden") is not None:
            yield element
        elif element.tag == "a":
            if element.get("href") in unsubscribing or _is_personal(css.words(element)):
                yield element
        elif element.tag == "img" and _is_beacon(element):
            yield element


def _is_beacon(picture: html.HtmlElement) -> bool:
    """Tell whether a picture is there to be fetched, not to be seen; attachments cannot be shown."""
    tiny = {(picture.get(side) or "").strip().removesuffix("px") for side in ("width", "height")}
    return bool(tiny & {"0", "1"}) or (picture.get("src") or "").lower().startswith("cid:")


def _is_layout(table: html.HtmlElement) -> bool:
    """Tell whether a table holds the mail together rather than data."""
    if table.get("role") == "presentation" or table.xpath(".//table"):
        return True
    rows = css.select(table, "tr")
    return css.first(table, "th") is None and all(
        len(css.select(row, "td")) < 2  # noqa: PLR2004 - a table has columns
        for row in rows
    )


def _cells(table: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """Yield the parts of a table that are its own, not those of tables within it."""
    for child in list(table):
        if child.tag in {"tbody", "thead", "tfoot", "tr", "td", "th", "center"}:
            yield child
            yield from _cells(child)


def _without_personal(plain: str) -> str:
    """Return a plain text without the lines that concern its reader only."""
    return "\n".join(
        line for line in plain.splitlines() if not _is_personal(_ADDRESS.sub("", line))
    )


def _is_personal(words: str) -> bool:
    """Tell whether words are there to leave, to change or to see what one gets, and for nothing else."""
    return len(words.strip()) <= BRIEF and bool(PERSONAL.search(words))
