"""What a subscriber decides: which hub is asked, what is confirmed, what counts as signed."""

import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha1, sha256, sha384, sha512

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core import push_rules as rules
from publisher.model.pushes import Listening, ListeningId, ListeningState, Offer
from publisher.net import public_address

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TOPIC = "https://port.example/news.xml"
ONE, TWO = "https://one.example/", "https://two.example/"
OFFER = Offer(source="feed:x", hubs=(ONE, TWO), topic=TOPIC)
NEW = Listening(
    id=ListeningId(1), source="feed:x", hub=ONE, topic=TOPIC, token="t", secret="s", due=NOON
)
ASKED = rules.asking(NEW, NOON)
ALIVE = rules.verified(ASKED, 10 * DAY, NOON)
SPANS = st.timedeltas(timedelta(seconds=1), timedelta(days=400))


def at(hub: str, row: Listening = ALIVE) -> Listening:
    return replace(row, hub=hub)


# Which hub


def test_the_first_hub_is_begun_with():
    assert rules.plan(OFFER, [], NOON) == rules.Plan(begin=ONE)


@pytest.mark.parametrize("row", [NEW, ASKED, ALIVE, at(TWO)])
def test_one_hub_is_enough(row):
    assert rules.plan(OFFER, [row], NOON) == rules.Plan()


def test_another_hub_is_tried_while_one_fails_and_the_first_again_when_it_is_due():
    one = rules.failed(ASKED, "no", NOON)
    assert rules.plan(OFFER, [one], NOON).begin == TWO
    two = rules.failed(at(TWO, ASKED), "no", NOON)
    assert rules.plan(OFFER, [one, two], NOON) == rules.Plan()
    assert rules.plan(OFFER, [one, two], NOON + HOUR).again == (one,)


def test_a_hub_that_denies_is_not_asked_again():
    row = rules.denied(ASKED, "we do not know you", NOON)
    assert rules.plan(replace(OFFER, hubs=(ONE,)), [row], NOON + 300 * DAY) == rules.Plan()
    assert row.error == "the hub denied it: we do not know you"
    assert rules.denied(ASKED, "", NOON).error == "the hub denied it"


@pytest.mark.parametrize(
    "offer", [None, replace(OFFER, topic="https://new.example/"), replace(OFFER, hubs=())]
)
def test_what_is_not_offered_any_more_is_left_or_forgotten(offer):
    gone = rules.failed(ASKED, "no", NOON)
    done = rules.plan(offer, [ALIVE, at(TWO, NEW), gone], NOON)
    assert [(row.hub, row.state) for row in done.change] == [(ONE, ListeningState.LEAVING)]
    assert done.drop == (at(TWO, NEW), gone)
    left = done.change[0]
    assert rules.plan(offer, [left], NOON).drop == ()  # its hub is still to be told


def test_what_is_offered_again_begins_again():
    row = rules.left(ALIVE, NOON)
    assert rules.plan(OFFER, [row], NOON).again == (row,)
    again = rules.begun(row, "t2", "s2", NOON)
    assert (again.state, again.token, again.secret) == (ListeningState.ASKING, "t2", "s2")
    assert (again.until, again.asked, again.due, again.waits) == (None, None, NOON, False)


def test_no_more_than_five_hubs_are_tried():
    hubs = tuple(f"https://{n}.example/" for n in range(9))
    rows = [at(hub, rules.failed(ASKED, "no", NOON)) for hub in hubs[:5]]
    assert rules.plan(replace(OFFER, hubs=hubs), rows, NOON).begin == ""


# Leases


@given(SPANS, SPANS)
def test_a_lease_is_renewed_before_it_ends_and_trusted_no_longer(lease, passed):
    row = rules.verified(ASKED, lease, NOON)
    assert row.due >= NOON + rules.SOONEST
    assert lease < 2 * rules.SOONEST or row.due < row.until
    assert rules.is_alive(row, NOON + passed) == (passed < lease)


