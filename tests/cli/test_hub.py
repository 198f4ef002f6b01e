"""`hub` and what else the command line says of WebSub."""

SETTINGS = """
[websub]
hub = true
hubs = ["http://127.0.0.1:1/"]
"""
URL = "https://gazette.example/feeds"


def states(cli):
    return {row["check"]: row["state"] for row in cli("--json", "doctor").json}


def test_topics_are_listed_and_a_hub_that_cannot_be_told_is_named(cli, publication):
    assert states(cli)["websub"] == "note"
    settings = publication / "publisher.toml"
    settings.write_text(settings.read_text() + SETTINGS)
    cli("collect")
    published = cli("publish")
    assert published.code == 0, "publishing is not held up"
    assert published.err.count("hub 127.0.0.1: could not be told of a change") == 1
    assert "[websub] allow_private_addresses" in published.err
    listed = cli("hub", "--json")
    assert listed.code == 1
    assert "http://127.0.0.1:1/ has not heard of 8 changes" in listed.err
    assert [row["topic"] for row in listed.json] == sorted(
        f"{URL}/{slug}{ending}"
        for slug in ("culture", "harbour")
        for ending in ("/", ".atom", ".json", ".rss")
    )
    assert {row["subscribers"] for row in listed.json} == {0}
    assert cli("hub").out.splitlines()[0].split() == [
        "topic",
        "subscribers",
        "waiting",
        "failing",
        "until",
    ]
    found = states(cli)
    assert (found["websub"], found["hub http://127.0.0.1:1/"]) == ("ok", "problem")


def test_web_servers_before_us_name_the_hubs_too(cli, publication):
    settings = publication / "publisher.toml"
    settings.write_text(settings.read_text() + SETTINGS)
    for kind in ("nginx", "caddy"):
        text = cli("export-config", kind).out
        assert '<https://gazette.example/websub>; rel=\\"hub\\"' in text
        assert '<http://127.0.0.1:1/>; rel=\\"hub\\"' in text


def test_without_websub_there_is_nothing_to_list(cli, publication):
    cli("collect")
    cli("publish")
    listed = cli("hub", "--json")
    assert (listed.code, listed.json) == (0, [])
    assert "our hub is off" in listed.err
