"""A real Postfix of one's own on loopback: own folder, own ports, nothing of the system's touched.

It takes mail at three ports (plain with STARTTLS and AUTH, TLS from the first octet, and one that
offers little), checks logins with a small server that speaks Dovecot's protocol, and hands everything
on to a relay of the tests.
"""

import base64
import os
import shutil
import socket
import socketserver
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pytest

from tests.delivery.relay import TLS

SECONDS = 10
LOGINS = {"PLAIN": b"\0news\0s3cret", "XOAUTH2": b"user=news\1auth=Bearer t0ken\1\1"}
MAIN = """\
compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/data
maillog_file = {root}/log
maillog_file_prefixes = {root}
mail_owner = postfix
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = postfix.test
mynetworks = 127.0.0.0/8
mydestination =
alias_maps =
local_recipient_maps =
disable_dns_lookups = yes
smtp_host_lookup = native
relayhost = [127.0.0.1]:{onward}
message_size_limit = 200000
smtputf8_enable = yes
smtpd_recipient_restrictions = check_recipient_access inline:{{
 {{ gone@reader.example = 550 5.1.1 no such reader }},
 {{ later@reader.example = 450 4.2.0 not now }} }}, permit_mynetworks, reject
smtpd_data_restrictions = reject_unauth_pipelining
smtpd_tls_security_level = may
smtpd_tls_cert_file = {tls}/certificate.pem
smtpd_tls_key_file = {tls}/key.pem
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{sasl}
smtpd_sasl_security_options = noanonymous
"""
MASTER = """\
{plain} inet n - n - - smtpd -o smtpd_sasl_auth_enable=yes
{wrapped} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
{old} inet n - n - - smtpd -o smtpd_discard_ehlo_keywords=pipelining,8bitmime,smtputf8,dsn,size,starttls
 -o smtpd_tls_security_level=none
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Postfix:
    """A running Postfix: its ports, and its log for whoever wants to know why."""

    plain: int
    wrapped: int
    old: int
    log: Path


@contextmanager
def postfix(onward: int) -> Iterator[Postfix]:
    """Run one that hands everything on to a port; skips where it cannot be run."""
    program = shutil.which("postfix", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        pytest.skip("postfix: not found (`make tools` fetches it)")
    if os.geteuid() != 0:
        pytest.skip("postfix: only root may start it")
    # Not pytest's folder: Postfix's processes are another user's, who may not look into that one.
    root = Path(tempfile.mkdtemp(prefix="postfix-"))
    root.chmod(0o755)
    with Accounts() as accounts:
        plain, wrapped, old = _free_ports(3)
        for name in ("etc", "queue", "data"):
            (root / name).mkdir()
        shutil.chown(root / "data", "postfix")
        places = {"root": root, "tls": TLS, "onward": onward, "sasl": accounts.port}
        (root / "etc" / "main.cf").write_text(MAIN.format(**places))
        ports = {"plain": plain, "wrapped": wrapped, "old": old}
        (root / "etc" / "master.cf").write_text(MASTER.format(**ports))
        made = Postfix(**ports, log=root / "log")
        command = [program, "-c", str(root / "etc"), "start-fg"]
        with subprocess.Popen(command, stderr=subprocess.PIPE) as running:
            try:
                _wait_for(plain, running)
                yield made
            finally:
                stop = [program, "-c", str(root / "etc"), "stop"]
                subprocess.run(stop, check=False, capture_output=True)
                running.wait(SECONDS)
    shutil.rmtree(root)


def _free_ports(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def _wait_for(port: int, running: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and running.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        os.sched_yield()
    running.kill()
    _, said = running.communicate()
    raise AssertionError(f"Postfix did not come up: {said.decode(errors='replace')}")


class Accounts:
    """Dovecot's authentication protocol (version 1.1), for one account; use as a context manager."""

    def __enter__(self) -> Self:
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Asked)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(SECONDS)


class _Asked(socketserver.StreamRequestHandler):
    """One of Postfix's processes asking."""

    def handle(self) -> None:
        self.answers: list[str] = []
        self.say("VERSION\t1\t1", "MECH\tPLAIN\tplaintext", "MECH\tLOGIN\tplaintext")
        self.say("MECH\tXOAUTH2", f"SPID\t{os.getpid()}", "CUID\t1", "COOKIE\t" + "0" * 32, "DONE")
        for line in self.rfile:
            verb, *fields = line.decode().rstrip("\n").split("\t")
            if verb == "AUTH":
                self.first(fields)
            elif verb == "CONT":
                self.more(fields[0], fields[1])

    def say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\n" for line in lines).encode())

    def first(self, fields: list[str]) -> None:
        number, mechanism, *parameters = fields
        given = next((p[5:] for p in parameters if p.startswith("resp=")), "")
        if mechanism == "LOGIN":
            self.answers = []
            self.say(f"CONT\t{number}\t{_base64(b'Username:')}")
        else:
            self.judge(number, base64.b64decode(given) == LOGINS[mechanism])

    def more(self, number: str, given: str) -> None:
        self.answers.append(base64.b64decode(given).decode())
        if len(self.answers) == 1:
            self.say(f"CONT\t{number}\t{_base64(b'Password:')}")
        else:
            self.judge(number, self.answers == ["news", "s3cret"])

    def judge(self, number: str, good: bool) -> None:
        self.say(f"{'OK' if good else 'FAIL'}\t{number}\tuser=news")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
