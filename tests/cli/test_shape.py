"""The command line as such: help, unknown commands, exit codes, streams, errors in one line."""

import json
import subprocess
import sys

import click
import pytest

from publisher.cli.lazy import LazyGroup
from publisher.cli.main import COMMANDS, publisher

LOADED = """
import json, sys
before = set(sys.modules)
sys.argv = ["publisher", *json.loads(sys.argv[1])]
from publisher.__main__ import main
try:
    code = main()
except SystemExit as end:
    code = end.code
names = {name.partition(".")[0] for name in set(sys.modules) - before} - sys.stdlib_module_names
print("LOADED", json.dumps([code, sorted(names)]))
"""


def every_command() -> list[list[str]]:
    """The words of every command and subcommand."""
    found: list[list[str]] = [[]]
    context = click.Context(publisher)
    for name in COMMANDS:
        command = publisher.get_command(context, name)
        found.append([name])
        if isinstance(command, click.Group):
            found += [[name, inner] for inner in command.commands]
    return found


@pytest.mark.parametrize("words", [[], *([name] for name in COMMANDS)], ids=str)
def test_help_loads_click_only(words: list[str], repository):
    done = subprocess.run(
        [sys.executable, "-c", LOADED, json.dumps([*words, "--help"])],
        capture_output=True,
        text=True,
        check=True,
        cwd=repository,
    )
    last = done.stdout.splitlines()[-1]
    code, names = json.loads(last.removeprefix("LOADED "))
    assert code == 0
    assert set(names) == {"click", "publisher"}


def test_the_list_of_commands_says_what_each_command_says():
    context = click.Context(publisher)
    for name, (_, text) in COMMANDS.items():
        command = publisher.get_command(context, name)
        assert command is not None
        assert (command.help or "").split("\n", 1)[0] == text


@pytest.mark.parametrize("words", every_command(), ids=" ".join)
def test_every_command_explains_itself_and_its_options(words: list[str], anywhere):
    result = anywhere(*words, "--help")
    assert result.code == 0
    assert result.out.startswith("Usage: publisher")
    assert result.err == ""


def test_every_option_and_argument_has_a_word():
    context = click.Context(publisher)

    def options(command: click.Command):
        yield from command.params
        if isinstance(command, click.Group) and not isinstance(command, LazyGroup):
            for inner in command.commands.values():
                yield from options(inner)

    for name in COMMANDS:
        command = publisher.get_command(context, name)
        assert command is not None
        bare = [item.name for item in options(command) if not item.help]
        assert not bare, f"{name}: {bare}"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["colect"], 'there is no command "colect"; did you mean "collect"?'),
        (["nonsense"], "there are init, check, run"),
        (["articles", "lst"], 'did you mean "list"?'),
        (["send"], "Missing argument 'SCHEDULE'"),
        (["collect", "--evrything"], "No such option"),
        (["articles", "list", "--state", "gone"], "is not one of"),
        (["run", "--bind", "here"], "is no place to listen"),
        (["schedules", "next", "morning", "--from", "soon"], "is no time"),
        (["collect", "harbor"], 'feed harbor: is not defined; did you mean "harbour"?'),
        (["send", "mornin"], 'schedule mornin: is not defined; did you mean "morning"?'),
        (["collect", "xyz"], "feed xyz: is not defined; each is a file in feeds/"),
        (["send", "xyz"], "schedule xyz: is not defined; each is a file in schedules/"),
        (["send", "gather"], "is a collect schedule; `schedules run` runs it"),
        (["articles", "list", "--feed", "harbor"], 'did you mean "harbour"?'),
        (["templates", "diff", "web/indx.html"], 'did you mean "web/index.html"?'),
        (["articles", "set", "1"], "say what to set"),
    ],
)
def test_usage_errors_end_with_2_and_say_what_was_meant(cli, words: list[str], expected: str):
    result = cli(*words)
    assert result.code == 2
    assert result.out == ""
    assert expected in result.err


def test_definitions_that_are_wrong_end_with_78(cli, publication):
    (publication / "feeds/harbour.toml").write_text('titel = "x"\nlimit = 0\n')
    (publication / "publisher.toml").write_text("broken")
    for command in (["check"], ["collect"], ["run", "--once"], ["articles", "list", "--json"]):
        result = cli(*command)
        assert result.code == 78
        assert result.out == ""
        lines = result.err.splitlines()
        assert lines[0].startswith("publisher.toml: broken TOML: ")
        assert lines[1] == 'feeds/harbour.toml: titel: unknown key; did you mean "title"?'
        assert lines[-1] == "3 mistakes in the definitions; nothing was done"


def test_check_answers_in_json_too_when_definitions_are_wrong(cli, publication):
    (publication / "feeds/harbour.toml").write_text('titel = "x"\n')
    result = cli("--json", "check")
    assert result.code == 78
    assert result.json["problems"] == [
        {
            "file": "feeds/harbour.toml",
            "key": "titel",
            "message": 'unknown key; did you mean "title"?',
        }
    ]


def test_no_publication_ends_with_78_and_says_what_to_do(anywhere, tmp_path):
    result = anywhere("-C", tmp_path, "articles", "list")
    assert result.code == 78
    assert "publisher init" in result.err
    assert len(result.err.splitlines()) == 1


def test_a_store_that_is_none_ends_with_69_in_one_line(cli, publication):
    (publication / "var").mkdir()
    (publication / "var/publisher.db").write_bytes(b"this is no database, whatever its name" * 99)
    result = cli("subscribers", "list")
    assert result.code == 69
    assert len(result.err.splitlines()) == 1
    assert "publisher.db" in result.err


def test_a_store_that_cannot_be_made_ends_with_69(cli, publication):
    (publication / "var").write_text("a file where a folder must be")
    result = cli("subscribers", "list")
    assert result.code == 69
    assert len(result.err.splitlines()) == 1


def test_an_accident_is_one_line_and_debug_shows_where(cli, publication):
    (publication / "articles/harbour/ferry.md").unlink()
    result = cli("articles", "show", "nothing")
    assert result.code == 1
    assert len(result.err.splitlines()) == 1
    assert "Traceback" not in result.err
    assert "Traceback" in cli("--debug", "articles", "show", "nothing").err


@pytest.mark.parametrize(
    "words",
    [
        ["--json", "subscribers", "list"],
        ["subscribers", "--json", "list"],
        ["subscribers", "list", "--json"],
    ],
)
def test_json_may_stand_before_or_after_the_command(cli, words: list[str]):
    result = cli(*words)
    assert result.code == 0
    assert result.json == []
    assert result.err == ""


def test_json_is_utf_8_whatever_the_terminal(shell, publication, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    added = shell(
        "-C", publication, "--json", "subscribers", "add", "z@example.org", "--name", "Zoë"
    )
    assert added.code == 0
    assert added.json["name"] == "Zoë"


def test_a_reader_who_has_seen_enough_is_no_error(publication, repository):
    command = (
        f"{sys.executable} -m publisher -C {publication} --help | head -1; echo ${{PIPESTATUS[0]}}"
    )
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, check=True, cwd=repository
    )
    assert done.stdout.splitlines()[-1] == "0"
    assert done.stderr == ""


def test_the_version_is_told(anywhere):
    from publisher import __version__

    assert __version__ in anywhere("--version").out
