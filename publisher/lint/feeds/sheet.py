"""Where findings about one document are gathered: one per rule and place, with how often it happens.

Serves every module of the room. A feed of 10,000 entries that all make one mistake gives one line.
"""

from dataclasses import dataclass, field

from publisher.lint.feeds.rules import RULES
from publisher.model.findings import Finding, Severity

_ORDER = {severity: number for number, severity in enumerate(Severity)}
_SHOWN = 60
_VERBS = frozenset(
    {
        "can",
        "counts",
        "does",
        "ends",
        "has",
        "holds",
        "is",
        "leads",
        "lies",
        "runs",
        "says",
        "stands",
        "was",
    }
)


@dataclass(slots=True)
class _Note:
    value: str
    line: int
    times: int = 1


@dataclass(slots=True)
class Sheet:
    """The findings of a document, by rule, place and message."""

    notes: dict[tuple[str, str, str], _Note] = field(default_factory=dict)
    added: int = 0

    def add(self, rule: str, message: str, line: int, place: str = "", value: str = "") -> None:
        """Note a rule of the catalogue that does not hold.

        `message` says what is wrong and what to do, without the `value` at fault, which is shown
        of the first place only. `place` is an element (`pubDate`) or a member (`items[].id`).
        """
        self.added += 1
        known = self.notes.get((rule, place, message))
        if known:
            known.times += 1
        else:
            self.notes[rule, place, message] = _Note(value, line)

    def findings(self) -> tuple[Finding, ...]:
        """Return what was noted: errors first, each severity by line."""
        made = [
            Finding(
                rule=rule,
                severity=RULES[rule].severity,
                message=_sentence(message, place, note.value),
                where=", ".join(filter(None, (_line(note.line), place))),
                line=note.line,
                times=note.times,
                source=RULES[rule].source,
            )
            for (rule, place, message), note in self.notes.items()
        ]
        return tuple(sorted(made, key=lambda item: (_ORDER[item.severity], item.line)))


def _sentence(message: str, place: str, value: str) -> str:
    """Return a message with its subject: the value at fault, or else the place."""
    if value:
        return f"{quoted(value)} {message}"
    begins = message.partition(" ")[0] in _VERBS
    return f"{place or 'the document'} {message}" if begins else message


def _line(line: int) -> str:
    return f"line {line}" if line else ""


def quoted(value: str) -> str:
    """Return a value as a message shows it: one line, in quotes, not too long."""
    flat = "".join(letter if letter.isprintable() else " " for letter in value[: 4 * _SHOWN])
    flat = " ".join(flat.split())
    return f'"{flat[:_SHOWN]}…"' if len(flat) > _SHOWN else f'"{flat}"'
