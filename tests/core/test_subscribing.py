"""Importing people from files as other systems write them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.core.addresses import valid_address
from publisher.core.subscribing import Subscribing, decode, instant, known_zone, read_rows
from publisher.errors import AddressError, UsageError
from publisher.model.definitions import Action, FeedDefinition, ScheduleDefinition
from publisher.model.subscribers import ImportVerdict, SubscriberStatus

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass
class Shelf:
    """Keeps what was imported; everything is added."""

    rows: list = field(default_factory=list)

    def import_subscribers(self, rows, now):
        self.rows.extend(rows)
        return [ImportVerdict.ADDED for _ in rows]


class Noon:
    def now(self):
        return NOON


@pytest.fixture
def shelf():
    return Shelf()


@pytest.fixture
def subscribing(shelf):
    return Subscribing(
        store=shelf,
        clock=Noon(),
        feeds={
            "harbour": FeedDefinition(slug="harbour", title="Harbour"),
            "culture": FeedDefinition(slug="culture", title="Culture"),
            "staff": FeedDefinition(slug="staff", title="Staff", public=False),
        },
        schedules={
            "collect": ScheduleDefinition(slug="collect", action=Action.COLLECT),
            "morning": ScheduleDefinition(
                slug="morning", action=Action.DIGEST, feeds=("harbour", "culture")
            ),
            "weekly": ScheduleDefinition(
                slug="weekly", action=Action.DIGEST, feeds=("harbour", "staff")
            ),
        },
    )


def test_a_row_becomes_a_subscriber(subscribing, shelf):
    text = (
        "email,name,language,timezone,feeds,schedule,status,consent_at\n"
        'ada@example.org,"Ada Lovelace",en,Europe/London,harbour culture,morning,confirmed,2026-05-03\n'
    )
    (row,) = subscribing.import_csv(text.encode())
    assert (row.line, row.verdict) == (2, ImportVerdict.ADDED)
    (new,) = shelf.rows
    assert new.email == "ada@example.org"
    assert new.subscriptions == (("harbour", "morning"), ("culture", "morning"))
    assert new.consent_at == datetime(2026, 5, 3, tzinfo=UTC)
    assert not new.sample


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfE-Mail;Name\r\njos\xc3\xa9@example.org;Jos\xc3\xa9\r\n",
        "\ufeffemail\tname\njosé@example.org\tJosé\n".encode("utf-16"),
        "name,Email Address\nJosé,josé@example.org\n".encode("cp1252"),
        '"email"|"name"\n"josé@example.org"|"José"\n'.encode(),
    ],
)
def test_marks_encodings_and_delimiters_survive(subscribing, shelf, data):
    subscribing.import_csv(data)
    assert [(new.email, new.name) for new in shelf.rows] == [("josé@example.org", "José")]


def test_bad_rows_are_refused_one_by_one_and_duplicates_named(subscribing, shelf):
    text = (
        "email,timezone,feeds,status\n"
        "nobody,,,\n"
        "ada@example.org,,,\n"
        "ADA@example.org,,,\n"
        "bob@example.org,Mars/Base,,\n"
        "\n"
        "cyd@example.org,,nosuch,\n"
        "dan@example.org,,,dancing\n"
        "eve@example.org,,,bounced\n"
    )
    report = subscribing.import_csv(text.encode())
    assert [(row.line, row.verdict.value) for row in report] == [
        (2, "refused"),
        (3, "added"),
        (4, "duplicate"),
        (5, "refused"),
        (7, "refused"),
        (8, "refused"),
        (9, "added"),
    ]
    assert all(row.reason for row in report if row.verdict is not ImportVerdict.ADDED)
    assert [new.status for new in shelf.rows] == [
        SubscriberStatus.CONFIRMED,
        SubscriberStatus.SUPPRESSED,
    ]


def test_no_feeds_means_all_public_ones_and_each_its_first_digest(subscribing):
    assert subscribing.wanted([]) == (("harbour", "morning"), ("culture", "morning"))
    assert subscribing.wanted(["staff"]) == (("staff", "weekly"),)
    assert subscribing.wanted([], "weekly") == (("harbour", "weekly"),)
    with pytest.raises(UsageError, match="schedule weekly does not carry this feed"):
        subscribing.wanted(["culture"], "weekly")
    with pytest.raises(UsageError, match="no such digest or alert schedule"):
        subscribing.wanted(["culture"], "collect")


def test_a_file_without_addresses_is_refused_whole(subscribing):
    with pytest.raises(UsageError, match="no e-mail column"):
        subscribing.import_csv(b"first,last\nAda,Lovelace\n")


@pytest.mark.parametrize(
    "text", ["", "@", "a@", "@b.example", "a b@c.example", "a..b@c.example", "a@b", "a@-b.example"]
)
def test_what_is_no_address(text):
    with pytest.raises(AddressError):
        valid_address(text)


@pytest.mark.parametrize(
    "text", [" ada@example.org ", "<ada@example.org>", "mailto:ada@example.org"]
)
def test_what_is_one(text):
    assert valid_address(text) == "ada@example.org"
    assert valid_address("o'neil+news@mail.example.co.uk")
    assert valid_address("jürgen@bücher.example")


def test_zones_and_instants():
    assert known_zone("") == ""
    with pytest.raises(UsageError):
        known_zone("../etc/passwd")
    assert instant("2026-11-24T07:30:00+01:00") == datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
    with pytest.raises(UsageError):
        instant("yesterday")


@given(st.binary(max_size=300))
def test_any_bytes_are_text_and_never_an_accident(data):
    decode(data)
    try:
        list(read_rows(b"email\n" + data))
    except UsageError as error:
        message = str(error)
    else:
        message = "CSV"
    assert "CSV" in message


@given(st.lists(st.text(alphabet="abcdef", min_size=1, max_size=8), max_size=20))
def test_every_row_is_accounted_for(names):
    shelf = Shelf()
    subscribing = Subscribing(store=shelf, clock=Noon(), feeds={}, schedules={})
    text = "email\n" + "".join(f"{name}@example.org\n" for name in names)
    report = subscribing.import_csv(text.encode())
    assert len(report) == len(names)
    assert len(shelf.rows) == len(set(names))
