"""`extract`, `key-points`, `read-also`: anywhere, without a publication."""

import json

import pytest

FERRY = (
    "The night ferry returned to the harbour on Monday. It carries bicycles and books across the"
    " strait. Passengers cheered the captain at the quay."
)
FARES = (
    "Fares on the night ferry stay the same until March. The harbour company runs the ferry across"
    " the strait. The captain said that bicycles travel free."
)
TRAMS = (
    "The city council voted to bury the tram wires. Work begins in September. Shopkeepers fear dust"
    " in Weir Street."
)
TEXTS = [
    {"id": 1, "title": "Ferry returns", "text": FERRY},
    {"id": "b", "title": "Ferry fares", "text": FARES},
    {"id": 3, "title": "Tram wires", "text": TRAMS},
]
KEYS = [
    *("title", "standfirst", "dek", "language", "body_paragraphs", "inline_read", "key_points"),
    *("citations", "excerpt", "excerpt_truncated", "read_also", "latest", "html"),
]


@pytest.fixture
def texts(tmp_path):
    path = tmp_path / "texts.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in TEXTS))
    return path


@pytest.mark.parametrize("number", range(1, 6))
def test_extract_gives_every_part_of_the_page_form(anywhere, shared_dir, number: int):
    folder = shared_dir / "samples/articles/pages"
    result = anywhere("extract", folder / f"page-{number}.txt")
    assert result.code == 0
    assert result.err == ""
    found = result.json
    assert list(found) == KEYS
    expected = json.loads((folder / f"page-{number}.expected.json").read_text())
    begins = expected.pop("body_first_words")
    assert len(found["body_paragraphs"]) == expected.pop("body_paragraphs") == len(begins)
    assert all(
        text.startswith(words)
        for text, words in zip(found["body_paragraphs"], begins, strict=True)
    )
    assert {key: found[key] for key in expected} == expected


def test_extract_reads_html_and_standard_input(shell, tmp_path):
    page = (
        "<html lang=en><title>T</title><h1>A headline</h1><p>One paragraph of the page.</p></html>"
    )
    found = shell("--json", "extract", "-", input=page.encode(), cwd=tmp_path)
    assert found.code == 0
    assert found.json["title"] == "A headline"
    assert found.json["language"] == "en"


def test_extract_what_is_not_there(anywhere, tmp_path):
    result = anywhere("extract", tmp_path / "nothing.txt")
    assert result.code == 1
    assert result.out == ""
    assert len(result.err.splitlines()) == 1


def test_extract_does_not_ask_private_addresses(anywhere):
    result = anywhere("extract", "http://127.0.0.1:1/")
    assert result.code == 1
    assert "private" in result.err


def test_key_points_one_object_a_line(anywhere, texts):
    result = anywhere("key-points", texts, "--points", "2")
    assert result.code == 0
    assert [row["id"] for row in result.lines] == [1, "b", 3]
    for row, source in zip(result.lines, TEXTS, strict=True):
        assert set(row) == {"id", "key_points"}
        assert 1 <= len(row["key_points"]) <= 2
        assert all(point in str(source["text"]) for point in row["key_points"])
    assert result.err == "3 texts\n"


def test_key_points_can_say_why(anywhere, texts):
    for row in anywhere("key-points", texts, "--points", "1", "--why").lines:
        chosen = [one["point"] for one in row["why"] if one["chosen"]]
        assert chosen == row["key_points"]
        assert all(set(one) == {"point", "chosen", "score", "reasons"} for one in row["why"])
        assert all(reason["words"] for one in row["why"] for reason in one["reasons"])


def test_read_also_one_object_a_line(anywhere, texts):
    result = anywhere("--json", "read-also", texts, "--k", "1")
    assert result.code == 0
    assert result.lines[0] == {"id": 1, "read_also": ["b"]}
    assert result.lines[1] == {"id": "b", "read_also": [1]}
    assert len(result.lines) == 3


@pytest.mark.parametrize("command", ["key-points", "read-also"])
def test_one_bad_line_does_not_stop_the_others(anywhere, tmp_path, command: str):
    path = tmp_path / "texts.jsonl"
    lines = [
        '{"id": 1, "text": "A text."}',
        "{broken",
        "[]",
        '{"text": "x"}',
        '{"id": 2, "text": 5}',
        "",
    ]
    path.write_text("\ufeff" + "\n".join([*lines, '{"id": 3, "title": null, "text": "Another."}']))
    result = anywhere(command, path)
    assert result.code == 1
    assert [row["id"] for row in result.lines] == [1, 3]
    assert [line.partition(":")[0] for line in result.err.splitlines()[:-1]] == [
        *("line 2", "line 3", "line 4", "line 5")
    ]
    assert "4 lines could not be read" in result.err


def test_a_file_without_lines(anywhere, tmp_path):
    (tmp_path / "empty.jsonl").touch()
    assert anywhere("key-points", tmp_path / "empty.jsonl").out == ""
    assert anywhere("read-also", tmp_path / "empty.jsonl").code == 0
