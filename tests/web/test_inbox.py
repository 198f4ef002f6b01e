"""Handing in articles over HTTP."""

import pytest

from publisher.app import App

INBOX = """
title = "Desk"
[[sources]]
type = "inbox"
name = "desk"
token = { env = "DESK_TOKEN" }
"""
STORY = {"id": "7", "title": "The quay is lit", "html": "<p>Lamps.</p><script>x</script>"}
ADDRESS = "/api/v1/articles"


@pytest.fixture
def desk(site, monkeypatch):
    monkeypatch.setenv("DESK_TOKEN", "open-sesame")
    (site.root / "feeds/desk.toml").write_text(INBOX)
    site.app.replace_definitions(App.open(site.root).definitions)

    def send(body, token="open-sesame", **headers):
        said = {"authorization": f"Bearer {token}"} if token else {}
        return site.client.post(ADDRESS, json=body, headers={**said, **headers})

    site.send = send
    return site


def titles(desk):
    return [one.title for one in desk.app.store.articles(feed="desk", now=desk.clock.now())]


def test_what_is_handed_in_is_stored_and_cleaned(desk):
    answer = desk.send(STORY)
    assert (answer.status_code, answer.json()["new"]) == (202, 1)
    assert answer.headers["cache-control"] == "no-store"
    (article,) = desk.app.store.articles(feed="desk", now=desk.clock.now())
    assert (article.title, article.text, article.own_page) == ("The quay is lit", "Lamps.", True)
    assert "script" not in article.html


def test_the_same_id_is_the_same_article(desk):
    desk.send([STORY, {"id": "8", "title": "Two"}])
    again = desk.send([STORY, {"id": "8", "title": "Two, edited"}]).json()
    assert (again["same"], again["changed"], again["new"]) == (1, 1, 0)
    assert sorted(titles(desk)) == ["The quay is lit", "Two, edited"]


@pytest.mark.parametrize("token", ["", "wrong", "open-sesam", "öpen"])
def test_without_the_token_nothing_is_stored(desk, token):
    headers = {"authorization": f"Bearer {token}".encode()} if token else {}
    answer = desk.client.post(ADDRESS, json=STORY, headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert titles(desk) == []


def test_an_inbox_without_a_token_is_shut(desk):
    (desk.root / "feeds/desk.toml").write_text(INBOX.replace('token = { env = "DESK_TOKEN" }', ""))
    desk.app.replace_definitions(App.open(desk.root).definitions)
    assert desk.send(STORY).status_code == 401
    assert (
        desk.client.post(ADDRESS, json=STORY, headers={"authorization": "Bearer "}).status_code
        == 401
    )


def test_everything_wrong_is_named_and_nothing_is_stored(desk):
    answer = desk.send([STORY, {"title": "x"}, {"id": "2"}])
    assert answer.status_code == 422
    assert [line.partition(":")[0] for line in answer.json()["errors"]] == [
        "article 2",
        "article 3",
    ]
    assert titles(desk) == []
    broken = desk.client.post(
        ADDRESS, content=b"{", headers={"authorization": "Bearer open-sesame"}
    )
    assert broken.status_code == 422


def test_too_much_at_once_is_refused(desk):
    assert desk.send({**STORY, "html": "x" * 1_100_000}).status_code == 413


def test_guessing_is_slowed_down_and_does_not_hold_up_the_program(desk):
    codes = [desk.send(STORY, token=f"guess{n}").status_code for n in range(25)]
    assert codes[0] == 401
    assert codes[-1] == 429
    assert desk.send(STORY).status_code == 202


def test_other_methods_and_a_store_in_trouble_are_told(desk):
    assert desk.client.get(ADDRESS).status_code == 405
    desk.app.store.close()
    answer = desk.send(STORY)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")


def test_what_was_answered_is_there_after_the_end(desk):
    """A second process opens the store: nothing was waiting in the first."""
    assert desk.send(STORY).status_code == 202
    other = App.open(desk.root, clock=desk.clock)
    try:
        assert [one.title for one in other.store.articles(feed="desk", now=desk.clock.now())] == [
            "The quay is lit"
        ]
    finally:
        other.close()
