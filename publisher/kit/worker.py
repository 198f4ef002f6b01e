"""A small pool of processes for work that may hang or eat memory: reading what strangers wrote.

Serves the sources and whoever renders operators' templates. Each job has one deadline and one
limit of memory; a process that breaks either is killed and replaced, which neither a thread nor
ProcessPoolExecutor can do. Children are started fresh (no fork), so they inherit no lock, no socket
and no `__main__`, and they end when this process does.
"""

import atexit
import contextlib
import pickle
import queue
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import cache
from multiprocessing.connection import Connection
from typing import ParamSpec, TypeVar, cast

from publisher.errors import ParseError, PublisherError

P = ParamSpec("P")
T = TypeVar("T")

MEMORY = 2 * 1024**3
"""Bytes of address space a child may have; Python with lxml maps about a quarter of that."""

JOBS = 500
"""After how many jobs a child is replaced, so that no leak adds up."""

_GRACE = 5
_START = "import sys; sys.path[:] = {path!r}; from publisher.kit.worker import serve; serve({fd}, {limit})"


class WorkerLost(PublisherError):
    """The job took too long, needed too much memory, or took its process down."""


class _Child:
    """One process and the pipe to it; used by one thread at a time."""

    def __init__(self, memory: int) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            script = _START.format(path=sys.path, fd=theirs.fileno(), limit=memory)
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-c", script],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        self._pipe = Connection(ours.detach())
        self.jobs = 0

    def ask(self, job: bytes, seconds: float) -> tuple[bool, object]:
        """Return (worked, result or exception). Raises WorkerLost; then this child is of no use."""
        self.jobs += 1
        try:
            self._pipe.send_bytes(job)
            if not self._pipe.poll(seconds):
                raise WorkerLost("", f"took longer than {seconds:.0f} s")
            return cast("tuple[bool, object]", pickle.loads(self._pipe.recv_bytes()))  # noqa: S301 - our own process
        except (EOFError, OSError) as error:
            raise WorkerLost("", "took its process down") from error

    def end(self) -> None:
        """Kill the process; may be called twice."""
        with contextlib.suppress(OSError):
            self._pipe.close()
        self._process.kill()
        self._process.wait()


class WorkerPool:
    """Runs functions in at most `size` children; thread-safe, children start when needed."""

    def __init__(self, size: int = 2, memory: int = MEMORY) -> None:
        self._memory = memory
        self._places: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        for _ in range(size):
            self._places.put(None)
        self._children: set[_Child] = set()
        self._lock = threading.Lock()

    def run(
        self, seconds: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a module's function in a child and return its result, within `seconds`.

        Raises what the function raises, and WorkerLost. Arguments and result are pickled. Waits
        for a free child first; the seconds count from then on.
        """
        job = pickle.dumps((function, args, kwargs, seconds))
        child = self._places.get()
        healthy = False
        try:
            if child not in self._children:
                child = self._start()
            worked, result = child.ask(job, seconds)
            healthy = child.jobs < JOBS and not isinstance(result, WorkerLost)
        finally:
            if child is not None and not healthy:
                self._end(child)
            self._places.put(child if healthy else None)
        if not worked:
            raise cast("BaseException", result)
        return cast("T", result)

    def close(self) -> None:
        """End every child; the pool may be used again."""
        with self._lock:
            children, self._children = self._children, set()
        for child in children:
            child.end()

    def _start(self) -> _Child:
        child = _Child(self._memory)
        with self._lock:
            self._children.add(child)
        return child

    def _end(self, child: _Child) -> None:
        with self._lock:
            self._children.discard(child)
        child.end()


@cache
def shared_pool() -> WorkerPool:
    """Return the process's one pool; its children end with the process."""
    pool = WorkerPool()
    atexit.register(pool.close)
    return pool


def read_apart(
    where: str, seconds: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Read what a stranger wrote, in a child of the shared pool; return what `function` returns.

    Raises what it raises, and ParseError about `where` when reading took too long or too much memory.
    """
    try:
        return shared_pool().run(seconds, function, *args, **kwargs)
    except WorkerLost as error:
        raise ParseError(where, f"could not be read: reading {error.reason}") from error


def serve(descriptor: int, memory: int) -> None:
    """Be a child: answer jobs from the socket `descriptor` until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which closes the pipe
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    pipe = Connection(descriptor)
    while True:
        try:
            job = pipe.recv_bytes()
        except (EOFError, OSError):
            return
        pipe.send_bytes(_answer(job))


def _answer(job: bytes) -> bytes:
    """Do one job and return its pickled outcome."""
    try:
        function, args, kwargs, seconds = pickle.loads(job)  # noqa: S301 - written by our parent
        signal.alarm(int(seconds) + _GRACE)  # the parent kills first; this is for when it is gone
        outcome: tuple[bool, object] = (True, function(*args, **kwargs))
    except MemoryError:
        outcome = (False, WorkerLost("", "needed too much memory"))
    except Exception as error:  # noqa: BLE001 - handed to the caller, who knows what to do with it
        outcome = (False, error)
    finally:
        signal.alarm(0)
    try:
        return pickle.dumps(outcome)
    except Exception as error:  # noqa: BLE001 - a result or an error that cannot travel
        return pickle.dumps((False, WorkerLost("", f"cannot be handed over: {error!r}"[:300])))
