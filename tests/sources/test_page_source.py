"""One page, one article: the page form in any dress, or a page's main text."""

from datetime import UTC, datetime

import pytest

from publisher.errors import FetchError, ParseError
from publisher.model.articles import SourceState
from publisher.net import HttpFetcher
from publisher.ports import SourceContext
from publisher.sources import page
from tests.sources.loopback import site

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
FORM = """Skip to content

The crane turns again

Nobody had asked it to.

The crane turns again

*Forty years of rust, one can of oil*

The old crane on Quay 3 turned on Monday for the first time in forty years[1].

READ: How to oil a crane****

Its driver, who is ninety, was asleep.

  1. The crane turned on Monday.
  2. Its driver slept.
Nobody had asked it to, and yet the old crane...

Read also:

- The other crane

Latest
"""
NEWS = """<!DOCTYPE html><html lang="de"><head><title>Die Fähre kommt wieder - Hafenblatt</title>
<meta name="author" content="Anna Muster"><meta property="og:image" content="/i.png">
<meta property="article:published_time" content="2026-03-04T10:00:00+01:00"></head><body>
<nav><ul><li><a href="/">Start</a></li><li><a href="/x">Kultur</a></li></ul></nav><main><article>
<h1>Die Fähre kommt wieder</h1>{body}</article></main><footer>Impressum</footer></body></html>"""
PARAGRAPH = (
    "<p>Die Fähre fährt ab Mai wieder jede Nacht über die Bucht, und zwar mit"
    " <a href='/r'>Fahrrädern</a> an Bord, sagt die Reederei am Abend {n}.</p>"
)


@pytest.fixture
def here():
    with site() as running:
        yield running


def source(url, root):
    context = SourceContext(
        key=f"page:{url}", root=root, fetcher=HttpFetcher(allow_private=True), language="en"
    )
    return page.create(page.Options(url=url), context)


def test_the_page_form_over_http(here, tmp_path):
    here.document("/crane", FORM.encode(), ETag='"c"', Content_Type="text/plain; charset=utf-8")
    collected = source(here.url + "/crane", tmp_path).collect(SourceState(key="k"), NOON)
    (article,) = collected.articles
    assert article.external_id == article.url == here.url + "/crane"
    assert article.title == "The crane turns again"
    assert article.standfirst == "Nobody had asked it to."
    assert article.dek == "Forty years of rust, one can of oil"
    assert article.key_points == ("The crane turned on Monday.", "Its driver slept.")
    assert [link.title for link in article.read_also] == ["How to oil a crane", "The other crane"]
    assert "[1]" not in article.text + article.html
    assert article.summary == "Nobody had asked it to, and yet the old crane..."
    here.document("/crane", b"", 304)
    state = SourceState(key="k", etag=collected.etag)
    assert source(here.url + "/crane", tmp_path).collect(state, NOON).unchanged


def test_a_news_page_gives_its_story_and_what_its_head_says(here, tmp_path):
    body = "".join(PARAGRAPH.format(n=n) for n in range(8))
    here.document("/n", NEWS.format(body=body).encode(), Content_Type="text/html")
    (article,) = source(here.url + "/n", tmp_path).collect(SourceState(key="k"), NOON).articles
    assert article.title == "Die Fähre kommt wieder"
    assert article.language == "de"
    assert article.authors == ("Anna Muster",)
    assert article.image == here.url + "/i.png"
    assert article.published == datetime(2026, 3, 4, 9, tzinfo=UTC)
    assert article.text.count("Die Fähre fährt") == 8
    assert "Impressum" not in article.text
    assert "Start" not in article.text
    assert f'href="{here.url}/r"' in article.html


@pytest.mark.parametrize("body", [b"", b"<html><body><nav>Menu</nav></body></html>", b"\0\1\2"])
def test_a_page_without_a_story_is_an_error_of_the_source(here, tmp_path, body):
    here.document("/e", body)
    with pytest.raises(ParseError, match="no story"):
        source(here.url + "/e", tmp_path).collect(SourceState(key="k"), NOON)


def test_a_file_inside_the_publication_but_none_outside(tmp_path):
    (tmp_path / "crane.txt").write_text(FORM)
    (article,) = source("crane.txt", tmp_path).collect(SourceState(key="k"), NOON).articles
    assert (article.external_id, article.url) == ("crane.txt", "")
    with pytest.raises(FetchError, match="lies outside"):
        source("/etc/hostname", tmp_path).collect(SourceState(key="k"), NOON)
    with pytest.raises(FetchError, match="no such file"):
        source("file:none.txt", tmp_path).collect(SourceState(key="k"), NOON)


def test_extract_reads_bytes_paths_and_addresses(here, tmp_path):
    (tmp_path / "crane.txt").write_text(FORM)
    here.document("/crane", FORM.encode())
    fetcher = HttpFetcher(allow_private=True)
    parts = page.extract(FORM.encode(), fetcher, tmp_path)
    assert parts.citations == (1,)
    assert page.extract("crane.txt", fetcher, tmp_path) == parts
    assert page.extract(str(tmp_path / "crane.txt"), fetcher, tmp_path) == parts
    assert page.extract(here.url + "/crane", fetcher, tmp_path) == parts
    for wrong in ("none.txt", "ftp://x.example/"):
        with pytest.raises(FetchError):
            page.extract(wrong, fetcher, tmp_path)
