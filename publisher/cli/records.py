"""What DNS says of the sender: SPF, DKIM and DMARC, which large mailbox providers ask for.

Serves `doctor`. Asks the machine's resolvers.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publisher.app.signing import Signing

Answer = tuple[str, ...] | None
Ask = Callable[[str], Answer]
Finding = tuple[str, str, str]
OK, PROBLEM, NOTE = "ok", "problem", "note"


def records(domain: str, signing: "Signing | None", ask: Ask) -> Iterator[Finding]:
    """Yield what is found about a sender's domain. `ask` returns the texts of a name, None for no answer."""
    yield _spf(domain, ask(domain))
    for item in signing.signer.signatures if signing else ():
        yield _dkim(item.selector, item.domain, item.key.public, ask)
    yield _dmarc(domain, ask)


def _spf(domain: str, answer: Answer) -> Finding:
    if answer is None:
        return _unasked("SPF", domain)
    found = [text for text in answer if text.lower().split(" ")[0] == "v=spf1"]
    if len(found) == 1:
        return "SPF", OK, f"{domain}: {found[0]}"
    if found:
        return "SPF", PROBLEM, f"{domain} has {len(found)} records, and only one may be: join them"
    return "SPF", PROBLEM, f"{domain} has none: publish which hosts send for you, `v=spf1 … -all`"


def _dkim(selector: str, domain: str, public: str, ask: Ask) -> Finding:
    name = f"{selector}._domainkey.{domain}"
    answer = ask(name)
    if answer is None:
        return _unasked(f"DKIM {selector}", name)
    if not answer:
        advice = "publish what `publisher dkim show` says; until then signatures fail"
        return f"DKIM {selector}", PROBLEM, f"{name} has no record: {advice}"
    if public in [_tags(text).get("p") for text in answer]:
        return f"DKIM {selector}", OK, f"{name} has this key"
    return f"DKIM {selector}", PROBLEM, f"{name} has another key: compare `publisher dkim show`"


def _dmarc(domain: str, ask: Ask) -> Finding:
    """Look at the domain, then at those above it (RFC 7489 section 6.6.3, without a list of suffixes)."""
    labels = domain.split(".")
    for start in range(len(labels) - 1):
        name = f"_dmarc.{'.'.join(labels[start:])}"
        answer = ask(name)
        if answer is None:
            return _unasked("DMARC", name)
        found = [text for text in answer if _tags(text).get("v") == "DMARC1"]
        if found:
            return "DMARC", OK, f"{name}: {found[0]}"
    return "DMARC", PROBLEM, f"_dmarc.{domain} has none: publish at least `v=DMARC1; p=none`"


def _unasked(what: str, name: str) -> Finding:
    return what, NOTE, f"{name}: DNS could not be asked"


def _tags(text: str) -> dict[str, str]:
    """Return the tags of a record; white space in a value means nothing (RFC 6376 section 3.2)."""
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip(): "".join(value.split()) for name, _, value in pairs}
