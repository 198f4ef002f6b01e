"""What `publish` wrote is answered with as RFC 9110 and feed readers expect."""

import gzip
import os
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import brotli
import pytest

from publisher import config
from publisher.ports import ArticleChanges

FEEDS = {
    "/feeds/harbour.rss": "application/rss+xml; charset=utf-8",
    "/feeds/harbour.atom": "application/atom+xml; charset=utf-8",
    "/feeds/harbour.json": "application/feed+json; charset=utf-8",
}
OTHERS = {
    "/": "text/html; charset=utf-8",
    "/feeds/harbour/": "text/html; charset=utf-8",
    "/opml": "text/x-opml; charset=utf-8",
    "/sitemap.xml": "application/xml; charset=utf-8",
    "/style.css": "text/css; charset=utf-8",
}


@pytest.mark.parametrize(("path", "kind"), [*FEEDS.items(), *OTHERS.items()])
def test_every_document_is_served_with_its_type(site: Any, path: str, kind: str) -> None:
    answer = site.client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == kind
    assert answer.headers["x-content-type-options"] == "nosniff"
    age = 900 if path in FEEDS else 300
    assert answer.headers["cache-control"] == f"public, max-age={age}"
    assert answer.headers["last-modified"].endswith("GMT")
    assert answer.headers["etag"].startswith('"')
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", [*FEEDS, *OTHERS])
@pytest.mark.parametrize("encoding", ["identity", "gzip", "br"])
def test_what_is_known_is_not_sent_again(site: Any, path: str, encoding: str) -> None:
    asked = {"accept-encoding": encoding}
    first = site.client.get(path, headers=asked)
    for condition in (
        {"if-none-match": first.headers["etag"]},
        {"if-none-match": f'"old", W/{first.headers["etag"]}'},
        {"if-none-match": "*"},
        {"if-modified-since": first.headers["last-modified"]},
    ):
        again = site.client.get(path, headers={**asked, **condition})
        assert again.status_code == 304, condition
        assert again.content == b""
        for name in ("etag", "last-modified", "cache-control", "vary"):
            assert again.headers.get(name) == first.headers.get(name)
    wrong = {**asked, "if-none-match": '"x"', "if-modified-since": first.headers["last-modified"]}
    assert site.client.get(path, headers=wrong).status_code == 200


@pytest.mark.parametrize("path", [*FEEDS, *OTHERS])
def test_head_is_get_without_the_body(site: Any, path: str) -> None:
    got, head = site.client.get(path), site.client.head(path)
    assert head.status_code == 200
    assert head.content == b""
    assert dict(head.headers) == dict(got.headers)


def test_compressed_only_when_asked_and_told_to_caches(site: Any) -> None:
    tags = set()
    plain = site.client.get("/feeds/harbour.rss", headers={"accept-encoding": "identity"})
    for asked, given in {"identity": None, "gzip": "gzip", "br, gzip": "br"}.items():
        answer = site.client.get("/feeds/harbour.rss", headers={"accept-encoding": asked})
        assert answer.headers.get("content-encoding") == given
        assert "Accept-Encoding" in answer.headers["vary"].split(", ")
        assert given == "br" or answer.content == plain.content  # httpx knows no Brotli here
        tags.add(answer.headers["etag"])
        if given:
            assert int(answer.headers["content-length"]) < len(plain.content)
    assert len(tags) == 3


def test_feeds_may_be_read_by_scripts_and_name_themselves(site: Any) -> None:
    answer = site.client.get("/feeds/harbour.atom")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["link"] == '<http://127.0.0.1:8080/feeds/harbour.atom>; rel="self"'
    preflight = site.client.options("/feeds/harbour.atom")
    assert preflight.status_code == 204
    assert "If-None-Match" in preflight.headers["access-control-allow-headers"]
    assert "access-control-allow-origin" not in site.client.get("/").headers


def test_headers_and_documents_name_the_hubs(site: Any) -> None:
    settings = site.root / "publisher.toml"
    settings.write_text(settings.read_text() + '\n[websub]\nhubs = ["https://hub.example/"]\n')
    site.app.replace_definitions(config.load(site.root))
    site.app.publish()
    own = "http://127.0.0.1:8080/feeds/harbour"
    for path, topic in (("", "/"), (".atom", ".atom"), (".rss", ".rss"), (".json", ".json")):
        answer = site.client.get(f"/feeds/harbour{path or '/'}")
        assert answer.headers["link"] == (
            f'<{own}{topic}>; rel="self", <https://hub.example/>; rel="hub"'
        )
        assert "https://hub.example/" in answer.text


