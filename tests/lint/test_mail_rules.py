"""Every rule of mails: a mail that keeps it, and at least one that breaks it."""

import pytest

from publisher.lint.mail.lists import REFINEMENTS, TOLERATED
from publisher.lint.mail.rules import RULES
from publisher.lint.mail.support import support
from publisher.model.findings import Severity
from tests.lint.mails import HEAD, LEAVE, PICTURE, STORY, TEXT, TOP, inspect, mail, page, rules_of

LINK = "https://gazette.example/x/"
LOW_DARK = HEAD.replace("#ece8df", "#3a3b40")


def link(href: str, said: str = "The tide tables") -> str:
    return f'<a href="{href}">{said}</a>'


def more(markup: str) -> bytes:
    return mail(html=page(more=markup))


def headed(markup: str) -> bytes:
    return mail(html=page(head=HEAD + markup))


BREAKING = [
    ("mail.unreadable", b""),
    ("mail.unreadable", b"<html>no mail</html>"),
    ("mail.line-length", more("x " * 600)),
    ("header.from", mail({"From": None})),
    ("header.from", mail({"From": "a@example.org, b@example.org"})),
    ("header.to", mail({"To": "a@example.org, b@example.org"})),
    ("header.to", mail({"Bcc": "c@example.org"})),
    ("header.subject", mail({"Subject": "=?utf-8?q?_?="})),
    ("header.date", mail({"Date": "yesterday"})),
    ("header.message-id", mail({"Message-ID": "morning-7"})),
    ("header.ascii", mail({"Subject": "Die Fähre"})),
    ("header.list-id", mail({"List-Id": "Morning digest"})),
    ("header.list-unsubscribe", mail({"List-Unsubscribe": None})),
    ("header.list-unsubscribe", mail({"List-Unsubscribe": "=?utf-8?q?=3Chttps=3A//x=3E?="})),
    ("header.list-unsubscribe", mail({"List-Unsubscribe": f"<mailto:x@y.example>, <{LEAVE}>"})),
    ("header.list-unsubscribe", mail({"List-Unsubscribe": "<http://gazette.example/u>"})),
    ("header.one-click", mail({"List-Unsubscribe-Post": "One-Click"})),
    ("header.one-click", mail({"List-Unsubscribe-Post": None})),
    ("unsubscribe.html", mail(html=page(top=""))),
    ("unsubscribe.text", mail(text=TEXT.replace(LEAVE, ""))),
    ("unsubscribe.early", mail(html=page(top="", more="<p>word</p>" * 50 + TOP))),
    ("text.missing", mail(text="")),
    ("text.first", mail(turned=True)),
    ("text.stub", more("<p>" + "many words\n" * 99 + "</p>")),
    ("text.stories", mail(text=TEXT.replace("The night ferry is back", "The ferry"))),
    (
        "text.order",
        mail(
            html=page(more=f"<h2>{link(LINK, 'Second story')}</h2>"),
            text=TEXT.replace("\n\n", f"\n\nSecond story\n{LINK}\n\n"),
        ),
    ),
    ("text.links", more(link(LINK))),
    ("text.line-length", mail(text=TEXT + "word " * 300)),
    ("text.placeholder", more("<p>Dear {{ name }}</p>")),
    ("html.missing", mail(html="")),
    ("html.element", more("<form></form>")),
    ("html.element", headed("<script>1</script>")),
    ("size.large", more("<p>" + "words and\n" * 8_500 + "</p>")),
    ("size.clipped", more("<p>" + "words and\n" * 10_500 + "</p>")),
    ("client.unsupported", more('<div style="display:flex">x</div>')),
    ("client.unsupported", more('<div style="display:grid">x</div>')),
    ("client.unsupported", more('<p style="background-image:url(x.png)">x</p>')),
    ("client.unsupported", more('<p style="font-size:1rem">x</p>')),
    ("client.unsupported", more('<p style="width:calc(100% - 8px)">x</p>')),
    ("client.unsupported", more('<p style="color:var(--ink)">x</p>')),
    ("client.unsupported", more('<picture><img src="https://x.example/x.png"></picture>')),
    ("client.tolerated", more('<p style="border-radius:3px">x</p>')),
    ("style.plain", headed("<style>p { margin: 0 }</style>")),
    ("style.mistake", headed("<style>@media (max-width: 480px) { .a { color red } }</style>")),
    ("style.mistake", headed("<style>@media print { @media screen { a { x: y } } }</style>")),
    ("style.size", headed("<style>@media print { " + ".a { color: red }\n" * 1_000 + "}</style>")),
    ("style.place", more("<style>@media print { .a { color: red } }</style>")),
    ("outlook.table-width", mail(html=page().replace('width="100%"', ""))),
    (
        "outlook.ghost-table",
        more('<table role="presentation" width="100%" style="max-width:600px"></table>'),
    ),
    ("outlook.padding", more('<div style="padding:8px 0">x</div>')),
    ("outlook.padding", more('<table role="presentation" style="padding-left:4px"></table>')),
    ("outlook.line-height", mail(html=page(head=HEAD.replace("mso-line-height-rule", "x")))),
    ("outlook.scale", mail(html=page(head=HEAD.replace("PixelsPerInch", "x")))),
    ("access.lang", mail(html=page(html='dir="ltr"'))),
    ("access.lang-wrapper", mail(html=page().replace('role="main" lang="en"', 'role="main"'))),
    ("access.dir", mail(html=page(html='lang="en"'))),
    ("access.title", mail(html=page(head="<title> </title>"))),
    ("access.h1", more("<h1>Another</h1>")),
    ("access.h1", mail(html=page().replace("h1", "h2"))),
    ("access.heading-order", more("<h4>Deep</h4>")),
    ("access.landmark", mail(html=page().replace('role="main"', ""))),
    ("access.table-role", more("<table><tr><td>x</td></tr></table>")),
    ("access.alt", mail(html=page(picture=PICTURE.replace('alt=""', "")))),
    ("access.link-text", more(f'<a href="{LINK}"><img src="https://x.example/x.png" alt=""></a>')),
    ("access.vague-link", more(link(LINK, "Read more …"))),
    ("access.vague-link", more(link(LINK, "hier"))),
    ("access.contrast", more('<p style="color:#999999">x</p>')),
    ("access.contrast", more('<td bgcolor="#1c1b19">x</td>')),
    ("access.contrast", more('<p style="color:rgba(28,27,25,0.4)">x</p>')),
    ("access.contrast-dark", mail(html=page(head=LOW_DARK))),
    ("access.text-size", more('<p style="font-size:10px">x</p>')),
    ("access.tap-target", more(f"<p>{link(LINK)}</p>")),
    ("link.empty", more(link(""))),
    ("link.empty", more(link("#"))),
    ("link.scheme", more(link("javascript:alert(1)"))),
    ("link.scheme", more(link("data:text/html,x"))),
    ("link.relative", more(link("/articles/1"))),
    ("link.insecure", more(link("http://elsewhere.example/"))),
    ("link.placeholder", more(link("https://x.example/{{ id }}"))),
    ("link.unfilled", more(link("https://slot.invalid/slot-1"))),
    ("link.unfilled", more(link(f"https://x.example/?from=slot-{'0f' * 12}-name-"))),
    ("link.unfilled", mail({"Subject": f"Hello slot-{'0f' * 12}-name-"})),
    ("link.placeholder", more(link("https://x.example/%%id%%"))),
    ("link.placeholder", more(link("*|UNSUB|*"))),
    ("link.placeholder", mail({"Subject": "Hello *|FNAME|*"})),
    ("link.placeholder", mail(html=page(picture=PICTURE.replace("https:", "https:%7B%7B")))),
    ("picture.address", mail(html=page(picture=PICTURE.replace("https://gazette.example", "")))),
    ("picture.address", mail(html=page(picture='<img src="data:image/png;base64,AA==" alt="">'))),
    ("picture.insecure", mail(html=page(picture=PICTURE.replace("https", "http")))),
    ("picture.width", mail(html=page(picture=PICTURE.replace('width="600"', "")))),
    ("picture.height", mail(html=page(picture=PICTURE.replace('height="300"', "")))),
    ("picture.format", mail(html=page(picture=PICTURE.replace(".png", ".webp")))),
]


