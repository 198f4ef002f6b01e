"""A plain letter, read back by Python's own parser."""

from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import AddressError
from publisher.kit.mime import plain_letter

MOMENT = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
SENDER = "The Gazette, daily <news@gazette.example>"


def letter(**changes):
    usual = {"sender": SENDER, "to": "ops@gazette.example", "subject": "s", "text": "t"}
    return plain_letter(**{**usual, "date": MOMENT, **changes})


def read(parcel):
    return message_from_bytes(parcel.data, policy=policy.default)


def test_it_says_that_a_machine_wrote_it_and_belongs_to_no_list():
    parcel = letter(subject="Ausgabe 7 steht", text="Grüße\nvom Kai")
    found = read(parcel)
    assert found["Auto-Submitted"] == "auto-generated"
    assert not [name for name in found if name.lower().startswith("list-")]
    assert found["From"].addresses[0].addr_spec == "news@gazette.example"
    assert found["From"].addresses[0].display_name == "The Gazette, daily"
    assert found["To"] == "ops@gazette.example"
    assert found["Subject"] == "Ausgabe 7 steht"
    assert found["Date"].datetime == MOMENT
    assert found["Message-ID"] == parcel.message_id
    assert found.get_content().splitlines() == ["Grüße", "vom Kai"]
    assert (parcel.sender, parcel.recipient) == ("news@gazette.example", "ops@gazette.example")


def test_the_same_letter_is_the_same_bytes_and_another_has_another_id():
    assert letter() == letter()
    assert letter().message_id != letter(to="other@gazette.example").message_id
    assert letter().message_id != letter(subject="other").message_id


@pytest.mark.parametrize(
    "bad", [{"to": "nobody"}, {"to": "a@b\r\nBcc: c@d.example"}, {"sender": "x"}]
)
def test_an_address_that_is_none_is_refused(bad):
    with pytest.raises(AddressError):
        letter(**bad)


@given(st.text(), st.text())
def test_no_text_adds_a_header_or_a_bare_line_end(subject, text):
    parcel = letter(subject=subject, text=text)
    found = read(parcel)
    assert sorted(found.keys()) == sorted(read(letter()).keys())
    assert b"\n" not in parcel.data.replace(b"\r\n", b"")
    assert b"\r" not in parcel.data.replace(b"\r\n", b"")
    assert all(
        len(line) <= 998 and not line.startswith(b".") for line in parcel.data.split(b"\r\n")
    )
    said = text.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")
    assert (
        found.get_payload(decode=True).decode().replace("\r\n", "\n") == said.rstrip("\n") + "\n"
    )
