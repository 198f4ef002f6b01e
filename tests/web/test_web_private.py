"""Readers' own feeds: what their editions told them, for them alone, and reading it marks nothing."""

import json
from typing import Any

import feedparser
import pytest

from publisher import config
from publisher.app.sending import send_all
from publisher.core.feeding import FORMATS
from publisher.kit.tokens import SignedTokens
from publisher.lint.feeds import DocumentInspector
from publisher.model.subscribers import SubscriberStatus
from publisher.ports import ArticleChanges

ADA = "ada@example.org"
KEEP = {"save": "yes", "name": "Ada", "timezone": "", "language": "en"}


@pytest.fixture
def sent(site: Any) -> Any:
    send_all(site.app)
    return site


def path_of(site: Any, form: str = "atom", email: str = ADA) -> str:
    address: str = site.app.feeding.address(site.person(email), form)
    base = site.app.definitions.publication.url
    assert address.startswith(base)
    return "/" + address.removeprefix(base)


def by_feed(site: Any, *, on: bool = True) -> None:
    site.app.store.change_subscriber(site.person().id, by_feed=on)


def ids(site: Any, form: str = "json") -> list[str]:
    document = site.client.get(path_of(site, form)).text
    if form == "json":
        return [item["id"] for item in json.loads(document)["items"]]
    return [entry.id for entry in feedparser.parse(document).entries]


def entries(site: Any, path: str) -> dict[str, Any]:
    return {entry.id: entry for entry in feedparser.parse(site.client.get(path).content).entries}


def test_it_holds_what_the_digest_held_under_the_ids_of_every_feed(sent: Any) -> None:
    delivery = sent.delivery()
    told = sent.app.store.articles_by_id(delivery.articles)
    assert set(ids(sent)) == {article.uid for article in told.values()}
    assert ids(sent, "atom") == ids(sent, "rss") == ids(sent)
    public, mine = (entries(sent, path) for path in ("/feeds/harbour.rss", path_of(sent, "rss")))
    both = public.keys() & mine.keys()
    assert both
    for one in both:
        assert mine[one].content == public[one].content
        assert mine[one].published == public[one].published
        assert mine[one].link == public[one].link


def test_nothing_stands_in_it_before_it_was_sent(site: Any) -> None:
    assert ids(site) == []
    by_feed(site)
    assert ids(site) == []
    send_all(site.app)
    assert ids(site)
    assert all("ada" not in str(letter["To"]) for letter in site.letters())


@pytest.mark.parametrize("form", FORMATS)
def test_our_own_lint_finds_nothing(sent: Any, form: str) -> None:
    answer = sent.client.get(path_of(sent, form))
    address = sent.app.feeding.address(sent.person(), form)
    kind = answer.headers["content-type"]
    found = DocumentInspector().inspect(answer.content, url=address, media_type=kind)
    assert found.entries
    assert [str(one) for one in (*found.errors, *found.warnings)] == []


def test_nobody_else_may_keep_it_index_it_or_learn_of_it(sent: Any) -> None:
    for form in FORMATS:
        answer = sent.client.get(path_of(sent, form))
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "private, no-cache"
        assert "noindex" in answer.headers["x-robots-tag"]
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in answer.headers
        assert "hub" not in answer.headers.get("link", "")
        assert ADA not in answer.text
    assert "Disallow: /feeds/private/" in sent.client.get("/robots.txt").text
    assert "private" not in sent.client.get("/").text


