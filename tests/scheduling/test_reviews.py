"""Editions that wait for approval while nobody decides, and while several people do."""

import threading
from functools import partial

import pytest

from publisher import assets
from publisher.app import App
from publisher.app.reviewing import approve, decide_reviews
from publisher.cli.rehearsal import rehearse
from publisher.core.revising import hide, lift, preface, write
from publisher.errors import Conflict, RenderError
from publisher.model.editions import DeliveryState, EditionState
from publisher.model.findings import Finding, MailReport, Severity
from publisher.scheduling import run_once
from tests.scheduling.fakes import HandClock


class Torn:
    """A digest that cannot be rendered."""

    def render(self, view):
        raise RenderError("the digest", "cannot be rendered")


class Severe:
    """Finds an error in every mail."""

    def inspect(self, data):
        fault = Finding(rule="severe", severity=Severity.ERROR, message="I do not like it")
        return MailReport(score=0.0, findings=(fault,))


RESTING = (EditionState.REVIEW, EditionState.PAUSED)


@pytest.fixture
def start(tmp_path):
    """Open the starter under a review, as often as there are processes; its digest waits."""
    apps, said = [], []
    assets.write_starter(tmp_path)
    clock = HandClock("2026-11-24T12:00")

    def open_app(review="", *, mail=""):
        path = tmp_path / "schedules/morning.toml"
        if review:
            path.write_text(f"{path.read_text()}\nreview = {{ {review} }}\n")
        if mail:
            file = tmp_path / "publisher.toml"
            file.write_text(file.read_text() + mail)
        app = App.open(tmp_path, clock=clock, complain=lambda *told: said.append(told))
        apps.append(app)
        app.seed()
        run_once(app)
        return app

    open_app.clock, open_app.said = clock, said
    yield open_app
    for app in apps:
        app.close()


def only(app):
    return app.store.editions(limit=1)[0]


def mails(app):
    return len(list((app.definitions.root / "var/outbox/new").glob("*")))


def test_nobody_decides_and_it_is_sent(start):
    app = start('required = true, approve_within = "45m", otherwise = "send"')
    start.clock.go(minutes=44)
    run_once(app)
    assert only(app).state is EditionState.REVIEW
    start.clock.go(minutes=1)
    done = run_once(app)
    assert [report.complete for report in done.sent] == [True]
    assert only(app).state is EditionState.DONE
    assert mails(app) == 3


def test_nobody_decides_and_it_is_skipped_and_carried_over(start):
    app = start('required = true, otherwise = "skip"')
    first = only(app)
    start.clock.go(minutes=45)
    run_once(app)
    skipped = app.store.edition(first.id)
    assert (skipped.state, skipped.complete) == (EditionState.CANCELLED, True)
    assert skipped.reason == "nobody approved it within 45 minutes"
    assert mails(app) == 0
    assert any("carried over" in reason for _, reason in start.said)
    start.clock.go(hours=20)
    run_once(app)
    again = only(app)
    assert again.id != first.id
    before, after = (
        {row.subscriber: set(row.articles) for row in app.store.deliveries(one.id)}
        for one in (first, again)
    )
    assert all(before[person] <= after[person] for person in before)


def test_the_operators_are_told_of_a_skipped_edition(start):
    pager = '\n[alerts]\nto = ["ops@gazette.example"]\ntransport = "pager"\n'
    pager += '[transports.pager]\ntype = "maildir"\npath = "var/pager"\n'
    app = start("required = true", mail=pager)
    start.clock.go(minutes=45)
    assert len(decide_reviews(app)) == 1
    assert decide_reviews(app) == ()
    (told,) = (app.definitions.root / "var/pager/new").glob("*")
    assert b"was skipped" in told.read_bytes()


def test_what_is_wrong_or_held_is_never_sent_by_itself(start):
    app = start('required = true, otherwise = "send"')
    for reason in ("lint: 1 error: a link without words", "held by the operator"):
        app.store.move_edition(only(app).id, RESTING, EditionState.REVIEW, reason)
        start.clock.go(minutes=60)
        run_once(app)
        assert only(app).state is EditionState.REVIEW
    assert mails(app) == 0
    approve(app, only(app).id, RESTING)
    run_once(app)
    assert mails(app) == 3


def test_what_nobody_was_there_to_send_is_not_sent_late(start):
    app = start('required = true, otherwise = "send"')
    first = only(app).id
    start.clock.go(hours=9)
    decide_reviews(app)
    found = app.store.edition(first)
    assert found.state is EditionState.CANCELLED
    assert "too late to send it" in found.reason
    assert mails(app) == 0


