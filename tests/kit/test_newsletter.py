"""Newsletters as articles: what everybody may read, and nothing of their one reader."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.errors import ParseError
from publisher.kit.newsletter import read_newsletter

HEAD = """From: =?utf-8?q?Zo=C3=AB?= Quill <Zoe@Port.example>
To: reader@gazette.example
Subject: =?utf-8?b?RmVycmllcyDigJMgYmFjaw==?=
Date: Tue, 24 Nov 2026 13:00:00 +0100
Message-ID: <m1@port.example>
List-Id: "Port letters" <letters.Port.example>
List-Unsubscribe: <https://port.example/u/abc>, <mailto:leave@port.example>
MIME-Version: 1.0
"""
PAGE = """<html><head><style>p {color: red}</style></head><body>
<div style="display:none;max-height:0">Preview of this mail</div>
<table role="presentation"><tr><td><h1>Ferries</h1><p>They <a href="https://port.example/f?utm_source=m">return
</a> at last.</p><img src="https://port.example/p.jpg" width="600" alt="Quay">
<img src="https://t.example/o.gif" width="1" height="1"><img src="cid:logo"></td></tr></table>
<table><tr><th>Day</th><th>Ship</th></tr><tr><td>Monday</td><td>Ann</td></tr></table>
<p><a href="https://port.example/u/abc">Leave</a> | <a href="https://x.example/p">Manage preferences</a>
<a href="https://x.example/v">View in browser</a></p></body></html>"""


def mail(body=PAGE, head=HEAD, kind="text/html; charset=utf-8"):
    return f"{head}Content-Type: {kind}\nContent-Transfer-Encoding: 8bit\n\n{body}".encode()


def test_a_mail_is_an_article_with_its_headers():
    found = read_newsletter(mail())
    article = found.article
    assert article.title == "Ferries – back"
    assert article.external_id == "mid:m1@port.example"
    assert article.published == datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert (article.authors, article.tags) == (("Zoë Quill",), ("Port letters",))
    assert (found.sender, found.list_id) == ("zoe@port.example", "letters.port.example")
    assert (article.url, found.confirm) == ("", "")


def test_what_concerns_its_reader_only_stays_out():
    article = read_newsletter(mail()).article
    for private in ("Preview of this mail", "u/abc", "Manage", "View in", "//t.example", "cid:"):
        assert private not in article.html, private
    assert "They <a" in article.html
    assert "https://port.example/p.jpg" in article.html


def test_layout_goes_and_tables_of_data_stay():
    html = read_newsletter(mail()).article.html
    assert html.count("<table") == 1
    assert "<th>Day</th>" in html
    assert "color" not in html


def test_a_text_part_will_do():
    body = "Dear all,\n\nthe ferry is back.\n\nUnsubscribe: https://port.example/u/abc\n"
    article = read_newsletter(mail(body, kind="text/plain; charset=utf-8")).article
    assert "the ferry is back" in article.text
    assert "u/abc" not in article.text


def test_a_story_about_leaving_stays():
    """Words that a footer has are a story's words, too."""
    said = "Why so many readers unsubscribe from letters that come every single morning"
    linked = f'<p><a href="https://port.example/why">{said}</a>, and a view in the park.</p>'
    article = read_newsletter(mail(linked)).article
    assert "https://port.example/why" in article.html
    scenic = '<p><a href="https://port.example/v">A view in the park</a></p>'
    assert "port.example/v" in read_newsletter(mail(scenic)).article.html
    assert said in read_newsletter(mail(f"{said}.", kind="text/plain")).article.text


def test_of_two_forms_html_is_taken_and_attachments_are_not():
    parts = """--x
Content-Type: text/plain

plain words
--x
Content-Type: text/html

<p>HTML words</p>
--x
Content-Type: text/html
Content-Disposition: attachment; filename="a.html"

<p>attached</p>
--x--
"""
    article = read_newsletter(mail(parts, kind="multipart/alternative; boundary=x")).article
    assert article.text == "HTML words"


def test_legacy_charsets_and_wrong_labels_are_read():
    koi = "Паром снова ходит каждую ночь".encode("koi8-r")
    data = HEAD.encode() + b"Content-Type: text/plain; charset=koi8-r\n\n" + koi
    assert read_newsletter(data).article.text == "Паром снова ходит каждую ночь"
    odd = HEAD.encode() + b"Content-Type: text/plain; charset=x-nonsense\n\n" + "Fähre".encode()
    assert read_newsletter(odd).article.text == "Fähre"


def test_a_mail_without_a_message_id_keeps_one_id():
    bare = mail(head="Subject: x\n")
    one, two = read_newsletter(bare).article, read_newsletter(bare).article
    assert one.external_id == two.external_id
    assert one.external_id.startswith("sha256:")


def test_the_public_copy_is_taken_only_where_a_header_names_it():
    archived = HEAD + "Archived-At: <https://port.example/letters/7>\n"
    assert read_newsletter(mail(head=archived)).article.url == "https://port.example/letters/7"


def test_a_mail_that_asks_for_confirmation_is_told_apart():
    ask = HEAD.replace("=?utf-8?b?RmVycmllcyDigJMgYmFjaw==?=", "Please confirm your subscription")
    page = '<p>Hello</p><a href="https://port.example/x?y=1">Yes, confirm me</a>'
    assert read_newsletter(mail(page, ask)).confirm == "https://port.example/x?y=1"
    plain = "Open https://port.example/confirm/abc, please."
    found = read_newsletter(mail(plain, ask, "text/plain"))
    assert found.confirm == "https://port.example/confirm/abc"
    long = f"<p>{'The minister would not confirm. ' * 200}</p>{page}"
    assert read_newsletter(mail(long, ask)).confirm == ""


@pytest.mark.parametrize("data", [b"", b"\0\0\0", b"\n\n", b"Content-Type: text/html\n\n<p></p>"])
def test_what_says_nothing_is_an_error(data):
    with pytest.raises(ParseError):
        read_newsletter(data)


headers = st.sampled_from(
    [
        *(
            "Subject: =?utf-8?b?!!?=",
            "From: <<>",
            "From: \xff",
            "Date: never",
            "List-Id: <",
            "List-Id: a <b>",
        ),
        *(
            "Content-Type: multipart/mixed",
            "Content-Type: text/html; charset=utf-7",
            "Content-Type: ;;;",
        ),
        *("Content-Transfer-Encoding: base64", "Content-Transfer-Encoding: x", "Message-ID: <>"),
        *(
            "Content-Type: multipart/alternative; boundary=x",
            "Archived-At: <javascript:x>",
            ": x",
            " folded",
        ),
    ]
)
bodies = st.lists(
    st.sampled_from(
        ["--x", "--x--", "", "<p>words</p>", "=", "\xff", "<table><tr><td>", "Subject: in it"]
    ),
    max_size=12,
)


@settings(max_examples=300)
@given(st.lists(headers, max_size=8), bodies)
def test_any_mail_is_an_article_or_an_error(head, body):
    data = ("\n".join(head) + "\n\n" + "\n".join(body)).encode("latin-1")
    try:
        found = read_newsletter(data)
    except ParseError:
        return
    assert found.article.title
    assert found.article.external_id
