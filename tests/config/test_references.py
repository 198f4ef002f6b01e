"""`{ env }` and `{ file }`: looked up when in use, never shown, named when missing."""

import pickle
from types import SimpleNamespace

import pytest

from publisher import config
from publisher.config import Secret
from publisher.errors import DefinitionError

RELAY = """
    [transports.relay]
    type = "smtp"
    host = { file = "secrets/host" }
    port = { env = "SMTP_PORT_OF_TEST" }
    password = { env = "SMTP_PASSWORD_OF_TEST" }
"""


@pytest.fixture
def relay(load, finder, tmp_path):
    definition = load(publication=RELAY).transports["relay"]
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/host").write_text("smtp.example\n")
    return lambda: config.options(definition, finder("delivery", "smtp").Options)


def test_options_are_looked_up_when_the_adapter_is_made(relay, monkeypatch):
    monkeypatch.setenv("SMTP_PASSWORD_OF_TEST", "correct horse")
    monkeypatch.setenv("SMTP_PORT_OF_TEST", "2525")
    found = relay()
    assert found.password == "correct horse"
    assert found.host == "smtp.example"
    assert found.port == 2525
    assert "horse" not in repr(found)


def test_what_is_missing_is_named_with_file_key_and_variable(relay, monkeypatch):
    monkeypatch.setenv("SMTP_PORT_OF_TEST", "2525")
    monkeypatch.delenv("SMTP_PASSWORD_OF_TEST", raising=False)
    with pytest.raises(DefinitionError) as caught:
        relay()
    assert str(caught.value) == (
        "publisher.toml: transports.relay.password:"
        " the environment variable SMTP_PASSWORD_OF_TEST is not set"
    )


def test_a_value_that_does_not_fit_is_not_shown(relay, load, monkeypatch):
    monkeypatch.setenv("SMTP_PASSWORD_OF_TEST", "x")
    monkeypatch.setenv("SMTP_PORT_OF_TEST", "correct horse")
    with pytest.raises(DefinitionError) as caught:
        relay()
    assert "transports.relay.port" in str(caught.value)
    assert "horse" not in str(caught.value)


@pytest.mark.parametrize(
    "key",
    [
        "[mail]\nfrom = %s",
        "[publication]\ntimezone = %s",
        "[mail]\non_crash = %s",
        "[web]\nbind = %s",
    ],
)
def test_no_error_shows_what_a_reference_holds(mistakes, monkeypatch, key: str):
    monkeypatch.setenv("VALUE_OF_TEST", "correct horse")
    (line,) = mistakes(publication=key % '{ env = "VALUE_OF_TEST" }')
    assert "horse" not in line


def test_settings_in_use_are_looked_up_at_once(load, monkeypatch):
    monkeypatch.setenv("STORE_OF_TEST", "postgresql://u:secret@h/d")
    found = load(publication='[store]\nurl = { env = "STORE_OF_TEST" }')
    assert found.store_url == "postgresql://u:secret@h/d"
    assert "secret" not in repr(found)


def test_a_missing_setting_is_a_mistake_among_the_others(mistakes):
    found = mistakes(
        publication='[store]\nurl = { env = "UNSET_OF_TEST" }\n[mail]\nreply_to = { file = "no" }',
        feed="limit = 0",
    )
    assert found[0].startswith("publisher.toml: store.url: the environment variable UNSET_OF_TEST")
    assert found[1].startswith("publisher.toml: mail.reply_to: cannot read no (No such file")
    assert len(found) == 3


def test_references_work_in_lists_of_feeds_and_schedules(load, monkeypatch):
    monkeypatch.setenv("TITLE_OF_TEST", "Morning news")
    monkeypatch.setenv("OLD_OF_TEST", "dawn")
    found = load(
        schedule='action = "tidy"\nwhen = "hourly"\ntitle = { env = "TITLE_OF_TEST" }\n'
        'was = [{ env = "OLD_OF_TEST" }]'
    )
    assert found.schedules["morning"].title == "Morning news"
    assert found.schedules["morning"].was == ("dawn",)


def test_a_source_is_named_by_its_reference_not_by_what_it_holds(load, finder, monkeypatch):
    feed = '[[sources]]\ntype = "feed"\nurl = { env = "PRIVATE_FEED_OF_TEST" }'
    source = load(feed=feed).feeds["harbour"].sources[0]
    assert source.key == 'feed:{ env = "PRIVATE_FEED_OF_TEST" }'
    monkeypatch.setenv("PRIVATE_FEED_OF_TEST", "https://example.org/?token=1")
    made = config.options(source.adapter, finder("sources", "feed").Options)
    assert made.url == "https://example.org/?token=1"


def test_other_tables_of_one_key_are_no_references(mistakes):
    assert (
        "expected text, got a table" in mistakes(publication="[mail]\nreply_to = { enf = 'x' }")[0]
    )
    assert (
        "expected text, got a table" in mistakes(publication="[mail]\nreply_to = { env = 5 }")[0]
    )


def test_a_secret_is_text_that_does_not_show(finder):
    secret = Secret("correct horse")
    assert secret == "correct horse"
    assert "horse" not in repr([secret])
    assert pickle.loads(pickle.dumps(secret)) == "correct horse"
    assert "horse" not in repr(SimpleNamespace(password=secret))
