"""A relay that answers more slowly than a lease lasts: its copies are not sent again meanwhile."""

import threading
from contextlib import closing
from dataclasses import replace

from publisher.app import App
from publisher.delivery.smtp import Smtp
from publisher.kit.smtp_client import Security, SmtpSettings, Timeouts
from publisher.ports import LEASE
from tests.app.relays import counts, later, opened, publication, readers, sent
from tests.delivery.relay import Relay


class Elsewhere:
    """Another machine: it cannot see whether an owner lives."""

    def me(self):
        return "elsewhere:1:1"

    def dead(self, owner):
        return False


class Watched:
    """A clock that says when it was looked at, which every turn of the ledger begins with."""

    def __init__(self, clock):
        self.clock, self.looked_at = clock, threading.Event()

    def now(self):
        self.looked_at.set()
        return self.clock.now()


def test_a_copy_whose_answer_takes_longer_than_the_lease_goes_once(tmp_path):
    answer = threading.Event()
    with Relay(until=answer, notify_at=1) as relay:
        app = publication(tmp_path / "gazette", relay)
        readers(app, 1)
        edition = opened(app)
        other = App.open(app.definitions.root, clock=app.clock)
        other.workers = Elsewhere()
        settings = SmtpSettings(
            host="127.0.0.1",
            port=relay.port,
            security=Security.NONE,
            timeouts=Timeouts(message=60.0, beat=0.01),
        )
        clock = Watched(app.clock)

        def work():
            with closing(Smtp(settings)) as transport:
                sender = replace(app.sender, clock=clock)
                sender.send(edition, transport, lambda: app.frozen(edition).parcel)

        sending = threading.Thread(target=work)
        sending.start()
        assert relay.reached.wait(10)
        try:
            for _ in range(5):
                later(app, seconds=LEASE.total_seconds() * 0.7)
                for _ in range(2):  # at the second the turn that began with the first is over
                    clock.looked_at.clear()
                    clock.looked_at.wait(2)
                sent(other)
        finally:
            answer.set()
            sending.join(20)
        assert relay.seen.recipients == {"reader1@reader.example": 1}
        assert counts(app, edition) == {"accepted": 1}
        other.close()
        app.close()
