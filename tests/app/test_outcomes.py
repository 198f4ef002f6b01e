"""From a relay's answers to the ledger, the suppression list, the pause and the operators' mailbox."""

import mailbox

import pytest

from publisher.app.reviewing import approve
from publisher.core.retrying import PATIENCE
from publisher.model.editions import EditionState
from publisher.model.subscribers import Complaint, SubscriberStatus
from tests.app.relays import counts, later, opened, publication, readers, sent, until
from tests.delivery.relay import Relay

PAUSED = (EditionState.PAUSED,)


@pytest.fixture
def made(tmp_path):
    apps = []

    def make(relay, **more):
        app = publication(tmp_path / str(len(apps)), relay, **more)
        apps.append(app)
        return app

    yield make
    for app in apps:
        app.close()


def alarms(app):
    path = app.definitions.root / "var" / "pager"
    return [str(message["Subject"]) for message in mailbox.Maildir(path)] if path.exists() else []


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ({"MAIL": "550 5.7.1 sender not allowed"}, "refuses this sender: 550 5.7.1"),
        ({"MAIL": "530 5.7.0 authentication required"}, "530 5.7.0"),
        ({"RCPT": "530 5.7.0 authentication required"}, "refuses the login: 530"),
        ({"connect": "554 5.3.2 no service"}, "554 5.3.2"),
    ],
)
def test_a_configuration_error_stops_the_edition_and_touches_nobody(made, script, says):
    with Relay(script) as relay:
        app = made(relay)
        readers(app, 5)
        edition = opened(app)
        (note,) = sent(app)
        assert says in note
        assert "\n" not in note
        found = app.store.edition(edition.id)
        assert (found.state, found.reason) == (EditionState.PAUSED, note)
        assert counts(app, edition) == {"queued": 5}
        assert all(not row.attempts for row in app.store.deliveries(edition.id))
        assert app.store.suppressions() == []
        assert sent(app) == []
        assert [subject.partition("] ")[2] for subject in alarms(app)] == [
            "edition 1 of morning is paused"
        ]


def test_each_refusal_has_its_own_end(made):
    script = {
        "RCPT reader1@": "550 5.1.1 no such user",
        "RCPT reader2@": "550 5.7.1 looks like spam",
        "RCPT reader3@": "550 5.2.2 over quota",
        "RCPT reader4@": ["450 4.2.0 Greylisted, try again in 10 minutes", "250 ok"],
    }
    with Relay(script) as relay:
        app = made(relay)
        readers(app, 5)
        edition = opened(app)
        assert sent(app) == []
        assert counts(app, edition) == {"accepted": 1, "deferred": 1, "failed": 3}
        assert [one.email for one in app.store.suppressions()] == ["reader1@reader.example"]
        later(app, minutes=9, seconds=59)
        sent(app)
        assert counts(app, edition)["deferred"] == 1
        later(app, minutes=2)
        sent(app)
        assert counts(app, edition) == {"accepted": 2, "failed": 3}
        assert app.store.edition(edition.id).state is EditionState.DONE


@pytest.mark.parametrize(
    "said",
    [
        "550 5.1.0 <{0}>: Sender address rejected: User unknown in virtual mailbox table",
        "550 5.1.1 <{0}>: User unknown",
    ],
)
def test_a_refused_sender_is_no_reader_s_fault(made, said):
    with Relay({"RCPT": said.format("news@gazette.example")}) as relay:
        app = made(relay)
        assert "<news@gazette.example>" in app.definitions.mail.sender
        readers(app, 5)
        edition = opened(app)
        sent(app)
        assert counts(app, edition) == {"failed": 5}
        assert app.store.suppressions() == []
        assert app.store.trouble(edition.id).blocked == {"reader.example": 5}


def test_what_is_always_put_off_fails_after_three_days(made):
    with Relay({"RCPT": "452 4.2.2 mailbox full"}) as relay:
        app = made(relay)
        readers(app, 1)
        edition = opened(app)
        sent(app)
        while due := app.store.next_due(app.now()):
            until(app, due)
            sent(app)
        (row,) = app.store.deliveries(edition.id)
        assert str(row.state) == "failed"
        assert row.attempts == 10
        assert row.at - row.since == PATIENCE
        assert row.reason.startswith("gave up after 10 tries since 2026-11-24 06:30 UTC: 452")
        assert app.store.soft_failures(row.subscriber) == [row.at]


def test_a_mailbox_that_fails_for_weeks_is_not_written_to_any_more(made):
    with Relay({"RCPT reader1@": "552 5.2.2 over quota", "dot": "552 5.2.2 over quota"}) as relay:
        app = made(relay)
        readers(app, 1)
        for number in range(5):
            assert app.store.suppressions() == []
            edition = opened(app, f"run{number}")
            for _ in range(8):
                sent(app)
                later(app, hours=12)
            assert counts(app, edition) == {"failed": 1}
        (barred,) = app.store.suppressions()
        assert barred.reason.startswith("bounced again and again: gave up after ")


