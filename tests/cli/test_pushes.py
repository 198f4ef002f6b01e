"""`pushes` and `doctor`: who tells us of news, without a word of tokens and secrets."""

from dataclasses import replace

import pytest

from publisher import config
from publisher.app import App
from publisher.app.pushes import pushable, takes_pushes, unheard
from publisher.core import push_rules as rules
from publisher.model.articles import SourceState
from publisher.model.definitions import AdapterDefinition, SourceDefinition
from publisher.model.pushes import Offer

SOURCE = '[[sources]]\ntype = "feed"\nurl = "{url}"\n{more}\n'
HUB, TOPIC = "https://hub.example.org/", "https://port.example.org/news.xml"
KEY = f"feed:{TOPIC}"


@pytest.fixture
def pushed(publication):
    """A publication with a source that names a hub."""
    path = publication / "feeds/harbour.toml"
    path.write_text(f"{path.read_text()}\n{SOURCE.format(url=TOPIC, more='')}")
    settings = publication / "publisher.toml"
    text = settings.read_text().replace("https://gazette.example/", "https://gazette.org/")
    settings.write_text(text)
    app = App.open(publication)
    app.store.save_state(SourceState(key=KEY, hubs=(HUB,), topic=TOPIC))
    yield app
    app.close()


def begin(app, hub=HUB):
    now = app.clock.now()
    app.store.begin_listening(Offer(source=KEY, topic=TOPIC), hub, f"token {hub}", "s3cret", now)
    return app.store.listening_of(f"token {hub}")


def finding(cli):
    return next((row for row in cli("--json", "doctor").json if row["check"] == "pushes"), None)


def test_without_sources_that_name_hubs_nothing_is_said(cli, publication):
    listed = cli("pushes", "--json")
    assert (listed.code, listed.json) == (0, [])
    assert "0 sources told of by hubs" in listed.err
    assert finding(cli) is None


def test_who_tells_of_news_is_listed_without_secrets(cli, pushed):
    row, now = begin(pushed), pushed.clock.now()
    assert finding(cli)["state"] == "note"
    alive = pushed.store.put_listening(rules.verified(row, rules.LEASE, now), now)
    pushed.store.keep_push(alive, b"x", "text/xml", now, most=9)
    pushed.store.drop_push(alive.id)
    listed = cli("pushes", "--json")
    assert listed.code == 0
    (found,) = listed.json
    assert (found["source"], found["hub"], found["topic"]) == (KEY, HUB, TOPIC)
    assert (found["state"], found["pushes"], found["dropped"], found["waiting"]) == (
        "alive",
        1,
        1,
        1,
    )
    assert found["until"].endswith("Z")
    assert finding(cli)["state"] == "ok"
    head, line = cli("pushes").out.splitlines()
    assert head.split()[:3] == ["source", "hub", "state"]
    assert line.split()[-3:] == ["1", "1", "1"]
    for said in (listed, cli("pushes")):
        assert "token" not in said.out + said.err
        assert "s3cret" not in said.out + said.err


def test_a_source_whose_hubs_all_fail_is_a_problem(cli, pushed):
    now = pushed.clock.now()
    pushed.store.put_listening(rules.failed(begin(pushed), "answered 500", now), now)
    listed = cli("pushes")
    assert listed.code == 1
    assert "answered 500" in listed.out
    assert "1 of 1 source" not in finding(cli)["detail"]
    other = begin(pushed, "https://other.example.org/")
    pushed.store.put_listening(rules.verified(other, rules.LEASE, now), now)
    assert cli("pushes").code == 0


def test_doubt_is_said(cli, pushed):
    now = pushed.clock.now()
    row = rules.verified(begin(pushed), rules.LEASE, now - 2 * rules.LATE)
    pushed.store.put_listening(row, now)
    for later in (2, 1):
        pushed.store.polled({KEY: True}, now - later * rules.LATE, rules.LATE)
    assert [one["state"] for one in cli("pushes", "--json").json] == ["doubtful"]


def test_a_publication_that_no_hub_can_reach_says_so(cli, publication, pushed):
    settings = publication / "publisher.toml"
    settings.write_text(settings.read_text().replace("https://gazette.org/", "http://10.0.0.1/"))
    assert "10.0.0.1 is a private address" in cli("pushes").err
    assert "10.0.0.1 is a private address" in finding(cli)["detail"]


def test_private_addresses_may_be_let(publication):
    app = App.open(publication)
    assert unheard(app) == "nobody else finds gazette.example"
    let = replace(app.definitions.websub, allow_private_addresses=True)
    app.replace_definitions(replace(app.definitions, websub=let))
    assert unheard(app) == ""


def test_only_sources_that_may_are_pushed_to(publication, pushed):
    assert KEY in pushable(pushed)
    path = publication / "feeds/harbour.toml"
    path.write_text(path.read_text().replace(f'"{TOPIC}"\n', f'"{TOPIC}"\npush = false\n'))
    pushed.replace_definitions(config.load(publication))
    assert KEY not in pushable(pushed)
    quiet = AdapterDefinition(name="x", type="x", options={"push": False})
    assert not takes_pushes(SourceDefinition(key="x", adapter=quiet))


def test_web_servers_before_us_hand_on_whole_feeds(cli, publication):
    text = cli("export-config", "nginx").out
    place = text.split("location ^~ /websub/callback/ {")[1].split("}")[0]
    assert "client_max_body_size 10m;" in place
    assert "access_log off;" in place
