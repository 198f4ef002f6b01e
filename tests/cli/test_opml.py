"""`opml`: a reader's list becomes sources, and our feeds a list for readers."""

import json

from publisher.kit.opml import read_opml

LIST = """<opml version="2.0"><head/><body>
<outline text="Harbour"><outline text="Port" xmlUrl="https://port.example/feed"/></outline>
<outline text="All"><outline text="Two &quot;words&quot;" xmlUrl="https://two.example/feed?a=1&amp;b=2"/></outline>
<outline text="Again" xmlUrl="http://port.example/feed/"/>
<outline text="A file" xmlUrl="file:///etc/passwd"/>
</body></opml>"""


def states(result):
    return {row["url"]: (row["feed"], row["state"]) for row in json.loads(result.out)}


def test_groups_become_feeds_and_what_is_known_is_passed_over(cli, publication):
    (publication / "list.opml").write_text(LIST)
    result = cli("opml", "import", str(publication / "list.opml"), "--json")
    assert result.code == 1
    assert "file:///etc/passwd" in result.err
    assert states(result) == {
        "https://port.example/feed": ("harbour", "added"),
        "https://two.example/feed?a=1&b=2": ("all-list", "added"),
        "http://port.example/feed/": ("imported", "known"),
        "file:///etc/passwd": ("imported", "refused"),
    }
    assert cli("check").code == 0
    harbour = (publication / "feeds/harbour.toml").read_text()
    assert 'path = "articles/harbour"' in harbour, "what stood there stays"
    assert 'url = "https://port.example/feed"  # Port' in harbour
    assert not (publication / "feeds/imported.toml").exists()
    again = cli("opml", "import", str(publication / "list.opml"), "--json")
    assert {state for _, state in states(again).values()} == {"known", "refused"}


def test_all_may_go_to_one_feed_and_a_dry_run_writes_nothing(cli, publication):
    (publication / "list.opml").write_text(LIST)
    before = {path.name for path in (publication / "feeds").iterdir()}
    dry = cli("opml", "import", str(publication / "list.opml"), "--feed", "culture", "--dry-run")
    assert "2 sources would be added to feeds/culture.toml" in dry.err
    assert {path.name for path in (publication / "feeds").iterdir()} == before
    assert "port.example" not in (publication / "feeds/culture.toml").read_text()


def test_a_file_that_cannot_be_added_to_is_named_and_nothing_is_written(cli, publication):
    (publication / "list.opml").write_text(LIST)
    inline = 'title = "Harbour"\nsources = [{ type = "folder", path = "articles/harbour" }]\n'
    (publication / "feeds/harbour.toml").write_text(inline)
    result = cli("opml", "import", str(publication / "list.opml"))
    assert result.code == 2
    assert "harbour.toml" in result.err
    assert (publication / "feeds/harbour.toml").read_text() == inline
    assert not (publication / "feeds/all-list.toml").exists()


def test_what_is_no_list_is_one_line(cli, publication):
    (publication / "list.opml").write_text("hello")
    result = cli("opml", "import", str(publication / "list.opml"))
    assert result.code != 0
    assert "list.opml: is not OPML" in result.err


def test_feeds_go_out_as_a_list_that_can_be_read_again(cli, publication):
    result = cli("opml", "export", str(publication / "ours.opml"))
    assert result.code == 0
    assert [one.url for one in read_opml((publication / "ours.opml").read_bytes())] == [
        "https://gazette.example/feeds/culture.rss",
        "https://gazette.example/feeds/harbour.rss",
    ]


FRESHRSS = """<opml version="2.0"><body>
<outline xmlns:frss="https://freshrss.org/opml" text="One" type="rss" xmlUrl="https://one.example/feed"
  frss:priority="main" frss:CURLOPT_COOKIE="session=abc"/>
<outline text="Page" type="HTML+XPath" xmlUrl="https://page.example/"/>
</body></opml>"""


def test_what_another_reader_knew_is_kept_but_no_secret(cli, publication):
    (publication / "list.opml").write_text(FRESHRSS)
    result = cli("opml", "import", str(publication / "list.opml"), "--json")
    assert result.code == 1, "a page is no feed"
    assert states(result) == {
        "https://one.example/feed": ("imported", "added"),
        "https://page.example/": ("imported", "refused"),
    }
    assert "HTML+XPath" in result.err
    written = (publication / "feeds/imported.toml").read_text()
    assert "# frss:priority: main\n" in written
    assert "# frss:CURLOPT_COOKIE: (left out" in written
    assert "session=abc" not in written + result.out
    assert cli("check").code == 0
