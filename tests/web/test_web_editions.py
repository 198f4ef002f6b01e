"""Editions online: for everybody, for one reader, and the archive; nothing leaks, nothing changes."""

import gzip
import itertools
import json
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.app.sending import send_due
from publisher.core.copying import VIEW
from publisher.model.editions import EditionContent, EditionState
from publisher.model.subscribers import SubscriberStatus
from publisher.model.timetable import PlannedRun
from publisher.model.views import StoryView
from publisher.ports import ArticleChanges
from publisher.web.linked_data import script_safe

VOID = {"meta", "link", "img", "br", "input", "hr"}
HOSTILE = "</script><script>alert(1)</script><!-- {{ token }} \u202egnp.exe & \"'"


class Page(HTMLParser):
    """What is in a page: elements, headings, links, texts of scripts; complains of bad nesting."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), (tag, attrs)
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["script"]:
            self.scripts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]

    def link(self, rel: str) -> str | None:
        return next((one["href"] for one in self.all("link") if one.get("rel") == rel), None)

    def meta(self, name: str) -> str | None:
        named = (one for one in self.all("meta") if name in {one.get("name"), one.get("property")})
        return next((one["content"] for one in named), None)


def public(site: Any) -> str:
    return f"/editions/{site.edition.id}"


def page(site: Any, path: str) -> Page:
    answer = site.client.get(path)
    assert answer.status_code == 200
    return Page(answer.text)


def change(site: Any, **facts: Any) -> None:
    """Edit the lead of the edition."""
    content = site.app.store.content(site.edition.id)
    lead = replace(content.stories[0], **facts)
    revise(site, replace(content, stories=(lead, *content.stories[1:])))


def revise(site: Any, content: EditionContent) -> None:
    """Make the edition say something else, as editors do while it rests."""
    store, number = site.app.store, site.edition.id
    store.move_edition(number, (EditionState.OPEN,), EditionState.PAUSED, "")
    store.save_content(number, content, store.content(number).version)
    store.move_edition(number, (EditionState.PAUSED,), EditionState.OPEN, "")


def define(site: Any, feeds: dict[str, bool] | None = None, **schedule: Any) -> None:
    """Make feeds public or private, and change the schedule of digests."""
    old = site.app.definitions
    made = {
        slug: replace(feed, public=(feeds or {}).get(slug, feed.public))
        for slug, feed in old.feeds.items()
    }
    schedules = {**old.schedules, "morning": replace(old.schedules["morning"], **schedule)}
    site.app.replace_definitions(replace(old, feeds=made, schedules=schedules))


def another(site: Any, number: int) -> int:
    """Open one more edition, frozen, as a copy of the first."""
    store = site.app.store
    site.clock.advance(timedelta(days=1))
    run, _ = store.add_run("morning", PlannedRun(key=f"k{number}", slot="x", due=site.app.now()))
    with store._db.write() as tx:
        row = dict(
            tx.exec_driver_sql("SELECT * FROM edition ORDER BY id LIMIT 1").mappings().one()
        )
        row |= {"id": None, "run": run.id, "number": number}
        names = ", ".join(row)
        marks = ", ".join("?" for _ in row)
        done = tx.exec_driver_sql(
            f"INSERT INTO edition ({names}) VALUES ({marks})", tuple(row.values())
        )
        made = done.lastrowid
    first = store.content(1)
    store.save_content(made, replace(first, version=0), 0)
    return int(made)


def test_an_edition_is_a_page_of_its_own(site: Any) -> None:
    seen = page(site, public(site))
    assert [one.get("lang") for one in seen.all("html")] == ["en"]
    assert len(seen.all("main")) == len(seen.all("h1")) == 1
    assert len(seen.all("article")) >= 4
    assert seen.all("table") == []
    assert [one for one in seen.all("img") if "alt" not in one] == []
    headings = [tag for tag, _ in seen.found if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == "h1"
    assert all(int(b[1]) - int(a[1]) <= 1 for a, b in itertools.pairwise(headings))
    assert all(one["datetime"].endswith("Z") for one in seen.all("time"))
    assert seen.link("canonical") == site.app.definitions.publication.url + public(site)[1:]
    for name in ("og:title", "og:url", "og:type", "og:image", "description", "twitter:card"):
        assert seen.meta(name), name
    assert seen.meta("og:image").startswith("http")
    assert seen.meta("article:published_time") == "2026-11-24T06:30:00Z"


def test_machines_learn_what_it_is(site: Any) -> None:
    (text,) = page(site, public(site)).scripts
    data = json.loads(text)
    assert data["@type"] == "CollectionPage"
    assert data["isPartOf"]["@type"] == "PublicationIssue"
    assert data["isPartOf"]["issueNumber"] == 1
    assert data["isPartOf"]["isPartOf"]["@type"] == "Periodical"
    items = data["mainEntity"]["itemListElement"]
    assert [one["position"] for one in items] == list(range(1, len(items) + 1))
    content = site.app.store.content(site.edition.id)
    assert {one["item"]["headline"] for one in items} == {s.title for s in content.stories}
    assert {one["item"]["@type"] for one in items} == {"NewsArticle"}


@given(st.text() | st.just(HOSTILE))
def test_no_text_ends_the_data_block(text: str) -> None:
    made = script_safe({"headline": text})
    assert not set("<>&\u2028\u2029") & set(made)
    assert json.loads(made) == {"headline": text}


def test_it_says_what_was_frozen(site: Any) -> None:
    content = site.app.store.content(site.edition.id)
    lead = content.stories[0]
    before = site.client.get(public(site)).content
    site.app.store.change_article(lead.id, ArticleChanges(title="Changed since"), site.app.now())
    assert site.client.get(public(site)).content == before


def test_hostile_words_change_nothing_but_themselves(site: Any) -> None:
    plain = page(site, public(site))
    change(site, title=HOSTILE, standfirst=HOSTILE, key_points=(HOSTILE,) * 3, image_alt=HOSTILE)
    for path in (public(site), site.view_path(), "/editions/"):
        seen = page(site, path)
        assert len(seen.all("script")) == len(seen.scripts) <= 1
        assert "{{ token }}" in site.client.get(path).text
    assert [tag for tag, _ in page(site, public(site)).found if tag != "meta"] == [
        tag for tag, _ in plain.found if tag != "meta"
    ]


@pytest.mark.parametrize("private", ["harbour", "culture", "tides"])
def test_a_private_feeds_stories_show_to_its_readers_only(site: Any, private: str) -> None:
    define(site, {private: False})
    content: EditionContent = site.app.store.content(site.edition.id)
    secret = [story.title for story in content.stories if story.feeds == (private,)]
    assert secret
    shown = json.loads(page(site, public(site)).scripts[0])["mainEntity"]["numberOfItems"]
    assert shown == len(content.stories) - len(secret)
    for path in (public(site), "/editions/"):
        text = json.dumps(site.client.get(path).text)
        for title in secret:
            assert json.dumps(title)[1:-1] not in text
    mine = [story for story in content.stories if story.id in site.delivery().articles]
    own = site.client.get(site.view_path()).text
    assert [story.url for story in mine if f'href="{story.url}"' not in own] == []


def test_nothing_public_left_is_not_found(site: Any) -> None:
    define(site, dict.fromkeys(("harbour", "culture", "tides"), False))
    assert site.client.get(public(site)).status_code == 404
    assert site.client.get("/editions/").status_code == 404
    assert site.client.get(site.view_path()).status_code == 200
    define(site, dict.fromkeys(("harbour", "culture", "tides"), True), public=False)
    assert site.client.get(public(site)).status_code == 404


@pytest.mark.parametrize("state", list(EditionState))
def test_what_has_not_gone_out_is_not_found(site: Any, state: EditionState) -> None:
    store = site.app.store
    store.move_edition(site.edition.id, (EditionState.OPEN,), state, "")
    shown = state in {EditionState.OPEN, EditionState.PAUSED, EditionState.DONE}
    held = state in {EditionState.PREPARING, EditionState.REVIEW}
    assert site.client.get(public(site)).status_code == (200 if shown else 404)
    for path in (site.view_path(), f"{site.view_path()}/mail"):
        assert site.client.get(path).status_code == (404 if held else 200)


def test_a_readers_page_is_theirs(site: Any) -> None:
    answer = site.client.get(site.view_path("bo@example.org"))
    assert "b…@example.org" in answer.text
    assert "bo@" not in answer.text
    seen = Page(answer.text)
    links = {one["href"] for one in seen.all("a")}
    assert {
        site.leave_path("bo@example.org"),
        site.choose_path("bo@example.org"),
        f"{site.view_path('bo@example.org')}/mail",
    } <= links
    assert seen.scripts == []
    assert seen.meta("robots") == "noindex, nofollow"
    assert seen.link("canonical") is None
    content = site.app.store.content(site.edition.id)
    mine = site.delivery("bo@example.org").articles
    told = [one.url for one in content.stories if one.id in mine]
    links_told = [one["href"] for one in seen.all("a") if one["href"] in told]
    assert set(links_told) == set(told)
    theirs = {one.url for one in content.stories if one.id not in mine}
    heads = set(re.findall(r'<h[123]><a href="([^"]+)"', answer.text))
    assert heads == set(told)
    assert not heads & theirs


def test_a_readers_page_leads_to_the_one_that_may_be_passed_on(site: Any) -> None:
    links = [one["href"] for one in page(site, site.view_path()).all("a")]
    assert public(site) in links
    define(site, public=False)
    links = [one["href"] for one in page(site, site.view_path()).all("a")]
    assert public(site) not in links


def test_the_mail_as_it_was_sent(site: Any) -> None:
    answer = site.client.get(f"{site.view_path()}/mail")
    assert answer.status_code == 200
    assert "<table" in answer.text
    assert site.leave_path() in answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    assert "script" not in answer.headers["content-security-policy"]
    assert "style-src 'unsafe-inline'" in answer.headers["content-security-policy"]


def test_a_readers_page_speaks_their_language(site: Any) -> None:
    site.app.store.change_subscriber(site.person().id, language="de-AT")
    text = site.client.get(site.view_path()).text
    assert '<html lang="de"' in text
    assert "Dienstag, 24. November 2026" in text
    assert 'lang="en"' in site.client.get(public(site)).text


def test_who_left_still_has_their_page_and_who_was_erased_has_none(site: Any) -> None:
    path, store = site.view_path(), site.app.store
    store.set_status(site.person().id, SubscriberStatus.UNSUBSCRIBED, site.app.now())
    assert site.client.get(path).status_code == 200
    store.erase(site.person().id, site.app.now())
    for one in (path, f"{path}/mail"):
        assert site.client.get(one).status_code == 404


def test_tokens_of_other_purposes_editions_and_forgers_are_not_found(site: Any) -> None:
    token = site.view_path().rpartition("/")[2]
    second = another(site, 2)
    sign = site.app.tokens.sign
    delivery = str(site.app.store.deliveries(1)[0].id)
    for number, wrong in (
        (second, token),
        (1, token[:-1] + ("A" if token[-1] != "A" else "B")),
        (1, token + "A"),
        (1, sign("unsubscribe", delivery)),
        (1, sign(VIEW, "999999")),
        (1, sign(VIEW, "x")),
    ):
        for end in ("", "/mail"):
            assert site.client.get(f"/editions/{number}/{wrong}{end}").status_code == 404


@pytest.mark.parametrize("path", ["/editions/1", "/editions/"])
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_what_is_known_is_not_sent_again(site: Any, path: str, encoding: str) -> None:
    asked = {"accept-encoding": encoding}
    first = site.client.get(path, headers=asked)
    assert first.headers["cache-control"] == "public, max-age=300"
    assert first.headers["vary"] == "Accept-Encoding"
    assert first.headers.get("content-encoding") == (encoding if encoding == "gzip" else None)
    head = site.client.head(path, headers=asked)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == first.headers["etag"]
    known = {**asked, "if-none-match": first.headers["etag"]}
    for method in ("get", "head"):
        again = getattr(site.client, method)(path, headers=known)
        assert (again.status_code, again.content) == (304, b"")
    change(site, title="Corrected")
    fresh = site.client.get(path, headers=known)
    assert fresh.status_code == 200
    assert "Corrected" in fresh.text


def test_both_encodings_are_the_same_page(site: Any) -> None:
    with site.client.stream("GET", public(site), headers={"accept-encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
    plain = site.client.get(public(site), headers={"accept-encoding": "identity"})
    assert gzip.decompress(raw) == plain.content
    assert len(raw) < len(plain.content)


def test_editions_are_chained_and_listed(site: Any) -> None:
    first, second, third = site.edition.id, another(site, 2), another(site, 3)
    middle = page(site, f"/editions/{second}")
    assert (middle.link("prev"), middle.link("next")) == (
        f"/editions/{first}",
        f"/editions/{third}",
    )
    assert page(site, f"/editions/{first}").link("prev") is None
    assert page(site, f"/editions/{third}").link("next") is None
    found = re.findall(r'<h2><a href="/editions/(\d+)"', site.client.get("/editions/").text)
    assert found == [str(third), str(second), str(first)]


def test_the_archive_has_pages(site: Any) -> None:
    for number in range(2, 33):
        another(site, number)
    newest, oldest = page(site, "/editions/"), page(site, "/editions/?page=2")
    base = site.app.definitions.publication.url
    assert newest.link("canonical") == f"{base}editions/"
    assert (newest.link("prev"), newest.link("next")) == (None, "/editions/?page=2")
    assert oldest.link("canonical") == f"{base}editions/?page=2"
    assert (oldest.link("prev"), oldest.link("next")) == ("/editions/", None)
    assert len(json.loads(newest.scripts[0])["mainEntity"]["itemListElement"]) == 30
    assert len(json.loads(oldest.scripts[0])["mainEntity"]["itemListElement"]) == 2
    mine = page(site, "/editions/?schedule=morning&page=2")
    assert mine.link("canonical") == f"{base}editions/?schedule=morning&page=2"
    assert mine.link("prev") == "/editions/?schedule=morning"


@pytest.mark.parametrize(
    "query", ["page=0", "page=2", "page=-1", "page=x", "page=", "page=" + "9" * 40, "schedule=x"]
)
def test_pages_that_are_not_there(site: Any, query: str) -> None:
    assert site.client.get(f"/editions/?{query}").status_code == 404


def test_the_archive_has_one_address(site: Any) -> None:
    for query in ("", "?page=2"):
        answer = site.client.get(f"/editions{query}", follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (301, f"/editions/{query}")


def test_the_site_leads_to_the_archive(site: Any) -> None:
    links = [one["href"] for one in page(site, "/").all("a")]
    assert links.count("/editions/") == 2
    assert "/editions/" in [one["href"] for one in page(site, public(site)).all("a")]
    assert "editions/</loc>" in site.client.get("/sitemap.xml").text
    define(site, public=False)
    site.app.publish()
    assert "/editions/" not in [one["href"] for one in page(site, "/").all("a")]
    assert "editions/</loc>" not in site.client.get("/sitemap.xml").text


def test_right_to_left(site: Any) -> None:
    old = site.app.definitions
    who = replace(old.publication, language="ar")
    site.app.replace_definitions(replace(old, publication=who))
    change(site, title="عودة العبارة", language="ar")
    text = site.client.get(public(site)).text
    assert '<html lang="ar" dir="rtl">' in text
    assert '<article class="lead pictured">' in text
    assert 'lang="en" dir="ltr"' in text


def test_no_reading_changes_the_store(site: Any, snapshot: Any) -> None:
    before = snapshot()
    paths = [public(site), "/editions", "/editions/", "/editions/?page=2", site.view_path()]
    for path in (*paths, f"{site.view_path()}/mail"):
        for method in ("get", "head"):
            assert getattr(site.client, method)(path).status_code < 500
        assert site.client.post(path).status_code in {404, 405}
    assert snapshot() == before


def test_a_story_without_anything_still_reads(site: Any) -> None:
    content = site.app.store.content(site.edition.id)
    first = content.stories[0]
    bare = StoryView(
        id=first.id, feeds=first.feeds, title="Bare", url=first.url, published=first.published
    )
    revise(site, EditionContent(stories=(bare,)))
    seen = page(site, public(site))
    assert seen.meta("og:image") is None
    assert seen.meta("twitter:card") == "summary"
    assert len(seen.all("article")) == 1


def test_a_copy_of_long_ago_leads_on_to_what_everybody_may_read(site: Any) -> None:
    """Deliveries are dropped some time after an edition; the links in its mails stay good."""
    path, now = site.view_path(), site.clock.now()
    send_due(site.app)
    assert site.app.store.fold_edition(now + timedelta(days=1), now)
    assert site.app.store.deliveries(site.edition.id) == []
    answer = site.client.get(path, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, public(site))
    assert site.client.get(public(site)).status_code == 200
    assert site.client.get(f"{path}x").status_code == 404
    define(site, dict.fromkeys(("harbour", "culture", "tides"), False))
    assert site.client.get(path).status_code == 404
