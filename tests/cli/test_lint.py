"""`lint`: mails and documents judged anywhere, without a publication."""

import json
from pathlib import Path

import pytest

from tests.lint.documents import ATOM, JSON, OPML, RSS, SITEMAP
from tests.lint.mails import mail, page

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "lint"


@pytest.fixture
def letter(tmp_path: Path):
    def write(data: bytes, name: str = "digest.eml") -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


def test_a_good_mail_ends_with_0_and_says_so(anywhere, letter):
    result = anywhere("lint", letter(mail()))
    assert result.code == 0
    assert result.out == ""
    assert "0 errors, 0 warnings" in result.err
    assert "in 20 mail programs" in result.err


def test_errors_end_with_1_and_stand_in_a_table(anywhere, letter):
    path = letter(mail(html=page(more='<div style="display:flex">x</div>')))
    result = anywhere("lint", path)
    assert result.code == 1
    (line,) = [row for row in result.out.splitlines() if "client.unsupported" in row]
    assert "display:flex does not work in Outlook Windows: use table cells" in line
    assert "line 11: <div>" in line


def test_warnings_alone_do_not_fail(anywhere, letter):
    result = anywhere("lint", letter(mail(html=page(more="<h1>Again</h1>"))))
    assert result.code == 0
    assert "access.h1" in result.out


def test_json_has_everything(anywhere, letter):
    good, bad = letter(mail()), letter(mail({"Subject": ""}), "bad.eml")
    result = anywhere("--json", "lint", good, bad)
    assert result.code == 1
    first, second = result.json
    assert first["file"] == str(good)
    assert first["findings"] == []
    assert 0.94 < first["score"] <= 1
    assert len(first["clients"]) == 20
    assert first["size"].keys() == {"html", "text", "message"}
    assert first["size"]["message"] == good.stat().st_size
    assert "css-at-media" in first["refinements"]
    (finding,) = second["findings"]
    assert finding == {
        "rule": "header.subject",
        "severity": "error",
        "message": "the subject is empty",
        "where": "Subject",
        "times": 1,
        "clients": [],
    }


def test_a_mail_comes_from_standard_input(shell):
    result = shell("--json", "lint", "-", input=mail())
    assert result.code == 0
    assert json.loads(result.out)[0]["file"] == "<stdin>"


def test_what_is_no_document_gives_findings(anywhere, letter):
    for data in (b"", b"Hello", b"<html/>", b"\xff\x00", b"{"):
        result = anywhere("lint", letter(data, "page"))
        assert result.code == 1
        assert "document." in result.out
        assert len(result.err.splitlines()) == 1


def test_a_good_feed_ends_with_0_and_says_what_it_is(anywhere, letter):
    result = anywhere("lint", letter(ATOM.encode(), "feed.atom"))
    assert (result.code, result.out) == (0, "")
    assert result.err.strip().endswith("feed.atom: 0 errors, 0 warnings; Atom 1.0, 2 entries")


def test_a_feed_is_held_against_its_address(anywhere, letter):
    path = letter(RSS.encode(), "feed.rss")
    assert anywhere("lint", "--url", "https://example.org/f.rss", path).code == 0
    result = anywhere("lint", "--url", "https://example.org/other", path)
    assert result.code == 0
    assert "self.wrong" in result.out
    assert anywhere("lint", "--url", "https://example.org/f.rss", path, path).code == 2


def test_findings_of_documents_are_told_as_a_person_reads_them(
    anywhere, letter, tmp_path: Path, golden, monkeypatch
):
    bad = RSS.replace("<guid", "<guid mood='x'").replace("Wed, 25 Nov", "Mon, 25 Nov")
    bad = bad.replace("hourly", "sometimes").replace('rel="self"', 'rel="me"')
    paths = [
        letter(bad.encode(), "bad.rss"),
        letter(JSON.replace('"url": "https://example.org/2"', '"url": "/2"').encode(), "bad.json"),
        letter(OPML.replace('text="Land" ', "").encode(), "feeds.opml"),
        letter(SITEMAP.replace("daily", "often").encode(), "sitemap.xml"),
    ]
    monkeypatch.chdir(tmp_path)
    result = anywhere("lint", *(path.name for path in paths))
    assert result.code == 1
    golden(GOLDEN / "documents.txt", f"{result.out}\n{result.err}")


def test_json_has_line_and_source_of_what_is_wrong_with_a_document(anywhere, letter):
    path = letter(RSS.replace("hourly", "sometimes").encode(), "feed.rss")
    (row,) = anywhere("--json", "lint", path).json
    assert (row["kind"], row["entries"], row["size"]) == ("RSS 2.0", 2, path.stat().st_size)
    assert row["findings"] == [
        {
            "rule": "extension.value",
            "severity": "error",
            "message": '"sometimes" is not known: write hourly, daily, weekly, monthly or yearly',
            "line": 20,
            "where": "line 20, sy:updatePeriod",
            "times": 1,
            "source": "its own module",
        }
    ]


def test_a_file_that_is_not_there(anywhere, tmp_path: Path):
    assert anywhere("lint", tmp_path / "none.eml").code == 2
    assert anywhere("lint").code == 2
