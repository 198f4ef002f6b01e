"""Signed mail against dkimpy: whatever is said to whom, every signature holds; what is changed breaks it."""

import re
from base64 import b64decode
from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.kit.dkim import DkimSigner, Signature, new_key, read_key
from publisher.kit.mime import MimePress, plain_letter
from publisher.model.messages import Body, Copy, Envelope, Literal, Message, Place, Slot, SlotKind
from tests.verifying import fields_of, verified

DATE = datetime(2026, 11, 24, 6, 30, 0, 123_456, tzinfo=UTC)
ENVELOPE = Envelope(
    edition="morning-12",
    domain="gazette.example",
    date=DATE,
    sender="The Harbour Gazette, daily <news@gazette.example>",
    envelope_sender="bounces@gazette.example",
    reply_to="editor@gazette.example",
    list_id="Möwen & Fähren, am Morgen <morning.gazette.example>",
    headers={
        "Feedback-ID": "e12:morning:digest:gazette",
        "List-Archive": "<https://gazette.example/>",
        "X-Note": "a long line that has to be folded somewhere because it holds words " * 3,
    },
)
KINDS = ("rsa", "ed25519")
any_text = st.text(
    st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from(". =\t\n\r<>&\"'éß\u200f\u202e\u2028\u3000\U0001f600"),
    ),
    max_size=200,
)
header_text = st.text(
    st.one_of(
        st.characters(codec="utf-8", exclude_characters="\r\n\0"),
        st.sampled_from(" ,.;:<>\"'()=?_é漢\U0001f600"),
    ),
    max_size=200,
)
tokens = st.text(
    st.sampled_from("ABCXYZabcxyz0189-_"),
    min_size=1,
    max_size=400,
)
BODY = Body(
    frame=(
        Literal(".NET  fans, \nFrom here \n\n"),
        Slot("name", SlotKind.TEXT),
        Place("stories"),
        Slot("view_url", SlotKind.URL),
        Literal(" \n\n\n"),
    ),
    blocks={"story:1": (Literal("<b>One</b> \t\n"), Slot("note", SlotKind.HTML))},
)


@cache
def key(kind):
    return read_key(new_key(kind).decode())


def signer(*kinds):
    return DkimSigner(
        [
            Signature(domain="gazette.example", selector=f"s{number}", key=key(kind))
            for number, kind in enumerate(kinds, start=1)
        ]
    )


def holding(data, *kinds):
    """Return how many signatures hold, by keys of these kinds; -1 when one does not."""
    return verified(
        data,
        {
            f"s{number}._domainkey.gazette.example": key(kind).record
            for number, kind in enumerate(kinds, start=1)
        },
    )


def letter(kinds=KINDS, **changes):
    fields = {name: getattr(ENVELOPE, name) for name in ENVELOPE.__slots__}
    press = MimePress(lambda: signer(*kinds))
    message = Message(html=BODY, text=BODY, language="en", flowed=True)
    return press.compile(message, Envelope(**(fields | changes)))


def copy_for(**changes):
    given_ = {
        "recipient": "17",
        "email": "ann@reader.example",
        "name": "Ann Lee",
        "subject": "Ferries return",
        "places": {"stories": ("story:1",)},
        "values": {"name": "Ann", "note": "n", "view_url": "https://gazette.example/e/12"},
        "unsubscribe_url": "https://gazette.example/unsubscribe/TOKEN",
        "unsubscribe_mailto": "mailto:leave@gazette.example?subject=unsubscribe",
        "archived_at": "https://gazette.example/editions/12",
    }
    return Copy(**given_ | changes)


def alarm(kinds=KINDS, text="The relay is down.\n\n", subject="Störung"):
    return plain_letter(
        sender=ENVELOPE.sender,
        to="ops@gazette.example",
        subject=subject,
        text=text,
        date=DATE,
        signer=signer(*kinds),
    )


def tags(field):
    """Return the tags of a signature, without white space."""
    value = re.sub(rb"\s+", b"", field.partition(b":")[2]).decode()
    return dict(part.split("=", 1) for part in value.split(";") if part)


@pytest.mark.parametrize("kinds", [("rsa",), ("ed25519",), KINDS, ("rsa", "rsa")])
def test_every_key_signs_and_every_signature_holds(kinds):
    data = letter(kinds).parcel(copy_for(), 1).data
    assert holding(data, *kinds) == len(kinds)
    assert holding(alarm(kinds).data, *kinds) == len(kinds)


copies = st.builds(
    copy_for,
    email=st.sampled_from(("ann@reader.example", "jörg.漢@bücher.example", '"a  b"@x.example')),
    name=header_text,
    subject=header_text,
    places=st.sampled_from(({}, {"stories": ("story:1",)})),
    values=st.fixed_dictionaries({"name": any_text, "note": any_text, "view_url": any_text}),
    unsubscribe_url=tokens.map("https://gazette.example/unsubscribe/{}".format),
    archived_at=tokens.map("https://bücher.example/ü/{}".format),
)


@given(copies)
def test_every_copy_holds_whatever_it_says(copy):
    parcel = letter().parcel(copy, 1)
    assert parcel.dotless
    assert b"\r\n." not in parcel.data
    assert holding(parcel.data, *KINDS) == 2


@given(title=header_text, sender=header_text, note=header_text)
def test_every_edition_holds_whatever_its_names(title, sender, note):
    made = letter(
        sender=f"{sender} <news@gazette.example>",
        list_id=f"{title} <morning.gazette.example>",
        headers={"X-Note": note},
    )
    assert holding(made.parcel(copy_for(), 1).data, *KINDS) == 2