def test_conditional_requests_and_head(sent: Any) -> None:
    path = path_of(sent)
    first = sent.client.get(path)
    again = sent.client.get(path, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == "private, no-cache"
    head = sent.client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == first.headers["etag"]
    assert sent.client.post(path).status_code == 405


def test_the_tag_changes_when_the_document_does_and_only_then(sent: Any) -> None:
    store, now, path = sent.app.store, sent.app.now(), path_of(sent)
    article = next(iter(store.articles_by_id(sent.delivery().articles).values()))
    seen: dict[str, bytes] = {}

    def look() -> bytes:
        answer = sent.client.get(path)
        assert seen.setdefault(answer.headers["etag"], answer.content) == answer.content
        return bytes(answer.content)

    first = look()
    (sent.root / "articles/harbour/unrelated.md").write_text("---\ntitle: Else\n---\nElse.\n")
    sent.app.collect(everything=True)
    assert look() == first
    store.change_article(article.id, ArticleChanges(title="Renamed"), now)
    assert b"Renamed" in look()
    store.change_article(article.id, ArticleChanges(hidden=True), now)
    assert b"Renamed" not in look()
    feed = sent.root / "feeds/harbour.toml"
    feed.write_text("full_text = false\n" + feed.read_text())
    sent.app.replace_definitions(config.load(sent.root))
    look()
    assert len(seen) == 4
    assert len(set(seen.values())) == 4


def test_reading_changes_nothing(sent: Any, snapshot: Any) -> None:
    before = snapshot()
    for form in FORMATS:
        assert sent.client.get(path_of(sent, form)).status_code == 200
    assert snapshot() == before


def test_a_new_address_takes_the_old_one_back(sent: Any, snapshot: Any) -> None:
    old = path_of(sent)
    page = sent.client.get(sent.choose_path()).text
    assert old in page
    before = snapshot()
    for wrong in (b"", b"x=1"):
        sent.client.post(sent.choose_path(), content=wrong)
    assert snapshot() == before
    page = sent.client.post(sent.choose_path(), data={"renew": "1"}).text
    assert "The one before no longer works" in page
    assert old not in page
    new = path_of(sent)
    assert new in page
    gone = sent.client.get(old)
    assert gone.status_code == 410
    assert "This feed is closed" in gone.text
    assert gone.headers["cache-control"] == "private, no-store"
    assert sent.client.get(new).status_code == 200


@pytest.mark.parametrize("how", ["left", "suppressed", "erased", "pending"])
def test_who_left_is_told_nothing_more(sent: Any, how: str) -> None:
    path, person, store, now = path_of(sent), sent.person(), sent.app.store, sent.app.now()
    if how == "left":
        store.set_status(person.id, SubscriberStatus.UNSUBSCRIBED, now)
    elif how == "suppressed":
        store.suppress(ADA, "bounced", now)
    elif how == "erased":
        store.erase(person.id, now)
    else:
        store.set_status(person.id, SubscriberStatus.PENDING, now)
    assert sent.client.get(path).status_code == 410


def test_who_pauses_may_read_on(sent: Any) -> None:
    sent.app.store.set_status(sent.person().id, SubscriberStatus.PAUSED, sent.app.now())
    assert ids(sent)


def test_an_address_we_never_gave_is_not_found(sent: Any) -> None:
    sign = sent.app.tokens.sign
    person = sent.person().id
    for token in (
        "x",
        sign("preferences", f"{person}:"),
        sign("private-feed", f"{person}"),
        sign("private-feed", "x:"),
        sign("private-feed", "9" * 99 + ":"),
        SignedTokens({1: bytes(32)}, 1).sign("private-feed", f"{person}:"),
    ):
        assert sent.client.get(f"/feeds/private/{token}.atom").status_code == 404
    good = path_of(sent).removesuffix(".atom")
    for odd in (good, f"{good}.html", f"{good}.atom.rss", "/feeds/private/", "/feeds/private"):
        assert sent.client.get(odd).status_code == 404


def test_hidden_stories_leave_it(sent: Any) -> None:
    before = ids(sent)
    store = sent.app.store
    article = next(iter(store.articles_by_id(sent.delivery().articles).values()))
    store.change_article(article.id, ArticleChanges(hidden=True), sent.app.now())
    assert ids(sent) == [one for one in before if one != article.uid]


def test_its_own_id_is_for_ever_and_says_nothing(sent: Any) -> None:
    def uid(email: str) -> str:
        parsed = feedparser.parse(sent.client.get(path_of(sent, "atom", email)).text)
        return str(parsed.feed.id)

    before = uid(ADA)
    sent.client.post(sent.choose_path(), data={"renew": "1"})
    assert uid(ADA) == before
    assert before.startswith("tag:")
    assert uid("bo@example.org") != before


def test_the_page_lets_readers_change_between_mail_and_feed(sent: Any) -> None:
    page = " ".join(sent.client.get(sent.choose_path()).text.split())
    assert 'name="by" value="mail" checked' in page
    page = sent.client.post(sent.choose_path(), data={**KEEP, "by": "feed"}).text
    assert "everything comes in your feed" in page
    assert sent.person().by_feed
    sent.client.post(sent.choose_path(), data=KEEP)
    assert sent.person().by_feed, "a form that says nothing of it changes nothing of it"
    sent.client.post(sent.choose_path(), data={**KEEP, "by": "pigeon"})
    assert sent.person().by_feed
    sent.client.post(sent.choose_path(), data={**KEEP, "by": "mail"})
    assert not sent.person().by_feed


def test_who_left_sees_no_address(sent: Any) -> None:
    sent.app.store.set_status(sent.person().id, SubscriberStatus.UNSUBSCRIBED, sent.app.now())
    assert "/feeds/private/" not in sent.client.get(sent.choose_path()).text


def test_the_digest_leads_to_the_choice(sent: Any) -> None:
    letter = next(one for one in sent.letters() if ADA in str(one["To"]))
    html = letter.get_body(("html",)).get_content()
    assert f"{sent.choose_path()}#feed" in html
    assert 'id="feed"' in sent.client.get(sent.choose_path()).text
