"""Subjects: what a line may hold, and that nothing in it takes long or grows."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import TemplateError
from publisher.kit.templating import Templates, check_line
from tests.formats.editions import STORIES

CONTEXT = {"lead": STORIES[0], "stories": STORIES, "number": 7, "publication": "The Gazette"}


@pytest.fixture(scope="module")
def templates(tmp_path_factory):
    return Templates(None, tmp_path_factory.mktemp("shipped"))


@pytest.mark.parametrize(
    ("source", "made"),
    [
        ("{{ publication }} {{ number }}", "The Gazette 7"),
        ("{{ lead.title | truncate(14) }}", "Night..."),
        ("{% if stories | length > 1 %}{{ stories[1].title }}{% endif %}", STORIES[1].title),
        ('{{ stories[:2] | map(attribute="id") | join(", ") }}', "1, 2"),
        ('{{ "No. " ~ (number + 1) if number is odd else "" }}', "No. 8"),
    ],
)
def test_values_conditions_and_filters(templates, source, made):
    assert check_line(source) == ""
    assert templates.line(source, "subject", CONTEXT) == made


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("{% for s in stories %}x{% endfor %}", "a loop is not allowed"),
        ('{% include "a" %}', "an include is not allowed"),
        ("{{ range(9) }}", "a call is not allowed"),
        ("{{ lead.title.upper() }}", "a call is not allowed"),
        ("{{ lead.title * 1000000000 }}", "`*` is not allowed"),
        ("{{ 10 ** 10 ** 9 }}", "`**` is not allowed"),
        ('{{ "%999999999d" % 1 }}', "`%` is not allowed"),
        ("{% set a = 1 %}", "`assign` is not allowed"),
        ("{% macro m() %}{% endmacro %}", "`macro` is not allowed"),
        ("{{ lead.title | center(1000000000) }}", "No filter named 'center'"),
        ('{{ "%999999999d" | format(1) }}', "No filter named 'format'"),
        ("{{ " + "(" * 400 + "1" + ")" * 400 + " }}", ""),
        ("x" * 1001, "is longer than 1,000 characters"),
    ],
)
def test_what_could_take_long_or_grow_is_refused_with_the_reason(templates, source, told):
    if told:
        assert told in check_line(source)
        with pytest.raises(TemplateError) as caught:
            templates.line(source, "subject", CONTEXT)
        assert caught.value.template == "subject"
    else:
        assert isinstance(check_line(source), str)


def test_what_grows_step_by_step_is_stopped(templates):
    grows = "{{ lead.title" + ' | join("xxxxxxxxxx")' * 20 + " }}"
    assert check_line(grows) == ""
    with pytest.raises(TemplateError, match="more than 10,000 characters"):
        templates.line(grows, "subject", CONTEXT)


PIECES = (
    *("lead", "stories", "number", "lead.title", "stories[0]", "1", "99999999", '"aaaaaaaaaa"'),
    *(" * ", " ** ", " + ", " ~ ", " - ", " | join(", " | replace('a', ", " | upper", " | map("),
    *(" if ", " else ", "(", ")", "[", "]", ".__class__", " is odd", " in ", "range(", "{{", "}}"),
    *("{% for a in stories %}", "{% endfor %}", "{% if number %}", "{% endif %}", "{% set a = "),
)


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_any_line_is_refused_or_made_in_no_time(templates, source):
    source = "{{ " + source + " }}"
    begun = time.thread_time()
    try:
        made = templates.line(source, "subject", CONTEXT)
    except TemplateError:
        made = ""
    assert time.thread_time() - begun < 1
    assert len(made) < 1_000_000
