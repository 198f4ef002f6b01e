"""Stories that are written while the publication runs are taken in within seconds."""

import pytest

from publisher.app import App
from publisher.app.watching import FolderWatch
from publisher.errors import FetchError

FEED = 'title = "Own"\n[[sources]]\ntype = "folder"\npath = "own"\n'


class Ticks:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def desk(tmp_path):
    (tmp_path / "publisher.toml").write_text(
        '[publication]\ntitle = "Gazette"\nurl = "https://g.example/"\n'
    )
    (tmp_path / "feeds").mkdir()
    (tmp_path / "feeds/own.toml").write_text(FEED)
    (tmp_path / "own").mkdir()
    app = App.open(tmp_path)
    app.collect()
    yield app
    app.close()


@pytest.fixture
def watch(desk):
    ticks = Ticks()
    made = FolderWatch(desk, ticks)

    def look():
        ticks.now += 1_000
        return made.look()

    look()
    assert [report.same for report in look()] == [0]
    return look


def test_what_was_written_while_nobody_watched_is_taken_in_after_the_start(desk):
    write(desk, "a.md")
    ticks = Ticks()
    made = FolderWatch(desk, ticks)
    made.look()
    ticks.now += 1_000
    assert [report.new for report in made.look()] == [1]


def write(desk, name, text="Words."):
    (desk.definitions.root / "own" / name).write_text(f"---\ntitle: {name}\n---\n{text}\n")


def titles(desk):
    return sorted(one.title for one in desk.store.articles(feed="own", now=desk.clock.now()))


def test_a_new_story_is_taken_in_once_it_stands_still(desk, watch):
    write(desk, "a.md")
    assert watch() == ()
    (report,) = watch()
    assert (report.source, report.new) == ("folder:own", 1)
    assert titles(desk) == ["a.md"]
    assert watch() == ()
    assert desk.store.unenriched() == []
    state = desk.store.source_states(["folder:own"])["folder:own"]
    assert "a.md" in state.cursor  # the time of first sight is remembered


def test_a_story_that_is_still_being_written_waits(desk, watch):
    for words in ("One.", "One. Two.", "One. Two. Three."):
        write(desk, "a.md", words)
        assert watch() == ()
    (report,) = watch()
    assert report.new == 1


def test_edits_drafts_and_deleted_files_are_noticed(desk, watch):
    write(desk, "a.md")
    watch(), watch()
    write(desk, "a.md", "Other words, and many more of them.")
    watch()
    (report,) = watch()
    assert report.changed == 1
    (desk.definitions.root / "own/a.md").write_text("---\ntitle: a.md\ndraft: true\n---\nWords.\n")
    watch(), watch()
    assert titles(desk) == []
    (desk.definitions.root / "own/a.md").unlink()
    watch()
    assert all(not report.error for report in watch())


def test_what_was_there_before_is_left_to_the_schedule(desk, watch):
    (desk.definitions.root / "feeds/more.toml").write_text(FEED.replace("own", "more"))
    (desk.definitions.root / "more").mkdir()
    (desk.definitions.root / "more/b.md").write_text("---\ntitle: b\n---\nWords.\n")
    desk.replace_definitions(App.open(desk.definitions.root).definitions)
    assert watch() == watch() == ()


def test_a_folder_that_is_gone_stops_nothing(desk, watch):
    write(desk, "a.md")
    watch(), watch()
    (desk.definitions.root / "own").rename(desk.definitions.root / "elsewhere")
    watch()
    assert watch() == ()
    with pytest.raises(FetchError):
        desk.source(desk.definitions.feeds["own"].sources[0]).collect(
            desk.store.source_states(["folder:own"])["folder:own"], desk.clock.now()
        )


def test_folders_are_not_looked_at_all_the_time(desk):
    ticks = Ticks()
    made = FolderWatch(desk, ticks)
    write(desk, "a.md")
    for _ in range(5):
        made.look()
    assert titles(desk) == []
    ticks.now += 4
    made.look()
    assert titles(desk) == ["a.md"]