def test_a_changed_document_has_another_tag(site: Any) -> None:
    path = site.root / "public/feeds/harbour.rss"
    before = site.client.get("/feeds/harbour.rss").headers["etag"]
    path.write_bytes(path.read_bytes() + b"\n")
    assert site.client.get("/feeds/harbour.rss").headers["etag"] != before


@pytest.mark.parametrize(
    "path",
    [
        "/../publisher.toml",
        "/%2e%2e/publisher.toml",
        "/..%2fpublisher.toml",
        "/feeds/%2e%2e/%2e%2e/secrets/tokens.key",
        "/feeds/..%5c..%5cpublisher.toml",
        "//etc/passwd",
        "/%00",
        "/.hidden",
        "/feeds/.harbour.rss.1.ab",
        "/leak/passwd",
        "/feeds/nothing.rss",
        "/feeds/harbour.rss/",
        "/" + "a" * 5_000,
        "/" + "a/" * 900,
    ],
)
def test_nothing_else_can_be_reached(site: Any, path: str) -> None:
    (site.root / "public/.hidden").write_text("draft")
    (site.root / "public/leak").symlink_to("/etc")
    answer = site.client.get(path)
    assert answer.status_code == 404
    assert "[publication]" not in answer.text
    assert "There is no such page" in answer.text


