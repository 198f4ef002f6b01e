"""The digest: golden copies, personal selections, and what no story can do to it."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest
from lxml import html as markup

from publisher.errors import TemplateError
from publisher.formats import digest
from publisher.kit.templating import Templates
from publisher.model.messages import Body, Literal, Part, Slot
from publisher.model.views import RECIPIENT_VALUES, SELECTION_VALUES
from tests.formats.editions import MOMENT, STORIES, bodies, edition, render, story, templates
from tests.kit.test_flowing import unflowed

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "digest"
VARIANTS = ("newspaper", "plain", "compact", "alert")


def titles_in(html: str) -> list[str]:
    headings = markup.fromstring(html).xpath(
        '//h2[@class="lead-title"]|//h3[contains(@class, "headline")]'
    )
    return [heading.text_content().strip() for heading in headings]


def walk(body: Body) -> Iterator[Part]:
    yield from body.frame
    for pieces in body.blocks.values():
        yield from pieces


def lines(html: str) -> str:
    """One tag a line, so that a person can read what changed."""
    return html.replace("><", ">\n<")


@pytest.mark.parametrize("variant", [name for name in VARIANTS if name != "alert"])
def test_golden_copies(variant: str, golden):
    view = edition(template=variant, note="We moved.", contact="editor@gazette.example")
    html, text = bodies(view, (1, 2, 3, 4), (5,))
    golden(GOLDEN / f"{variant}.html", lines(html))
    if variant == "newspaper":
        golden(GOLDEN / "digest.txt", text)


def test_golden_alert_of_one_story(golden):
    html, text = bodies(edition(template="alert"), [1])
    golden(GOLDEN / "one-story-alert.html", lines(html))
    golden(GOLDEN / "one-story-alert.txt", text)


def test_golden_copy_in_german_of_one_story(golden):
    html, text = bodies(edition(language="de", postal_address=""), [5])
    golden(GOLDEN / "one-story-de.html", lines(html))
    golden(GOLDEN / "one-story-de.txt", text)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("chosen", [*permutations((1, 2, 3), 2), (5,), (3, 4, 5), (1, 2, 3, 4, 5)])
def test_text_and_html_name_the_same_stories_in_the_same_order(variant: str, chosen):
    html, text = bodies(edition(template=variant), chosen)
    shown = titles_in(html)
    by_id = {s.id: s.title for s in STORIES}
    assert shown[0] == by_id[chosen[0]]
    assert sorted(shown) == sorted(by_id[number] for number in chosen)
    paragraphs = unflowed(text)
    places = [paragraphs.index(title) for title in shown]
    assert places == sorted(places)
    for other in set(by_id) - set(chosen):
        assert by_id[other] not in paragraphs
        assert by_id[other] not in html


def test_a_section_goes_when_all_its_stories_do():
    html, text = bodies(edition(), [1, 2])
    assert "Culture" not in html
    assert "CULTURE" not in text
    html, text = bodies(edition(), [3, 5])
    assert "HARBOUR\n" not in text
    assert text.count("CULTURE\n") == 1


def test_whoever_comes_first_looks_like_a_lead():
    html, _ = bodies(edition(), [3, 1])
    tree = markup.fromstring(html)
    assert [img.get("src") for img in tree.xpath("//img")] == [STORIES[2].image]
    assert "The hall opens on 12 December" in tree.xpath("//ul")[0].text_content()
    assert len(tree.xpath('//td[@class="lead"]')) == 1


def test_every_field_is_a_slot_and_no_other():
    message = render(edition())
    for body in (message.html, message.text):
        names = {part.name for part in walk(body) if isinstance(part, Slot)}
        assert names <= {*SELECTION_VALUES, *RECIPIENT_VALUES}
        assert {"why", "view_url", "unsubscribe_url", "preferences_url", "feed_url"} <= names


ROWS = """<!DOCTYPE html><html><head><style>.a { color: red; }</style></head><body>
<a href="{{ field.unsubscribe_url }}">x</a><table>{{ place("lead") }}
{% for s in stories %}{% for size in ("lead", "story", "brief", "line") %}
{{ block(size ~ ":" ~ s.id) }}<tr><td class="a">{{ s.title }}</td></tr>{{ end() }}{% endfor %}{% endfor %}
{% for s in sections %}{{ block("section:" ~ s.slug) }}{{ end() }}{% endfor %}
{{ block("more") }}{{ end() }}{{ end() }}{{ place("stories") }}{{ end() }}{{ place("more") }}{{ end() }}
</table>{{ sentinel }}</body></html>"""


def own(folder: Path, name: str, text: str) -> digest.Digest:
    (folder / "email").mkdir()
    (folder / "email" / name).write_text(text)
    return digest.create(None, Templates(folder, templates()._shipped))


def test_blocks_survive_inlining_between_table_rows(tmp_path: Path):
    body = own(tmp_path, "rows.html", ROWS).render(edition(template="rows")).html
    for one in STORIES:
        (row,) = body.blocks[f"story:{one.id}"]
        assert isinstance(row, Literal)
        assert row.text == f'<tr><td class="a" style="color:red">{one.title}</td></tr>'


@pytest.mark.parametrize(
    ("taken", "missing"),
    [
        ('<a href="{{ field.unsubscribe_url }}">x</a>', "no field unsubscribe_url"),
        ('{{ place("more") }}{{ end() }}', "no place more"),
        (', "line"', "no block line:1"),
        ('{{ block("more") }}{{ end() }}', "no block more"),
    ],
)
def test_a_template_that_loses_something_is_refused(tmp_path: Path, taken: str, missing: str):
    assert taken in ROWS
    with pytest.raises(TemplateError, match=missing):
        own(tmp_path, "rows.html", ROWS.replace(taken, "")).render(edition(template="rows"))


def test_every_story_stands_in_every_size_in_both_parts():
    message = render(edition())
    wanted = {f"{size}:{story.id}" for story in STORIES for size in digest.SIZES}
    assert wanted <= message.html.blocks.keys()
    assert message.html.blocks.keys() == message.text.blocks.keys()


@pytest.mark.parametrize("variant", VARIANTS)
def test_nothing_is_left_to_scripts_or_style_sheets(variant: str):
    html, _ = bodies(edition(template=variant))
    tree = markup.fromstring(html)
    assert not tree.xpath("//script|//link|//iframe|//form|//*[@onload or @onclick]")
    (style,) = tree.xpath("//style")
    rules = re.sub(r"/\*.*?\*/", "", style.text)
    for declaration in re.findall(r"\{([^{}]*)\}", rules):
        for line in filter(None, (part.strip() for part in declaration.split(";"))):
            assert line.endswith("!important"), line
    assert "@import" not in rules
    for cell in tree.xpath("//td[@class]|//h1|//h2|//h3|//p|//li|//a"):
        assert cell.get("style"), markup.tostring(cell)[:200]


def test_structure_for_everybody():
    html, _ = bodies(edition())
    tree = markup.fromstring(html)
    assert html.startswith("<!DOCTYPE html>\n<html")
    assert (tree.get("lang"), tree.get("dir")) == ("en", "ltr")
    assert len(tree.xpath("//h1")) == 1
    assert all(t.get("role") == "presentation" for t in tree.xpath("//table"))
    assert all(img.get("alt") is not None and img.get("width") for img in tree.xpath("//img"))
    assert tree.xpath('//td[@lang="de"]')[0].text_content().strip().startswith("Vierhundert")
    sizes = [int(size) for size in re.findall(r"font-size:(\d+)px", html)]
    assert min(size for size in sizes if size > 1) >= 13
    assert tree.xpath('//div[@aria-hidden="true"]')[0].text.startswith("The first sailing left")
    assert html.index("unsubscribe/LEAVE") < html.index("The Harbour Gazette</h1>")


@pytest.mark.parametrize(
    ("natural", "attributes"),
    [
        ((600, 400), {"width": "600", "height": "400"}),
        ((1000, 400), {"width": "600", "height": "240"}),
        ((300, 100), {"width": "300", "height": "100"}),
        ((600, 0), {"width": "600"}),
        ((0, 0), {"width": "600"}),
    ],
)
def test_a_picture_has_its_size_and_its_words_and_is_never_stretched(natural, attributes):
    width, height = natural
    lead = replace(
        STORIES[0], image_width=width, image_height=height, image_alt='Ferry "Anna" <at night>'
    )
    html = bodies(edition(stories=(lead, *STORIES[1:])))[0]
    picture = markup.fromstring(html).find(".//img")
    assert {name: picture.get(name) for name in ("width", "height")} == {
        "width": None,
        "height": None,
        **attributes,
    }
    assert picture.get("alt") == 'Ferry "Anna" <at night>'
    assert f"max-width:{attributes['width']}px" in picture.get("style").replace(" ", "")


def test_a_story_is_laid_out_in_its_own_direction():
    arabic = replace(STORIES[0], language="ar")
    html, _ = bodies(edition(language="ar", stories=(arabic, *STORIES[1:])))
    assert markup.fromstring(html).get("dir") == "rtl"
    assert 'class="lead" align="right" style' in html
    assert "border-right:3px solid" in html
    assert "border-left:3px solid" not in html
    assert 'class="story" align="left" lang="en" dir="ltr" style' in html
    foreign, _ = bodies(edition(stories=(arabic, *STORIES[1:])))
    assert 'class="lead" align="right" lang="ar" dir="rtl" style' in foreign
    assert "border-right:3px solid" in foreign


def test_scripts_without_capitals_are_not_spaced_nor_slanted():
    for language in ("ar", "zh"):
        html, _ = bodies(edition(language=language, note="We moved."))
        assert not re.search("letter-spacing|italic|uppercase", html)


def test_what_was_updated_says_when():
    today, _ = bodies(edition())
    earlier = replace(STORIES[1], updated=MOMENT - timedelta(days=2))
    before, text = bodies(edition(stories=(STORIES[0], earlier, *STORIES[2:])))
    assert ">Updated</b> 06:40" in today
    assert ">Updated</b> 21 November" in before
    assert "\nUpdated 21 November\n" in text


def test_the_contact_and_the_address_stand_at_the_end():
    html, text = bodies(edition(contact="editor@gazette.example"))
    assert 'href="mailto:editor@gazette.example"' in html
    assert "Tell us: editor@gazette.example" in text
    assert text.rstrip().endswith("1 Quay Street, Harbour")
    assert "mailto:" not in bodies(edition())[0]


def test_text_part_is_flowed_within_76_columns():
    long = "You get this because of " + "many reasons, " * 12
    message = render(edition())
    assert message.flowed
    _, text = bodies(edition(), why=long)
    wide = [line for line in text.splitlines() if len(line) > 76]
    assert all(line.startswith("https://") for line in wide)
    assert "\n\n\n" not in text
    paragraphs = unflowed(text)
    for one in STORIES:
        assert one.title in paragraphs
        assert one.standfirst in paragraphs
    assert long.strip() in paragraphs
    assert not any(line != line.strip() for line in paragraphs)


def test_lines_and_size_stay_within_what_mail_carries():
    many = tuple(
        story(
            n,
            ("harbour", "culture")[n % 2],
            "A title of usual length, about the harbour " + "x" * 300,
            "word " * 900,
        )
        for n in range(1, 41)
    )
    message = render(edition(stories=many))
    for part in walk(message.text):
        if isinstance(part, Literal):
            assert max(len(line.encode()) for line in part.text.split("\n")) <= 998
    html, _ = bodies(edition(stories=many[:12]), range(1, 13))
    assert len(html.encode()) < 80_000


def test_text_between_blocks_belongs_to_nobody(tmp_path: Path):
    wrong = ROWS.replace('{{ place("stories") }}', '{{ place("stories") }}<hr>')
    with pytest.raises(TemplateError, match="has text between the blocks of stories"):
        own(tmp_path, "rows.html", wrong).render(edition(template="rows"))


def test_hostile_stories_stay_text():
    nasty = '</td><script>alert(1)</script><!--block:0--> {{ 7*7 }} <b style="p">&amp; "quoted"'
    view = edition(stories=(story(1, nasty, nasty, nasty, key_points=(nasty,)), *STORIES[1:]))
    html, text = bodies(view)
    tree = markup.fromstring(html)
    assert not tree.xpath("//script|//b[@style='p']")
    assert titles_in(html)[0] == " ".join(nasty.split())
    assert "{{ 7*7 }}" in html
    assert "{{ 7*7 }}" in text


def test_a_story_cannot_write_a_merge_field():
    """Names of fields and marks of another edition are only text."""
    stolen = re.findall(
        r"https://slot\.invalid/slot-[0-9a-f]+-unsubscribe_url-",
        str(digest.Marks(repr(edition()), ("unsubscribe_url",), digest.SlotKind.HTML).fields),
    )[0]
    view = edition(stories=(replace(STORIES[0], image=stolen), *STORIES[1:]))
    html, _ = bodies(view)
    assert markup.fromstring(html).xpath("//img/@src") == [stolen]


def test_rendering_is_deterministic_also_between_threads():
    view = edition()
    first = render(view)
    made = digest.create(None, templates())
    with ThreadPoolExecutor(4) as pool:
        assert all(message == first for message in pool.map(made.render, [view] * 8))


@pytest.mark.parametrize("name", ["", "../x", "a/b", "A", "x.html"])
def test_a_variant_is_a_plain_name(name: str):
    with pytest.raises(TemplateError, match="is not the name of a template"):
        render(edition(template=name))


def test_an_unknown_variant_is_named():
    with pytest.raises(TemplateError, match=r"email/fancy\.html: there is no such template"):
        render(edition(template="fancy"))


def test_a_mistake_in_an_own_template_names_it(tmp_path: Path):
    text = (
        '{% extends "default/email/newspaper.html" %}{% block note %}\n{{ nobody }}{% endblock %}'
    )
    made = own(tmp_path, "newspaper.html", text)
    with pytest.raises(TemplateError, match=r"email/newspaper\.html:2: there is no `nobody`"):
        made.render(edition())


def test_subjects():
    made, view = digest.create(None, templates()), edition()
    assert made.subject("{{ lead.title }}", view) == STORIES[0].title
    assert (
        made.subject("{{ title }} {{ number }}:\n {{ stories | length }}", view)
        == "Morning digest 214: 5"
    )
    assert made.subject("{{ date | long_date(language) }}", view) == "Monday, 23 November 2026"
    assert made.subject(" {# nothing #} ", view) == "Morning digest"
    with pytest.raises(TemplateError, match="subject:1: there is no `leed`; did you mean `lead`"):
        made.subject("{{ leed.title }}", view)
