"""A real Dovecot of one's own on loopback: own folder, own ports, nothing of the system's touched."""

import os
import pwd
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.delivery.relay import TLS

USER, PASSWORD = "news", "s3cret-words"
SECONDS = 10
CONF = """
protocols = imap
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/log
listen = 127.0.0.1
default_login_user = {login}
default_internal_user = {internal}
default_internal_group = {internal}
first_valid_uid = 0
mail_location = maildir:{root}/mail
mail_uid = {user}
mail_gid = {group}
ssl = yes
ssl_cert = <{tls}/certificate.pem
ssl_key = <{tls}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={root}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {secure}
  }}
}}
service anvil {{
  chroot =
}}
"""


@dataclass
class Dovecot:
    """Where it listens, and the Maildir that it serves."""

    plain: int
    secure: int
    mail: Path

    def deliver(self, data: bytes, folder: str = "", name: str | None = None) -> None:
        """Put a mail into a folder as a delivery agent does."""
        box = self.mail / f".{folder}" if folder else self.mail
        for part in ("tmp", "new", "cur"):
            (box / part).mkdir(parents=True, exist_ok=True)
        unique = name or f"{time.time_ns()}.M{time.monotonic_ns()}.test"
        (box / "tmp" / unique).write_bytes(data)
        (box / "tmp" / unique).rename(box / "new" / unique)
        _own(self.mail)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def dovecot(root: Path) -> Iterator[Dovecot]:
    """Run it until the test ends; skip where there is none, or where we are not root."""
    program = shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("imap: Dovecot not found (`make tools` fetches it)")
    if os.getuid() != 0:
        pytest.skip("imap: Dovecot wants to be started by root")
    plain, secure = free_port(), free_port()
    for name in ("run", "state", "mail"):
        (root / name).mkdir(parents=True)
    for folder in (root, *root.parents):
        if folder.stat().st_uid == os.getuid() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o711)
    user = pwd.getpwnam("nobody")
    conf = root / "dovecot.conf"
    conf.write_text(
        CONF.format(
            root=root,
            tls=TLS,
            plain=plain,
            secure=secure,
            password=PASSWORD,
            login="dovenull",
            internal="dovecot",
            user=user.pw_uid,
            group=user.pw_gid,
        )
    )
    _own(root / "mail")
    with subprocess.Popen([program, "-F", "-c", str(conf)], stderr=subprocess.PIPE) as process:
        try:
            _wait(process, plain, root)
            yield Dovecot(plain, secure, root / "mail")
        finally:
            process.terminate()


def _own(folder: Path) -> None:
    user = pwd.getpwnam("nobody")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid)


def _wait(process: "subprocess.Popen[bytes]", port: int, root: Path) -> None:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as connection:
                if connection.recv(4).startswith(b"* OK"):
                    return
        except OSError:
            continue
    log = (root / "log").read_text() if (root / "log").exists() else ""
    pytest.fail(f"Dovecot did not start: {log}")


def trusting() -> ssl.SSLContext:
    """Return a context that trusts the tests' own certificate."""
    return ssl.create_default_context(cafile=str(TLS / "certificate.pem"))
