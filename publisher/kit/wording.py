"""Facts in words of a reader's language: the port Wording over the templates' phrases.

Serves core.composing. Reads the files of phrases.
"""

from collections.abc import Callable, Sequence
from datetime import date

from publisher.kit import phrases
from publisher.kit.templating import Guard, Templates
from publisher.model.definitions import ScheduleDefinition

_BARE = ("every", "daily", "hourly", "on ", "once", "at ")
"""Beginnings of a rule in words that need no "on" before them."""


class Phrases:
    """The port Wording. `describe` puts a schedule's rule into words."""

    def __init__(
        self, templates: Templates | Guard, describe: Callable[[ScheduleDefinition], str]
    ) -> None:
        self._templates = templates
        self._describe = describe

    def nearest(self, language: str, fallback: str) -> str:
        """Return the language whose words come nearest."""
        known = [
            tag for tag in phrases.tags(language) if self._templates.data(f"words/{tag}.toml")
        ]
        return known[-1] if known else fallback

    def extent(self, language: str, stories: int, minutes: int) -> str:
        """Return how much there is to read."""
        words = self._templates.words(language)
        return f"{stories} {'story' if stories == 1 else 'stories'}, {minutes} {words['minutes']}"

    def why(
        self,
        language: str,
        schedule: ScheduleDefinition,
        feeds: Sequence[str],
        since: date | None,
    ) -> str:
        """Return why a reader gets this."""
        del language, feeds
        rhythm = self._describe(schedule)
        rhythm = rhythm if rhythm.startswith(_BARE) else f"on {rhythm}"
        said = f" on {since.day} {since:%B %Y}" if since else ""
        return f"You get this {rhythm} because you subscribed{said}."