@given(text=any_text, subject=header_text)
def test_every_alarm_holds(text, subject):
    assert holding(alarm(text=text, subject=subject).data, *KINDS) == 2


@pytest.mark.parametrize("text", ["", "\n", "\r\n\r\n", " ", "a\r\n\r\n\r\n", "a\n \n\n"])
def test_alarms_that_say_nothing_or_end_in_blank_lines_hold(text):
    assert holding(alarm(text=text).data, *KINDS) == 2


@pytest.mark.parametrize("length", range(1, 401))
def test_a_token_of_any_length_holds(length):
    url = f"https://gazette.example/unsubscribe/{'A-_z0'[length % 5] * length}"
    data = letter(("ed25519",)).parcel(copy_for(unsubscribe_url=url), 1).data
    assert f"\r\nList-Unsubscribe: <{url}>,".encode() in data
    assert holding(data, "ed25519") == 1


def test_the_signature_says_what_it_should():
    data = letter().parcel(copy_for(), 1).data
    first, second = (tags(field) for field in fields_of(data)[:2])
    assert data.startswith(b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n")
    assert (first["d"], first["s"], first["t"]) == ("gazette.example", "s1", "1795501800")
    assert (second["a"], second["s"], second["bh"]) == ("ed25519-sha256", "s2", first["bh"])
    assert "l" not in first
    assert len(b64decode(first["b"])) == 256
    assert len(b64decode(second["b"])) == 64
    for field in fields_of(data)[:2]:
        assert max(map(len, field.split(b"\r\n"))) <= 78


def test_every_field_is_signed_once_and_may_not_be_added_again():
    data = letter().parcel(copy_for(), 1).data
    signed = tags(fields_of(data)[0])["h"].split(":")
    written = [field.partition(b":")[0].decode().lower() for field in fields_of(data)[2:]]
    assert sorted(signed[: len(written)]) == sorted(written)
    assert all(signed.count(name) == 2 for name in written)
    assert signed.count("cc") == 1
    assert {"list-unsubscribe", "list-unsubscribe-post", "feedback-id", "list-id"} <= set(written)


def with_field(data, field, place):
    """Return a message with one more field at a place of its head."""
    fields = fields_of(data)
    fields.insert(place, field)
    return b"".join(fields) + b"\r\n" + data.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize("place", [0, 1, 99])
@pytest.mark.parametrize(
    "field",
    [
        b"List-Unsubscribe: <https://evil.example/>\r\n",
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
        b"From: Bank <bank@evil.example>\r\n",
        b"Subject: Win\r\n",
        b"To: others@evil.example\r\n",
        b"Cc: others@evil.example\r\n",
        b"Reply-To: bank@evil.example\r\n",
        b"Date: Tue, 24 Nov 2026 06:30:01 +0000\r\n",
        b"Content-Type: text/html\r\n",
        b"List-Id: <other.evil.example>\r\n",
    ],
)
def test_a_field_that_is_added_breaks_every_signature(field, place):
    for kind in KINDS:
        whole = letter((kind,)).parcel(copy_for(), 1).data
        bare = letter((kind,), list_id="", reply_to="").parcel(
            copy_for(unsubscribe_url="", unsubscribe_mailto="", archived_at=""), 1
        )
        for data in (whole, bare.data):
            assert holding(data, kind) == 1
            assert holding(with_field(data, field, place), kind) == -1


def test_what_relays_add_on_the_way_breaks_nothing():
    data = letter().parcel(copy_for(), 1).data
    trace = b"Received: from a by b; Tue, 24 Nov 2026 06:30:01 +0000\r\n"
    assert holding(with_field(data, trace, 0), *KINDS) == 2


@pytest.mark.parametrize("number", range(1, 17))
def test_a_flipped_byte_anywhere_in_a_field_breaks_the_signature(number):
    data = letter(("ed25519",)).parcel(copy_for(), 1).data
    fields, body = fields_of(data), data.partition(b"\r\n\r\n")[2]
    assert len(fields) == 17
    field = fields[number]
    for at in range(len(field) - 2):
        fields[number] = field[:at] + bytes([field[at] ^ 1]) + field[at + 1 :]
        head = b"".join(fields) + b"\r\n"
        assert holding(head + body, "ed25519") < 1, fields[number]


@pytest.mark.parametrize("number", range(17))
def test_a_flipped_byte_of_any_field_breaks_an_rsa_signature(number):
    data = letter(("rsa",)).parcel(copy_for(), 1).data
    fields, body = fields_of(data), data.partition(b"\r\n\r\n")[2]
    field = fields[number]
    at = len(field) - 4
    fields[number] = field[:at] + bytes([field[at] ^ 1]) + field[at + 1 :]
    assert holding(b"".join(fields) + b"\r\n" + body, "rsa") == -1


@given(st.data())
def test_a_flipped_byte_of_the_body_breaks_the_signature(data):
    sent = letter(("ed25519",)).parcel(copy_for(), 1).data
    start = sent.index(b"\r\n\r\n") + 4
    at = data.draw(st.integers(start, len(sent) - 3))
    damaged = sent[:at] + bytes([sent[at] ^ 1]) + sent[at + 1 :]
    assert holding(damaged, "ed25519") == -1


def test_a_signed_parcel_is_a_pure_function_of_edition_and_copy():
    first, again = (letter().parcel(copy_for(), 7) for _ in range(2))
    assert first == again
    plain = letter(()).parcel(copy_for(), 7)
    assert first.data.endswith(plain.data)
    assert alarm() == alarm()
