"""Mail as bytes: compile a message once per edition, splice one parcel per recipient.

Serves core.sending (through the ports Press and Letter), previews and the web's online view.
Touches nothing: text in, bytes out. `EmailMessage` is the oracle in the tests.
"""

from publisher.kit.mime.addresses import (
    Mailbox,
    ascii_address,
    ascii_domain,
    parse_mailbox,
    wire_address,
)
from publisher.kit.mime.headers import single_line, url_safe
from publisher.kit.mime.letter import CompiledLetter, MimePress, boundary, message_id
from publisher.kit.mime.plain import plain_letter

__all__ = [
    "CompiledLetter",
    "Mailbox",
    "MimePress",
    "ascii_address",
    "ascii_domain",
    "boundary",
    "message_id",
    "parse_mailbox",
    "plain_letter",
    "single_line",
    "url_safe",
    "wire_address",
]
