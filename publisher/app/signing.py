"""The signer of outgoing mail, made of `[mail.dkim]` and the keys that it names.

Serves parts. Reads the keys; everything that is wrong with them is told at once. The library that
signs takes 9 MB: it is loaded where there is something to sign with.
"""

from dataclasses import dataclass
from email.utils import parseaddr
from typing import TYPE_CHECKING

from publisher import config
from publisher.errors import ConfigError, DefinitionError, Problem
from publisher.kit.mime import ascii_domain
from publisher.model.definitions import Definitions

if TYPE_CHECKING:
    from publisher.kit.dkim import DkimSigner, SigningKey

FILE = "publisher.toml"
TABLE = "mail.dkim"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """What signs, and in how many threads copies of an edition are worth making (0: in none)."""

    signer: "DkimSigner"
    threads: int


def sender_domain(definitions: Definitions) -> str:
    """Return the domain of From as A-labels. Raises DefinitionError when it is none."""
    address = parseaddr(definitions.mail.sender)[1]
    return _ascii(address.rpartition("@")[2], "mail.from")


def signing_domain(definitions: Definitions) -> str:
    """Return the d= as A-labels, as written or that of From. Raises ConfigError."""
    written = config.settle(definitions.sections.get("dkim", {}).get("domain", ""))
    return _ascii(str(written), f"{TABLE}.domain") if written else sender_domain(definitions)


def signing(definitions: Definitions) -> Signing | None:
    """Return how mail is signed, None without `[mail.dkim]`.

    Raises DefinitionError with everything that is wrong.
    """
    table = config.dkim(definitions)
    if table is None:
        return None
    from publisher.kit.dkim import DkimSigner, Signature, aligned

    problems: list[Problem] = []
    domain, sender = signing_domain(definitions), sender_domain(definitions)
    if not aligned(domain, sender):
        reason = f"is {domain}, but From is at {sender}: write {sender} or a domain above it"
        problems.append(_problem(f"{TABLE}.domain", reason))
    keys = [(TABLE, table.selector, table.key)]
    keys += [(f"{TABLE}.also[{n}]", it.selector, it.key) for n, it in enumerate(table.also)]
    made: list[Signature] = []
    for place, written, text in keys:
        selector = written.lower()
        if any(other.selector == selector for other in made):
            problems.append(_problem(f"{place}.selector", f"{selector} is named twice"))
        key = _key(text, f"{place}.key", problems)
        if key is not None:
            made.append(Signature(domain=domain, selector=selector, key=key))
    if problems:
        raise DefinitionError(problems)
    signer = DkimSigner(made)
    return Signing(signer=signer, threads=table.threads if signer.slow else 0)


def _key(text: str, where: str, problems: list[Problem]) -> "SigningKey | None":
    from publisher.kit.dkim import read_key

    try:
        return read_key(text)
    except ConfigError as error:
        problems.append(_problem(where, error.reason))
        return None


def _ascii(domain: str, where: str) -> str:
    try:
        name = ascii_domain(domain.lower())
    except ValueError as error:
        raise DefinitionError([_problem(where, str(error))]) from None
    if "." not in name or name.rpartition(".")[2].isdigit():
        reason = f"{name} is no domain of yours in DNS, so that nothing can be signed for it"
        raise DefinitionError([_problem(where, reason)])
    return name


def _problem(key: str, message: str) -> Problem:
    return Problem(file=FILE, key=key, message=message)
