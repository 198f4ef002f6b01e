"""The head of a digest, octet by octet: what mailbox providers and RFCs ask of it, signed."""

import re
from dataclasses import replace
from functools import cache

import pytest

from publisher.core.composing import sender_id
from publisher.kit.dkim import DkimSigner, Signature, new_key, read_key
from publisher.kit.mime import MimePress
from publisher.testing.digests import (
    example_delivery,
    example_edition,
    example_feeds,
    example_story,
)
from tests.verifying import fields_of, verified

SINGLE = (
    *("from", "to", "subject", "date", "message-id", "mime-version", "content-type", "list-id"),
    *("list-unsubscribe", "list-unsubscribe-post", "feedback-id", "auto-submitted", "archived-at"),
)
READER = "reader1@example.org"


class Fixed:
    """Tokens of one length, whatever they stand for."""

    def __init__(self, length):
        self.token = ("A-_z0" * 80)[:length]

    def sign(self, _purpose, _value):
        return self.token


@cache
def key():
    return read_key(new_key("ed25519").decode())


def composed():
    feeds = example_feeds(1)
    stories = [example_story(number, tuple(feeds)) for number in (1, 2, 3)]
    made = example_edition(stories, feeds, title="Möwen am Morgen")
    signature = Signature(domain="gazette.example", selector="e1", key=key())
    composer = replace(made.composer, press=MimePress(lambda: DkimSigner([signature])))
    return composer.compose(made.edition, made.schedule, made.content).version("en")


@cache  # rendering is what takes long
def version():
    return composed()


def parcel(number=1, source=None, **changes):
    source = source or version()
    row = example_delivery(number, source.edition.articles, **changes)
    return source.letter.parcel(source.copy(row), number)


@pytest.fixture(scope="module")
def data():
    return parcel().data


@pytest.fixture(scope="module")
def head(data):
    """Return the fields by name in lower case, their values unfolded."""
    found = {}
    for field in fields_of(data):
        name, _, value = field.partition(b": ")
        found.setdefault(name.lower().decode(), []).append(value.replace(b"\r\n", b""))
    return found


def test_each_field_stands_once(head):
    assert {name: len(head.get(name, [])) for name in SINGLE} == dict.fromkeys(SINGLE, 1)
    assert set(head) - set(SINGLE) == {
        "dkim-signature",
        "content-language",
        "list-archive",
        "x-auto-response-suppress",
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("from", rb"The Harbour Gazette <news@gazette\.example>"),
        ("to", rb"Reader 1 <reader1@example\.org>"),
        (
            "date",
            rb"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000",
        ),
        ("message-id", rb"<morning-7\.[0-9a-f]{24}@gazette\.example>"),
        ("mime-version", rb"1\.0"),
        ("content-type", rb'multipart/alternative; boundary="=_[0-9a-f]{32}"'),
        ("list-id", rb"=\?utf-8\?q\?M=C3=B6wen_am_Morgen\?= <morning\.gazette\.example>"),
        ("list-unsubscribe", rb"<https://[!-;=?-~]+>"),
        ("list-unsubscribe-post", rb"List-Unsubscribe=One-Click"),
        ("list-archive", rb"<https://[!-;=?-~]+>"),
        ("archived-at", rb"<https://[!-;=?-~]+>"),
        ("feedback-id", rb"7:morning:digest:gazetteexample"),
        ("auto-submitted", rb"auto-generated"),
        ("x-auto-response-suppress", rb"OOF, AutoReply"),
    ],
)
def test_what_a_field_says(head, name, expected):
    (value,) = head[name]
    assert re.fullmatch(expected, value), value


def test_only_to_says_who_reads_it(data):
    shown = [field for field in fields_of(data) if b"reader" in field.lower()]
    assert [field.partition(b":")[0] for field in shown] == [b"To"]
    assert READER.encode() not in data.partition(b"\r\n\r\n")[2]


def test_lines_and_parts_are_fit_for_every_relay(data):
    assert data.isascii()
    first, _, body = data.partition(b"\r\n\r\n")
    assert max(map(len, first.split(b"\r\n"))) <= 998
    assert max(map(len, body.split(b"\r\n"))) <= 76
    types = re.findall(rb"\r\nContent-Type: (text/\w+); charset=utf-8", b"\r\n" + body)
    assert types == [b"text/plain", b"text/html"], "the last is the richest (RFC 2046)"
    assert body.count(b"\r\nContent-Transfer-Encoding: quoted-printable\r\n") == 2


def test_a_message_id_is_one_copy_s_own_at_every_attempt():
    found = [parcel(number, email=f"r{number}@example.org").message_id for number in range(1_000)]
    assert len(set(found)) == 1_000
    assert parcel(3).data == parcel(3, composed()).data


def test_tokens_of_any_length_stay_whole_and_signed():
    records = {"e1._domainkey.gazette.example": key().record}
    for length in range(1, 401):
        tokens = Fixed(length)
        data = parcel(source=replace(version(), tokens=tokens)).data
        assert re.search(rb"\r\nList-Unsubscribe: <https://[!-;=?-~]+>\r\n", data)
        assert f"unsubscribe/{tokens.token}>\r\n".encode() in data
        assert verified(data, records) == 1


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("gazette.example", "gazetteexample"),
        ("a.io", "aiomail"),
        ("a-very-long-name.of.a.paper.example", "averylongnameof"),
    ],
)
def test_the_sender_of_a_feedback_id(domain, expected):
    assert sender_id(domain) == expected
    assert 5 <= len(sender_id(domain)) <= 15
