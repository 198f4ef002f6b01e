"""What an entry lists for people and for programs is read once: feeds of ours by another of ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.formats import atom, json, rss
from publisher.kit.clean import clean_html
from publisher.kit.entry_lists import LONGEST, MOST, part, usable_links, usable_points
from publisher.kit.feed_reader import read_feed
from publisher.kit.text import clean_text
from publisher.model.articles import Link
from publisher.testing.formats import BASE, HOSTILE, example_entry, example_feed

FORMATS = {
    "rss": (rss.create(rss.Options()), "application/rss+xml"),
    "atom": (atom.create(atom.Options()), "application/atom+xml"),
    "json": (json.create(json.Options()), "application/feed+json"),
}
LINKS = (
    Link(title="The night ferry", url=f"{BASE}night?a=1&b=2"),
    Link(title='A "crane" & <more>', url=f"{BASE}crane"),
)
LANGUAGES = (
    "en",
    "de-AT",
    "fr",
    "es",
    "it",
    "pt",
    "nl",
    "pl",
    "ru",
    "uk",
    "tr",
    "ar",
    "he",
    "ja",
    "zh",
)


def taken(name, **changes):
    """Return an entry as another publication takes it from our feed."""
    form, _ = FORMATS[name]
    language = changes.get("language", "en")
    view = example_feed([example_entry(1, read_also=LINKS, **changes)], language=language)
    (article,) = read_feed(form.render(view), f"{BASE}feeds/harbour.{name}").articles
    return article


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_one_publishes_another_takes_as_supplied(name, language):
    article = taken(name, language=language)
    assert article.key_points == ("The ferry is back.", "It costs less & runs later.")
    assert article.read_also == LINKS
    assert "The ferry is back" not in article.html + article.text
    assert "night ferry" not in article.html + article.text
    assert "The body of story 1 & its end." in article.text
    assert "The standfirst says why." in article.text
    assert f"{BASE}pictures/1.jpg" in article.html


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_taken_and_published_again_is_said_once(name):
    first = taken(name)
    form, _ = FORMATS[name]
    again = example_entry(
        2, html=first.html, text=first.text, key_points=first.key_points, read_also=first.read_also
    )
    second = form.render(example_feed([again])).decode()
    assert second.count("It costs less ") == (2 if name == "json" else 1)  # once for programs


@pytest.mark.parametrize("name", FORMATS)
def test_entries_without_lists_stay_as_they_are(name):
    (article,) = read_feed(
        FORMATS[name][0].render(example_feed([example_entry(1, key_points=(), read_also=())])),
        BASE,
    ).articles
    assert (article.key_points, article.read_also) == ((), ())
    assert "The body of story 1" in article.text


@pytest.mark.parametrize("name", FORMATS)
def test_a_summary_feed_carries_them_too(name):
    article = taken(name, html="")
    assert len(article.key_points) == 2
    assert article.read_also == LINKS
    assert article.text.count("The ferry is back") == 0
    assert "What story 1 says in short." in article.text


@pytest.mark.parametrize("name", ["atom", "json"])
def test_links_that_programs_get_need_no_list_in_the_text(name):
    links = taken(name, read_also_in_text=False).read_also
    assert [link.url for link in links] == [link.url for link in LINKS]
    points = taken(name, key_points_in_text=False).key_points
    assert len(points) == (2 if name == "json" else 0)


@given(
    st.sampled_from(sorted(FORMATS)),
    st.lists(st.text(min_size=1, max_size=60) | st.sampled_from(HOSTILE[:-1]), max_size=10),
)
def test_any_points_come_back(name, points):
    wanted = tuple(dict.fromkeys(word for one in points if (word := clean_text(one))))
    article = taken(name, key_points=tuple(points), standfirst="", dek="", image="")
    assert [_spaced(one) for one in article.key_points] == [_spaced(one) for one in wanted]


def _spaced(text):
    return " ".join(text.split())


POINTS = "<ul><li>It came.</li><li>It went.</li></ul>"


@pytest.mark.parametrize(
    "html",
    [
        f"<p><strong>Key points</strong></p>{POINTS}<p>Body.</p>",
        f"<p><b>Key points:</b></p>\n{POINTS}\n<p>Body.</p>",
        f"<h2>Das Wichtigste</h2>{POINTS}<p>Body.</p>",
        f"<p>要点</p>{POINTS.replace('ul>', 'ol>')}<p>Body.</p>",
        f'<p><img src="https://x.example/a.jpg" alt=""></p><p><em>D</em></p><h3>At a glance</h3>{POINTS}',
        "<h2><strong>Key points</strong></h2><ul><li><p>It came.</p></li><li> It went. </li></ul>",
        f'<p class="y"><strong>Key points</strong></p>{POINTS}',
    ],
)
def test_lists_of_others_are_known_by_their_headings(html):
    found = part(clean_html(html))
    assert found.key_points == ("It came.", "It went.")
    assert "It came." not in found.html


@pytest.mark.parametrize(
    "html",
    [
        f"<p><strong>Ingredients</strong></p>{POINTS}",
        f"<p>Body.</p><p><strong>Key points</strong></p>{POINTS}",
        f"{POINTS}<p>Body.</p>",
        "<p><strong>Key points</strong></p><ul><li><a href='https://x.example/'>A</a></li></ul>",
        "<p><strong>Key points</strong></p><ul><li>a<ul><li>b</li></ul></li></ul>",
        "<p><strong>Key points</strong></p>",
        f"<p><strong>Key points</strong></p><ul>{'<li>x</li>' * (MOST + 1)}</ul>",
        f"<p><strong>Key points</strong></p><ul><li>{'x' * (LONGEST + 1)}</li></ul>",
        "<p><strong>Read also</strong></p><ul><li>See <a href='https://x.example/'>A</a></li></ul>",
        "<p><strong>Read also</strong></p><ul><li><a href='https://x.example/'>A</a></li></ul><p>End.</p>",
        "<p><strong>Tags</strong></p><ul><li><a href='https://x.example/'>A</a></li></ul>",
    ],
)
def test_other_lists_stay_where_they_are(html):
    clean = clean_html(html)
    found = part(clean)
    assert (found.html, found.key_points, found.read_also) == (clean, (), ())


def test_what_programs_are_told_counts_before_the_text():
    html = f"<p><strong>In 30 Sekunden</strong></p>{POINTS}<p>Body.</p>"
    found = part(html, ("It came.", "It went."))
    assert found.html == "<p>Body.</p>"
    other = part(html, ("Something else.",))
    assert (other.html, other.key_points) == (html, ("Something else.",))


def test_links_of_others_are_taken_from_the_end():
    html = '<p>Body.</p><h4>Related articles</h4><ul><li><a title="x" href="https://x.example/?a=1&amp;b">A</a></li></ul>'
    found = part(clean_html(html))
    assert found.read_also == (Link(title="A", url="https://x.example/?a=1&b"),)
    assert found.html == "<p>Body.</p>"


def test_what_programs_hand_over_is_looked_at():
    assert usable_points(["a\n b", "", None, 5, "a b", "x" * (LONGEST + 1), ["y"]]) == ("a b",)
    assert len(usable_points([str(number) for number in range(100)])) == MOST
    assert usable_links([("", BASE), ("T", "/t"), ("J", "javascript:x")], BASE) == (
        Link(title="T", url=f"{BASE}t"),
        Link(title="J"),
    )


@pytest.mark.parametrize(
    "said",
    [
        '"_key_points": {"points": "text"}, "_related": {"items": {}}',
        '"_key_points": ["a"], "_related": [1]',
        '"_key_points": {"points": [1, null, {}]}, "_related": {"items": [1, {"url": 5}]}',
        '"_key_points": null, "_related": 7',
    ],
)
def test_what_is_no_extension_of_ours_costs_nothing(said):
    document = (
        '{"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [{"id": "1", '
        f'"content_html": "<p>Body.</p>", {said}}}]}}'
    )
    (article,) = read_feed(document.encode(), BASE).articles
    assert (article.key_points, article.read_also, article.text) == ((), (), "Body.")


@given(st.text("<>/ulipodvstrngab=\"' \n", max_size=200))
def test_any_mark_up_is_survived(html):
    clean = clean_html(html)
    assert len(part(clean).html) <= len(clean)


def test_long_documents_take_no_time():
    for piece in ("<ul>", "<p>", "<li>", "<p><strong>", "<ul><li>a</li></ul>", "<p><img src='x'>"):
        whole = clean_html(piece * 20_000)
        assert part(whole).key_points == ()


@pytest.mark.parametrize("gap", [" ", "\n"])
def test_blanks_without_an_end_are_looked_at_once(gap):
    text = f"<p>{gap * 10_000}<br>x</p>"
    assert part(text).html == text
    heading = f"<p><strong>{gap * 10_000}</strong></p><ul><li>A</li></ul>"
    assert part(heading).html == heading
