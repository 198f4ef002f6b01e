"""What every test may use, and the rules every test runs under.

No test reaches beyond this machine: names that are not local do not resolve, and connecting to an
address that is not loopback fails the test. Property tests are derandomised. What is skipped is
named, by reason, in the last lines of the run.
"""

import ipaddress
import json
import os
import shutil
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, settings
from referencing import Registry, Resource

from tests.torture.results import Result, lines, save

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"

settings.register_profile(
    "house",
    derandomize=True,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("torture", settings.get_profile("house"), max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))


class NetworkReached(RuntimeError):
    """A test tried to leave the machine. Not an OSError, so that no code swallows it."""


def _is_local(host: object) -> bool:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if name is None or name in {"", "localhost", socket.gethostname()}:
        return True
    try:
        address = ipaddress.ip_address(str(name).partition("%")[0])
    except ValueError:
        return str(name).endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def _guard_sockets() -> None:
    real = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex", "sendto")}
    real_getaddrinfo = socket.getaddrinfo

    def guarded(name: str) -> Callable[..., object]:
        def call(self: socket.socket, *arguments: object) -> object:
            address = arguments[-1]
            if isinstance(address, tuple) and not _is_local(address[0]):
                raise NetworkReached(f"a test may not reach {address[0]}")
            return real[name](self, *arguments)

        return call

    def getaddrinfo(host: object, *arguments: object, **named: object) -> object:
        if not _is_address(host) and not _is_local(host):
            raise socket.gaierror(socket.EAI_NONAME, "tests run without a network")
        return real_getaddrinfo(host, *arguments, **named)

    for name in real:
        setattr(socket.socket, name, guarded(name))
    socket.getaddrinfo = getaddrinfo


def _is_address(host: object) -> bool:
    try:
        ipaddress.ip_address(str(host))
    except ValueError:
        return False
    return True


def pytest_configure(config: pytest.Config) -> None:
    """Close the network before anything is imported or collected."""
    _guard_sockets()
    # Hundreds of commands are started: each would compile the whole package anew (0.4 s).
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are cores: tests also wait, for processes and disks."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of samples and specifications beside the checkout; skips where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the folder of shared samples is not beside this checkout")
    return SHARED


@pytest.fixture(scope="session")
def json_feed_schema(shared_dir: Path) -> Any:
    """A validator of the published schema of JSON Feed 1.1."""
    schemas = [
        json.loads((shared_dir / "data" / name).read_bytes())
        for name in ("jsonfeed-1.1.schema.json", "jsonfeed-1.schema.json")
    ]
    registry: Registry[Any] = Registry().with_resources(
        (schema["id"], Resource.from_contents(schema)) for schema in schemas
    )
    return jsonschema.Draft4Validator(schemas[0], registry=registry)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return ROOT


def _program(*names: str) -> str | None:
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    return next((found for name in names if (found := shutil.which(name, path=path))), None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium; skips where there is none."""
    found = _program("chromium", "chromium-browser", "google-chrome")
    if found is None:
        fetched = sorted(ROOT.glob(".tools/browsers/chromium*/chrome-linux*/*chrom*"))
        found = next((str(path) for path in fetched if os.access(path, os.X_OK)), None)
    if found is None:
        pytest.skip("browser: Chromium not found (`make tools` fetches it)")
    return found


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    """A browser of playwright's; skips where there is none. Not for a session: it holds a loop."""
    playwright = pytest.importorskip("playwright.sync_api", reason="browser: playwright is absent")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


def _node_tool(path: str, what: str) -> Path:
    found = ROOT / ".tools" / "node" / "node_modules" / path
    if not found.exists():
        pytest.skip(f"{what} not found (`make tools` fetches it)")
    return found


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core, to be run in a page; skips where there is none."""
    return _node_tool("axe-core/axe.min.js", "axe: axe-core").read_text("utf-8")


@pytest.fixture(scope="session")
def vnu() -> Callable[..., list[dict[str, Any]]]:
    """The Nu validator: `vnu(path, …)` returns its messages; skips where it or Java is missing."""
    jar, java = (
        _node_tool("vnu-jar/build/dist/vnu.jar", "markup: the Nu validator"),
        _program("java"),
    )
    if java is None:
        pytest.skip("markup: Java not found (`make tools` fetches it)")

    def validate(*paths: Path) -> list[dict[str, Any]]:
        command = [java, "-Xss8m", "-jar", str(jar), "--format", "json", "--exit-zero-always"]
        done = subprocess.run([*command, *map(str, paths)], capture_output=True, check=True)
        found: list[dict[str, Any]] = json.loads(done.stderr)["messages"]
        return found

    return validate


@pytest.fixture(scope="session")
def newsboat() -> str:
    """The path of newsboat; skips where there is none."""
    found = _program("newsboat")
    if found is None:
        pytest.skip("newsreader: newsboat not found (`make tools` fetches it)")
    return found


@pytest.fixture(scope="session")
def smtp_sink() -> str:
    """The path of Postfix's smtp-sink, with smtp-source beside it; skips where there is none."""
    found = _program("smtp-sink")
    if found is None:
        pytest.skip("postfix: smtp-sink not found (`make tools` fetches it)")
    return found


@pytest.fixture(scope="session")
def golden() -> Callable[[Path, str | bytes], None]:
    """Compare with a golden file: `golden(path, produced)`; `make golden` rewrites the file."""

    def compare(path: Path, produced: str | bytes) -> None:
        data = produced.encode() if isinstance(produced, str) else produced
        if os.environ.get("ACCEPT_GOLDEN"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        assert path.exists(), f"{path} is missing: `make golden` writes it"
        expected = path.read_bytes()
        if isinstance(produced, str):
            assert produced == expected.decode()
        assert data == expected

    return compare


RESULTS = pytest.StashKey[dict[str, Result]]()


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Callable[[Result], None]:
    """Put a row into the table of the proofs; a promise that was not kept fails the test."""

    def put(result: Result) -> None:
        request.config.stash.setdefault(RESULTS, {})[request.node.nodeid] = result
        assert result.held, "\n".join([*lines([result]), *result.wrong])

    return put


def _show_proofs(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table of the proofs; keep it where `TORTURE_RESULTS` says."""
    results = terminalreporter.config.stash.get(RESULTS, {})
    if results:
        terminalreporter.section("proofs")
        for line in lines(results.values()):
            terminalreporter.write_line(line)
    stats = terminalreporter.stats
    failed = {one.nodeid for one in [*stats.get("failed", []), *stats.get("error", [])]}
    if (results or failed) and (path := os.environ.get("TORTURE_RESULTS")):
        save(results, Path(path), failed)


def _reason(report: pytest.TestReport) -> str:
    detail = report.longrepr
    text = detail[2] if isinstance(detail, tuple | list) and len(detail) == 3 else str(detail)
    return str(text).removeprefix("Skipped: ")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the proofs; name every skipped group with its reason, just above pytest's own last line."""
    _show_proofs(terminalreporter)
    reasons = Counter(_reason(report) for report in terminalreporter.stats.get("skipped", []))
    terminalreporter.section("skipped groups")
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"{count:5d}  {reason}")
    if "not torture" in terminalreporter.config.getoption("markexpr", ""):
        terminalreporter.write_line("    -  torture: long proofs, run by `make torture`")
    if not reasons:
        terminalreporter.write_line("    0  no other test was skipped")
