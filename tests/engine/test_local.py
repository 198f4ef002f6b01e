"""Jobs run when woken, survive their accidents, and end when asked."""

from threading import Event

from publisher.engine.local import LocalEngine

SOON = 10


def test_a_job_runs_at_once_and_again_when_woken():
    ran = [Event(), Event()]
    calls = iter(ran)

    def job(_stop):
        event = next(calls, None)
        if event:
            event.set()

    engine = LocalEngine({"job": job}, lambda *_: None, pause=3600)
    engine.start()
    assert ran[0].wait(SOON)
    engine.wake()
    assert ran[1].wait(SOON)
    assert engine.stop()


def test_an_accident_is_told_and_the_next_call_comes():
    told, recovered = [], Event()
    calls = []

    def job(_stop):
        calls.append(1)
        if len(calls) == 1:
            raise ValueError("spilt")
        recovered.set()

    engine = LocalEngine(
        {"job": job}, lambda name, error: told.append((name, str(error))), pause=0.01
    )
    engine.start()
    assert recovered.wait(SOON)
    assert engine.stop()
    assert told == [("job", "spilt")]


def test_a_long_job_hears_the_stop():
    started = Event()

    def job(stop):
        started.set()
        while not stop():
            Event().wait(0.001)

    engine = LocalEngine({"job": job}, lambda *_: None)
    engine.start()
    assert started.wait(SOON)
    assert engine.stop()
