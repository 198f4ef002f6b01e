"""Cleaning: nothing active or relative survives, nothing readable is lost, nothing takes for ever."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree, html

from publisher.kit.clean import (
    MAX_DEPTH,
    absolute_srcset,
    absolute_url,
    clean_html,
    html_to_text,
    structure,
    words_of,
)

BASE = "https://h.example/dir/page"
TAGS = st.sampled_from(
    [
        *(
            "<p>",
            "</p>",
            "<div>",
            "</div>",
            "<b>",
            "</b>",
            "<ul>",
            "<li>",
            "</ul>",
            "<br>",
            "<!--",
        ),
        *("-->", "<script>", "</script>", "<a href='x'>", "</a>", "<img src='/i.png'>", "<table>"),
        *(
            "<td>",
            "<svg>",
            "<p style='p'>",
            "<iframe src=x>",
            "<a href='javascript:x'>",
            "&amp;",
            "<",
        ),
        *(
            "&#1;",
            "&#xd800;",
            "\0",
            "\ud800",
            "\ufffe",
            "<p onclick=x>",
            "<style>",
            "</style>",
            '"',
            ">",
        ),
    ]
)
SOUP = st.lists(st.one_of(TAGS, st.text(max_size=10)), max_size=30).map("".join)


@given(SOUP)
def test_whatever_comes_in_is_harmless_and_can_stand_in_xml(soup):
    cleaned = clean_html(soup, BASE)
    tags = re.findall(r"<[a-z][^<>]*>", cleaned)
    for tag in tags:
        assert not re.search(r"\s(?:style|class|id|on\w+)=", tag)
        assert not re.match(r"<(?:script|style|iframe|object|embed|svg|math|form|nav)\b", tag)
        assert not re.search(r"\s(?:href|src)=\"(?!https?://|mailto:)", tag)
    if cleaned:
        tree = html.fromstring(f"<div>{cleaned}</div>")
        etree.fromstring(etree.tostring(tree))


@given(SOUP)
def test_cleaning_twice_changes_no_word(soup):
    once = clean_html(soup, BASE)
    assert html_to_text(clean_html(once, BASE)) == html_to_text(once)


@given(SOUP)
def test_structure_and_text_are_total(soup):
    assert "<script" not in structure(soup, BASE)
    assert "\0" not in html_to_text(soup)


def test_addresses_become_absolute_or_go():
    cleaned = clean_html(
        '<a href="rel">a</a><a href="//cdn.example/x">b</a><a href="#f">c</a>'
        '<img src="/i.png" srcset="a.png 1x, //b.example/c,d.png 2x"><img src="data:image/png;base64,x">'
        '<a href="java&#10;script:x()">d</a><a href="mailto:a@b.example">e</a>',
        BASE,
    )
    assert 'href="https://h.example/dir/rel"' in cleaned
    assert 'href="https://cdn.example/x"' in cleaned
    assert f'href="{BASE}#f"' in cleaned
    assert 'srcset="https://h.example/dir/a.png 1x, https://b.example/c%2Cd.png 2x"' in cleaned
    assert cleaned.count("<img") == 1
    assert "script:" not in cleaned
    assert cleaned.endswith('d<a href="mailto:a@b.example">e</a>')


def test_without_a_base_relative_addresses_go_and_the_words_stay():
    assert clean_html('<a href="x">one</a> <a href="#n">two</a><img src="i.png">') == "one two"


def test_what_spies_or_deceives_goes():
    assert (
        clean_html('<p>a<img src="https://s.example/p.gif" width="1" height="1"></p>')
        == "<p>a</p>"
    )
    assert clean_html("<p>a\u202eb\u200b\ufeff</p><p></p>") == "<p>ab</p>"


def test_landmarks_become_blocks_so_that_words_do_not_grow_together():
    assert clean_html("<section>a</section><section>b</section>") == "<div>a</div><div>b</div>"


def test_depth_is_capped_and_no_word_is_lost():
    deep = clean_html("<div>" * 1000 + "word" + "</div>" * 1000 + "<p>end</p>")
    assert deep.count("<div>") == MAX_DEPTH
    assert "word" in deep
    assert deep.endswith("<p>end</p>")


@pytest.mark.parametrize(
    "bad",
    [
        *(
            "<div>",
            "<!",
            "<a ",
            "<b>",
            "<",
            "<table>",
            "<p>",
            '<a href="',
            "<ul><li>",
            "<!--",
            "&",
        ),
        *("<x y='", "</p>", "<svg>", "<a><b>", "<td>", "]]>", "<?", "</", "<img "),
    ],
)
def test_no_soup_takes_for_ever(bad):
    begun = time.process_time()
    html_to_text(clean_html(bad * (1_000_000 // len(bad)), BASE))
    assert time.process_time() - begun < 15


def test_text_keeps_paragraphs_lists_and_entities():
    text = html_to_text(
        "<h1>T &amp; x</h1><p>one<br>two</p><ul><li>a<li>b</ul>c&lt;d<script>x</script>"
    )
    assert text == "T & x\n\none\ntwo\n\n- a\n- b\n\nc<d"


@pytest.mark.parametrize(
    ("url", "absolute"),
    [
        ("x y", "https://h.example/dir/x%20y"),
        (" /a\n", "https://h.example/a"),
        ("//c.example", "https://c.example"),
        ("javascript:x", ""),
        ("http://", ""),
        ("http://[::1", ""),
        ("http://x:99999999/", ""),
        ("https://ü.example/ä?ö", "https://xn--tda.example/%C3%A4?%C3%B6"),
        ("?a=1&b=%20", "https://h.example/dir/page?a=1&b=%20"),
    ],
)
def test_one_address(url, absolute):
    assert absolute_url(url, BASE) == absolute


@given(st.text())
def test_addresses_are_total_and_stable(url):
    once = absolute_url(url, BASE)
    assert once.isascii()
    assert absolute_url(once) == once
    assert isinstance(absolute_srcset(url, BASE), str)


MARKUP = st.lists(
    st.sampled_from(
        [
            *(
                "<p>",
                "</p>",
                "<div>",
                "</div>",
                "<section>",
                "<li>",
                "<ul>",
                "</ul>",
                "<td>",
                "<br>",
                "<b>",
            ),
            *(
                "<a href='/a'>",
                "</a>",
                "<img src=i.png alt='a &lt;b'>",
                "<script>",
                "</script>",
                "<table>",
            ),
            *(
                "one",
                " two ",
                "\n",
                "&nbsp;",
                "&lt;p&gt;",
                "-",
                "\u200b",
                "<!-- x -->",
                "日本",
                "<i title='</p>'>",
            ),
        ]
    ),
    max_size=12,
).map("".join)


@given(MARKUP)
def test_the_words_of_cleaned_html_are_those_of_any_html(html):
    cleaned = clean_html(html, "https://h.example/")
    assert words_of(cleaned).split() == html_to_text(cleaned).split()


@given(
    st.lists(
        st.sampled_from(
            [
                *(
                    "http://",
                    "https://",
                    "//",
                    "h.example",
                    "a",
                    ":80",
                    ":99999",
                    "/",
                    "?",
                    "#",
                    ";",
                ),
                *("..", "@", "[::1]", "&amp;", "\\", '"', "<", "mailto:", "x=1", "%20", "HTTP://"),
            ]
        ),
        max_size=7,
    ).map("".join),
    st.sampled_from(["", "https://h.example/a/b?c", "http://x.example"]),
)
def test_whole_addresses_are_told_at_a_glance_as_by_reading_them(url, base):
    assert absolute_url(url, base) == absolute_url(f" {url}", base)


def test_each_thread_counts_addresses_from_its_own_base():
    def cleaned(number):
        base = f"https://{number}.example/"
        return {clean_html("<a href='x'>x</a>", base) for _ in range(200)} == {
            f'<a href="{base}x">x</a>'
        }

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(cleaned, range(8)))


@pytest.mark.parametrize("depth", [MAX_DEPTH - 1, MAX_DEPTH, MAX_DEPTH + 1])
def test_a_picture_below_the_lowest_level_goes_with_its_level(depth):
    html = "<div>" * depth + '<img src="https://i.example/i.png">' + "x" + "</div>" * depth
    cleaned = clean_html(html)
    assert ("<img" in cleaned) == (depth < MAX_DEPTH)
    assert cleaned.count("<div>") == min(depth, MAX_DEPTH)


@pytest.mark.parametrize(
    "image",
    [
        *(
            '<img src="https://s.example/p.gif" width=1 height=1>',
            '<IMG WIDTH="1px" SRC=https://s.example/a>',
        ),
        *(
            '<img src="https://s.example/p.gif" height="0">',
            "<img src='https://s.example/p' width='0'/>",
        ),
        *(
            '<img src="https://s.example/p" style="display: none">',
            '<img hidden src="https://s.example/p">',
        ),
        *(
            '<img src="https://s.example/p" style="width:1px;height:1px">',
            '<img src="https://s.example/p" style="opacity:0">',
        ),
        *('<img src="https://s.example/p" style="border:0; max-height: 1px !important">',),
        *(
            '<img src="//pixel.wp.com/b.gif?host=a">',
            '<img src="https://vg07.met.vgwort.de/na/0a1b">',
        ),
        *(
            '<img src="http://feeds.feedburner.com/~r/quay/~4/x">',
            '<img src="https://www.facebook.com/tr?id=1">',
        ),
        *('<img src="https://counter.theconversation.com/content/1/count.gif">',),
        *(
            '<img src="https://own.example/stats/matomo.php?idsite=1">',
            '<img src="/piwik.php?rec=1">',
        ),
        *('<img src="https://own.example/assets/blank.gif" data-src="/real.jpg">',),
    ],
)
def test_pictures_that_count_readers_go(image):
    assert clean_html(f"<p>a{image}b</p>", BASE) == "<p>ab</p>"


@pytest.mark.parametrize(
    "image",
    [
        *(
            '<img src="https://s.example/p.gif" width="10" height="11">',
            '<img src="https://s.example/p.gif" alt="A hidden door">',
        ),
        *(
            '<img src="https://feeds.feedburner.com/logo.png">',
            '<img src="https://www.facebook.com/travel.png" alt="">',
        ),
        *('<img src="https://s.example/p.gif" alt="display: none is what we do">',),
    ],
)
def test_pictures_for_people_stay(image):
    src = re.search(r'src="([^"]*)"', image)[1]
    assert f'src="{src}"' in clean_html(f"<p>a{image}b</p>", BASE)


def test_links_lose_what_tells_where_readers_come_from():
    link = "https://h.example/a?id=1&utm_source=rss&UTM_Medium=feed&b=%20x&fbclid=z#part"
    cleaned = clean_html(f'<p><a href="{link.replace("&", "&amp;")}">a</a></p>', BASE)
    assert 'href="https://h.example/a?id=1&amp;b=%20x#part"' in cleaned
    picture = '<img src="https://h.example/p.jpg?utm_source=rss">'  # may be signed as a whole
    assert "utm_source" in clean_html(picture, BASE)


def test_candidates_of_pictures_are_absolute_and_control_characters_go():
    cleaned = clean_html(
        '<img src="a.jpg" srcset="a.jpg 1x, ../b.jpg 2x" alt="a\x07b\x00c">', BASE
    )
    assert 'srcset="https://h.example/dir/a.jpg 1x, https://h.example/b.jpg 2x"' in cleaned
    assert 'alt="abc"' in cleaned


def test_a_page_of_pictures_is_read_in_time():
    begun = time.process_time()
    for tag in ("<img style='", "<img hidden ", '<img width="', "<img style=" + "display " * 9):
        clean_html(tag * 20_000)
    assert time.process_time() - begun < 10


@given(st.text(st.sampled_from("ab- \n\t\r\x0b\x1f\x7f>;\"'&<#\xa0é\u200b"), max_size=12))
def test_the_words_of_plain_text_are_those_of_parsed_text(text):
    assert html_to_text(text) == words_of(structure(text))
