"""Every shipped mail template keeps every rule that stops a send, and scores as promised."""

import pytest

from publisher.kit.mime import MimePress
from publisher.lint.mail import MailInspector
from publisher.lint.mail.lists import KEY_CLIENTS, TOLERATED
from publisher.lint.mail.support import support
from publisher.model.findings import MailReport
from publisher.model.messages import Copy, Envelope
from tests.formats.editions import MOMENT, VALUES, edition, keys_of, render

DIGESTS = ("newspaper", "plain", "compact")
LANGUAGES = ("en", "de", "ar")
SCORE = 0.94


def report_on(template: str, language: str) -> MailReport:
    message = render(edition(template=template, language=language))
    envelope = Envelope(
        edition="morning-7",
        domain="gazette.example",
        date=MOMENT,
        sender="The Harbour Gazette <news@gazette.example>",
        envelope_sender="news@gazette.example",
        list_id="Morning digest <morning.gazette.example>",
    )
    copy = Copy(
        recipient="1",
        email="ada@example.org",
        name="Ada",
        subject=VALUES["subject"],
        keys=keys_of(message, (1, 2, 3, 4, 5)),
        values=VALUES,
        unsubscribe_url=VALUES["unsubscribe_url"],
    )
    return MailInspector().inspect(MimePress().compile(message, envelope).parcel(copy, 1).data)


@pytest.mark.parametrize("template", DIGESTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_shipped_digest_is_fit_to_be_sent(template: str, language: str):
    report = report_on(template, language)
    assert report.errors == ()
    assert [f for f in report.warnings if f.rule != "picture.height"] == []
    assert report.score >= SCORE, report.score


@pytest.mark.parametrize("template", DIGESTS)
def test_no_layout_rests_on_what_a_large_program_lacks(template: str):
    report = report_on(template, "en")
    tolerated = {found.message for found in report.findings if found.rule == "client.tolerated"}
    assert len(tolerated) <= 3
    titles = {support().titles[slug] for slug in TOLERATED}
    assert all(any(message.startswith(title) for title in titles) for message in tolerated)
    large = {support().clients[client] for client in KEY_CLIENTS}
    assert min(report.clients[name] for name in large) > 0.7
