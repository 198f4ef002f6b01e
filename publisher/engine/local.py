"""The engine of one machine: a thread for each kind of job, woken when there may be work.

Serves app and scheduling. A job is a callable that does all that is due and returns; it is called
again when woken, or after a pause at the latest. A job's failure is told and never ends its thread.
"""

from collections.abc import Callable, Mapping
from threading import Event, Thread

Stop = Callable[[], bool]
Job = Callable[[Stop], object]

PAUSE = 2.0
"""Seconds after which a job looks for work unasked: leases expire and deferrals fall due."""


class LocalEngine:
    """Runs each job in a thread of its own until stopped.

    `complain` is told (job name, error); it must not raise.
    """

    def __init__(
        self,
        jobs: Mapping[str, Job],
        complain: Callable[[str, Exception], None],
        pause: float = PAUSE,
    ) -> None:
        self._pause = pause
        self._complain = complain
        self._stopping = Event()
        self._bells = {name: Event() for name in jobs}
        self._threads = [
            Thread(target=self._loop, args=(name, job), name=f"engine-{name}", daemon=True)
            for name, job in jobs.items()
        ]

    def start(self) -> None:
        """Start every thread."""
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Tell every job that there may be work."""
        for bell in self._bells.values():
            bell.set()

    def stop(self, timeout: float = 20.0) -> bool:
        """Ask every job to end after what it is at, and wait; False when one did not in time."""
        self._stopping.set()
        self.wake()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout)
        return not any(thread.is_alive() for thread in self._threads)

    def _loop(self, name: str, job: Job) -> None:
        bell = self._bells[name]
        while not self._stopping.is_set():
            bell.clear()
            try:
                job(self._stopping.is_set)
            except Exception as error:  # noqa: BLE001  a job's accident must not end its thread
                self._complain(name, error)
            bell.wait(self._pause)
