"""Every shipped mail template keeps every rule that stops a send, and scores as promised."""

import pytest

from publisher.lint.mail.lists import KEY_CLIENTS
from publisher.lint.mail.support import support
from tests.lint.mails import inspect
from tests.lint.shipped import LANGUAGES, MAILS

SCORE = 0.94


@pytest.mark.parametrize("template", MAILS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_shipped_mail_is_fit_to_be_sent(template: str, language: str):
    report = inspect(MAILS[template](language))
    assert report.errors == ()
    assert report.warnings == ()
    assert report.score >= SCORE, report.score


@pytest.mark.parametrize("template", MAILS)
def test_no_layout_rests_on_what_a_large_program_lacks(template: str):
    report = inspect(MAILS[template]("en"))
    assert "client.unsupported" not in {found.rule for found in report.findings}
    shares = [report.clients[support().clients[client]] for client in KEY_CLIENTS]
    assert min(shares) > 0.7
