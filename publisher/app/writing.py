"""Key points by a language model, where `[enrich.llm]` asks for them; serves scheduler and command line.

Articles have extracted points before anybody is asked. What cannot be asked is told and stops nothing.
"""

from collections.abc import Callable
from datetime import timedelta
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from publisher import config, registry
from publisher.app.enriching import settings
from publisher.app.parts import plain
from publisher.core.writing import PURPOSE, Writing, WritingReport, WritingTerms
from publisher.errors import ConfigError
from publisher.kit.language import guess_language
from publisher.model.definitions import AdapterDefinition
from publisher.ports import Budget, KeyPoints, PointWriter, WriterContext

if TYPE_CHECKING:
    from publisher.app.parts import Parts
    from publisher.enrich.llm import Options

PASS = 60.0
"""Seconds in which a command begins questions; what is left waits for the next one."""

LOOK = 60.0
"""Seconds until `run` looks for questions though nothing has changed."""

SUBJECT = "key points"


class PointWriting:
    """The write use-case of one publication. Thread-safe.

    `held` says why nobody is asked: a store that may be a copy leaves that, and the bill, to the original.
    """

    def __init__(
        self, app: "Parts", held: Callable[[], str], ticks: Callable[[], float] = monotonic
    ) -> None:
        self._app = app
        self._held = held
        self._ticks = ticks
        self._lock = Lock()
        self._made: tuple[AdapterDefinition, Options, PointWriter] | None = None
        self._trouble = ""
        self._seen = -1
        self._next = 0.0

    @property
    def wanted(self) -> bool:
        """Tell whether a model is asked at all."""
        return "llm" in self._app.definitions.enrichers

    def make(self) -> "tuple[Options, PointWriter]":
        """Return the settings and who is asked, made when either has changed. Raises ConfigError."""
        definition = self._app.definitions.enrichers["llm"]
        with self._lock:
            if self._made is None or self._made[0] != definition:
                module = registry.load("enrich", definition.type)
                options = cast("Options", config.options(definition, module.Options))
                extracted = cast("KeyPoints", plain("enrich", "key_points"))
                writer = module.create(options, WriterContext(key_points=extracted))
                self._made = (definition, options, cast("PointWriter", writer))
            return self._made[1:]

    def use(self) -> Writing:
        """Return the use-case. Raises ConfigError."""
        options, writer = self.make()
        made = self._app.definitions
        return Writing(
            store=self._app.store,
            clock=self._app.clock,
            writer=writer,
            terms=WritingTerms(
                count=settings(self._app).key_points,
                budget=Budget(requests=options.requests_per_day, tokens=options.tokens_per_day),
                recent=timedelta(hours=options.recent),
                zone=made.publication.timezone,
                languages=tuple(one.partition("-")[0].lower() for one in options.languages),
                lanes=options.connections,
            ),
            tell=self._tell,
            ticks=self._ticks,
            language=lambda one: one.language or guess_language(one.text),
        )

    def write(
        self,
        stop: Callable[[], bool] = lambda: False,
        seconds: float | None = PASS,
        *,
        leave: bool = False,
    ) -> WritingReport:
        """Ask what is due; nothing is begun after so many seconds. Raises StoreError."""
        if not self.wanted or self._held() or not settings(self._app).key_points:
            return WritingReport()
        try:
            use = self.use()
        except ConfigError as error:
            self._complain_once(str(error))
            return WritingReport(note=str(error))
        self._trouble = ""
        report = use.write(stop, seconds, leave=leave)
        if self._app.metrics is not None:
            self._app.metrics.wrote(
                answered=report.answered,
                refused=report.refused,
                failed=report.failed,
                fell_back=report.fell_back,
            )
        return report

    def look(self, stop: Callable[[], bool] = lambda: False) -> WritingReport:
        """Ask what is due where something has changed, and once a minute. Raises StoreError."""
        if not self.wanted:
            return WritingReport()
        newest = self._app.store.newest(self._app.clock.now()).revision
        if newest == self._seen and self._ticks() < self._next:
            return WritingReport()
        self._seen, self._next = newest, self._ticks() + LOOK
        return self.write(stop, None)

    def before_digest(self, stop: Callable[[], bool] = lambda: False) -> WritingReport:
        """Ask what is due for as long as a digest waits; what is under way then comes too late."""
        try:
            wait = self.make()[0].wait if self.wanted else 0.0
        except ConfigError:
            return WritingReport()  # told by who looks for questions
        return self.write(stop, wait, leave=True) if wait else WritingReport()

    def probe(self) -> str:
        """Return one line on who is asked, and what today has cost. Raises ModelError, ConfigError."""
        options, writer = self.make()
        use = self.use()
        now = self._app.clock.now()
        spent = self._app.store.spent(PURPOSE, use.day(now))
        line = f"{writer.probe()}; {spent.requests} of {options.requests_per_day} requests today"
        state = self._app.store.service_state(writer.service)
        if state.until is not None and state.until > now:
            line += f"; not asked until {state.until:%H:%M} UTC: {state.error}"
        return line + _in_the_clear(options)

    def _tell(self, reason: str, *, lasting: bool) -> None:
        self._app.complain(SUBJECT, f"{reason}; extracted ones are used")
        if lasting:
            self._app.alarm.tell(
                "enrich.llm", "the language model cannot be asked for key points", reason
            )

    def _complain_once(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            self._app.complain(SUBJECT, trouble)


def line(report: WritingReport) -> str:
    """Say what a pass did, "" when that was nothing."""
    if not (report.asked or report.renewed):
        return f"{report.left} wait: {report.note}" if report.left and report.note else ""
    said = f"{report.asked} asked, {report.answered} answered"
    said += f" ({report.fell_back} points fell back)" if report.fell_back else ""
    said += f", {report.refused} refused" if report.refused else ""
    said += f", {report.failed} failed" if report.failed else ""
    said += f"; {report.left} wait" if report.left else ""
    return said + (f": {report.note}" if report.note else "")


def _in_the_clear(options: "Options") -> str:
    """Return a warning where the key would go unencrypted to who knows where."""
    parts = urlsplit(options.url)
    near = (parts.hostname or "") in {"localhost", "127.0.0.1", "::1"}
    return (
        "; the key goes unencrypted: use https"
        if options.key and parts.scheme == "http" and not near
        else ""
    )
