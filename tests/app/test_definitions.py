"""Putting newly read definitions in force while something is being sent."""

from dataclasses import replace

import pytest

from publisher import assets
from publisher.app import App
from publisher.app.sending import send_due


class Line:
    """A transport that knows whether it was closed."""

    name, leaves_machine = "outbox", False
    closed = 0

    def send(self, parcels, ledger):
        raise AssertionError("nothing is sent here")

    def close(self):
        self.closed += 1


@pytest.fixture
def app(tmp_path):
    assets.write_starter(tmp_path)
    here = App.open(tmp_path)
    yield here
    here.close()


def test_a_transport_in_use_is_closed_before_the_next_pass_not_under_it(app):
    line = Line()
    app._transports["outbox"] = line
    app.replace_definitions(app.definitions)
    assert app.transport("outbox") is not line
    assert line.closed == 0
    send_due(app)
    assert line.closed == 1


def test_closing_closes_what_was_retired(app):
    line = Line()
    app._transports["outbox"] = line
    app.replace_definitions(app.definitions)
    app.close()
    assert line.closed == 1


def test_a_new_theme_counts_from_the_next_digest(app):
    before = app.digest_format
    app.replace_definitions(app.definitions)
    assert app.digest_format is before
    theme = {"light": {"accent": "#0b5fa5"}}
    app.replace_definitions(replace(app.definitions, theme=theme))
    assert app.digest_format is not before
    assert app.templates.tokens()["light"]["accent"] == "#0b5fa5"
    assert app.templates.shipped().tokens() == app.templates.tokens()
