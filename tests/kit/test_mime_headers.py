"""Header fields: any text comes back from Python's parser as it was, and lines stay short."""

import email
import email.header
import email.policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import FormatError
from publisher.kit.mime import headers, parse_mailbox, single_line

header_text = st.text(
    st.one_of(
        st.characters(codec="utf-8", exclude_characters="\r\n\0"),
        st.sampled_from(" ,.;:<>\"'()=?_é漢\U0001f600\u202e"),
    ),
    max_size=400,
)


def decoded(field: bytes) -> str:
    """Read a field with the legacy decoder, which follows RFC 2047 and nothing else."""
    value = email.message_from_bytes(field + b"\r\n")["X"]
    parts = email.header.decode_header(value.replace("\r\n", ""))
    return "".join(p.decode(c or "ascii") if isinstance(p, bytes) else p for p, c in parts)


def lines(field: bytes) -> list[bytes]:
    assert field.endswith(b"\r\n")
    return field[:-2].split(b"\r\n")


@given(header_text)
def test_free_text_comes_back(text):
    field = headers.unstructured("X", text)
    assert field.isascii()
    assert decoded(field) == text
    for number, line in enumerate(lines(field)):
        assert len(line) <= (76 if b"=?" in line else 998)
        assert number == 0 or line.strip(), "no line of a fold may be blank"


@given(st.lists(st.text(st.sampled_from("abcXYZ.,:09"), min_size=1, max_size=30), max_size=60))
def test_plain_text_is_folded_at_spaces_within_78(words):
    text = " ".join(words)
    field = headers.unstructured("Subject", text)
    assert max(map(len, lines(field))) <= 78
    assert b"=?" not in field
    assert field.replace(b"\r\n", b"") == (f"Subject: {text}".rstrip()).encode()


@pytest.mark.parametrize(
    "text", ["=?utf-8?q?fake?=", " edge", "edge ", "a" * 1_500, "tab\there", "\x1b[31mred"]
)
def test_what_plain_text_cannot_say_goes_as_encoded_words(text):
    assert decoded(headers.unstructured("X", text)) == text


@given(header_text)
def test_a_display_name_comes_back(name):
    field = headers.mailbox("To", name, "ann@reader.example")
    assert max(map(len, lines(field))) <= 78
    parsed = email.message_from_bytes(field + b"\r\n", policy=email.policy.SMTP)["To"]
    assert [a.addr_spec for a in parsed.addresses] == ["ann@reader.example"]
    raw = field.replace(b"\r\n", b"").removeprefix(b"To: ").decode()
    shown = parse_mailbox(raw).name
    parts = email.header.decode_header(shown)
    back = "".join(p.decode(c or "ascii") if isinstance(p, bytes) else p for p, c in parts)
    assert back == name if name.strip() else back == ""


def test_encoded_words_never_cut_a_character():
    field = headers.unstructured("Subject", "\U0001f6a2" * 60)
    for word in email.header.decode_header(field.decode().removeprefix("Subject: ").strip()):
        word[0].decode("utf-8")
    assert all(
        email.header.decode_header(line.decode().removeprefix("Subject:").strip())[0][0].decode()
        for line in lines(field)
    )


@pytest.mark.parametrize(
    ("written", "wire"),
    [
        ("Morning <m.x.example>", b"List-Id: Morning <m.x.example>\r\n"),
        ("<m.x.example>", b"List-Id: <m.x.example>\r\n"),
        ("<m.bücher.example>", b"List-Id: <m.xn--bcher-kva.example>\r\n"),
        ("Der Käpten <m.x.example>", b"List-Id: =?utf-8?q?Der_K=C3=A4pten?= <m.x.example>\r\n"),
        ("A, B <m.x.example>", b'List-Id: "A, B" <m.x.example>\r\n'),
    ],
)  # fmt: skip
def test_list_id(written, wire):
    assert headers.list_id(written) == wire


@pytest.mark.parametrize("written", ["", "Morning", "Morning <a b>", "Morning <m.x\r\nX: y>"])
def test_a_wrong_list_id_is_refused(written):
    with pytest.raises(FormatError, match="List-Id"):
        headers.list_id(written)


def test_list_fields_fold_after_commas_only():
    field = headers.further(
        "List-Help", "<https://x.example/" + "a" * 90 + ">, <mailto:a@b.example>"
    )
    assert lines(field) == [
        b"List-Help: <https://x.example/" + b"a" * 90 + b">,",
        b" <mailto:a@b.example>",
    ]
    field = headers.further("List-Archive", "<https://bücher.example/ü>")
    assert field == b"List-Archive: <https://xn--bcher-kva.example/%C3%BC>\r\n"
    with pytest.raises(FormatError, match="ASCII"):
        headers.further("Feedback-ID", "ü:list:stream:sender")


def test_single_line_makes_a_title_fit_for_a_header():
    assert (
        single_line(" Tide\r\nturns\u2028at\0noon \u202eevil\u202c\t") == "Tide turns at noon evil"
    )


@pytest.mark.parametrize(
    ("written", "name", "address"),
    [
        ("news@x.example", "", "news@x.example"),
        ("The Gazette <news@x.example>", "The Gazette", "news@x.example"),
        ('"Gazette, The \\"G\\"" <news@x.example>', 'Gazette, The "G"', "news@x.example"),
        (" <news@x.example> ", "", "news@x.example"),
        ("Müller, Kai <k@x.example>", "Müller, Kai", "k@x.example"),
    ],
)
def test_mailboxes_as_operators_write_them(written, name, address):
    box = parse_mailbox(written)
    assert (box.name, box.address) == (name, address)
