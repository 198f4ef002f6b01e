"""Write: have key points written by somebody outside, after the articles have extracted ones.

A pass looks at the newest articles, takes over what was answered before, and asks a few questions at a
time until the time or the day's budget is used up, or the service fails. It never stands in anybody's
way: what is not answered keeps its extracted points, and is asked about later. Questions are claimed in
the store, so that no two processes pay for the same one.
"""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event, Lock, Thread
from typing import Protocol
from zoneinfo import ZoneInfo

from publisher.core.writing_rules import (
    HELD,
    Failing,
    again,
    given_up,
    paused,
    wrong,
)
from publisher.errors import ConfigError, ModelError, ModelRefused, ModelUnavailable
from publisher.ports import (
    Answer,
    Budget,
    Clock,
    Pointed,
    PointWriter,
    Service,
    Writings,
    Written,
)

LOOKED = 200
"""The newest articles that a pass looks at."""

PURPOSE = "key points"
"""What the day's budget is for."""

SPENT = "today's budget is spent"


@dataclass(frozen=True, slots=True, kw_only=True)
class WritingTerms:
    """How many points an article gets; what a day may cost; which articles are asked about.

    `zone` says when a day begins; `languages` are primary ones (`en`), () is any; `lanes` is how many
    questions are under way at once.
    """

    count: int
    budget: Budget
    recent: timedelta
    zone: str = "UTC"
    languages: tuple[str, ...] = ()
    lanes: int = 2


@dataclass(slots=True, kw_only=True)
class WritingReport:
    """What a pass did: questions, and points that fell back; `left` articles wait for another one.

    `renewed` articles got new points, be it of an older answer. `note` says why it ended early.
    """

    asked: int = 0
    answered: int = 0
    fell_back: int = 0
    refused: int = 0
    failed: int = 0
    renewed: int = 0
    left: int = 0
    note: str = ""


class Told(Protocol):
    """Hears of trouble once."""

    def __call__(self, reason: str, *, lasting: bool) -> None:
        """Take the reason; `lasting` trouble needs somebody to change something."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """The write use-case. `tell` hears of each trouble once; `ticks` is a clock of seconds.

    `language` tells in which language an article is, where the source does not.
    """

    store: Writings
    clock: Clock
    writer: PointWriter
    terms: WritingTerms
    tell: Told
    ticks: Callable[[], float] = time.monotonic
    language: Callable[[Pointed], str] = field(default_factory=lambda: _stated)

    def write(
        self,
        stop: Callable[[], bool] = lambda: False,
        seconds: float | None = None,
        *,
        leave: bool = False,
    ) -> WritingReport:
        """Ask what is due; nothing is begun after so many seconds. Raises StoreError.

        With `leave` what is under way by then is left to itself: its points come too late for the
        caller, and are kept all the same.
        """
        now = self.clock.now()
        report = WritingReport()
        due = self._due(now, report)
        state = self.store.service_state(self.writer.service)
        if due and state.until is not None and state.until > now:
            report.note, report.left = state.error, len(due)
            return report
        if due and self._spent(now):
            report.note, report.left = SPENT, len(due)
            return report
        if due:
            until = None if seconds is None else self.ticks() + seconds
            _Pass(self, report, due, stop, until, state.failures).run(leave=leave)
        return report

    def key(self, article: Pointed) -> str:
        """Return what names a question: the same text asked about in the same way is the same."""
        said = [self.writer.maker, self.terms.count, article.language, article.title, article.text]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()

    def day(self, now: datetime) -> str:
        """Return the day whose budget counts."""
        return now.astimezone(ZoneInfo(self.terms.zone)).date().isoformat()

    def _due(self, now: datetime, report: WritingReport) -> list[tuple[str, Pointed]]:
        """Return what may be asked, newest first; what was answered before is taken over."""
        asked: dict[str, list[Pointed]] = {}
        for one in self.store.pointed(now - self.terms.recent, now, LOOKED):
            if one.points and self._spoken(one):
                asked.setdefault(self.key(one), []).append(one)
        known = self.store.answers(list(asked))
        for key, answer in known.items():
            for one in asked[key] if answer.points else ():
                if answer.points != one.points:
                    report.renewed += self.store.set_points(one, answer.points)
        return [
            (key, ones[0])
            for key, ones in asked.items()
            if key not in known or _may(known[key].due, now)
        ]

    def _spoken(self, article: Pointed) -> bool:
        wanted = self.terms.languages
        return not wanted or self.language(article).partition("-")[0].lower() in wanted

    def _spent(self, now: datetime) -> bool:
        """Tell whether the day's budget is known to be spent, before anything is claimed."""
        spent, budget = self.store.spent(PURPOSE, self.day(now)), self.terms.budget
        return spent.requests >= budget.requests or 0 < budget.tokens <= spent.tokens


def _stated(article: Pointed) -> str:
    return article.language


def _may(due: datetime | None, now: datetime) -> bool:
    return due is not None and due <= now


