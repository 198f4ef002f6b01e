"""A message once sent looks the same for ever; one that nobody has follows its templates."""

import subprocess
import sys

import pytest

from publisher import assets
from publisher.app import App
from publisher.app.actions import runner
from publisher.app.sending import send_due
from publisher.model.editions import EditionState
from publisher.model.timetable import PlannedRun

RED = '{% extends "default/email/newspaper.html" %}{% block footer %}{{ super() }}<p>Red</p>{% endblock %}'


@pytest.fixture
def root(tmp_path):
    assets.write_starter(tmp_path)
    return tmp_path


def opened(root) -> App:
    """Open the publication with an edition that is about to go."""
    app = App.open(root)
    app.seed()
    app.collect()
    app.store.add_run("morning", PlannedRun(key="manual:1", slot="", due=app.now()))
    runner(app).work("morning")
    return app


def again(root) -> App:
    """Open the publication as a new process with another template would."""
    (root / "templates/email").mkdir(parents=True, exist_ok=True)
    (root / "templates/email/newspaper.html").write_text(RED)
    return App.open(root)


def copies(app) -> list[bytes]:
    """Return everybody's copy as it would go now."""
    (edition,) = app.store.editions(states=(), limit=None)
    composed = app.frozen(edition)
    return [composed.parcel(row).data for row in app.store.deliveries(edition.id)]


def test_who_is_sent_later_gets_the_same_bytes_as_before_a_new_template(root):
    app = opened(root)
    before = copies(app)
    send_due(app, stop=iter([False, False, True, True, True, True]).__next__)
    app.close()
    app = again(root)
    assert copies(app) == before
    (edition,) = app.store.editions(states=(), limit=None)
    html, _ = app.composed(edition).bodies(app.store.deliveries(edition.id)[0])
    assert "<p>Red</p>" not in html, "the page shows what was sent"
    app.close()


def test_a_template_mended_while_nobody_has_the_edition_counts(root):
    app = opened(root)
    before = copies(app)
    (edition,) = app.store.editions(states=(), limit=None)
    app.store.move_edition(edition.id, (EditionState.OPEN,), EditionState.PAUSED, "to mend")
    app.close()
    app = again(root)
    app.store.move_edition(edition.id, (EditionState.PAUSED,), EditionState.OPEN, "")
    after = copies(app)
    assert after != before
    assert all(b"Red" in copy for copy in after)
    app.close()


def test_let_go_anew_in_another_process_it_is_kept_again(root):
    app, other = opened(root), App.open(root)
    before = copies(app)
    (edition,) = app.store.editions(states=(), limit=None)
    other.store.move_edition(edition.id, (EditionState.OPEN,), EditionState.PAUSED, "a look")
    other.store.move_edition(edition.id, (EditionState.PAUSED,), EditionState.OPEN, "")
    assert app.store.kept_messages(edition.id, 1) == frozenset()
    assert copies(app) == before
    assert app.store.kept_messages(edition.id, 1), "this process sends, so it keeps"
    other.close()
    app.close()


def test_a_process_that_only_sends_never_loads_premailer(root):
    app = opened(root)
    copies(app)
    app.close()
    script = (
        "import sys\nfrom pathlib import Path\nfrom publisher.app import App\n"
        "from publisher.app.sending import send_due\n"
        "app = App.open(Path(sys.argv[1]))\n(report,) = send_due(app)\napp.close()\n"
        "assert report.complete, report\nassert 'premailer' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script, str(root)], check=True)
