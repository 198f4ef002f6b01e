"""Bytes to text, and texts to instants."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.kit.dates import as_instant
from publisher.kit.decode import decode_document


@pytest.mark.parametrize(
    "encoding",
    [
        *("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"),
        *("cp1251", "koi8-r", "iso-2022-jp", "shift_jis", "euc_kr", "gb18030", "big5"),
    ],
)
def test_a_declared_document(encoding):
    words = {"cp1251": "Привет", "koi8-r": "Привет", "iso-2022-jp": "日本", "shift_jis": "日本"}
    words |= {"euc_kr": "한국", "gb18030": "中国", "big5": "中國"}
    text = f'<?xml version="1.0" encoding="{encoding}"?><a>{words.get(encoding, "café")}</a>'
    assert decode_document(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("data", "content_type", "text"),
    [
        ("日本語".encode("shift_jis"), "text/xml; charset=Shift_JIS", "日本語"),
        ("café".encode(), "text/xml; charset=iso-8859-1", "café"),
        ("Привет".encode("cp1251"), 'text/xml; charset="windows-1251"', "Привет"),
        (b"caf\xe9 \xe0", "", "café à"),
        ("aéïö日本".encode() + b"\xe9", "", "aéïö日本é"),
        ("<a>é".encode("utf-16-be"), "", "<a>é"),
        ("<a>é".encode("utf-16-le"), "", "<a>é"),
        (
            b"<?xml encoding='unicode_escape'?>\\x41\xff",
            "",
            "<?xml encoding='unicode_escape'?>\\x41ÿ",
        ),
        (b"<meta charset=windows-1251>\xcf", "", "<meta charset=windows-1251>П"),
        (b"\xef\xbb\xbfa", "text/plain; charset=utf-16", "a"),
        (b"", "", ""),
    ],
)
def test_what_is_said_and_what_fits(data, content_type, text):
    assert decode_document(data, content_type) == text


@given(st.binary(), st.text())
def test_decoding_is_total(data, content_type):
    assert isinstance(decode_document(data, content_type), str)


@given(st.text())
def test_utf8_comes_back(text):
    encoded = text.encode("utf-8", "ignore")
    if not encoded.startswith((b"\xef\xbb\xbf",)) and b"\0" not in encoded:
        assert decode_document(encoded, "text/xml; charset=latin-1") == encoded.decode()


@pytest.mark.parametrize(
    ("said", "instant"),
    [
        ("2026-05-01", "2026-05-01T00:00:00"),
        ("2026-5-1 7:30", "2026-05-01T07:30:00"),
        ("2026-05-01T07:30:00.123Z", "2026-05-01T07:30:00"),
        ("2026-05-01 07:30:00 +0200", "2026-05-01T05:30:00"),
        ("Tue, 03 Sep 2019 10:11:12 EST", "2019-09-03T15:11:12"),
        ("Sat,  9 May 2020  10:00 GMT", "2020-05-09T10:00:00"),
        (date(2026, 5, 1), "2026-05-01T00:00:00"),
        (datetime(2026, 5, 1, 7, 30), "2026-05-01T07:30:00"),  # noqa: DTZ001 - as TOML gives it
        ("9999-12-31", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("2026-02-31", None),
        ("soon", None),
        ("", None),
        (20260501, None),
        (None, None),
    ],
)
def test_instants(said, instant):
    expected = datetime.fromisoformat(instant).replace(tzinfo=UTC) if instant else None
    assert as_instant(said) == expected


@given(st.one_of(st.text(), st.datetimes(), st.datetimes(timezones=st.timezones()), st.dates()))
def test_instants_are_total_and_aware(said):
    found = as_instant(said)
    assert found is None or found.tzinfo is UTC
