"""Watching an edition being sent, from this process or from any other: the truth is the store.

Serves `send`, `retry`, `run` and `editions show --follow`. Reads only, and only as often as that is
cheap: counts about twice a second, domains and reasons less often the larger the edition is.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING

from publisher.cli.output import say, write_object
from publisher.core.balancing import balance
from publisher.core.tempo import Tempo
from publisher.errors import PublisherError
from publisher.model.editions import ENDED_EDITIONS, EditionId
from publisher.model.sheets import Sheet

if TYPE_CHECKING:
    from rich.text import Text

    from publisher.app import App
    from publisher.ports import Progress

PAUSE = 0.5
"""Seconds between two looks at the counts."""

DETAIL = 2.0
"""Seconds between two looks at domains and reasons."""

SHARE = 20
"""A look costs at most one part in so many of the time until the next."""

TELL = 10.0
"""Seconds between two lines in a pipe."""


class Looking:
    """One edition looked at again and again; `pause` says how long to wait before the next look."""

    def __init__(self, app: "App", edition: EditionId) -> None:
        self.edition = edition
        self.tempo = Tempo()
        self.pause = PAUSE
        self._app = app
        self._kept: Sheet | None = None
        self._detail = 0.0

    def look(self, *, whole: bool = False) -> Sheet:
        """Return the figures as they are; domains and reasons may be a few seconds old.

        Raises NotFound, StoreError.
        """
        from publisher.app.sheets import sheet_of

        begin = monotonic()
        kept = self._kept
        if whole or (kept is not None and begin >= self._detail):
            kept = sheet_of(self._app, self.edition)
            self._detail = monotonic() + max(DETAIL, SHARE * (monotonic() - begin))
        else:
            fresh, now = self._app.store.edition(self.edition), self._app.clock.now()
            if kept is None:
                # The first mails go out at this moment: the dear part comes when they have.
                self._detail = begin + DETAIL
                kept = Sheet(edition=fresh, asked=now)
            kept = replace(kept, edition=fresh, asked=now)
            self.pause = max(PAUSE, SHARE * (monotonic() - begin))
        self._kept = kept
        self.tempo.look(begin, kept.edition.counts)
        return kept


@contextmanager
def watching(
    app: "App", title: str = "", edition: EditionId | None = None
) -> "Iterator[Progress]":
    """Show an edition, or whatever is being sent, on a terminal while the block runs.

    In a pipe nothing is shown. What the block is told of progress stands there while nothing is
    sent, under the title; without one nothing does. All of it is gone afterwards.
    """
    if not sys.stderr.isatty():
        yield _quiet
        return
    from publisher.cli.live import Screen

    with Screen() as screen:
        view = View(app, title, edition, screen.draw, screen.size)
        thread = Thread(target=view.run, name="watching", daemon=True)
        thread.start()
        try:
            yield view.advance
        finally:
            view.stop()
            thread.join()


class View:
    """The live view: looks, and draws what it saw. `size` gives columns and lines."""

    def __init__(
        self,
        app: "App",
        title: str,
        edition: EditionId | None,
        draw: "Callable[[list[Text]], None]",
        size: Callable[[], tuple[int, int]],
    ) -> None:
        self._app = app
        self._title = title
        self._edition = edition
        self._draw = draw
        self._size = size
        self._looking: Looking | None = None
        self._told: tuple[int, int | None, str] = (0, None, "")
        self._stopping = Event()

    def advance(self, done: int, total: int | None, what: str) -> None:
        """Take note of other work's progress."""
        self._told = (done, total, what)

    def stop(self) -> None:
        """End after the look that is under way."""
        self._stopping.set()

    def run(self) -> None:
        """Look and draw until stopped; a store that cannot be read now is read the next time."""
        while not self._stopping.is_set():
            try:
                self.step()
            except PublisherError:
                self._draw([])
            self._stopping.wait(self._looking.pause if self._looking else PAUSE)

    def step(self) -> None:
        """Look once and draw."""
        from publisher.cli import screen

        width, height = self._size()
        before, now = self._looking, self._current()
        if now is None or (before is not now and self._edition is None):
            # What is over within a moment needs no picture: alerts come by the hundred.
            self._draw(screen.work(self._title, *self._told, width) if self._title else [])
        if now is not None:
            sheet = now.look()
            if before is now or self._edition is not None:
                self._draw(screen.live(sheet, now.tempo, width, height))

    def _current(self) -> Looking | None:
        """Return the edition to look at: the one asked for, or the first that is being sent."""
        number = self._edition
        if number is None:
            number = next(iter(self._app.store.sending()), None)
        if number is None:
            self._looking = None
        elif self._looking is None or self._looking.edition != number:
            self._looking = Looking(self._app, number)
        return self._looking


def follow(app: "App", edition: EditionId, *, as_json: bool) -> None:
    """Show an edition on the terminal until it has ended; in a pipe a line now and then.

    As JSON one object a line, whenever the figures changed. Raises NotFound, StoreError.
    """
    looking = Looking(app, edition)
    if as_json:
        _follow(looking, _json_teller(), PAUSE)
    elif sys.stdout.isatty():
        from publisher.cli import screen
        from publisher.cli.live import Screen

        with Screen(stderr=False) as shown:
            _follow(
                looking,
                lambda sheet: shown.draw(screen.live(sheet, looking.tempo, *shown.size())),
                PAUSE,
            )
    else:
        from publisher.cli import screen

        _follow(looking, lambda sheet: say(screen.one_line(sheet, looking.tempo)), TELL)


def _follow(looking: Looking, tell: Callable[[Sheet], None], least: float) -> None:
    rest = Event()
    while True:
        sheet = looking.look()
        over = sheet.edition.state in ENDED_EDITIONS and not balance(sheet).under_way
        tell(looking.look(whole=True) if over else sheet)
        if over:
            return
        rest.wait(max(least, looking.pause))


def _json_teller() -> Callable[[Sheet], None]:
    from publisher.cli.rows import edition_row
    from publisher.cli.sheets import sheet_row

    told: list[object] = []

    def tell(sheet: Sheet) -> None:
        state = (sheet.edition.state, sheet.edition.counts)
        if told != [state]:
            told[:] = [state]
            write_object({**edition_row(sheet.edition), **sheet_row(sheet)}, indent=None)
            sys.stdout.flush()

    return tell


def _quiet(done: int, total: int | None, what: str) -> None:
    """Show nothing: standard error is no terminal."""
    del done, total, what