@dataclass(slots=True)
class _Pass:
    """One pass over questions; several threads work on it."""

    use: Writing
    report: WritingReport
    due: list[tuple[str, Pointed]]
    stop: Callable[[], bool]
    until: float | None
    failures: int
    ended: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)
    errors: list[Exception] = field(default_factory=list)

    def run(self, *, leave: bool) -> None:
        """Work through them. Raises StoreError."""
        lanes = min(self.use.terms.lanes, len(self.due))
        threads = [
            Thread(target=self._lane, name=f"points-{number}", daemon=True)
            for number in range(lanes)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            left = None if not leave or self.until is None else self.until - self.use.ticks()
            thread.join(None if left is None else max(left, 0.0))
        self.ended.set()
        with self.lock:
            self.report.left = len(self.due)
            if self.errors:
                raise self.errors[0]

    def _lane(self) -> None:
        try:
            while (question := self._next()) is not None:
                self._ask(*question)
        except Exception as error:  # noqa: BLE001  told by who waits; nobody does once they have left
            self.ended.set()
            with self.lock:
                self.errors.append(error)

    def _next(self) -> tuple[str, Pointed] | None:
        """Return a question that nobody else asks, None when there is none or it is time to end."""
        store, now = self.use.store, self.use.clock.now()
        while not self._over():
            with self.lock:
                question = self.due.pop(0) if self.due else None
            if question is None:
                return None
            if store.claim_answers([question[0]], now, now + HELD, 1):
                return question
        return None

    def _over(self) -> bool:
        late = self.until is not None and self.use.ticks() >= self.until
        return late or self.ended.is_set() or self.stop()

    def _ask(self, key: str, article: Pointed) -> None:
        """Ask one question, and settle what came of it."""
        tries = self.use.store.answers([key])[key].tries
        try:
            written = self.use.writer.write(
                article.title,
                article.text,
                self.use.terms.count,
                article.language,
                _DayPurse(self),
            )
        except ConfigError as error:
            self._keep(key, Answer(tries=tries, due=self.use.clock.now()))
            self._fail(wrong(str(error), self._failed()))
        except ModelError as error:
            self._troubled(key, tries, error)
        else:
            self._settle(key, article, tries, written)

    def _settle(self, key: str, article: Pointed, tries: int, written: Written | None) -> None:
        if written is None:  # the budget is spent: whoever asks tomorrow begins here
            self._keep(key, Answer(tries=tries, due=self.use.clock.now()))
            self.report.note = SPENT
            with self.lock:
                self.due.append((key, article))
            self.ended.set()
            return
        if not written.asked or written.fell_back == len(written.points):
            # What stands there is extracted, too, and knew more of the article.
            self._keep(key, Answer(tries=tries + written.asked))
            self._well()
            with self.lock:
                self.report.answered += written.asked
                self.report.fell_back += written.fell_back
            return
        self._keep(key, Answer(points=written.points, tries=tries + 1))
        renewed = self.use.store.set_points(article, written.points)
        self._well()
        with self.lock:
            self.report.answered += 1
            self.report.fell_back += written.fell_back
            self.report.renewed += renewed

    def _troubled(self, key: str, tries: int, error: ModelError) -> None:
        """Settle a question without an answer."""
        now = self.use.clock.now()
        if isinstance(error, ModelRefused):
            self._keep(key, Answer(tries=tries + 1))
            self._well()
            with self.lock:
                self.report.refused += 1
            return
        lost = not isinstance(error, ModelUnavailable) and given_up(tries + 1)
        self._keep(key, Answer(tries=tries + 1, due=None if lost else again(now, tries)))
        self._fail(paused(error, self._failed()))

    def _failed(self) -> int:
        """Count a failure; return how many there were in a row."""
        with self.lock:
            self.failures += 1
            self.report.failed += 1
            return self.failures

    def _fail(self, failing: Failing) -> None:
        """Remember that the service fails; end the pass where nobody should ask for a while."""
        now = self.use.clock.now()
        until = None if failing.pause is None else now + failing.pause
        error = failing.reason if until else ""
        state = Service(failures=failing.failures, until=until, error=error)
        if self.use.store.note_service(self.use.writer.service, state) and error:
            self.use.tell(error, lasting=failing.lasting)
        if until is not None:
            self.report.note = error
            self.ended.set()

    def _well(self) -> None:
        """Forget failures: somebody answers."""
        with self.lock:
            failed, self.failures = self.failures, 0
        if failed:
            self.use.store.note_service(self.use.writer.service, Service())

    def _keep(self, key: str, answer: Answer) -> None:
        self.use.store.keep_answer(key, answer, self.use.clock.now())


@dataclass(slots=True)
class _DayPurse:
    """Pays of the budget of the day on which a request goes out."""

    work: _Pass
    day: str = ""

    def take(self, tokens: int) -> bool:
        """Count a request that is about to go; False when the day's budget is spent."""
        use = self.work.use
        self.day = use.day(use.clock.now())
        paid = use.store.spend(PURPOSE, self.day, use.terms.budget, tokens)
        with self.work.lock:
            self.work.report.asked += paid
        return paid

    def settle(self, taken: int, used: int) -> None:
        """Correct what a request cost."""
        self.work.use.store.settle(PURPOSE, self.day, used - taken)
