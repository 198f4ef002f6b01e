"""Promise 5 with real processes: nothing is sent again from a copy of the store without `resume`."""

import random
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.conftest import Operator
from tests.e2e.sink import Sink
from tests.torture.results import Result

HELD = "held back: "
HOURS = 3_600_000_000
RELAY = """
[transports.relay]
type = "smtp"
host = "127.0.0.1"
port = {port}
security = "none"
connections = 2
"""


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as made:
        yield made


class Desk:
    """A publication with readers, its relay, and the files of its store."""

    def __init__(self, operator: Operator, sink: Sink, readers: int) -> None:
        self.operator, self.sink, self.readers = operator, sink, readers
        people = "email\n" + "".join(f"reader{n}@example.org\n" for n in range(readers))
        (operator.folder / "people.csv").write_text(people, encoding="utf-8")
        relay = RELAY.format(port=sink.port)
        operator.edit(
            "publisher.toml",
            lambda text: (
                text.replace('transport = "outbox"', 'transport = "relay"').replace(
                    'samples = "subscribers.csv"', ""
                )
                + relay
            ),
        )
        operator.types("subscribers", "import", str(operator.folder / "people.csv"))

    @property
    def store(self) -> Path:
        return self.operator.folder / "var" / "publisher.db"

    @property
    def copies(self) -> int:
        return self.sink.copies.total()

    def files(self, *sides: str) -> dict[str, bytes]:
        """Return the store's files as they lie on the disk."""
        named = {side: self.store.with_name(self.store.name + side) for side in sides}
        return {side: path.read_bytes() for side, path in named.items() if path.exists()}

    def put(self, files: dict[str, bytes], *, leave: tuple[str, ...] = ()) -> None:
        """Put the store's files back by hand; what of the others is left lies beside them."""
        for side in ("", "-wal", "-shm"):
            path = self.store.with_name(self.store.name + side)
            if side in files:
                path.write_bytes(files[side])
            elif side not in leave:
                path.unlink(missing_ok=True)

    def send(self) -> None:
        self.operator.types("run", "--once", "--no-web")

    def send_and_kill(self, after: int) -> None:
        """Let the main job send so many more copies, then kill it."""
        running = self.operator.start("run", "--no-web")
        self.sink.wait_for(self.copies + after)
        running.send_signal(signal.SIGKILL)
        running.communicate()

    def is_quiet(self, why: str) -> None:
        """Run, and see that nothing is sent and that everybody says why."""
        before = self.copies
        done = self.operator.types("run", "--once", "--no-web", expect=1)
        assert why in done.stderr
        assert "publisher resume" in done.stderr
        assert self.copies == before
        open_ones = [e for e in self.operator.asks("editions", "list") if e["state"] != "done"]
        assert [e["state"] for e in open_ones] == ["paused"] * len(open_ones)
        assert all(e["reason"].startswith(HELD) for e in open_ones)
        doctor = self.operator.types("doctor", expect=1)
        assert why in doctor.stdout

    def delivered_once(self) -> bool:
        return set(self.sink.copies.values()) == {1} and len(self.sink.copies) == self.readers


@pytest.fixture
def desk(colleague, sink) -> Desk:
    return Desk(colleague, sink, 40)


def test_a_backup_sends_nothing_again(desk, tmp_path):
    copy = tmp_path / "copy.db"
    desk.operator.types("backup", str(copy))
    desk.send()
    assert desk.delivered_once()
    desk.put({"": copy.read_bytes()})
    desk.is_quiet("this is the copy that `publisher backup` made")
    desk.is_quiet("this is the copy that `publisher backup` made")
    assert desk.operator.types("editions", "resume", "1", expect=1).stderr.count(
        "publisher resume"
    )
    told = desk.operator.types("resume", expect=1)
    assert "would be sent: 40 copies of 1 edition" in told.stderr
    assert "nothing was released" in told.stderr
    desk.operator.types("resume", "--sent", "all", "--yes")
    desk.send()
    assert desk.delivered_once()
    (edition,) = desk.operator.asks("editions", "list")
    assert (edition["state"], edition["counts"]["uncertain"]) == ("done", 40)


