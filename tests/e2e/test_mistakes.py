"""What goes wrong for one never stops the others, and is told until it is mended."""

RELAY = """
[transports.relay]
type = "smtp"
host = "127.0.0.1"
port = 9
security = "none"
"""


def test_an_address_nobody_can_write_to_ends_as_failed_and_the_edition_is_complete(colleague):
    # A label of 60 characters, which has more than the 63 allowed as the wire writes it.
    colleague.types("subscribers", "add", f"zoe@{'ü' * 60}.example")
    colleague.types("run", "--once", "--no-web", expect=0)
    (edition,) = colleague.asks("editions", "list")
    assert edition["complete"]
    assert edition["counts"]["failed"] == 1
    rows = colleague.asks("deliveries", str(edition["id"]))
    assert [row["reason"] != "" for row in rows if row["state"] == "failed"] == [True]


def test_samples_are_refused_by_transports_that_leave_and_say_so(colleague):
    colleague.edit(
        "publisher.toml",
        lambda text: text.replace('transport = "outbox"', 'transport = "relay"') + RELAY,
    )
    colleague.types("run", "--once", "--no-web")
    (edition,) = colleague.asks("editions", "list")
    assert edition["complete"]
    assert {row["state"] for row in colleague.asks("deliveries", "1")} == {"failed"}
    assert "sample" in colleague.asks("deliveries", "1")[0]["reason"]


def test_adding_somebody_known_without_naming_feeds_changes_nothing(colleague):
    colleague.types("run", "--once", "--no-web")
    before = colleague.asks("subscribers", "show", "ada@example.org")
    colleague.types("subscribers", "add", "ada@example.org")
    after = colleague.asks("subscribers", "show", "ada@example.org")
    assert after["subscriptions"] == before["subscriptions"]


def test_a_broken_template_costs_the_look_and_never_the_mail(colleague):
    templates = colleague.folder / "templates" / "text"
    templates.mkdir(parents=True)
    (templates / "digest.txt").write_text("{{ nothing_of_the_kind }}", encoding="utf-8")
    told = colleague.types("run", "--once", "--no-web", expect=1).stderr
    assert "nothing_of_the_kind" in told
    (edition,) = colleague.asks("editions", "list")
    assert edition["counts"]["accepted"] == 3


def test_an_edition_with_errors_is_named_until_somebody_approves_it(colleague):
    templates = colleague.folder / "templates" / "email"
    templates.mkdir(parents=True)
    (templates / "newspaper.html").write_text(
        '{% extends "default/email/newspaper.html" %}'
        "{% block footer %}{{ super() }}<form></form>{% endblock %}",
        encoding="utf-8",
    )
    for _ in range(2):
        told = colleague.types("run", "--once", "--no-web", expect=1).stderr
        assert "editions approve 1" in told
        assert "<form>" in told
    colleague.types("editions", "approve", "1")
    colleague.types("run", "--once", "--no-web")
    (edition,) = colleague.asks("editions", "list")
    assert edition["counts"]["accepted"] == 3


def test_single_failures_are_named_and_end_with_1(colleague):
    (colleague.folder / "articles/harbour/bad.md").write_text(
        "---\ntitle: [never closed\n---\nText.\n", encoding="utf-8"
    )
    told = colleague.types("run", "--once", "--no-web", expect=1).stderr
    assert "bad.md" in told
    (edition,) = colleague.asks("editions", "list")
    assert edition["complete"]
