"""Addresses on the wire: ASCII or a clear refusal, and domains as the IDNA standard has them."""

import unicodedata

import idna
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from publisher.errors import AddressError
from publisher.kit.mime import ascii_address, ascii_domain, wire_address

letters = st.characters(codec="utf-8", categories=["Ll", "Lu", "Lo", "Nd"], max_codepoint=0x30FF)


@pytest.mark.parametrize(
    ("written", "wire"),
    [
        ("ann@reader.example", "ann@reader.example"),
        ("Ann.Lee+news@Reader.Example", "Ann.Lee+news@Reader.Example"),
        ("o'neil@reader.example", "o'neil@reader.example"),
        ("a..b@carrier.example", '"a..b"@carrier.example'),
        ("a.@carrier.example", '"a."@carrier.example'),
        ('"ann lee"@reader.example', '"ann lee"@reader.example'),
        ('"a@b"@reader.example', '"a@b"@reader.example'),
        ("ann@[127.0.0.1]", "ann@[127.0.0.1]"),
        ("ann@[IPv6:::1]", "ann@[IPv6:::1]"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("ann@straße.example", "ann@xn--strae-oqa.example"),
        ("ann@例え。テスト", "ann@xn--r8jz45g.xn--zckzah"),
        ("ann@localhost", "ann@localhost"),
    ],
)
def test_addresses_that_can_be_written_to(written, wire):
    assert ascii_address(written) == wire


@pytest.mark.parametrize(
    "written",
    [
        "", "ann", "@reader.example", "ann@", "ann lee@reader.example", "ann@reader..example",
        "ann@reader.example.", "ann@-reader.example", "ann@reader.example\r\nRCPT TO:<x@y>",
        "ann\r\n@reader.example", "ann\0@reader.example", "<ann@reader.example>",
        "jörg@reader.example", "a,b@reader.example", "ann@" + "ab." * 90 + "example",
        "a" * 65 + "@reader.example", "ann@" + "a" * 64 + ".example",
        "ann@[300.1.1.1]", "ann@reader example", '"a"b"@reader.example', "ann@\u0301x.example",
        "ann@rea☃der.example", "ann@bü\r\ncher.example",
    ],
)  # fmt: skip
def test_addresses_that_cannot(written):
    with pytest.raises(AddressError) as caught:
        ascii_address(written)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=60))
def test_any_text_gives_a_safe_address_or_an_error(text):
    for written in (text, f"{text}@reader.example", f"ann@{text}"):
        try:
            wire = ascii_address(written)
        except AddressError:
            continue
        assert wire.isascii()
        assert wire.isprintable()
        assert len(wire) <= 254
        assert not set(wire.rpartition("@")[2]) & set(' <>",()')


@given(st.lists(st.text(letters, min_size=1, max_size=12), min_size=1, max_size=3))
def test_domains_agree_with_the_idna_package(labels):
    domain = ".".join(labels)
    assume(unicodedata.is_normalized("NFKC", domain))  # compatibility forms fold in odd orders
    assume(not any("\u13a0" <= c <= "\u13ff" for c in domain))  # Cherokee folds to upper case
    try:
        expected = idna.encode(domain, uts46=True, transitional=False).decode()
    except idna.IDNAError:
        assume(False)
    assert ascii_domain(domain).lower() == expected


@pytest.mark.parametrize(
    ("written", "wire"),
    [
        ("jörg@bücher.example", "jörg@xn--bcher-kva.example"),
        ("用户@例え.テスト", "用户@xn--r8jz45g.xn--zckzah"),
        ("jörg.o'müller+news@reader.example", "jörg.o'müller+news@reader.example"),
        ("ann@reader.example", "ann@reader.example"),
    ],
)
def test_local_parts_of_any_script_for_relays_that_take_them(written, wire):
    assert wire_address(written) == wire


@pytest.mark.parametrize(
    "written",
    [
        "jö rg@x.example", "jö..rg@x.example", "jö<rg@x.example", "jö\u202erg@x.example",
        "jö\ud800rg@x.example", "ö" * 33 + "@x.example", "jö\r\nrg@x.example",
    ],
)  # fmt: skip
def test_no_relay_takes_these(written):
    with pytest.raises(AddressError):
        wire_address(written)
