"""The spliced letter against Python's own parser: what is read back is what was meant."""

import email
import email.policy
import re
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import AddressError, FormatError
from publisher.kit.mime import MimePress, boundary, message_id, url_safe
from publisher.model.messages import (
    Body,
    Copy,
    Envelope,
    Literal,
    Message,
    Parcel,
    Place,
    Slot,
    SlotKind,
)
from publisher.testing.naive_mail import naive_mail

ENVELOPE = Envelope(
    edition="morning-12",
    domain="gazette.example",
    date=datetime(2026, 11, 24, 6, 30, tzinfo=UTC),
    sender="The Harbour Gazette <news@gazette.example>",
    envelope_sender="bounces@gazette.example",
    reply_to="editor@gazette.example",
    list_id="Morning digest <morning.gazette.example>",
    headers={"Feedback-ID": "e12:morning:digest:gazette"},
)
HTML = Body(
    frame=(
        Literal("<html><body>\n<p>Good  morning, "),
        Slot("name", SlotKind.HTML),
        Literal("</p>\n.a line with a dot\nFrom the quay \n"),
        Place("stories"),
        Literal('<a title="'),
        Slot("name", SlotKind.HTML),
        Literal('" href="'),
        Slot("view_url", SlotKind.URL),
        Literal('">online</a></body></html>'),
    ),
    blocks={
        "story:1": (Literal("<h2>One</h2>"), Slot("note", SlotKind.HTML), Literal("\n")),
        "story:2": (Literal("<h2>Two =3D é</h2>   <i>deep</i>"),),
        "story:3": (Literal("."), Literal(" ")),
    },
)
TEXT = Body(
    frame=(
        Slot("name"),
        Literal(", good morning\n\n"),
        Place("stories"),
        Slot("view_url", SlotKind.URL),
    ),
    blocks={
        "story:1": (Literal("One\t\n"), Slot("note")),
        "story:2": (Literal("Two  "),),
        "story:3": (Literal("   .NET fan \n"),),
    },
)

any_text = st.text(
    st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from(". =\t\n\r<>&\"'éß\u200f\u202e\u2028\u3000\U0001f600"),
    ),
    max_size=300,
)
orders = st.permutations(["story:1", "story:2", "story:3"]).flatmap(
    lambda keys: st.integers(0, 3).map(lambda count: {"stories": tuple(keys[:count])})
)


def copy_for(**changes: object) -> Copy:
    given_ = {
        "recipient": "17",
        "email": "ann@reader.example",
        "name": "Ann Lee",
        "subject": "Ferries return",
        "places": {"stories": ("story:1", "story:2")},
        "values": {"name": "Ann", "note": "n", "view_url": "https://gazette.example/e/12"},
        "unsubscribe_url": "https://gazette.example/unsubscribe/TOKEN",
        "unsubscribe_mailto": "mailto:leave@gazette.example?subject=unsubscribe",
        "archived_at": "https://gazette.example/editions/12",
    } | changes
    return Copy(**given_)


def letter(text=TEXT, html=HTML, **changes: object):
    message = Message(html=html, text=text, language="en", flowed=True)
    fields = {name: getattr(ENVELOPE, name) for name in ENVELOPE.__slots__}
    return MimePress().compile(message, Envelope(**(fields | changes)))


def parse(parcel: Parcel) -> EmailMessage:
    return email.message_from_bytes(parcel.data, policy=email.policy.SMTP)


def check_wire_form(data: bytes) -> None:
    assert data.isascii()
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"\r" not in data.replace(b"\r\n", b"")
    head, _, body = data.partition(b"\r\n\r\n")
    assert max(map(len, head.split(b"\r\n"))) <= 998
    assert max(map(len, body.split(b"\r\n"))) <= 76
    assert not data.startswith(b".")
    assert b"\r\n." not in data, "dot-stuffing would change the bytes"
    assert b" \r\n" not in body, "trailing spaces get lost on the way"


def test_copies_that_wait_share_all_but_their_own_values():
    """Fifty connections have a hundred copies at hand, of some 50 KB each."""
    story = "The ferries return to the harbour. " * 500
    compiled = letter(html=Body(frame=(*HTML.frame, Literal(story)), blocks=HTML.blocks))
    first, second = (
        compiled.parcel(copy_for(recipient=str(number), name=f"Reader {number}"), number)
        for number in range(2)
    )
    shared = set(map(id, first.pieces))
    own = [piece for piece in second.pieces if id(piece) not in shared]
    assert second.size == len(second.data) > len(story)
    assert sum(map(len, own)) < 1_000