def test_the_good_mail_keeps_every_rule():
    report = inspect(mail())
    assert report.findings == ()
    assert report.score > 0.94


@pytest.mark.parametrize(("rule", "data"), BREAKING)
def test_a_mail_breaks_the_rule(rule: str, data: bytes):
    report = inspect(data)
    broken = [found for found in report.findings if found.rule == rule]
    assert broken
    for found in broken:
        assert found.severity is RULES[rule][0]
        assert found.message == " ".join(found.message.split())


def test_every_rule_is_broken_by_some_mail_here():
    assert {rule for rule, _ in BREAKING} == RULES.keys()


@pytest.mark.parametrize(
    ("rule", "data"),
    [
        ("access.table-role", more("<table width='1'><tr><th>Tide</th></tr></table>")),
        ("access.link-text", more(f'<a href="{LINK}"><img src="{LINK}" alt="Map"></a>')),
        ("access.vague-link", more(f'<a href="{LINK}" aria-label="Read about fog">Read more</a>')),
        ("access.contrast", more('<p style="color:#767676;font-size:24px">large</p>')),
        ("access.contrast", more('<p style="display:none;color:#fbf8f1">preheader</p>')),
        ("access.text-size", more('<p style="display:none;font-size:1px">preheader</p>')),
        ("access.tap-target", more(f"<p>See {link(LINK)} for more.</p>")),
        ("access.tap-target", more(f'<p style="line-height:44px">{link(LINK)}</p>')),
        ("client.unsupported", headed("<style>@media print { p { display: flex } }</style>")),
        ("client.unsupported", more('<div style="display:none;opacity:0">x</div>')),
        ("style.plain", headed("<style>a:hover { color: red }</style>")),
        ("style.plain", headed("<style>[data-ogsc] .a { color: red }</style>")),
        ("outlook.padding", more('<td style="padding:8px"><a style="padding:4px">x</a></td>')),
        ("outlook.padding", more('<p style="padding:0">x</p>')),
        ("link.insecure", more(link("http://127.0.0.1:8080/articles/"))),
        ("link.insecure", more(link("http://localhost/articles/"))),
        ("link.relative", more(link("#top"))),
        ("link.scheme", more(link("mailto:editor@gazette.example"))),
        ("header.ascii", mail({"Subject": "=?utf-8?q?F=C3=A4hre?="})),
        ("header.list-unsubscribe", mail({"List-Unsubscribe": "<http://127.0.0.1:8080/u>"})),
        (
            "header.list-unsubscribe",
            mail({"Auto-Submitted": "auto-generated", "List-Id": None, "List-Unsubscribe": None}),
        ),
    ],
)
def test_what_is_right_is_not_reported(rule: str, data: bytes):
    assert rule not in rules_of(data)