@given(SPANS, SPANS)
def test_a_renewal_that_fails_keeps_the_lease_to_its_end(lease, passed):
    row = rules.failed(rules.asking(rules.verified(ASKED, lease, NOON), NOON), "no", NOON + passed)
    kept = passed < lease
    assert (row.state is ListeningState.ALIVE) == kept
    assert row.due <= NOON + lease if kept else row.due == NOON + passed
    assert (row.error, row.waits) == ("no", False)


def test_waits_grow_to_a_day_and_a_hub_may_ask_for_more():
    row, now, tries = rules.failed(ASKED, "no", NOON), NOON, 0
    while now < NOON + 10 * DAY:
        assert row.due is not None
        now, tries = row.due, tries + 1
        row = rules.failed(row, "no", now)
    assert 12 <= tries <= 24
    assert DAY <= row.due - now <= 1.1 * DAY
    assert row.since == NOON
    assert rules.failed(ASKED, "no", NOON, wait=3 * DAY).due >= NOON + 3 * DAY


def test_two_sources_do_not_renew_at_the_same_moment():
    other = rules.verified(replace(ASKED, source="feed:y"), 10 * DAY, NOON)
    assert other.due != ALIVE.due


def test_a_lease_that_ended_says_so_and_begins_again_at_once():
    row = rules.over(ALIVE, NOON + 10 * DAY)
    assert row.error == "the lease ended and was not renewed"
    assert rules.plan(OFFER, [row], NOON + 10 * DAY).again == (row,)


@pytest.mark.parametrize(
    ("said", "lease"),
    [
        ("864000", 10 * DAY),
        (" 60 ", MINUTE),
        ("0", rules.SOONEST),
        ("", rules.USUAL_LEASE),
        ("-5", rules.USUAL_LEASE),
        ("ten", rules.USUAL_LEASE),
        ("²", rules.USUAL_LEASE),
        ("9" * 9, rules.LONGEST_LEASE),
        ("9" * 5_000, rules.LONGEST_LEASE),
    ],
)
def test_what_a_hub_grants_is_read(said, lease):
    assert rules.lease_of(said) == lease


def test_doubt_ends_reliance_after_a_while_but_pushes_are_taken():
    row = replace(ALIVE, missed=NOON)
    assert rules.is_alive(row, NOON + rules.LATE - MINUTE)
    assert not rules.is_alive(row, NOON + rules.LATE)
    assert rules.listens(row, NOON + rules.LATE)


def test_operators_see_where_each_stands():
    rows = [NEW, ALIVE, replace(ALIVE, missed=NOON - DAY), rules.left(ALIVE, NOON)]
    assert rules.counts(rows, NOON) == {
        "asking": 1,
        "alive": 1,
        "failed": 0,
        "leaving": 1,
        "doubtful": 1,
    }


def test_a_hub_that_we_leave_is_told_for_a_day_or_to_the_end_of_the_lease():
    row = rules.left(ALIVE, NOON)
    assert not rules.parted(row, NOON)
    row = rules.failed(rules.asking(row, NOON), "no answer", NOON)
    assert row.state is ListeningState.LEAVING
    assert not rules.parted(row, NOON + HOUR)
    assert rules.parted(row, NOON + DAY)
    assert rules.parted(rules.left(ALIVE, NOON), NOON + 10 * DAY)
    assert not rules.parted(ALIVE, NOON + 10 * DAY)


# What is confirmed


def test_only_what_was_asked_for_is_confirmed():
    assert rules.confirms(ASKED, "subscribe", TOPIC, NOON)
    assert rules.confirms(ALIVE, "subscribe", TOPIC, NOON + HOUR)  # it may have lost our answer
    leaving = rules.asking(rules.left(ALIVE, NOON), NOON)
    assert rules.confirms(leaving, "unsubscribe", TOPIC, NOON)


