"""Rules about links and pictures: where they lead, what they say.

Serves MailInspector.
"""

import re
from collections.abc import Iterator

from publisher.lint.mail.addresses import is_loopback, placeholder, split, unfilled
from publisher.lint.mail.features import picture_tokens
from publisher.lint.mail.page import Element, place, text_of
from publisher.lint.mail.rules import Mail, found
from publisher.lint.mail.support import support
from publisher.model.findings import Finding

SCHEMES = frozenset({"https", "http", "mailto", "tel", "sms"})
EVERYWHERE = frozenset({".png", ".jpg", ".jpeg", ".gif"})
VAGUE = frozenset(
    {
        *("here", "click here", "click", "link", "this", "this link", "more", "read more"),
        *("learn more", "continue", "continue reading", "details"),
        *("hier", "hier klicken", "mehr", "weiterlesen", "mehr lesen", "ici", "cliquez ici"),
        *("lire la suite", "en savoir plus", "aquí", "haz clic aquí", "leer más", "más"),
        *("buraya tıklayın", "tıklayın", "devamı", "здесь", "подробнее", "читать далее"),
        *("هنا", "اقرأ المزيد", "المزيد", "点击这里", "更多", "阅读更多"),
    }
)
"""Words of a link that say nothing out of context, as a screen reader's list of links shows them."""


def check(mail: Mail) -> Iterator[Finding]:
    """Yield what is wrong with links and pictures."""
    for link in mail.page.links:
        yield from _address(link)
        yield from _placeholder(link.get("href", ""), place(link))
        if link not in mail.page.hidden:
            yield from _words(link)
    for element in mail.page.elements:
        if element.tag == "img":
            yield from _picture(element)


def _address(link: Element) -> Iterator[Finding]:
    address, where = link.get("href", "").strip(), place(link)
    parts = split(address)
    if address in {"", "#"}:
        yield found("link.empty", "a link leads nowhere", where)
    elif mark := unfilled(address):
        yield found("link.unfilled", f"the address holds the unfilled field {mark}", where)
    elif address.startswith("#"):
        return
    elif parts is None or not parts.scheme:
        yield found("link.relative", f"{address[:60]} is no whole address", where)
    elif parts.scheme.lower() not in SCHEMES:
        yield found("link.scheme", f"a link is {parts.scheme.lower()}: it must be https", where)
    elif parts.scheme.lower() == "http" and not is_loopback(address):
        yield found("link.insecure", "a link is http: use https where the site has it", where)


def _placeholder(address: str, where: str) -> Iterator[Finding]:
    if mark := placeholder(address):
        yield found("link.placeholder", f"the address holds the placeholder {mark}", where)


def _words(link: Element) -> Iterator[Finding]:
    pictures = [item.get("alt") or "" for item in link.iter("img")]
    said = link.get("aria-label") or " ".join([text_of(link), *pictures]).strip()
    if not said.strip():
        yield found("access.link-text", "a link has no words", place(link))
    elif re.sub(r"[\s.…»›→>]+$", "", said.strip().lower()) in VAGUE:
        message = f'the link "{said.strip()[:40]}" does not say where it leads'
        yield found("access.vague-link", message, place(link))


def _picture(image: Element) -> Iterator[Finding]:
    where, address = place(image), (image.get("src") or "").strip()
    if image.get("alt") is None:
        message = 'a picture has no alt; alt="" when it only decorates'
        yield found("access.alt", message, where)
    if not (image.get("width") or "").strip():
        message = "a picture has no width attribute; Outlook shows it in its own size"
        yield found("picture.width", message, where)
    if not (image.get("height") or "").strip():
        message = "a picture has no height attribute; the text jumps when it comes"
        yield found("picture.height", message, where)
    yield from _source(address, where)


def _source(address: str, where: str) -> Iterator[Finding]:
    parts = split(address)
    scheme = parts.scheme.lower() if parts else ""
    yield from _placeholder(address, where)
    if mark := unfilled(address):
        yield found("link.unfilled", f"the address holds the unfilled field {mark}", where)
    elif scheme == "data":
        yield found("picture.address", "a picture is base64, which Gmail does not show", where)
    elif scheme not in {"https", "http"}:
        message = f"a picture has no whole address: {address[:60] or 'it is empty'}"
        yield found("picture.address", message, where)
    elif scheme == "http" and not is_loopback(address):
        yield found("picture.insecure", "a picture comes by http; use https", where)
    for token in picture_tokens(address):
        slug = support().slug(token)
        if slug and slug.startswith("image-") and token not in {*EVERYWHERE, "data:"}:
            clients = support().without(slug, support().clients)
            message = f"a picture is {token[1:]}; PNG, JPEG and GIF are shown everywhere"
            yield found("picture.format", message, where, clients)