def test_the_same_words_are_told_once_with_their_number():
    report = inspect(more('<p style="color:#999999">x</p>' * 7))
    (weak,) = [found for found in report.findings if found.rule == "access.contrast"]
    assert weak.times == 7
    assert str(weak).endswith("and 6 more)")


def test_errors_come_first_and_are_what_stops():
    report = inspect(mail({"Subject": ""}, html=page(html="")))
    severities = [found.severity for found in report.findings]
    assert severities == sorted(severities, key=list(Severity).index)
    assert report.errors == tuple(f for f in report.findings if f.severity is Severity.ERROR)


@pytest.mark.parametrize(
    "data",
    [
        *(
            mail({"Subject": title})
            for title in ("${HOME} is where", "[[Harbour]]", "50%% off all", "{{ }} in Jinja")
        ),
        mail(html=page(story=STORY.replace("/ferry/", "/?q=%7B%7Bcite%7D%7D"))),
        mail(html=page(story=STORY.replace("/ferry/", "/wiki/{{cite}}"))),
    ],
)
def test_what_a_story_s_title_or_link_holds_stops_no_edition(data: bytes):
    report = inspect(data)
    assert report.errors == ()
    assert "link.placeholder" in {found.rule for found in report.warnings}


def test_every_feature_on_a_list_is_a_feature_and_on_one_list():
    assert REFINEMENTS.keys() <= support().titles.keys()
    assert TOLERATED.keys() <= support().titles.keys()
    assert not REFINEMENTS.keys() & TOLERATED.keys()
    assert all([*REFINEMENTS.values(), *TOLERATED.values()])


def test_dark_rules_win_by_importance_and_specificity():
    """An inline colour gives way to an important one; a weaker important one gives way to it."""
    styles = (
        "<style>@media (prefers-color-scheme: dark) {"
        "#a { color: #ffffff !important } p { color: #17181b !important; } }</style>"
    )
    good = '<p id="a" style="color:#1c1b19">x</p>'
    assert "access.contrast-dark" not in rules_of(
        mail(
            html=page(
                head=HEAD + styles,
                story=STORY.replace("<p", "<div"),
                top=TOP.replace("<p", "<div"),
                more=good,
            )
        )
    )
    assert "access.contrast-dark" in rules_of(
        mail(html=page(head=HEAD + styles, more=good.replace('id="a"', "")))
    )