def test_resume_releases_what_it_has_shown(desk, tmp_path):
    """Also what was not open when the copy was made, but falls due in it."""
    copy = tmp_path / "copy.db"
    desk.operator.types("backup", str(copy))
    desk.send()
    desk.put({"": copy.read_bytes()})
    shown = desk.operator.asks("resume", "--yes")
    assert shown["released"]
    assert [(e["to_go"], e["decision"], e["state"]) for e in shown["editions"]] == [
        (40, "send", "open")
    ]
    desk.send()
    assert set(desk.sink.copies.values()) == {2}
    assert desk.operator.types("resume").stderr == "nothing is held back\n"


def test_a_file_copied_back_by_hand_sends_nothing_again(desk):
    desk.send_and_kill(after=10)
    older = desk.files("", "-wal")
    desk.send()
    assert len(desk.sink.copies) == desk.readers
    desk.put(older)
    desk.is_quiet("steps behind the witness")


def test_a_newer_log_left_beside_an_older_file_is_not_mixed_into_it(desk):
    older = desk.files("")
    for _ in range(2):
        desk.send_and_kill(after=10)
        desk.operator.types("subscribers", "list")  # the last to close puts the log into the file
    desk.send_and_kill(after=5)
    assert desk.files("-wal")["-wal"]
    before = desk.copies
    desk.put(older, leave=("-wal", "-shm"))
    refused = desk.operator.types("run", "--once", "--no-web", expect=69)
    assert "publisher.db-wal" in refused.stderr
    assert desk.files("") == older
    desk.put(older)
    desk.is_quiet("steps behind the witness")
    assert desk.copies == before


def test_a_store_without_its_witness_sends_nothing(desk, tmp_path):
    """Copied to another folder by hand, with or without the witness of another store."""
    desk.send_and_kill(after=10)
    (desk.operator.folder / "var" / "witness.json").rename(tmp_path / "witness.json")
    desk.is_quiet("there is no witness at")


def test_a_machine_put_back_is_known_by_its_heartbeat(desk):
    """Witness and store fit: only time tells."""
    desk.send_and_kill(after=10)
    with closing(sqlite3.connect(desk.store, isolation_level=None)) as store:
        store.execute(
            "UPDATE meta SET value = CAST(CAST(value AS INTEGER) - ? AS TEXT) WHERE key = 'beat'",
            (7 * HOURS,),
        )
    before = desk.copies
    done = desk.operator.types("run", "--once", "--no-web", expect=1)
    assert "nothing ran for 7 h" in done.stderr
    assert "`publisher resume` goes on" in done.stderr
    assert desk.copies == before
    desk.operator.types("resume", "--yes")
    desk.send()
    assert len(desk.sink.copies) == desk.readers


@pytest.mark.torture
def test_copies_taken_at_any_moment_send_nothing(operator, sink, report):
    """Kills and copies at random points; the newest store goes on where it was."""
    desk, chance = Desk(operator, sink, 5_000), random.Random(5)
    taken: list[dict[str, bytes]] = []
    rounds, put_back = 12, 0
    for _ in range(rounds):
        desk.send_and_kill(after=chance.randint(1, 5_000 // rounds - 10))
        newest = desk.files("", "-wal")
        for older in chance.sample(taken, min(2, len(taken))):
            desk.put(older)
            desk.is_quiet("steps behind the witness")
            put_back += 1
        desk.put(newest)
        taken.append(newest)
    desk.send()
    twice = desk.copies - len(desk.sink.copies)
    report(
        Result(
            proof=10,
            fault=f"store copied back by hand in the middle of a send, {rounds} SIGKILLs, SQLite",
            rounds=put_back,
            lost=desk.readers - len(desk.sink.copies),
            twice=twice,
            uncertain=twice,
            bound=rounds * 2,
        )
    )
