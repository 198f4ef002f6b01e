"""Reading a rule word by word, and saying exactly where the reading stopped.

Serves the `when` grammar and the crontab reader. Touches nothing.
"""

import difflib
import re
from collections.abc import Collection
from dataclasses import dataclass

from publisher.errors import ConfigError

_TOKEN = re.compile(r"[0-9][\w:.-]*|[^\W\d_]+|\S")


class RuleError(ConfigError):
    """A rule cannot be read: `column` counts from 0, `reason` says what was expected there.

    `str(error)` is one line, with a caret in front of the word where reading stopped.
    """

    def __init__(self, text: str, column: int, expected: str) -> None:
        self.text, self.column, self.expected = text, column, expected
        marked = f"{text[:column]}^{text[column:]}"
        super().__init__("", f'reading stopped at "{marked}" (column {column + 1}): {expected}')

    def __reduce__(self) -> tuple[type["RuleError"], tuple[str, int, str]]:
        """Pickle by what it was made of, so that the error survives a process border."""
        return (type(self), (self.text, self.column, self.expected))


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word of the text in lower case, and where it begins."""

    text: str
    column: int

    @property
    def is_number(self) -> bool:
        """Tell whether it is made of the digits 0 to 9 (`str.isdigit` takes ² and ٣ as well)."""
        return self.text.isascii() and self.text.isdigit()


class Reader:
    """Steps through the words of a text; every failure is a RuleError at the current word."""

    def __init__(self, text: str) -> None:
        self.text = text
        found = _TOKEN.finditer(text)
        self._words = [Word(text=match[0].lower(), column=match.start()) for match in found]
        self._end = Word(text="", column=len(text.rstrip()))
        self._at = 0

    @property
    def word(self) -> str:
        """Return the current word, "" at the end."""
        return self.current.text

    @property
    def current(self) -> Word:
        """Return the current word with its place."""
        return self.ahead(0)

    def ahead(self, count: int) -> Word:
        """Return a word further on, without moving."""
        index = self._at + count
        return self._words[index] if index < len(self._words) else self._end

    def rest(self, count: int = 0) -> str:
        """Return the text from a word further on to the end, as written."""
        return self.text[self.ahead(count).column :].strip()

    def step(self) -> str:
        """Return the current word and move on."""
        word = self.word
        self._at += 1
        return word

    def take(self, *words: str) -> bool:
        """Move on if the current word is one of these."""
        if self.word in words and self.word:
            self._at += 1
            return True
        return False

    def expect(self, word: str, expected: str) -> None:
        """Move past `word`, or fail."""
        if not self.take(word):
            raise self.stopped(expected, [word])

    def separator(self) -> bool:
        """Move past a comma, "and", or both."""
        comma = self.take(",")
        return self.take("and") or comma

    def end(self, expected: str) -> None:
        """Fail unless everything has been read."""
        if self.word:
            raise self.stopped(expected)

    def stopped(
        self, expected: str, known: Collection[str] = (), *, at: Word | None = None
    ) -> RuleError:
        """Return the error at the current word, with the nearest of the known words."""
        place = at or self.current
        near = difflib.get_close_matches(place.text, known, n=1, cutoff=0.6) if place.text else []
        hint = f'; did you mean "{near[0]}"?' if near and near[0] != place.text else ""
        return RuleError(self.text, place.column, expected + hint)