@given(name=any_text, note=any_text, url=any_text, chosen=orders)
def test_the_parsed_copy_equals_the_naive_fill(name, note, url, chosen):
    compiled = letter()
    copy = copy_for(values={"name": name, "note": note, "view_url": url}, places=chosen)
    parcel = compiled.parcel(copy, 1)
    check_wire_form(parcel.data)
    assert parcel.dotless
    parsed = parse(parcel)
    assert parsed.defects == []
    assert parsed.get_content_type() == "multipart/alternative"
    text, html = parsed.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert {text["Content-Transfer-Encoding"], html["Content-Transfer-Encoding"]} == {
        "quoted-printable"
    }
    expected_html, expected_text = compiled.bodies(copy)
    assert text.get_payload(decode=True).decode().replace("\r\n", "\n") == expected_text
    assert html.get_payload(decode=True).decode().replace("\r\n", "\n") == expected_html


@given(name=any_text)
def test_the_splice_equals_an_email_message_with_the_same_content(name):
    copy = copy_for(values=copy_for().values | {"name": name})
    ours_all = parse(letter().parcel(copy, 1))
    data = naive_mail(ENVELOPE, copy, *letter().bodies(copy))
    theirs_all = email.message_from_bytes(data, policy=email.policy.SMTP)
    for field in ("From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe-Post"):
        assert ours_all[field] == theirs_all[field]
    for ours, theirs in zip(ours_all.iter_parts(), theirs_all.iter_parts(), strict=True):
        assert ours.get_content_type() == theirs.get_content_type()
        assert ours.get_payload(decode=True) == theirs.get_payload(decode=True)


@given(value=any_text)
def test_a_value_changes_nothing_outside_its_place(value):
    compiled = letter(text=Body(frame=(Literal("before "), Slot("name"), Literal("after\n"))))
    plain, odd = (
        compiled.parcel(copy_for(values=copy_for().values | {"name": name}), 1).data
        for name in ("@", value)
    )
    before, after = plain.split(b"before =\r\n@=\r\nafter\r\n")
    assert odd.startswith(before + b"before =\r\n")
    assert b"\r\nafter\r\n" in odd
    assert after.split(b"<p>")[0] in odd


def test_blocks_stand_where_and_in_the_order_the_copy_says():
    html, text = letter().bodies(copy_for(places={"stories": ("story:2", "story:1")}))
    assert html.index("Two") < html.index("One")
    assert text.index("Two") < text.index("One")
    html, text = letter().bodies(copy_for(places={}))
    assert "One" not in html + text
    assert "Two" not in html + text


def relaxed(body: bytes) -> bytes:
    """Canonicalise as RFC 6376 section 3.4.4 says."""
    lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)


@given(name=any_text, note=any_text, chosen=orders)
def test_the_wire_form_is_the_canonical_form(name, note, chosen):
    values = {"name": name, "note": note, "view_url": "https://gazette.example/e/12"}
    data = letter().parcel(copy_for(values=values, places=chosen), 1).data
    body = data.partition(b"\r\n\r\n")[2]
    assert relaxed(body) == body


def test_html_values_are_escaped_and_text_values_are_not():
    values = copy_for().values | {"name": "<b>\"&'", "view_url": 'https://x.example/?a=1&b="ü'}
    html, text = letter().bodies(copy_for(values=values))
    assert "&lt;b&gt;&quot;&amp;&#x27;" in html
    assert text.startswith("<b>\"&',")
    assert 'href="https://x.example/?a=1&amp;b=%22%C3%BC"' in html
    assert text.rstrip().endswith("https://x.example/?a=1&b=%22%C3%BC")


def test_a_slot_of_kind_text_is_escaped_in_html_all_the_same():
    html, _ = letter(html=Body(frame=(Slot("name", SlotKind.TEXT),))).bodies(
        copy_for(values={"name": "<script>", "view_url": "", "note": ""})
    )
    assert html == "&lt;script&gt;\n"


def test_hosts_that_are_not_ascii_are_written_as_a_labels():
    data = letter().parcel(copy_for(unsubscribe_url="https://bücher.example/u/ü"), 1).data
    assert b"List-Unsubscribe: <https://xn--bcher-kva.example/u/%C3%BC>" in data
    assert url_safe("https://me@bücher.example:8080/?q=ü") == (
        "https://me@xn--bcher-kva.example:8080/?q=%C3%BC"
    )


def test_a_missing_value_is_a_clear_error():
    with pytest.raises(FormatError, match="merge field note"):
        letter().parcel(copy_for(values={"name": "", "view_url": ""}), 1)


def test_a_parcel_is_a_pure_function_of_edition_and_copy():
    first, again = (letter().parcel(copy_for(), 7) for _ in range(2))
    assert first == again
    assert (first.delivery, first.recipient, first.sender) == (
        7,
        "ann@reader.example",
        "bounces@gazette.example",
    )
    parsed = parse(first)
    assert parsed["Message-ID"] == first.message_id
    assert parsed["Date"].datetime == ENVELOPE.date
    assert parsed.get_boundary() == boundary("morning-12", "gazette.example")


