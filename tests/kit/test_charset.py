"""Undeclared and mislabelled texts in thirty languages are read as they were meant."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.kit.charset import charset_of
from publisher.kit.decode import decode_document
from publisher.kit.feed_reader import read_feed

WRITTEN_IN = {
    **dict.fromkeys(("de", "fr", "es", "it", "pt", "nl", "sv", "da", "fi", "ca"), ("cp1252",)),
    **dict.fromkeys(("pl", "cs"), ("cp1250", "iso8859-2")),
    **dict.fromkeys(("hu", "ro", "sk", "hr"), ("cp1250",)),
    **dict.fromkeys(("bg", "sr"), ("cp1251",)),
    "ru": ("cp1251", "koi8-r"),
    "uk": ("cp1251", "koi8-u"),
    "el": ("cp1253", "iso8859-7"),
    "tr": ("cp1254",),
    "he": ("cp1255",),
    "ar": ("cp1256",),
    "lt": ("cp1257",),
    "lv": ("cp1257",),
    "vi": ("cp1258",),
    "th": ("cp874",),
    "ja": ("shift_jis", "euc_jp", "iso2022_jp"),
    "ko": ("euc_kr",),
    "zh": ("gb18030",),
    "zh-TW": ("big5",),
}
TEXTS = {
    "lt": "Miesto taryba trečiadienį nusprendė paskutinę tramvajaus liniją nutiesti po žeme.",
    "lv": "Pilsētas dome trešdien nolēma pēdējo tramvaja līniju ierakt zem zemes šoruden.",
    "zh-TW": "市議會週三決定將最後的有軌電車架空線埋入地下。工程將於九月開始，持續兩個夏天。",
    **dict(
        line.split(": ", 1)
        for line in (Path(__file__).parent / "language_samples.txt")
        .read_text("utf-8")
        .splitlines()
        if ": " in line
    ),
}
PAIRS = [(language, one) for language, several in WRITTEN_IN.items() for one in several]


def written(text, encoding):
    """Return a text as the encoding can have it, and its bytes; Vietnamese is written with marks."""
    if encoding == "cp1258":
        text = "".join(_composed(one) for one in unicodedata.normalize("NFC", text))
    data = text.encode(encoding, "ignore")
    return data.decode(encoding), data


def _composed(character):
    for form in (character, _marked(character)):
        try:
            form.encode("cp1258")
        except UnicodeEncodeError:
            continue
        return form
    return unicodedata.normalize("NFD", character)


def _marked(character):
    """Return a letter and its tone mark, the letter's own mark kept."""
    letters = unicodedata.normalize("NFD", character)
    tones = [one for one in letters if one in "\u0300\u0301\u0303\u0309\u0323"]
    return unicodedata.normalize("NFC", "".join(one for one in letters if one not in tones)) + (
        "".join(tones)
    )


@given(st.sampled_from(PAIRS), st.integers(0, 40), st.integers(90, 400))
def test_a_text_without_a_label_is_read_as_it_was_meant(pair, start, length):
    language, encoding = pair
    text, data = written((TEXTS[language] * 20)[start : start + length], encoding)
    assert decode_document(data) == text


@pytest.mark.parametrize(("language", "encoding"), PAIRS)
def test_a_feed_without_a_label(language, encoding):
    text, data = written(TEXTS[language], encoding)
    item = b"<item><title>" + data + b"</title><description>" + data + b"</description></item>"
    feed = b'<?xml version="1.0"?><rss version="2.0"><channel>' + item + b"</channel></rss>"
    (article,) = read_feed(feed, "https://h.example/f").articles
    assert article.title == " ".join(text.split())


@pytest.mark.parametrize("said", ["utf-8", "utf-16", "us-ascii", "none-such", ""])
@pytest.mark.parametrize(("language", "encoding"), [("ru", "koi8-r"), ("ja", "shift_jis")])
def test_labels_that_cannot_be_right_are_not_believed(said, language, encoding):
    text, data = written(TEXTS[language] * 2, encoding)
    declared = f'<?xml version="1.0" encoding="{said}"?>'.encode()
    assert decode_document(declared + data) == declared.decode() + text


def test_a_server_that_says_latin_1_by_itself_is_not_believed_before_the_document():
    declared = '<?xml version="1.0" encoding="windows-1251"?>Привет'
    for header in ("text/xml; charset=iso-8859-1", "text/xml; charset=us-ascii"):
        assert decode_document(declared.encode("cp1251"), header) == declared
    other = '<?xml version="1.0" encoding="iso-8859-1"?>Привет'
    assert decode_document(other.encode("cp1251"), "text/xml; charset=windows-1251") == other


@given(st.binary(max_size=400))
def test_guessing_is_total(data):
    assert data.decode(charset_of(data), "replace") is not None


def test_a_long_text_is_judged_by_its_beginning():
    text = TEXTS["ru"] * 20_000
    assert decode_document(text.encode("koi8-r")) == text
