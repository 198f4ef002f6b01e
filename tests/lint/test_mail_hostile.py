"""Nothing anybody sends makes the lint raise, and what it costs stays bounded."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from publisher.lint.mail import MailInspector
from publisher.lint.mail.css import colour, declarations, pixels, sheet, sides
from publisher.model.findings import MailReport
from tests.lint.mails import inspect, mail, page

MARKUP = st.lists(
    st.sampled_from(
        [
            *(
                "<",
                ">",
                "</",
                "<!--",
                "-->",
                "<![endif]-->",
                "<!doctype",
                "<td ",
                "<a href=",
                "<img",
            ),
            *(
                "<style>",
                "</style>",
                "@media ",
                "{",
                "}",
                "(",
                ")",
                ":",
                ";",
                "!important",
                "url(",
            ),
            *(
                'style="',
                '"',
                "color:",
                "#fff",
                "rgba(",
                "calc(",
                "display:none",
                "<table>",
                "&#0;",
            ),
            *(
                ":not(",
                ":has(",
                "::",
                "\0",
                "\ufffe",
                "\ud800",
                "é",
                "\u202e",
                "padding:",
                "1e999px",
            ),
            *("<h1>", "<h9>", "<svg>", "<title>", "<body>", "<html>", "lang=", "{{", "%%", "[["),
        ]
    ),
    max_size=60,
).map("".join)


@given(st.binary(max_size=400))
@example(b"\xff\xfe")
@example(b"From: \xe9\nContent-Type: text/html; charset=undefined\n\n<p>x")
@example(b"A: b\nContent-Type: text/html; charset=idna\n\n\xff.\xff")
@example(b"A: b\nContent-Type: text/html; charset=utf-16\nContent-Transfer-Encoding: base64\n\n!")
@example(b"A: b\nContent-Transfer-Encoding: x-uuencode\nContent-Type: text/html\n\nbegin\nx")
@example(b"A: b\nContent-Type: multipart/mixed\n\n")
@example(b"Date: Mon, 99 Foo 99999 99:99:99 +99999\n\n")
@example(b"Subject: =?x-unknown?b?////?=\nFrom: =?utf-8?b?!?= <\nList-Id: \r\n \r\n\r\n")
def test_any_octets_give_a_report(data: bytes):
    assert isinstance(MailInspector().inspect(data), MailReport)


@given(MARKUP)
def test_any_markup_gives_a_report(markup: str):
    html = markup.encode("utf-8", "replace").decode()
    for whole in (html, page(more=html), page(head=html)):
        report = inspect(mail(html=whole))
        assert 0 <= report.score <= 1


@given(st.one_of(st.text(max_size=60), MARKUP))
def test_any_css_is_read(text: str):
    sheet(text)
    declarations(text)
    colour(text)
    pixels(text)
    assert len(sides(text)) == 4


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 10_000 + "x",
        "<table><tr><td>" * 3_000 + "x",
        f'<p style="{"(" * 20_000}">x</p>',
        f"<style>{'@media print {' * 5_000}</style>",
        f"<style>{'a,' * 20_000}a {{ color: red }}</style>",
        f"<style>{':not(' * 5_000}{{ color: red }}</style>",
        f"<p {'a' * 50_000}>x</p>",
        "<p>" + "word " * 200_000,
    ],
    ids=["deep", "tables", "brackets", "at-rules", "selectors", "negations", "attribute", "long"],
)
def test_monsters_are_borne(html: str):
    assert inspect(mail(html=html)).html_size >= len(html)


def test_parts_within_parts_without_end_are_no_mail():
    data, inner = b"A: b\r\n", b""
    for number in range(3_000):
        data += b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (number, number)
    assert inspect(data + inner).findings