def test_an_edition_that_cannot_be_composed_any_more_is_paused(start):
    app = start('required = true, otherwise = "send"')
    other = start()
    other.digest_format = Torn()
    start.clock.go(minutes=45)
    (found,) = decide_reviews(other)
    assert found.state is EditionState.PAUSED
    assert found.reason == "the digest: cannot be rendered"
    assert only(app) == found


def test_an_edition_that_its_editors_broke_is_not_sent_by_itself(start):
    app = start('required = true, otherwise = "send"')
    app.inspector = Severe()
    start.clock.go(minutes=45)
    (found,) = decide_reviews(app)
    assert found.state is EditionState.REVIEW
    assert found.reason.startswith("lint: ")
    assert decide_reviews(app) == ()
    assert approve(app, found.id, RESTING).state is EditionState.OPEN


def test_an_editor_and_an_approver_at_once_lose_nothing(start):
    """Whoever comes later is told or made to look again: what goes out is the last version saved."""
    first = start("required = true")
    number = only(first).id
    schedule = first.schedule("morning")
    second = start()
    saved, gate = [], threading.Barrier(2)

    def edit():
        gate.wait()
        for count in range(20):
            note = partial(preface, note=f"note {count}")
            try:
                saved.append(second.revising.revise(number, schedule, [note]))
            except Conflict:
                return

    editor = threading.Thread(target=edit)
    editor.start()
    gate.wait()
    try:
        approve(first, number, RESTING)
    except Conflict:  # the editor was faster every time
        editor.join()
        approve(first, number, RESTING)
    editor.join()
    assert first.store.edition(number).state is EditionState.OPEN
    last = first.store.content(number)
    if saved:
        assert last == saved[-1]
    run_once(first)
    files = (first.definitions.root / "var/outbox/new").glob("*")
    assert all(last.note.encode() in path.read_bytes() for path in files)
    assert mails(first) == 3


def test_an_edit_in_another_process_reaches_the_mails(start):
    """A process that has composed the edition before composes it anew."""
    app = start("required = true")
    number, editors = only(app).id, start()
    assert app.frozen(app.store.edition(number)).content.version == 1
    lead = editors.store.content(number).stories[2].id
    edits = [partial(lift, article=lead)]
    edits.append(partial(write, article=lead, name="title", words="Ours"))
    editors.revising.revise(number, editors.schedule("morning"), edits)
    approved = approve(editors, number, RESTING)
    assert approved.subject == "Ours"
    run_once(app)
    subjects = {
        line
        for path in (app.definitions.root / "var/outbox/new").glob("*")
        for line in path.read_bytes().splitlines()
        if line.startswith(b"Subject:")
    }
    assert b"Subject: Ours" in subjects


def test_copies_in_a_worker_s_hand_are_of_what_cannot_be_edited(start):
    """A copy is made after it was claimed; from then on an edit waits for the worker."""
    app = start("required = true")
    number, schedule = only(app).id, app.schedule("morning")
    edits = [partial(preface, note="Late words.")]
    edition = approve(app, number, RESTING)

    def copier():
        app.store.move_edition(number, (EditionState.OPEN,), EditionState.REVIEW, "held")
        with pytest.raises(Conflict, match="in hand"):
            app.revising.revise(number, schedule, edits)
        return app.frozen(edition).parcel

    app.sender.send(edition, app.transport("outbox"), copier)
    assert mails(app) == 0
    app.revising.revise(number, schedule, edits)
    approve(app, number, RESTING)
    run_once(app)
    files = list((app.definitions.root / "var/outbox/new").glob("*"))
    assert len(files) == 3
    assert all(b"Late words." in path.read_bytes() for path in files)


def test_hiding_all_that_somebody_gets_leaves_them_out(start):
    app = start("required = true")
    edition = only(app)
    row = min(app.store.deliveries(edition.id), key=lambda row: len(row.articles))
    edits = [partial(hide, article=number) for number in row.articles]
    app.revising.revise(edition.id, app.schedule("morning"), edits)
    approve(app, edition.id, RESTING)
    run_once(app)
    assert app.store.delivery(row.id).state is DeliveryState.SUPPRESSED
    assert mails(app) == 2


def test_a_rehearsal_for_somebody_is_their_copy_octet_by_octet(start):
    app = start("required = true")
    first = only(app)
    app.store.move_edition(first.id, RESTING, EditionState.CANCELLED, "again")
    start.clock.go(days=1)
    schedule = app.schedule("morning")
    people = app.store.subscribers()
    shown = {one.email: rehearse(app, schedule, one.email) for one in people}
    run_once(app)
    edition = only(app)
    assert edition.id != first.id
    composed = app.frozen(edition)
    for row in app.store.deliveries(edition.id):
        assert shown[row.email].parcel.data == composed.parcel(row).data
        assert list(shown[row.email].edition.articles) == list(edition.articles)
