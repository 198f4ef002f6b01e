"""Templates: which file wins, what an operator is told, what a template may not do."""

from pathlib import Path

import pytest

from publisher.errors import TemplateError
from publisher.kit.templating import Templates


class Folders:
    """A shipped folder and a publication's own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "shipped").mkdir()
        (root / "own").mkdir()

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    @property
    def templates(self) -> Templates:
        return Templates(self.root / "own", self.root / "shipped")


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path)


def test_a_file_of_the_publication_wins_and_may_extend_the_shipped_one(folders: Folders):
    folders.write("shipped/web/a.html", "<b>{% block x %}shipped{% endblock %}</b>")
    assert folders.templates.html("web/a.html", {}) == "<b>shipped</b>"
    folders.write(
        "own/web/a.html", '{% extends "default/web/a.html" %}{% block x %}own{% endblock %}'
    )
    assert folders.templates.html("web/a.html", {}) == "<b>own</b>"


def test_a_shipped_template_uses_the_publications_version_of_what_it_includes(folders: Folders):
    folders.write("shipped/a.html", '{% include "b.html" %}')
    folders.write("shipped/b.html", "shipped")
    folders.write("own/b.html", "own")
    assert folders.templates.html("a.html", {}) == "own"


def test_values_are_escaped_in_html_and_left_alone_in_text(folders: Folders):
    for name in ("a.html", "a.txt", "a.css"):
        folders.write(f"shipped/{name}", "{{ x }}")
    hostile = {"x": '<b>"&'}
    assert folders.templates.html("a.html", hostile) == "&lt;b&gt;&#34;&amp;"
    assert folders.templates.html("a.txt", hostile) == "&lt;b&gt;&#34;&amp;"
    assert folders.templates.text("a.html", hostile) == '<b>"&'


def test_a_value_is_never_read_as_a_template(folders: Folders):
    folders.write("shipped/a.html", "{{ x }}")
    assert folders.templates.text("a.html", {"x": "{{ 7 * 7 }}"}) == "{{ 7 * 7 }}"


def test_a_missing_name_is_an_error_with_template_line_and_the_nearest_name(folders: Folders):
    folders.write("shipped/a.html", 'one\n{% include "email/b.html" %}')
    folders.write("own/email/b.html", "\n\n{{ leed }}")
    with pytest.raises(TemplateError) as caught:
        folders.templates.html("a.html", {"lead": 1})
    assert (caught.value.template, caught.value.line) == ("email/b.html", 3)
    assert str(caught.value) == "email/b.html:3: there is no `leed`; did you mean `lead`?"


def test_a_missing_attribute_names_the_attribute(folders: Folders):
    folders.write("shipped/a.html", "{{ x.titel }}")
    with pytest.raises(TemplateError, match=r"a\.html:1: .*titel"):
        folders.templates.html("a.html", {"x": folders})


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("x\n{% if %}", "a.html:2: "),
        ("{{ x | nosuch }}", "a.html:1: No filter named 'nosuch'"),
        ('{% include "no.html" %}', "no.html: not found"),
        ("\n{{ 1 / 0 }}", "a.html:2: division by zero"),
        ("{{ 1 + 'a' }}", "a.html:1: "),
        ("{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(0) }}", "recursion"),
        ("{{ 'x' | long_date('en') }}", "a.html:1: "),
        ("{{ 'No. {numer}' | fill(number=7) }}", "a.html:1: there is no {numer} in this phrase"),
    ],
)
def test_every_mistake_is_one_located_line(folders: Folders, source: str, told: str):
    folders.write("shipped/a.html", source)
    with pytest.raises(TemplateError) as caught:
        folders.templates.html("a.html", {"x": 1})
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_template_that_is_not_there_is_named(folders: Folders):
    with pytest.raises(TemplateError, match=r"^email/fancy\.html: there is no such template"):
        folders.templates.html("email/fancy.html", {})


@pytest.mark.parametrize("name", ["../secret.txt", "/etc/hostname", "default/../../secret.txt"])
def test_templates_stay_in_their_folders(folders: Folders, name: str):
    folders.write("secret.txt", "secret")
    with pytest.raises(TemplateError):
        folders.templates.html(name, {})


@pytest.mark.parametrize(
    "source",
    [
        "{{ x.__class__ }}",
        "{{ x.__class__.__mro__ }}",
        "{{ items.append(1) }}",
        "{{ ''.__class__.__base__.__subclasses__() }}",
        "{{ range(10000000) | list }}",
        "{{ ('' | attr('format')).__globals__ }}",
        "{{ '{0.__class__}'.format(x) }}",
    ],
)
def test_the_sandbox_keeps_templates_from_the_machine(folders: Folders, source: str):
    folders.write("shipped/a.html", source)
    items: list[int] = []
    with pytest.raises(TemplateError):
        folders.templates.html("a.html", {"x": 1, "items": items})
    assert items == []


def test_a_setting_is_a_template_of_one_line(folders: Folders):
    assert folders.templates.line("{{ a }} & b", "subject", {"a": "<x>"}) == "<x> & b"
    with pytest.raises(TemplateError, match="subject:1: there is no `lede`; did you mean `lead`"):
        folders.templates.line("{{ lede }}", "subject", {"lead": 1})
    with pytest.raises(TemplateError, match="subject:1: Expected an expression"):
        folders.templates.line("{% if %}", "subject", {})


def test_own_data_goes_over_the_shipped_key_by_key(folders: Folders):
    folders.write("shipped/tokens.toml", '[light]\nink = "black"\npaper = "white"')
    folders.write("own/tokens.toml", '[light]\nink = "blue"')
    folders.write("shipped/a.css", "{{ token.light.ink }} {{ token.light.paper }}")
    assert folders.templates.text("a.css", {}) == "blue white"


def test_a_changed_file_is_read_again(folders: Folders):
    folders.write("shipped/tokens.toml", "a = 1")
    templates = folders.templates
    assert templates.data("tokens.toml") == {"a": 1}
    folders.write("shipped/tokens.toml", "a = 1000")
    assert templates.data("tokens.toml") == {"a": 1000}


def test_a_broken_data_file_is_named(folders: Folders):
    folders.write("own/words/en.toml", "a = ")
    with pytest.raises(TemplateError, match=r"words/en\.toml: cannot be read"):
        folders.templates.words("en")


def test_words_fall_back_from_region_to_language_to_english(folders: Folders):
    folders.write("shipped/words/en.toml", 'a = "en"\nb = "en"\nc = "en"')
    folders.write("shipped/words/de.toml", 'a = "de"\nb = "de"')
    folders.write("own/words/de-at.toml", 'a = "de-at"')
    assert folders.templates.words("de-AT") == {"a": "de-at", "b": "de", "c": "en"}
    assert folders.templates.words("fr") == {"a": "en", "b": "en", "c": "en"}
    assert folders.templates.words("../../x") == {"a": "en", "b": "en", "c": "en"}


def test_languages_are_those_with_a_file(folders: Folders):
    folders.write("shipped/words/en.toml", "")
    folders.write("own/words/pt-br.toml", "")
    folders.write("own/words/notes.txt", "")
    assert folders.templates.languages() == ("en", "pt-br")


def test_phrases_are_filled_counted_and_listed(folders: Folders):
    source = """{{ "No. {number}" | fill(number=7) }}
{{ {"one": "{count} story", "other": "{count} stories"} | plural(1200, "de") }}
{{ ["a", "b"] | listed("de") }}"""
    folders.write("shipped/a.txt", source)
    assert folders.templates.text("a.txt", {}) == "No. 7\n1.200 stories\na und b"


def test_names_and_origins_tell_what_is_overridden(folders: Folders):
    folders.write("shipped/a.html", "")
    folders.write("own/a.html", "")
    folders.write("own/b.html", "")
    folders.write("own/.draft", "")
    templates = folders.templates
    assert templates.names() == ("a.html", "b.html")
    assert templates.origin("a.html") == (
        folders.root / "own/a.html",
        folders.root / "shipped/a.html",
    )
    assert templates.origin("b.html") == (folders.root / "own/b.html", None)


def test_in_a_checkout_nothing_is_overridden(folders: Folders):
    folders.write("shipped/a.html", "")
    shipped = folders.root / "shipped"
    templates = Templates(folders.root / "own" / ".." / "shipped", shipped)
    assert templates.names() == ("a.html",)
    assert templates.origin("a.html") == (None, shipped / "a.html")
