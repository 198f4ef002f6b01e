"""`init`: a publication that is ready to run."""

from publisher.kit.tokens import SignedTokens


def test_it_writes_a_publication_with_keys_of_its_own(anywhere, tmp_path):
    first, second = tmp_path / "one", tmp_path / "two"
    result = anywhere("init", first)
    assert result.code == 0
    assert result.out == ""
    assert f"publisher -C {first} run" in result.err
    assert anywhere("init", second).code == 0
    keys = [(folder / "secrets/tokens.key").read_text() for folder in (first, second)]
    assert keys[0] != keys[1]
    assert (first / "secrets/tokens.key").stat().st_mode & 0o077 == 0
    assert SignedTokens.load(first / "secrets/tokens.key")


def test_the_folder_counts_from_c(anywhere, tmp_path):
    assert anywhere("-C", tmp_path, "init", "gazette").code == 0
    assert (tmp_path / "gazette/publisher.toml").is_file()


def test_a_second_time_is_refused(anywhere, tmp_path):
    anywhere("init", tmp_path / "one")
    before = {path: path.read_bytes() for path in (tmp_path / "one").rglob("*") if path.is_file()}
    result = anywhere("init", tmp_path / "one")
    assert result.code == 2
    assert "there is a publication here already" in result.err
    assert before == {
        path: path.read_bytes() for path in (tmp_path / "one").rglob("*") if path.is_file()
    }


def test_it_says_in_json_what_it_wrote(anywhere, tmp_path):
    written = anywhere("--json", "init", tmp_path / "one").json
    assert "publisher.toml" in written["files"]
    assert all((tmp_path / "one" / name).is_file() for name in written["files"])