def test_a_folder_without_its_slash_leads_to_its_page(site: Any) -> None:
    answer = site.client.get("/feeds/harbour", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (301, "/feeds/harbour/")


def change_feed(site: Any, text: str) -> None:
    from publisher import config

    path = site.root / "feeds/harbour.toml"
    path.write_text(text + path.read_text())
    site.app.replace_definitions(config.load(site.root))


@pytest.mark.parametrize("rest", [".rss", ".json", "/", "/archive/1.atom"])
def test_a_renamed_feed_redirects_for_good(site: Any, rest: str) -> None:
    change_feed(site, 'was = ["port"]\n')
    answer = site.client.get(f"/feeds/port{rest}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (301, f"/feeds/harbour{rest}")
    assert site.client.get("/feeds/culture.rss", follow_redirects=False).status_code == 200


@pytest.mark.parametrize("rest", ["/%0dX-Mine:%201", "/%C3%A9", "/a%20b"])
def test_a_renamed_feed_redirects_to_nothing_but_addresses(site: Any, rest: str) -> None:
    change_feed(site, 'was = ["port"]\n')
    answer = site.client.get(f"/feeds/port{rest}", follow_redirects=False)
    assert (answer.status_code, unquote(answer.headers["location"])) == (
        301,
        unquote(f"/feeds/harbour{rest}"),
    )
    assert answer.headers["location"].isprintable()
    assert answer.headers["location"].isascii()


def test_an_ended_feed_says_so_and_then_is_gone(site: Any) -> None:
    change_feed(site, "ended = true\n")
    written = site.clock.now().timestamp()
    for name in ("rss", "atom", "json"):
        os.utime(site.root / f"public/feeds/harbour.{name}", (written, written))
    assert site.client.get("/feeds/harbour.rss").status_code == 200
    site.clock.advance(timedelta(days=31))
    for name in ("rss", "atom", "json"):
        assert site.client.get(f"/feeds/harbour.{name}").status_code == 410
    assert site.client.get("/feeds/harbour/").status_code == 200
    assert site.client.get("/feeds/culture.rss").status_code == 200


def test_a_resized_picture_may_be_kept_for_ever(site: Any) -> None:
    stories = site.app.composed(site.edition).view.stories
    given = {story.image for story in stories} - {""}
    shown = site.app.illustrate(stories)
    copies = {story.image for story in shown} - {""}
    assert len(given) == len(copies) == 3
    for copy in copies:
        path = copy.removeprefix(site.app.definitions.publication.url)
        assert path.startswith("media/proxy/")
        answer = site.client.get(f"/{path}")
        assert answer.headers["content-type"] in {"image/png", "image/jpeg"}
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert site.client.get("/media/proxy/none.jpg").status_code == 404
    assert all(story.image_width <= 600 and story.image_alt for story in shown if story.image)


def test_before_the_first_publish_the_pages_say_so(bare: Any) -> None:
    answer = bare.client.get("/")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "being written" in answer.text
    assert bare.client.get("/style.css").status_code == 200


def test_only_reading_is_possible(site: Any) -> None:
    for method in ("post", "put", "delete", "patch"):
        answer = getattr(site.client, method)("/feeds/harbour.rss")
        assert answer.status_code == 405
        assert "GET" in answer.headers["allow"]
        assert "<html" in answer.text


def test_pressed_bytes_are_the_same_each_time(site: Any) -> None:
    from publisher.web.shelf import Shelf

    loaded = Shelf(site.root / "public").load("feeds/harbour.rss")
    assert loaded is not None
    assert gzip.decompress(loaded.pressed["gzip"]) == loaded.data
    assert brotli.decompress(loaded.pressed["br"]) == loaded.data
    assert loaded.pressed["gzip"][4:8] == bytes(4)


def test_every_document_and_every_link_between_them_answers(site: Any) -> None:
    public, own = site.root / "public", site.app.definitions.publication.url
    files = [path for path in public.rglob("*") if path.is_file()]
    paths = {f"/{path.relative_to(public).as_posix()}" for path in files}
    for page in (path for path in files if path.suffix == ".html"):
        for link in re.findall(r'(?:href|src)="([^"]+)"', page.read_text()):
            if link.startswith((own, "/")):
                paths.add("/" + link.removeprefix(own).removeprefix("/"))
    assert len(paths) > len(files) > 20
    answers = {path: site.client.get(path).status_code for path in paths}
    assert {path for path, status in answers.items() if status != 200} == set()


def test_what_moved_redirects_and_what_was_hidden_is_gone(site: Any) -> None:
    known = site.app.definitions.feeds
    feeds = {**known, "harbour": replace(known["harbour"], limit=2)}
    site.app.replace_definitions(replace(site.app.definitions, feeds=feeds))
    site.app.publish()
    oldest = site.app.store.articles(feed="harbour", now=site.clock.now())[-1]
    page = f"/articles/{oldest.slug}/"
    assert site.client.get("/feeds/harbour/archive/1.rss").status_code == 200
    assert site.client.get(page).status_code == 200
    site.app.store.change_article(oldest.id, ArticleChanges(hidden=True), site.clock.now())
    site.app.publish()
    moved = site.client.get("/feeds/harbour/archive/1.rss", follow_redirects=False)
    assert moved.status_code == 301
    renewed = site.client.get(moved.headers["location"])
    assert renewed.status_code == 200
    assert oldest.title not in renewed.text
    assert site.client.get(page).status_code == 410
    assert site.client.get("/articles/never-there/").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/", "/feeds/", "/feeds/harbour/", "/articles/trial-trip/", "/editions/", "/subscribe"],
)
def test_public_pages_name_their_feeds_the_nearest_first(site, path):
    """RSS Advisory Board's autodiscovery: absolute addresses, registered types, a title each."""
    html = site.client.get(path).text
    found = re.findall(
        r'<link rel="alternate" type="([^"]+)" title="([^"]+)" href="([^"]+)">', html
    )
    assert {kind for kind, _, _ in found} == {
        "application/rss+xml",
        "application/atom+xml",
        "application/feed+json",
    }
    addresses = [address for _, _, address in found]
    assert len(addresses) == len(set(addresses))
    assert all(address.startswith("http") for address in addresses)
    nearest = "harbour" if "harbour" in path or "trial" in path else "culture"
    assert addresses[0].endswith(f"/feeds/{nearest}.rss")
    assert any(address.endswith("/feeds/culture.rss") for address in addresses), "the main feed"


def test_what_is_one_persons_names_no_feeds(site):
    for path in (site.choose_path(), site.leave_path(), site.view_path()):
        assert 'type="application/rss+xml"' not in site.client.get(path).text


def test_robots_and_maps_are_served(site):
    robots = site.client.get("/robots.txt")
    assert robots.headers["content-type"] == "text/plain; charset=utf-8"
    for line in robots.text.splitlines():
        if line.startswith("Sitemap: "):
            path = "/" + line.rpartition("/")[2]
            assert site.client.get(path).headers["content-type"].startswith("application/xml")


def test_a_page_of_an_archive_that_has_moved_leads_on(site):
    old, new = "feeds/harbour/archive/9/index.html", "feeds/harbour/archive/9-ab/index.html"
    record = site.app.store.feed_records()["harbour"]
    site.app.store.record_feed("harbour", record, {old: new})
    answer = site.client.get("/feeds/harbour/archive/9/", follow_redirects=False)
    assert answer.status_code == 301
    assert answer.headers["location"] == "/feeds/harbour/archive/9-ab/"


def test_addresses_without_their_last_slash_lead_to_the_page(site):
    for path in ("/feeds", "/feeds/harbour", "/articles/trial-trip"):
        answer = site.client.get(path, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (301, f"{path}/")