@pytest.mark.parametrize(
    ("row", "mode", "topic", "later"),
    [
        (NEW, "subscribe", TOPIC, MINUTE),  # not asked yet
        (ASKED, "subscribe", TOPIC + "/", MINUTE),
        (ASKED, "subscribe", TOPIC.upper(), MINUTE),
        (ASKED, "unsubscribe", TOPIC, MINUTE),
        (ASKED, "publish", TOPIC, MINUTE),
        (ASKED, "", TOPIC, MINUTE),
        (ALIVE, "unsubscribe", TOPIC, MINUTE),
        (ALIVE, "subscribe", TOPIC, 2 * DAY),  # long ago
        (rules.failed(ASKED, "no", NOON), "subscribe", TOPIC, MINUTE),
        (rules.left(ALIVE, NOON), "subscribe", TOPIC, MINUTE),
        (rules.left(ALIVE, NOON), "unsubscribe", TOPIC, MINUTE),  # not asked yet
    ],
)
def test_nothing_else_is_confirmed(row, mode, topic, later):
    assert not rules.confirms(row, mode, topic, NOON + later)


# What is asked


def test_a_request_names_topic_callback_lease_and_secret():
    assert rules.request(NEW, "https://g.example/c") == {
        "hub.mode": "subscribe",
        "hub.callback": "https://g.example/c",
        "hub.topic": TOPIC,
        "hub.lease_seconds": "864000",
        "hub.secret": "s",
    }
    gone = rules.request(rules.left(ALIVE, NOON), "https://g.example/c")
    assert gone["hub.mode"] == "unsubscribe"
    assert "hub.secret" not in gone


@pytest.mark.parametrize("status", [301, 302, 303, 200, 404])
def test_a_hub_leads_elsewhere_with_307_and_308_only(status):
    assert rules.next_hub(ONE, status, TWO) == ""
    assert rules.next_hub(ONE, 307, "/other") == "https://one.example/other"
    assert rules.next_hub(ONE, 308, TWO) == TWO
    assert rules.next_hub(ONE, 308, "") == ""
    assert rules.next_hub(ONE, 308, "http://[") == ""
    assert rules.next_hub(ONE, 308, "http://two.example/") == ""  # the secret would be read by all
    assert rules.next_hub("http://one.example/", 307, TWO) == TWO


def test_a_hub_that_refuses_is_left_alone_for_a_day_one_in_trouble_is_not():
    assert rules.patience(400, "") == DAY
    assert rules.patience(404, "259200") == 3 * DAY
    assert rules.patience(429, " 3600 ") == HOUR
    assert rules.patience(503, "") == rules.patience(503, "Tue, 24 Nov 2026") == timedelta(0)
    assert rules.patience(503, "9" * 12) == rules.LONGEST_ASKED
    assert rules.patience(503, "²") == rules.patience(503, "9" * 5_000) == timedelta(0)
    assert rules.is_taken(202)
    assert not rules.is_taken(302)


# Whose signature counts


@pytest.mark.parametrize("method", [sha1, sha256, sha384, sha512])
def test_each_method_of_the_standard_counts(method):
    name = method().name
    made = hmac.new(b"between us", b"body", method).hexdigest()
    assert rules.is_signed("between us", f"{name}={made}", b"body")
    assert rules.is_signed("between us", f" {name.upper()}={made.upper()} ", b"body")
    assert not rules.is_signed("between you", f"{name}={made}", b"body")
    assert not rules.is_signed("between us", f"{name}={made}", b"body ")
    assert not rules.is_signed("between us", made, b"body")


@given(st.text(), st.binary())
def test_no_other_text_is_a_signature(said, body):
    assert not rules.is_signed("between us", said, body)


@pytest.mark.parametrize("method", ["md5", "sha224", "sha3_256", "blake2b", "shake_128", "new"])
def test_no_other_method_counts(method):
    made = hmac.new(b"s", b"b", "md5").hexdigest()
    assert not rules.is_signed("s", f"{method}={made}", b"b")


# Who can call us


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8080/",
        "http://127.0.0.1:8080/",
        "https://[::1]/",
        "https://192.168.1.4/",
        "https://printer/",
        "https://news.local/",
        "https://gazette.example/",
        "https://gazette.example./",
        "ftp://gazette.org/",
        "https:///",
        "http://[",
    ],
)
def test_addresses_that_strangers_cannot_call(url):
    assert rules.unreachable(url, public_address)


@pytest.mark.parametrize(
    "url", ["https://gazette.org/", "http://gazette.org:8080/news/", "https://9.9.9.9/"]
)
def test_addresses_that_strangers_can_call(url):
    assert rules.unreachable(url, public_address) == ""
