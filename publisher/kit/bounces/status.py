"""The machine's half of a delivery report: fields by recipient (RFC 3464, RFC 6533).

Serves `read_report`. Pure, total. Fields come in any order and case, per-message ones mixed in.
"""

import re
from collections.abc import Mapping, Sequence

from publisher.model.receipts import Action, Notice

TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})

_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]*)[ \t]*:[ \t]*(.*)", re.DOTALL)
_FOLDED = re.compile(r"\n[ \t]+")
_TYPED = re.compile(r"\A\s*[A-Za-z0-9][A-Za-z0-9-]*\s*;\s*")
_ANGLES = re.compile(r"<([^<>]*)>")
_ROUTE = re.compile(r"^@[^:]*:")
_ADDRESS = re.compile(r"(?:\"[^\"]+\"|[^\s<>\"|/@]+)@[^\s<>\"|/@]+")
_QUOTED = re.compile(r"\\x\{([0-9A-Fa-f]{1,6})\}")
_XTEXT = re.compile(r"\+([0-9A-F]{2})")
_CODE = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_ABOUT = frozenset(
    {"final-recipient", "original-recipient", "action", "status", "x-actual-recipient"}
)
_ACTIONS = {
    "failed": Action.FAILED,
    "failure": Action.FAILED,
    "delayed": Action.DELAYED,
    "deferred": Action.DELAYED,
    "delivered": Action.DELIVERED,
    "deliverable": Action.DELIVERED,
    "relayed": Action.RELAYED,
    "expanded": Action.EXPANDED,
}


def read_status(text: str) -> tuple[Notice, ...]:
    """Return what is said of each recipient, in order."""
    return tuple(_notice(block) for block in _blocks(text) if _ABOUT & block.keys())


def address_of(value: str) -> str:
    """Return the address of a typed field (`rfc822; a@b.example`), as it would be written in a mail."""
    said = _TYPED.sub("", value, count=1).strip()
    said = _QUOTED.sub(_character, said)
    inner = _ANGLES.search(said)
    bare = (inner[1] if inner else said).strip().strip("'").strip()
    return _ROUTE.sub("", bare)


def _character(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return chr(code) if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else found[0]  # noqa: PLR2004 - Unicode


def _blocks(text: str) -> list[Mapping[str, str]]:
    """Return the groups of fields; a new one begins after an empty line, or where a field comes again."""
    blocks: list[dict[str, str]] = [{}]
    for group in re.split(r"\n[ \t]*\n", text):
        if blocks[-1]:
            blocks.append({})
        for line in _FOLDED.sub(" ", group).split("\n"):
            found = _FIELD.match(line)
            if found is None:
                continue
            name = found[1].lower()
            if name in _ABOUT and name in blocks[-1]:
                blocks.append({})
            blocks[-1].setdefault(name, found[2].strip())
    return _whole(blocks)


def _whole(blocks: Sequence[dict[str, str]]) -> list[Mapping[str, str]]:
    """Return the groups with those mended that an empty line has cut in two."""
    whole: list[dict[str, str]] = []
    for block in blocks:
        about = _ABOUT & block.keys()
        torn = whole and about and not {"final-recipient", "original-recipient"} & about
        if torn and _ABOUT & whole[-1].keys() and not about & whole[-1].keys():
            whole[-1] |= block
        else:
            whole.append(block)
    return [*whole]


def _notice(block: Mapping[str, str]) -> Notice:
    """Return a group of fields as a notice. The recipient we wrote to comes before a forwarded one."""
    named = [address_of(block.get(name, "")) for name in ("original-recipient", "final-recipient")]
    if named[0] and "+" in named[0] and named[0].casefold() != named[1].casefold():
        decoded = _XTEXT.sub(lambda found: chr(int(found[1], 16)), named[0])
        named[0] = decoded if decoded.casefold() == named[1].casefold() else named[0]
    found = _CODE.search(block.get("status", ""))
    words = _TYPED.sub("", block.get("diagnostic-code", ""), count=1)
    return Notice(
        recipient=next((one for one in named if _ADDRESS.fullmatch(one)), ""),
        action=_ACTIONS.get(block.get("action", "").split("(")[0].strip().lower(), _guess(found)),
        status=found[1] if found else "",
        diagnostic=" ".join(words.split()),
    )


def _guess(code: re.Match[str] | None) -> Action:
    """Return what a status means where no action is named: only success is no failure."""
    return Action.DELIVERED if code is not None and code[1].startswith("2") else Action.FAILED
