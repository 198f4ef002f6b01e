"""Hostile templates of a publication, in the real worker: bounded, and always a whole page."""

import os
import time

import pytest

from publisher.errors import RenderError
from publisher.kit.templating import Guard, Templates

SECONDS = 3.0


class Look:
    """A publication whose own `a.html` stands over a shipped one."""

    def __init__(self, root):
        self.root = root
        self.heard = []
        for name in ("own", "shipped"):
            (root / name).mkdir()
        (root / "shipped/a.html").write_text("shipped {{ x }}")
        self.time = 0.0
        self.guard = Guard(
            templates=Templates(root / "own", root / "shipped"),
            told=lambda what, error: self.heard.append((what, str(error))),
            seconds=SECONDS,
            clock=lambda: self.time,
        )

    def own(self, text, name="a.html"):
        path = self.root / "own" / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def page(self):
        return self.guard.html("a.html", {"x": "<page>"})


@pytest.fixture
def look(tmp_path):
    return Look(tmp_path)


def test_without_own_templates_nothing_leaves_the_process(look):
    assert look.guard.run("pid", process) == os.getpid()
    look.own("own {{ x }}")
    assert look.guard.run("pid", process) != os.getpid()
    assert look.page() == "own &lt;page&gt;"
    assert look.heard == []


def process(_templates):
    return os.getpid()


HOSTILE = {
    "loop": "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "large": '{{ "a" * 10**9 }}',
    "power": "{{ 10 ** (10 ** 9) }}",
    "macros": "{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(0) }}",
    "prints": "{% for a in range(99999) %}{{ x * 1000 }}{% endfor %}",
    "internals": "{{ x.__class__.__mro__ }}",
    "itself": '{% include "a.html" %}',
    "extends itself": '{% extends "a.html" %}',
    "nests": "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "not utf-8": b"caf\xe9",
    "syntax": "{% if %}",
    "absent": "{{ nothing }}",
    "too large": b"x" * (1024 * 1024 + 1),
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_template_ends_in_time_and_the_shipped_one_is_used(look, source):
    look.own(source)
    begun = time.monotonic()
    assert look.page() == "shipped &lt;page&gt;"
    assert time.monotonic() - begun < SECONDS + 30  # a loaded machine takes long to start a child
    ((what, reason),) = look.heard
    assert what == "a.html"
    assert "a.html" in reason
    assert "\n" not in reason


def outside(root):
    (root / "secret").write_text("secret")
    (root / "own/a.html").symlink_to(root / "secret")


def device(root):
    (root / "own/a.html").symlink_to("/dev/zero")


def circle(root):
    (root / "own/a.html").symlink_to(root / "own/a.html")


def pipe(root):
    os.mkfifo(root / "own/a.html")


def folder(root):
    (root / "own/a.html").mkdir()
    (root / "own/a.html/b").write_text("")


@pytest.mark.parametrize("place", [outside, device, circle, pipe, folder])
def test_what_is_no_plain_file_of_the_folder_is_not_read(look, place):
    place(look.root)
    assert look.page() == "shipped &lt;page&gt;"
    assert len(look.heard) == 1


def test_a_link_inside_the_folder_is_as_good_as_a_file(look):
    look.own("own", "b.html")
    (look.root / "own/a.html").symlink_to(look.root / "own/b.html")
    assert look.page() == "own"


def test_data_files_are_read_with_the_same_care(look):
    (look.root / "own/tokens.toml").symlink_to("/dev/zero")
    assert look.page() == "shipped &lt;page&gt;"
    assert "tokens.toml: cannot be read: leads out" in look.heard[0][1]


def test_what_was_killed_is_not_tried_again_until_it_changes_or_time_has_passed(look):
    look.own(HOSTILE["loop"])
    look.page()
    begun = time.monotonic()
    assert look.page() == "shipped &lt;page&gt;"
    assert time.monotonic() - begun < SECONDS
    assert len(look.heard) == 2
    look.time += 601
    assert look.page() == "shipped &lt;page&gt;"
    look.own("mended")
    assert look.page() == "mended"
    assert len(look.heard) == 3


def test_a_strict_guard_raises_with_template_and_line(look):
    look.own("one\n{{ leed }}")
    strict = Guard(templates=look.guard.templates, strict=True)
    with pytest.raises(RenderError, match=r"a\.html:2: there is no `leed`"):
        strict.html("a.html", {"lead": 1})


def test_when_the_shipped_set_fails_too_that_is_raised(look):
    look.own("{{ nothing }}")
    (look.root / "shipped/a.html").write_text("{{ neither }}")
    with pytest.raises(RenderError, match="there is no `neither`"):
        look.page()
