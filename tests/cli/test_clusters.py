"""`articles split` and `join`: what operators say of stories that are told twice."""

import json

import pytest

COPY = """---
title: A new bell for the ferry
date: 2026-03-02T09:00:00+01:00
---
The old bell cracked in the frost of last winter. The new one was cast from the same bronze.

It rings a tone lower than before, and the pilots say that it carries further over the water. (agency)
"""


@pytest.fixture
def twins(cli, publication):
    """A publication whose two feeds bring one story, and another one."""
    (publication / "articles/culture/bell.md").write_text(COPY)
    assert cli("collect").code == 0
    return cli


def clusters(cli):
    return {row["title"]: row["cluster"] for row in cli("articles", "list", "--json").json}


def test_copies_stand_together_until_they_are_split(twins, publication):
    found = clusters(twins)
    first, second = found["The ferry has a new bell"], found["A new bell for the ferry"]
    assert first == second is not None
    assert found["The choir sings on the quay"] is None
    (mate,) = twins("articles", "show", "the-ferry-has-a-new-bell", "--json").json["also_at"]
    assert (mate["title"], mate["source"]) == (
        "A new bell for the ferry",
        "folder:articles/culture",
    )
    assert "A new bell for the ferry" in twins("articles", "show", "the-ferry-has-a-new-bell").out
    result = twins("articles", "split", "a-new-bell-for-the-ferry", "--json")
    assert result.code == 0
    assert [row["cluster"] for row in result.json] == [None]
    assert "stands alone: A new bell for the ferry" in result.err
    assert set(clusters(twins).values()) == {None}
    path = publication / "articles/culture/bell.md"
    path.write_text(COPY.replace("(agency)", "It was hung on Monday."))
    assert twins("collect").code == 0
    assert set(clusters(twins).values()) == {None}
    again = twins("articles", "split", "a-new-bell-for-the-ferry")
    assert (again.code, "stands alone already" in again.err) == (0, True)


def test_what_is_joined_stays_together(twins, publication):
    result = twins(
        "articles", "join", "the-choir-sings-on-the-quay", "a-new-bell-for-the-ferry", "--json"
    )
    assert result.code == 0
    assert len(result.json) == 3
    assert len({row["cluster"] for row in result.json}) == 1
    path = publication / "articles/culture/choir.md"
    path.write_text(path.read_text().replace("Forty people", "Fifty people"))
    assert twins("collect", "--all").code == 0
    assert len(set(clusters(twins).values())) == 1


@pytest.mark.parametrize(("words", "code", "told"), [
    (["join", "the-choir-sings-on-the-quay"], 2, "two different articles"),
    (["join", "the-choir-sings-on-the-quay", "1", "nothing"], 1, "nothing"),
    (["join"], 2, "Missing argument"),
    (["split", "nothing"], 1, "nothing"),
])  # fmt: skip
def test_names_that_name_nothing(twins, words, code, told):
    result = twins("articles", *words)
    assert result.code == code
    assert told in result.err


def test_a_publication_may_want_no_clusters(cli, publication):
    path = publication / "publisher.toml"
    path.write_text(f"{path.read_text()}\n[clusters]\nenabled = false\n")
    (publication / "articles/culture/bell.md").write_text(COPY)
    assert cli("collect").code == 0
    assert set(clusters(cli).values()) == {None}


def documents(publication, slug):
    return json.loads((publication / f"public/feeds/{slug}.json").read_text())["items"]


def test_a_story_is_one_entry_and_names_its_other_sources(cli, publication):
    """Of two feeds that are shown together each story once; who joins late changes nobody's place."""
    both = publication / "feeds/both.toml"
    both.write_text("""title = "Both"
[[sources]]
type = "folder"
path = "articles/harbour"
[[sources]]
type = "folder"
path = "articles/culture"
""")
    assert cli("collect").code == 0
    assert cli("publish").code == 0
    before = documents(publication, "both")
    (publication / "articles/culture/bell.md").write_text(COPY)
    assert cli("collect", "--all").code == 0
    assert cli("publish").code == 0
    after = documents(publication, "both")
    assert [one["id"] for one in after] == [one["id"] for one in before]
    (bell,) = (one for one in documents(publication, "culture") if "bell" in one["title"])
    assert bell["title"] == "A new bell for the ferry"
    assert "_also_at" not in bell  # both are ours: one site
    assert cli("publish", "--json").json == []
    assert cli("articles", "split", "a-new-bell-for-the-ferry").code == 0
    assert cli("publish").code == 0
    assert len(documents(publication, "both")) == len(before) + 1


def test_where_else_a_story_stands_is_said_in_feeds_and_digests(cli, publication):
    text = COPY.rpartition("---\n")[2]
    for name in ("quay", "port"):
        (publication / f"feeds/{name}.toml").write_text(
            f'title = "{name.title()}"\n[[sources]]\ntype = "inbox"\nname = "{name}"\n'
        )
        story = {
            "id": name,
            "url": f"https://{name}.example/bell",
            "title": "A bell",
            "text": text,
        }
        (publication / "story.json").write_text(
            json.dumps({**story, "date": "2026-03-02T09:00:00Z"})
        )
        assert cli("articles", "add", str(publication / "story.json"), "--inbox", name).code == 0
    assert cli("publish").code == 0
    for name, other in (("quay", "port"), ("port", "quay")):
        (item,) = documents(publication, name)
        assert item["url"] == f"https://{name}.example/bell"
        assert item["_also_at"]["items"] == [
            {"url": f"https://{other}.example/bell", "title": f"{other}.example"}
        ]
        assert f'Also at</strong> <a href="https://{other}.example/bell">' in item["content_html"]
        page = (publication / f"public/feeds/{name}/index.html").read_text()
        assert f"<bdi>{other}.example</bdi>" in page
    result = cli("preview", "morning", "--out", str(publication / "seen"), "--json")
    assert result.code in {0, 1}
    digest = (publication / "seen/digest.html").read_text()
    assert "A bell" in digest
    assert (">quay.example</a>" in digest) != (">port.example</a>" in digest)
