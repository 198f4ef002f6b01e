"""The words of one language, read key by key, so that what is missing is named.

Serves the wording of mails and the pages. Pure. What it reads is the data of `templates/words/`.
"""

from collections.abc import Mapping, Sequence

from publisher.errors import TemplateError
from publisher.kit import locales
from publisher.kit.phrases import fill


class Words:
    """The words of a language: `path` is dotted, `why.reason.feeds`. Every verb raises TemplateError.

    `file` is the tag of the file that mistakes are looked for in, if not the language.
    """

    def __init__(self, language: str, words: Mapping[str, object], file: str = "") -> None:
        self.language = language
        self._file = file or language
        self._words = words

    def say(self, path: str, **values: str) -> str:
        """Return a phrase with its places filled."""
        phrase = self._at(path)
        if not isinstance(phrase, str):
            raise self._fault(path, "is missing, or is not a text")
        try:
            return fill(phrase, **values)
        except ValueError as error:
            raise self._fault(path, str(error)) from None

    def count(self, path: str, number: int, **values: str) -> str:
        """Return the form of a plural that a number asks for, filled with it and the values."""
        form = self._form(path, locales.plural_category(number, self.language))
        return self.say(form, count=locales.number(number, self.language), **values)

    def place(self, path: str, number: int) -> str:
        """Return the form that a place in a row asks for (1st, 2nd), filled with its number."""
        form = self._form(path, locales.ordinal_category(number, self.language))
        return self.say(form, number=str(number))

    def item(self, path: str, index: int) -> str:
        """Return one text of a list, or one letter of a text; -1 is the last."""
        items = self._at(path)
        if not isinstance(items, Sequence) or not -len(items) <= index < len(items):
            raise self._fault(path, f"has no entry {index}")
        return str(items[index])

    def _form(self, path: str, category: str) -> str:
        forms = self._at(path)
        known = isinstance(forms, Mapping) and category in forms
        return f"{path}.{category if known else 'other'}"

    def _at(self, path: str) -> object:
        found: object = self._words
        for key in path.split("."):
            found = found.get(key) if isinstance(found, Mapping) else None
        return found

    def _fault(self, path: str, reason: str) -> TemplateError:
        return TemplateError(f"words/{self._file}.toml", f"{path}: {reason}")
