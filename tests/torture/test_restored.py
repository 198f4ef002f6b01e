"""Proof 10 on PostgreSQL: the server's files are copied back by hand, and nothing is sent again.

System number, database and witness are those of the newest files: only how far they came tells them
apart. The same with SQLite's files stands in tests/e2e/test_copies.py.
"""

import random
from pathlib import Path

import pytest

from publisher.model.editions import EditionState
from publisher.model.keeping import HELD_BACK
from tests.torture.gazette import Gazette
from tests.torture.nursery import Nursery
from tests.torture.results import Result
from tests.torture.servers import Server
from tests.torture.sink import Sink

GO_ON = ("run", "--once", "--no-web")
HELD = 1


def kill(
    gazette: Gazette, nursery: Nursery, sink: Sink, words: tuple[str, ...], after: int
) -> None:
    """Let a life send so many more copies, then kill it."""
    life = nursery.start(gazette.folder, *words)
    sink.wait_for(sink.copies.total() + after)
    assert life.kill(), life.said()
    sink.settle()
    gazette.quiet()


def wrong(gazette: Gazette, nursery: Nursery, sink: Sink) -> list[str]:
    """Run on files that were put back; return what was not as promised."""
    before = sink.copies.total()
    life = nursery.start(gazette.folder, *GO_ON)
    code, edition = life.wait(), gazette.edition()
    checks = {
        f"it ended with {code}": code == HELD,
        "it does not say why": "steps behind the witness" in life.said(),
        "it does not say what to do": "publisher resume" in life.said(),
        f"{sink.copies.total() - before} copies sent": sink.copies.total() == before,
        f"the edition is {edition.state}, {edition.reason}": edition.state is EditionState.PAUSED
        and edition.reason.startswith(HELD_BACK),
    }
    return [what for what, good in checks.items() if not good]


def tried(
    server: Server, folder: Path, sink: Sink, nursery: Nursery, readers: int, kills: int
) -> Result:
    """Kill and copy again and again; put older copies back; let the newest go on."""
    gazette, chance = (
        Gazette(folder / "gazette", server.url, sink.port, connections=2),
        random.Random(5),
    )
    gazette.subscribe(readers)
    key, taken, found = str(gazette.write()), list[Path](), list[str]()
    assert nursery.run(gazette.folder, "schedules", "run", "collect", "--key", key) == 0
    words, put_back = ("schedules", "run", "morning", "--key", key), 0
    for number in range(kills):
        kill(gazette, nursery, sink, words, after=chance.randint(1, readers // kills - 10))
        newest, words = folder / f"copy-{number}", GO_ON
        server.copy(newest)
        for older in chance.sample(taken, min(2, len(taken))):
            server.put(older)
            found += wrong(gazette, nursery, sink)
            put_back += 1
        server.put(newest)
        taken.append(newest)
    assert nursery.run(gazette.folder, *GO_ON) == 0
    sink.settle()
    twice = sink.copies.total() - len(sink.copies)
    return Result(
        proof=10,
        fault=f"store copied back by hand in the middle of a send, {kills} SIGKILLs, PostgreSQL",
        rounds=put_back,
        lost=readers - len(sink.copies),
        twice=twice,
        uncertain=twice,
        bound=kills * gazette.connections,
        wrong=tuple(found),
    )


@pytest.mark.postgres
def test_older_files_send_nothing(own_server, tmp_path, sink, nursery, report):
    report(tried(own_server, tmp_path, sink, nursery, readers=200, kills=2))


@pytest.mark.torture
@pytest.mark.postgres
def test_files_put_back_send_nothing(own_server, tmp_path, sink, nursery, report):
    report(tried(own_server, tmp_path, sink, nursery, readers=5_000, kills=12))
