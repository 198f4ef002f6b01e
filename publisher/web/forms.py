"""Forms as they come: urlencoded or multipart, from browsers and from mail programs. Pure.

Serves the pages behind links in mails. Forgiving: what cannot be read is an empty form, because the
POST itself says what is wanted (RFC 8058 section 3.2).
"""

from collections.abc import Mapping, Sequence
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

MAX_FIELDS = 1_000
Form = Mapping[str, Sequence[str]]


def read_form(content_type: str, body: bytes) -> Form:
    """Return the fields of a form, each with its values in order; files are left out."""
    try:
        if content_type.strip().lower().startswith("multipart/form-data"):
            pairs = _multipart(content_type, body)
        else:
            text = body.decode("utf-8", "replace")
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except (ValueError, LookupError, TypeError, AttributeError):
        return {}
    form: dict[str, list[str]] = {}
    for name, value in pairs[:MAX_FIELDS]:
        form.setdefault(name, []).append(value)
    return form


def one(form: Form, name: str, longest: int = 200) -> str:
    """Return the last value of a field as one clean line, "" when there is none."""
    text = (form.get(name) or [""])[-1]
    clean = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(clean.split())[:longest].rstrip()


def _multipart(content_type: str, body: bytes) -> list[tuple[str, str]]:
    head = b"Content-Type: " + content_type.encode("latin-1", "replace") + b"\r\n\r\n"
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    pairs: list[tuple[str, str]] = []
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        if isinstance(name, str) and part.get_filename() is None:
            raw = part.get_payload(decode=True)
            data = raw if isinstance(raw, bytes) else b""
            pairs.append((name, data.decode("utf-8", "replace")))
    return pairs