def test_a_provider_that_blocks_us_stops_the_edition_until_somebody_resumes_it(made):
    script = {"RCPT @blocking.example": "550 5.7.1 blocked, see our policy"}
    with Relay(script) as relay:
        app = made(relay, more="\n[mail.pause]\nerrors = 0\nafter = 10\naccepted = 400\n")
        readers(app, 15, "blocking.example")
        readers(app, 700)
        edition = opened(app)
        (note,) = sent(app)
        assert "blocking.example blocks us: 15 of 15 copies" in note
        found = app.store.edition(edition.id)
        assert (found.state, found.reason) == (EditionState.PAUSED, note)
        assert counts(app, edition) == {"accepted": 485, "failed": 15, "queued": 215}
        assert app.store.suppressions() == []
        assert len(alarms(app)) == 1
        later(app, hours=1)
        approve(app, edition.id, PAUSED, "they let us in")
        assert sent(app) == []
        assert counts(app, edition) == {"accepted": 700, "failed": 15}
        assert len(alarms(app)) == 1


def test_a_provider_that_only_asks_for_less_stops_nothing(made):
    script = {"RCPT reader1": "450 4.7.28 Our system has detected an unusual rate of mail"}
    with Relay(script) as relay:
        app = made(relay)
        readers(app, 110)
        edition = opened(app)
        assert sent(app) == []
        assert app.store.edition(edition.id).state is EditionState.OPEN
        found = counts(app, edition)
        assert found["deferred"] >= 10
        assert found["deferred"] + found["accepted"] == 110
        assert alarms(app) == []


def test_a_list_gone_bad_stops_the_edition(made):
    script = {f"RCPT reader{number}": "550 5.1.1 no such user" for number in (1, 2, 3)}
    with Relay(script) as relay:
        app = made(relay)
        readers(app, 520)
        edition = opened(app)
        (note,) = sent(app)
        assert "copies (" in note
        assert "refused for good; the limit is 10%" in note
        assert counts(app, edition)["queued"] >= 400
        assert app.store.suppressions() == []


def test_a_list_that_fits_into_one_batch_is_spared_as_well(made):
    with Relay({"RCPT": "550 5.1.1 no such user"}) as relay:
        app = made(relay)
        readers(app, 150)
        edition = opened(app)
        (note,) = sent(app)
        assert "100 of 100 copies (100.0%) were refused for good" in note
        found = app.store.edition(edition.id)
        assert (found.state, found.reason) == (EditionState.PAUSED, note)
        assert counts(app, edition)["queued"] >= 40
        assert app.store.suppressions() == []
        assert len(alarms(app)) == 1


def test_trouble_that_leaves_nobody_to_spare_is_told_all_the_same(made):
    with Relay({"RCPT": "550 5.1.1 no such user"}) as relay:
        app = made(relay)
        readers(app, 100)
        edition = opened(app)
        (note,) = sent(app)
        assert "100 of 100 copies (100.0%) were refused for good" in note
        assert app.store.edition(edition.id).state is EditionState.DONE
        assert counts(app, edition) == {"failed": 100}
        assert app.store.suppressions() == []
        assert [subject.partition("] ")[2] for subject in alarms(app)] == [
            "edition 1 of morning went out with trouble"
        ]
        assert sent(app) == []
        assert len(alarms(app)) == 1


def test_a_few_dead_addresses_are_suppressed_for_good(made):
    with Relay({"RCPT reader7": "550 5.1.1 no such user"}) as relay:
        app = made(relay)
        readers(app, 119)
        opened(app)
        assert sent(app) == []
        assert len(app.store.suppressions()) == 11
        assert alarms(app) == []


def test_complaints_stop_every_edition_until_somebody_resumes_it(made):
    with Relay() as relay:
        app = made(relay, more="\n[mail.pause]\naccepted = 10\ncomplaints = 10\n")
        readers(app, 20)
        opened(app, "first")
        assert sent(app) == []
        for person in app.store.subscribers(limit=2):
            told = Complaint(evidence=f"arf{person.id}", subscriber=person.id, at=app.now())
            app.store.complain(told, app.now())
        assert app.store.subscribers()[0].status is SubscriberStatus.UNSUBSCRIBED
        later(app, days=1)
        story = app.definitions.root / "articles" / "harbour"
        for folder in [story, *(app.definitions.root / "articles").iterdir()]:
            if folder.is_dir():
                text = (
                    "---\ntitle: Late news\ndate: 2026-11-24T08:00:00Z\n---\nWords. More words.\n"
                )
                (folder / "late.md").write_text(text)
        app.collect(everything=True)
        second = opened(app, "second")
        (note,) = sent(app)
        assert "2 complaints about 20 copies accepted within 7 days" in note
        assert counts(app, second) == {"queued": 18}
        later(app, hours=1)
        approve(app, second.id, PAUSED)
        assert sent(app) == []
        assert counts(app, second) == {"accepted": 18}
