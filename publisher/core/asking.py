"""Ask many sources at once, one of a host at a time; serves collecting.

Threads wait for the network, nothing else: they take the next source whose host is free, so that a
slow host holds up its own sources only. What they bring is handed on in batches, and no faster than
it is taken.
"""

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from urllib.parse import urlsplit

from publisher.model.articles import Collected, SourceState
from publisher.model.definitions import SourceDefinition
from publisher.ports import Source

BATCH = 64
"""Answers that are handed on together, at most; so many more may wait."""

MOMENT = 0.05
"""Seconds that an answer waits for others."""

Open = Callable[[SourceDefinition], Source]


@dataclass(frozen=True, slots=True)
class Question:
    """A source to ask, with what is remembered of it."""

    definition: SourceDefinition
    state: SourceState


Answer = tuple[Question, Collected | Exception]


class Agenda:
    """Questions by host, taken by threads; a host's next one is free when its last is answered."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self._waiting: dict[str, deque[Question]] = {}
        for number, question in enumerate(questions):
            host = host_of(question.definition) or f" {number}"  # a folder is in nobody's way
            self._waiting.setdefault(host, deque()).append(question)
        self._free = deque(self._waiting)
        self._left = len(questions)
        self._changed = threading.Condition()

    @contextmanager
    def take(self) -> Iterator[Question | None]:
        """Give the next question, None when none is left; its host is busy meanwhile."""
        host, question = self._next()
        try:
            yield question
        finally:
            if question is not None:
                self._done(host)

    def close(self) -> None:
        """Let nobody begin another one."""
        with self._changed:
            self._left = 0
            self._changed.notify_all()

    def _next(self) -> tuple[str, Question | None]:
        with self._changed:
            while self._left and not self._free:
                self._changed.wait()
            if not self._left:
                return "", None
            host = self._free.popleft()
            self._left -= 1
            if not self._left:
                self._changed.notify_all()
            return host, self._waiting[host].popleft()

    def _done(self, host: str) -> None:
        with self._changed:
            if self._waiting[host]:
                self._free.append(host)
                self._changed.notify()


def ask(
    questions: Sequence[Question], open_source: Open, now: datetime, workers: int
) -> Iterator[list[Answer]]:
    """Yield the answers in batches as they come; a source's failure is an answer, too.

    Ending early leaves the rest unasked and waits for those under way.
    """
    agenda, answers = Agenda(questions), queue.Queue[Answer](BATCH)
    stopped = threading.Event()
    work = (agenda, answers, stopped, open_source, now)
    threads = [
        threading.Thread(target=_work, args=work, name=f"collect-{number}", daemon=True)
        for number in range(min(workers, len(questions)))
    ]
    for thread in threads:
        thread.start()
    left = len(questions)
    with closing(agenda), _joined(threads, answers, stopped):
        while left:
            batch = _gathered(answers, min(left, BATCH))
            left -= len(batch)
            yield batch


def _gathered(answers: queue.Queue[Answer], most: int) -> list[Answer]:
    """Wait for an answer, and a moment for others: what they cost to write is shared."""
    batch = [answers.get()]
    until = monotonic() + MOMENT
    with suppress(queue.Empty):
        while len(batch) < most:
            batch.append(answers.get(timeout=max(0.0, until - monotonic())))
    return batch


@contextmanager
def _joined(
    threads: Sequence[threading.Thread], answers: queue.Queue[Answer], stopped: threading.Event
) -> Iterator[None]:
    """Wait at the end until no thread is left; what they still bring is let go."""
    try:
        yield
    finally:
        stopped.set()
        with suppress(queue.Empty):
            while True:
                answers.get_nowait()
        for thread in threads:
            thread.join()


def _work(
    agenda: Agenda,
    answers: queue.Queue[Answer],
    stopped: threading.Event,
    open_source: Open,
    now: datetime,
) -> None:
    """Ask one source after the other (a thread's whole life)."""
    while not stopped.is_set():
        with agenda.take() as question:
            if question is None:
                return
            answer = _asked(question, open_source, now)
        answers.put((question, answer))


def _asked(question: Question, open_source: Open, now: datetime) -> Collected | Exception:
    """Return what a source brings, or why it brings nothing."""
    try:
        return open_source(question.definition).collect(question.state, now)
    except Exception as error:  # noqa: BLE001 - an adapter's failure is its source's, whatever it is
        return error


def host_of(definition: SourceDefinition) -> str:
    """Return the host that a source asks, "" for one that asks none."""
    try:
        return urlsplit(str(definition.adapter.options.get("url", ""))).hostname or ""
    except ValueError:
        return ""
