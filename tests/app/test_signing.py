"""Everything that leaves is signed: digests made in threads, letters, alarms; nothing goes unsigned."""

import mailbox
import re
from datetime import UTC, datetime

import pytest

from publisher import assets, config
from publisher.app import App
from publisher.app.sending import send_due
from publisher.core.editing import Opening
from publisher.errors import DefinitionError
from publisher.kit.dkim import new_key, read_key
from publisher.model.editions import EditionState
from publisher.model.subscribers import NewSubscriber
from publisher.model.timetable import PlannedRun
from tests.verifying import verified

SIGNED = """
[alerts]
to = ["ops@gazette.example"]
transport = "outbox"

[mail.dkim]
selector = "s1"
key = { file = "secrets/s1.pem" }

[[mail.dkim.also]]
selector = "e1"
key = { file = "secrets/e1.pem" }
"""


class Stopped:
    """A clock that stands."""

    def now(self):
        return datetime(2026, 11, 24, 6, 30, tzinfo=UTC)


@pytest.fixture
def root(tmp_path):
    assets.write_starter(tmp_path)
    (tmp_path / "secrets").mkdir(exist_ok=True)
    for name, kind in (("s1", "rsa"), ("e1", "ed25519")):
        (tmp_path / f"secrets/{name}.pem").write_bytes(new_key(kind))
    with (tmp_path / "publisher.toml").open("a") as file:
        file.write(SIGNED)
    return tmp_path


@pytest.fixture
def app(root):
    made = App.open(root, clock=Stopped(), complain=lambda *said: made.complaints.append(said))
    made.complaints = []
    yield made
    made.close()


@pytest.fixture
def records(root):
    return {
        f"{name}._domainkey.gazette.example": read_key(
            (root / f"secrets/{name}.pem").read_text()
        ).record
        for name in ("s1", "e1")
    }


def outbox(root):
    """Return what lies in the outbox as it would travel."""
    paths = sorted((root / "var/outbox/new").iterdir())
    assert mailbox.Maildir(root / "var/outbox", create=False).keys()
    return [path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") for path in paths]


def signed_part(data):
    """Return a message from its signatures on: what transports put above them is not signed."""
    return data[data.index(b"DKIM-Signature:") :]


def open_edition(app, readers):
    people = [
        NewSubscriber(email=f"r{number}@example.org", subscriptions=(("harbour", "morning"),))
        for number in range(readers)
    ]
    app.store.import_subscribers(people, app.now())
    app.collect()
    run, _ = app.store.add_run("morning", PlannedRun(key="manual:x", slot="x", due=app.now()))
    opening = Opening(store=app.store, clock=app.clock, calendar=app.calendar, home="UTC")
    return opening.open(run, app.schedule("morning"), "outbox")


@pytest.mark.parametrize("threads", [0, 3])
def test_every_copy_of_an_edition_is_signed_by_every_key(root, app, records, threads):
    (root / "publisher.toml").write_text(
        (root / "publisher.toml").read_text().replace("[[mail", f"threads = {threads}\n[[mail")
    )
    app.replace_definitions(config.load(root))
    open_edition(app, 40)
    (report,) = send_due(app)
    assert (report.complete, report.counts["accepted"]) == (True, 40)
    mails = outbox(root)
    assert len(mails) == 40
    assert [verified(signed_part(mail), records) for mail in mails] == [2] * 40


def test_who_was_not_written_to_when_it_stopped_is_written_to_later(root, app, records):
    edition = open_edition(app, 60)
    asked = iter(range(1_000))
    send_due(app, stop=lambda: next(asked) > 20)
    first = app.store.edition(edition.id).counts
    assert 0 < first["accepted"] < 60
    assert first["accepted"] + first["queued"] == 60
    (report,) = send_due(app)
    assert report.complete
    mails = outbox(root)
    identifiers = {re.search(rb"\r\nMessage-ID: (.*)\r\n", mail)[1] for mail in mails}
    assert len(mails) == len(identifiers) == 60
    assert [verified(signed_part(mail), records) for mail in mails] == [2] * 60


def test_threads_make_the_same_bytes(app):
    edition = open_edition(app, 30)
    rows = app.store.deliveries(edition.id)
    composed = app.frozen(edition)
    made = [copy().data for _, copy in app.ahead((row, composed.parcel) for row in rows)]
    assert made == [composed.parcel(row).data for row in rows]


def test_letters_and_alarms_are_signed(root, app, records):
    wanted = (("harbour", "morning"),)
    app.greeting.ask(NewSubscriber(email="ann@example.org", subscriptions=wanted))
    person = app.store.find_subscriber("ann@example.org")
    app.greeting.say_goodbye(person)
    assert app.alarm.tell("cause", "something", "It is bad.\n\n")
    mails = outbox(root)
    assert len(mails) == 3
    assert [verified(signed_part(mail), records) for mail in mails] == [2] * 3
    assert app.complaints == []


def test_what_is_shown_is_what_is_sent(root, app, records):
    edition = open_edition(app, 1)
    (row,) = app.store.deliveries(edition.id)
    shown = app.frozen(edition).parcel(row).data
    send_due(app)
    (mail,) = outbox(root)
    assert signed_part(mail) == shown


def test_a_key_that_is_gone_pauses_the_edition_and_the_alarm_goes_out_unsigned(root, app):
    edition = open_edition(app, 2)
    (root / "secrets/s1.pem").unlink()
    (report,) = send_due(app)
    assert "mail.dkim.key: cannot read secrets/s1.pem" in report.note
    assert app.store.edition(edition.id).state is EditionState.PAUSED
    (alarm,) = outbox(root)
    assert b"ops@gazette.example" in alarm
    assert b"DKIM-Signature" not in alarm
    with pytest.raises(DefinitionError, match="cannot read"):
        app.greeting.ask(NewSubscriber(email="ann@example.org", subscriptions=()))


def test_a_key_that_is_back_is_used_without_a_restart(root, app, records):
    edition = open_edition(app, 2)
    whole = (root / "secrets/s1.pem").read_bytes()
    (root / "secrets/s1.pem").unlink()
    send_due(app)
    (root / "secrets/s1.pem").write_bytes(whole)
    app.store.move_edition(edition.id, (EditionState.PAUSED,), EditionState.OPEN, "")
    (report,) = send_due(app)
    assert report.complete
    digests = [mail for mail in outbox(root) if b"List-Id" in mail]
    assert [verified(signed_part(mail), records) for mail in digests] == [2, 2]


def test_the_next_key_is_used_as_soon_as_it_is_written(root, app, records):
    open_edition(app, 1)
    (root / "secrets/s2.pem").write_bytes(new_key("rsa"))
    text = (root / "publisher.toml").read_text().replace("s1", "s2")
    (root / "publisher.toml").write_text(text)
    app.replace_definitions(config.load(root))
    send_due(app)
    (mail,) = outbox(root)
    key = read_key((root / "secrets/s2.pem").read_text())
    assert (
        verified(signed_part(mail), records | {"s2._domainkey.gazette.example": key.record}) == 2
    )
    assert b"s=s2;" in mail
