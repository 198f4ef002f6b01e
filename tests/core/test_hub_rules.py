"""What a hub reads, asks and signs."""

import hmac
from datetime import timedelta
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core import hub_rules as rules
from publisher.core.hub_rules import Verdict
from publisher.model.definitions import WebsubSettings
from publisher.model.hubs import HubMode, HubRequest

SETTINGS = WebsubSettings()
TOPIC = "https://gazette.example/feeds/harbour.atom"
NAMES = ("hub.mode", "hub.topic", "hub.callback", "hub.secret", "hub.lease_seconds", "foo")


def read(**said):
    fields = {"mode": "subscribe", "topic": TOPIC, "callback": "https://r.example/c", **said}
    form = {f"hub.{name}": [value] for name, value in fields.items()}
    return rules.read_request(form, SETTINGS, lambda _address: False)


@given(st.dictionaries(st.sampled_from(NAMES), st.lists(st.text(max_size=40), max_size=3)))
def test_no_form_is_an_accident(form):
    found = rules.read_request(form, SETTINGS, lambda _address: True)
    assert isinstance(found, HubRequest | str)


@given(st.integers(min_value=0, max_value=10**30))
def test_leases_are_within_bounds(seconds):
    found = read(lease_seconds=str(seconds))
    if seconds < 10**12:
        assert SETTINGS.min_lease <= found.lease <= SETTINGS.max_lease
    else:
        assert "hub.lease_seconds" in found


def test_without_a_lease_the_usual_one_is_given():
    assert read().lease == timedelta(days=10)
    assert read(lease_seconds="7200").lease == timedelta(hours=2)


@given(st.text("abc=&?%+", max_size=30))
def test_a_callbacks_own_query_stays_as_it_is(query):
    request = HubRequest(
        mode=HubMode.SUBSCRIBE,
        topic=TOPIC,
        callback=f"https://r.example/c?{query}",
        host="r.example",
        lease=timedelta(hours=1),
    )
    address = rules.asked_again(request, "challenge&=")
    assert address.startswith(request.callback)
    said = parse_qs(urlsplit(address).query)
    assert said["hub.challenge"] == ["challenge&="]
    assert said["hub.topic"] == [TOPIC]
    assert said["hub.lease_seconds"] == ["3600"]


def test_an_unsubscription_has_no_lease_and_a_denial_has_a_reason():
    request = read(mode="unsubscribe")
    assert "lease" not in rules.asked_again(request, "x")
    said = parse_qs(urlsplit(rules.denied(request, "it is gone")).query)
    assert said == {"hub.mode": ["denied"], "hub.topic": [TOPIC], "hub.reason": ["it is gone"]}


@pytest.mark.parametrize(
    ("status", "body", "confirmed"),
    [
        (200, b"abc", True),
        (204, b"abc", True),
        (200, b"abc\n", False),
        (200, b"", False),
        (200, b"abcd", False),
        (302, b"abc", False),
        (404, b"abc", False),
    ],
)
def test_only_the_exact_challenge_confirms(status, body, confirmed):
    assert rules.is_confirmed(status, body, "abc") is confirmed


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, Verdict.TAKEN),
        (202, Verdict.TAKEN),
        (410, Verdict.GONE),
        (301, Verdict.AGAIN),
        (404, Verdict.AGAIN),
        (500, Verdict.AGAIN),
    ],
)
def test_what_an_answer_means(status, verdict):
    assert rules.judged(status) is verdict


@given(st.binary(max_size=200), st.text(min_size=1, max_size=20))
def test_a_signature_is_that_of_the_body(body, secret):
    headers = rules.push_headers("https://g.example/", TOPIC, "text/plain", secret, body)
    made = hmac.new(secret.encode(errors="replace"), body, sha256).hexdigest()
    assert headers["X-Hub-Signature"] == f"sha256={made}"
    assert rules.push_headers("u", TOPIC, "x", "", body).keys() == {"Content-Type", "Link"}


@pytest.mark.parametrize(
    "callback", ["https://R.Example./c", "http://r.example:8080/?a=b", "https://[2001:db8::1]/"]
)
def test_callbacks_that_may_be_asked(callback):
    form = {"hub.mode": ["subscribe"], "hub.topic": [TOPIC], "hub.callback": [callback]}
    found = rules.read_request(form, SETTINGS, lambda _address: True)
    assert found.host in {"r.example", "2001:db8::1"}
