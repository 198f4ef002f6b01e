"""Names of lease owners on this machine, and whether an owner is gone.

An owner is `host/boot:pid:start`: the process's start time tells a new process with an old number
apart, the boot id a restarted machine or container. An owner elsewhere is never known to be dead:
its lease decides.
"""

import os
import socket
from functools import cached_property
from pathlib import Path

STAT = "/proc/{pid}/stat"
BOOT = Path("/proc/sys/kernel/random/boot_id")


class LocalWorkers:
    """Implements the port Workers by looking at this machine's processes."""

    @cached_property
    def _host(self) -> str:
        try:
            boot = BOOT.read_text(encoding="ascii").strip()
        except OSError:
            boot = ""
        return f"{socket.gethostname()}/{boot}"

    def me(self) -> str:
        """Return this process's owner name."""
        pid = os.getpid()
        return f"{self._host}:{pid}:{started(pid)}"

    def dead(self, owner: str) -> bool:
        """Tell whether an owner is certainly gone: same machine and boot, no such process."""
        host, _, rest = owner.partition(":")
        pid, _, start = rest.partition(":")
        if host != self._host or not pid.isdigit():
            return False
        return started(int(pid)) != start


def started(pid: int) -> str:
    """Return when a process started, in ticks since boot; "" when there is none.

    Where there is no /proc, any living process counts as started at "0". A zombie is gone.
    """
    try:
        stat = Path(STAT.format(pid=pid)).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return "" if Path("/proc/self").exists() else _signalled(pid)
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else fields[19]


def _signalled(pid: int) -> str:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        return "0"
    return "0"
