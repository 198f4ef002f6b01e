"""`lint`: mails judged anywhere, without a publication."""

import json
from pathlib import Path

import pytest

from tests.lint.mails import mail, page


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


@pytest.mark.parametrize(
    ("name", "data"), [("feed.xml", b"<?xml version='1.0'?><rss/>"), ("feed.json", b'{"a": 1}')]
)
def test_other_documents_are_not_judged(anywhere, letter, name: str, data: bytes):
    result = anywhere("lint", letter(data, name))
    assert result.code == 2
    assert "is no mail; lint judges mails (.eml)" in result.err
    assert len(result.err.splitlines()) == 1


def test_a_file_that_is_not_there(anywhere, tmp_path: Path):
    assert anywhere("lint", tmp_path / "none.eml").code == 2
    assert anywhere("lint").code == 2