def test_the_message_id_names_the_edition_and_hides_the_reader():
    identifiers = {message_id("morning-12", str(n), "gazette.example") for n in range(1_000)}
    assert len(identifiers) == 1_000
    assert all(i.startswith("<morning-12.") for i in identifiers)
    assert all(i.endswith("@gazette.example>") for i in identifiers)
    assert message_id("a b/ü", "1", "ä.example").startswith("<a-b.")
    assert message_id("é", "1", "ä.example").endswith("@xn--4ca.example>")


def test_the_header_set_of_a_digest():
    parcel = letter().parcel(copy_for(), 1)
    names = [
        line.partition(":")[0]
        for line in parcel.data.partition(b"\r\n\r\n")[0].decode().split("\r\n")
        if line[:1] != " "
    ]
    assert names == [
        "From",
        "Reply-To",
        "Date",
        "To",
        "Subject",
        "Message-ID",
        "MIME-Version",
        "Content-Type",
        "Content-Language",
        "List-Id",
        "Feedback-ID",
        "List-Unsubscribe",
        "List-Unsubscribe-Post",
        "Archived-At",
    ]
    parsed = parse(parcel)
    assert parsed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert parsed["List-Id"] == "Morning digest <morning.gazette.example>"
    assert parsed["To"].addresses[0].addr_spec == "ann@reader.example"
    assert parsed["To"].addresses[0].display_name == "Ann Lee"


@pytest.mark.parametrize("length", [*range(1, 401, 7), 400])
def test_list_unsubscribe_is_never_encoded_or_broken(length):
    url = "https://gazette.example/unsubscribe/" + "A-_z"[length % 4] * length
    data = letter().parcel(copy_for(unsubscribe_url=url), 1).data
    assert f"\r\nList-Unsubscribe: <{url}>,".encode() in data
    assert b"<mailto:leave@gazette.example?subject=unsubscribe>\r\n" in data
    assert b"List-Unsubscribe: =?" not in data


def test_a_url_that_is_none_is_refused_in_list_unsubscribe():
    with pytest.raises(FormatError, match="List-Unsubscribe"):
        letter().parcel(copy_for(unsubscribe_url="https://x.example/\r\nBcc: a@b.example"), 1)
    with pytest.raises(FormatError, match="998"):
        letter().parcel(copy_for(unsubscribe_url="https://x.example/" + "a" * 1_000), 1)


def test_a_bare_mailbox_becomes_a_mailto_link():
    data = letter().parcel(copy_for(unsubscribe_mailto="leave@gazette.example"), 1).data
    assert b"<mailto:leave@gazette.example?subject=unsubscribe>" in data


@pytest.mark.parametrize("bad", ["\r\nBcc: x@y.example", "a\nb", "a\rb", "a\0b"])
def test_header_injection_is_refused(bad):
    with pytest.raises(FormatError):
        letter().parcel(copy_for(subject="News" + bad), 1)
    with pytest.raises(AddressError):
        letter().parcel(copy_for(name="Ann" + bad), 1)
    with pytest.raises(AddressError):
        letter().parcel(copy_for(email="ann@reader.example" + bad), 1)
    with pytest.raises(FormatError):
        letter(sender=f"News{bad} <a@b.example>")
    with pytest.raises(FormatError):
        letter(headers={"X-Note": "a" + bad})


def test_what_publisher_writes_itself_cannot_be_overwritten():
    with pytest.raises(FormatError, match="itself"):
        letter(headers={"To": "everybody@x.example"})
    with pytest.raises(FormatError, match="name"):
        letter(headers={"X Note": "a"})


def test_one_bad_recipient_is_an_address_error():
    with pytest.raises(AddressError, match="before the @"):
        letter().parcel(copy_for(email="jö☃ rg@reader.example"), 1)
    parcel = letter().parcel(copy_for(email="jorg@bücher.example"), 1)
    assert parcel.recipient == "jorg@xn--bcher-kva.example"
    assert b"<jorg@xn--bcher-kva.example>" in parcel.data


def test_an_address_in_another_script_stands_in_the_head_as_utf_8():
    """RFC 6532 section 3.2; the transport refuses it where the relay has no SMTPUTF8."""
    parcel = letter().parcel(copy_for(email="jörg@bücher.example"), 1)
    assert parcel.recipient == "jörg@xn--bcher-kva.example"
    assert "<jörg@xn--bcher-kva.example>\r\n".encode() in parcel.data
    read = email.message_from_string(parcel.data.decode(), policy=email.policy.SMTPUTF8)
    assert read["To"].addresses[0].addr_spec == parcel.recipient


def test_a_wrong_operator_address_names_the_setting():
    with pytest.raises(FormatError, match="mail"):
        letter(sender="")
    with pytest.raises(FormatError, match="mail"):
        letter(reply_to="nowhere")
    with pytest.raises(FormatError, match="domain"):
        letter(domain="no domain")


@given(st.text(max_size=120))
def test_url_safe_leaves_a_safe_url_alone(text):
    safe = url_safe("https://gazette.example/" + text)
    assert safe.isascii()
    assert safe.isprintable()
    assert not set(safe) & set(' <>"{}|\\^`')
    assert url_safe(safe) == safe
