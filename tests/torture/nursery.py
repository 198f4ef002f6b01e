"""Lives of the real program, to be cut short: each is a process that runs one command.

To load the program takes a second, so one process loads it once and forks a child for each life.
The child runs the program's own command line; nothing in it is changed but for one thing: it can
tell when it comes to a place in the code (and wait there until it is let go), so that a kill hits
collecting, freezing, sending or recording instead of the start of Python.
"""

import contextlib
import importlib
import json
import os
import pkgutil
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
LONG = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The `nth` call of a method (`module:Class.method`): before it begins, or when it is done."""

    method: str
    nth: int = 1
    done: bool = False
    hold: bool = False  # wait there until let go


@dataclass(slots=True)
class Life:
    """One process: `reached` its place, killed, ended."""

    pid: int
    log: Path
    events: "queue.Queue[dict[str, int]]"
    door: Any
    code: int | None = None
    _seen: list[str] = field(default_factory=list)

    def reached(self, timeout: float = LONG) -> bool:
        """Wait for the place; False when the process ended without coming there."""
        self._next(timeout)
        return self.code is None

    def let_go(self) -> None:
        """Let a process go on that holds at its place."""
        self.door.write("\n")
        self.door.flush()

    def kill(self, delay: float = 0.0) -> bool:
        """Kill it after a number of seconds; False when it had ended by itself."""
        try:
            self._next(delay)
        except queue.Empty:
            os.kill(self.pid, signal.SIGKILL)
            self.wait()
        return self.code == -signal.SIGKILL

    def wait(self, timeout: float = LONG) -> int:
        """Wait for the end and return the exit code (negative: the signal)."""
        while self.code is None:
            self._next(timeout)
        return self.code

    def end(self) -> int:
        """Ask it to end, wait, return the exit code."""
        if self.code is None:
            os.kill(self.pid, signal.SIGTERM)
        return self.wait()

    def said(self) -> str:
        """Return what it told its operator so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def _next(self, timeout: float) -> None:
        event = self.events.get(timeout=timeout) if timeout > 0 else self.events.get_nowait()
        self.code = event.get("code", self.code)


class Nursery:
    """Starts lives, one after the other; use it as a context manager."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
            env={**os.environ, "NO_COLOR": "1"},
        )
        self._events: queue.Queue[dict[str, int]] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._count = 0
        self._life: Life | None = None
        assert self._events.get(timeout=LONG) == {"ready": 1}
        return self

    def __exit__(self, *_error: object) -> None:
        if self._life is not None and self._life.code is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._life.pid, signal.SIGKILL)  # also ends one that is stopped
        self._process.stdin.close()
        self._process.wait(LONG)
        self._reader.join(LONG)
        self._process.stdout.close()

    def start(
        self,
        folder: Path,
        *words: str,
        at: Place | None = None,
        spans: Mapping[str, float] | None = None,
    ) -> Life:
        """Start a command in a publication's folder.

        `spans` replaces lengths of time (`module:NAME`, or a default `module:function.keyword`), in
        seconds, for short forms of a proof.
        """
        self._count += 1
        log = folder / f"life-{id(self)}-{self._count}.log"
        order = {
            "words": ["-C", str(folder), *words],
            "at": asdict(at) if at else None,
            "spans": dict(spans or {}),
            "log": str(log),
        }
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        pid = self._events.get(timeout=LONG)["pid"]
        self._life = Life(pid, log, self._events, self._process.stdin)
        return self._life

    def run(self, folder: Path, *words: str) -> int:
        """Run a command to its end and return the exit code."""
        return self.start(folder, *words).wait()

    def _read(self) -> None:
        for line in self._process.stdout:
            self._events.put(json.loads(line))


# What runs in the process that has loaded the program, and in its children


def tell(to: int, **event: int) -> None:
    os.write(to, json.dumps(event).encode() + b"\n")


def announce(place: Mapping[str, Any], to: int) -> None:
    """Make a method tell when it is called for the nth time."""
    module, _, path = place["method"].partition(":")
    kind, _, name = path.partition(".")
    owner = getattr(importlib.import_module(module), kind)
    real, count = getattr(owner, name), 0

    def here(number: int, *, done: bool) -> None:
        if number == place["nth"] and done == place["done"]:
            tell(to, place=number)
            if place["hold"]:
                os.read(0, 1)

    def call(*arguments: object, **named: object) -> object:
        nonlocal count
        count += 1
        number = count
        here(number, done=False)
        result = real(*arguments, **named)
        here(number, done=True)
        return result

    setattr(owner, name, call)


def stretch(name: str, span: timedelta) -> None:
    """Replace a length of time, in every module that has taken it from where it stands."""
    module, _, constant = name.partition(":")
    constant, _, keyword = constant.partition(".")
    owner = importlib.import_module(module)
    if keyword:
        getattr(owner, constant).__kwdefaults__[keyword] = span
        return
    real = getattr(owner, constant)
    for place in [*sys.modules.values()]:
        if getattr(place, "__name__", "").startswith("publisher") and (
            vars(place).get(constant) is real
        ):
            setattr(place, constant, span)


def live(order: Mapping[str, Any]) -> int:
    """Be the program: run one command in this process."""
    from publisher.cli.main import run

    events = os.dup(1)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    for name, seconds in order["spans"].items():
        stretch(name, timedelta(seconds=seconds))
    if order["at"]:
        announce(order["at"], events)
    code = run(order["words"])
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def load() -> None:
    """Import the whole program."""
    import publisher

    for item in pkgutil.walk_packages(publisher.__path__, "publisher."):
        if not item.name.endswith("__main__") and ".migrations" not in item.name:
            importlib.import_module(item.name)


def main() -> None:
    load()
    tell(1, ready=1)
    # Unbuffered: what is not an order belongs to the child, which may wait for a word to go on.
    orders = os.fdopen(0, "rb", buffering=0, closefd=False)
    while line := orders.readline():
        if not line.strip():
            continue
        pid = os.fork()
        if pid == 0:
            tell(1, pid=os.getpid())
            os._exit(live(json.loads(line)))
        _, status = os.waitpid(pid, 0)
        tell(1, code=os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
