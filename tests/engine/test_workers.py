"""Who is alive on this machine."""

import subprocess
import sys

from publisher.engine.workers import LocalWorkers, started


def test_this_process_is_alive_and_strangers_are_left_to_their_leases():
    workers = LocalWorkers()
    assert not workers.dead(workers.me())
    assert not workers.dead("elsewhere/boot:1:1")
    assert not workers.dead("nonsense")


def test_a_process_that_ended_is_dead_and_so_is_one_whose_number_was_taken():
    workers = LocalWorkers()
    host = workers.me().partition(":")[0]
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    owner = f"{host}:{child.pid}:{started(child.pid)}"
    assert not workers.dead(owner)
    assert workers.dead(f"{host}:{child.pid}:1")
    child.kill()
    child.communicate()
    assert workers.dead(owner)
