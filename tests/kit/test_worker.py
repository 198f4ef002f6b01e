"""Processes that can be killed: one deadline and one limit of memory for each job."""

import math
import os
import threading
import time

import pytest

from publisher.errors import ParseError
from publisher.kit.json_feed import read_json_feed
from publisher.kit.worker import WorkerLost, WorkerPool


@pytest.fixture
def pool():
    made = WorkerPool(2, memory=1024**3)
    yield made
    made.close()


def test_a_result_and_a_typed_error_come_back(pool):
    assert pool.run(10, math.sqrt, 4.0) == 2.0
    with pytest.raises(ParseError, match="not JSON"):
        pool.run(10, read_json_feed, "{", "https://h.example/f")


def test_the_work_is_done_elsewhere_and_children_are_kept(pool):
    first, second = pool.run(10, os.getpid), pool.run(10, os.getpid)
    assert first == second != os.getpid()


def test_a_hung_job_is_killed_in_time_and_replaced(pool):
    hung = pool.run(10, os.getpid)
    begun = time.monotonic()
    with pytest.raises(WorkerLost, match="took longer than 0 s"):
        pool.run(0.2, time.sleep, 60)
    assert time.monotonic() - begun < 5
    assert pool.run(10, os.getpid) != hung
    with pytest.raises(ProcessLookupError):
        os.kill(hung, 0)


@pytest.mark.parametrize(
    ("function", "argument", "reason"),
    [
        (bytearray, 2 * 1024**3, "too much memory"),
        (os._exit, 3, "took its process down"),
        (os.abort, None, "took its process down"),
        (threading.Lock, None, "cannot be handed over"),
    ],
)
def test_what_breaks_a_child_breaks_no_more(pool, function, argument, reason):
    with pytest.raises(WorkerLost, match=reason):
        pool.run(10, function, *([] if argument is None else [argument]))
    assert pool.run(10, math.sqrt, 9.0) == 3.0


def test_many_threads_share_few_children(pool):
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(pool.run(10, os.getpid))) for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 16
    assert len(set(found)) <= 2


def test_a_closed_pool_leaves_no_process_and_may_be_used_again(pool):
    child = pool.run(10, os.getpid)
    pool.close()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    assert pool.run(10, math.sqrt, 4.0) == 2.0
