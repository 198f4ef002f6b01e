"""Rules about headers: what a list's mail must say of itself, and how.

Serves MailInspector.
"""

import re
from collections.abc import Callable, Iterator
from email.utils import getaddresses, parsedate_to_datetime
from functools import partial

from publisher.lint.mail.addresses import is_loopback, placeholder, unfilled
from publisher.lint.mail.letter import words
from publisher.lint.mail.rules import Mail, found
from publisher.model.findings import Finding

LINE = 998
"""Octets a line may have without its end (RFC 5322 section 2.1.1)."""
ONE_CLICK = "List-Unsubscribe=One-Click"
_MESSAGE_ID = re.compile(r"\s*<[^<>@\s]+@[^<>@\s]+>\s*")
_LIST_ID = re.compile(r".*<[^<>\s]+\.[^<>\s]+>\s*", re.DOTALL)
_ANGLED = re.compile(r"<([^<>]*)>")


def check(mail: Mail) -> Iterator[Finding]:
    """Yield what is wrong with the headers."""
    long = max((len(line.rstrip(b"\r")) for line in mail.letter.data.split(b"\n")), default=0)
    if long > LINE:
        message = f"a line has {long:,} octets; at most {LINE} travel safely: encode the part"
        yield found("mail.line-length", message, "message")
    for name, rule, sound, message in _NEEDED:
        values = mail.letter.all(name)
        if len(values) != 1 or not sound(values[0]):
            told = f"{len(values)} times" if len(values) > 1 else values[0][:60] if values else ""
            yield found(rule, message + (f", not {told}" if told else ""), name.title())
    yield from _surplus(mail)
    if _is_list(mail):
        yield from _list(mail)


def unsubscribe_address(mail: Mail) -> str:
    """Return the web address of List-Unsubscribe, "" for none."""
    listed = _ANGLED.findall(mail.letter.first("list-unsubscribe"))
    return next((item.strip() for item in listed if item.strip().lower().startswith("http")), "")


def _one_address(value: str) -> bool:
    addresses = [address for _, address in getaddresses([value])]
    return len(addresses) == 1 and "@" in addresses[0]


def _is_date(value: str) -> bool:
    try:
        parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return False
    return True


def _says(value: str) -> bool:
    return bool(words(value).strip())


_Sound = Callable[[str], object]
_NEEDED: tuple[tuple[str, str, _Sound, str], ...] = (
    ("from", "header.from", _one_address, "there must be one From with one address"),
    ("to", "header.to", _one_address, "there must be one To with one address"),
    ("subject", "header.subject", _says, "the subject is empty"),
    ("date", "header.date", _is_date, "there must be one Date that can be read"),
    ("message-id", "header.message-id", _MESSAGE_ID.fullmatch, "Message-ID must be <left@right>"),
)


def _surplus(mail: Mail) -> Iterator[Finding]:
    if mail.letter.all("bcc"):
        yield found("header.to", "a Bcc travels with the mail; take it out", "Bcc")
    subject = words(mail.letter.first("subject"))
    if mark := unfilled(subject):
        yield found("link.unfilled", f"the subject holds the unfilled field {mark}", "Subject")
    elif mark := placeholder(subject):
        yield found("link.placeholder", f"the subject holds the placeholder {mark}", "Subject")
    for name, value in mail.letter.headers:
        if not f"{name}{value}".isascii():
            message = f"{name} holds letters that are not ASCII; write them as encoded words"
            yield found("header.ascii", message, name)


def _is_list(mail: Mail) -> bool:
    answered = mail.letter.first("auto-submitted").strip().lower() not in {"", "no"}
    return bool(mail.letter.all("list-id")) or not answered


def _list(mail: Mail) -> Iterator[Finding]:
    ids = mail.letter.all("list-id")
    if len(ids) != 1 or not _LIST_ID.fullmatch(ids[0]):
        yield found(
            "header.list-id", "a list's mail needs one List-Id: Title <name.domain>", "List-Id"
        )
    yield from _unsubscribe(mail)
    posts = mail.letter.all("list-unsubscribe-post")
    if [value.strip() for value in posts] != [ONE_CLICK]:
        message = f'one-click unsubscribing needs "List-Unsubscribe-Post: {ONE_CLICK}"'
        yield found("header.one-click", message, "List-Unsubscribe-Post")


def _unsubscribe(mail: Mail) -> Iterator[Finding]:
    told = partial(found, "header.list-unsubscribe", where="List-Unsubscribe")
    values = mail.letter.all("list-unsubscribe")
    if len(values) != 1:
        yield told(f"a list's mail needs one List-Unsubscribe; there are {len(values)}")
        return
    value = values[0].strip()
    if "=?" in value:
        yield told("it is an encoded word, which Gmail and Outlook do not read; leave it plain")
        return
    first = next(iter(_ANGLED.findall(value)), "").strip()
    if not first.lower().startswith("https://") and not is_loopback(first):
        yield told("its first address must be https, in angle brackets")
