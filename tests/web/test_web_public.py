"""Editions online, leaving with one click or by the page, and the health address."""

import re
from datetime import timedelta
from typing import Any

import pytest
from litestar.testing import TestClient

from publisher import config
from publisher.app import App
from publisher.core.online import Online
from publisher.model.editions import EditionState
from publisher.model.subscribers import SubscriberStatus
from publisher.web.server import create_app

ONE_CLICK = "List-Unsubscribe=One-Click"
FORM = {"content-type": "application/x-www-form-urlencoded"}


def undo_of(page: str) -> str:
    found = re.search(r'name="undo" value="([^"]+)"', page)
    return found[1] if found else ""


def test_one_click_leaves_at_once_and_again(site: Any) -> None:
    for _ in range(3):
        answer = site.client.post(site.leave_path(), content=ONE_CLICK, headers=FORM)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain")
        assert "set-cookie" not in answer.headers
        assert site.person().status is SubscriberStatus.UNSUBSCRIBED
    assert site.person("bo@example.org").status is SubscriberStatus.CONFIRMED


def test_one_click_in_multipart(site: Any) -> None:
    answer = site.client.post(site.leave_path(), files={"List-Unsubscribe": (None, "One-Click")})
    assert (answer.status_code, answer.text) == (200, "You are unsubscribed.\n")
    assert site.person().status is SubscriberStatus.UNSUBSCRIBED


@pytest.mark.parametrize("content_type", ["", "application/json", "multipart/form-data", "x"])
def test_a_damaged_body_leaves_all_the_same(site: Any, content_type: str) -> None:
    headers = {"content-type": content_type}
    answer = site.client.post(site.leave_path(), content=b"\xff{", headers=headers)
    assert answer.status_code == 200
    assert site.person().status is SubscriberStatus.UNSUBSCRIBED


def test_the_page_asks_then_leaves_then_takes_it_back(site: Any) -> None:
    path = site.leave_path()
    shown = site.client.get(path)
    assert shown.status_code == 200
    assert "a…@example.org" in shown.text
    assert "ada@" not in shown.text
    assert 'method="post"' in shown.text
    assert site.person().status is SubscriberStatus.CONFIRMED
    done = site.client.post(path, data={"leave": "yes"})
    assert site.person().status is SubscriberStatus.UNSUBSCRIBED
    back = site.client.post(path, data={"undo": undo_of(done.text)})
    assert back.status_code == 200
    assert site.person().status is SubscriberStatus.CONFIRMED


def test_undo_restores_what_there_was(site: Any) -> None:
    store, person = site.app.store, site.person()
    store.set_status(person.id, SubscriberStatus.PAUSED, site.app.now())
    page = site.client.post(site.leave_path(), data={"leave": "yes"}).text
    site.client.post(site.leave_path(), data={"undo": undo_of(page)})
    assert site.person().status is SubscriberStatus.PAUSED


def test_undo_ends_after_a_day_and_is_for_one_person(site: Any) -> None:
    undo = undo_of(site.client.post(site.leave_path(), data={"leave": "yes"}).text)
    bo = site.leave_path("bo@example.org")
    site.client.post(bo, data={"leave": "yes"})
    assert site.client.post(bo, data={"undo": undo}).status_code == 404
    assert site.person("bo@example.org").status is SubscriberStatus.UNSUBSCRIBED
    site.clock.advance(timedelta(days=1, seconds=1))
    assert site.client.post(site.leave_path(), data={"undo": undo}).status_code == 404
    assert site.person().status is SubscriberStatus.UNSUBSCRIBED


def test_a_second_visit_offers_no_way_to_revive_somebody(site: Any) -> None:
    site.client.post(site.leave_path(), content=ONE_CLICK, headers=FORM)
    page = site.client.post(site.leave_path(), data={"leave": "yes"}).text
    assert undo_of(page) == ""
    assert undo_of(site.client.get(site.leave_path()).text) == ""


def test_a_suppressed_address_stays_suppressed(site: Any) -> None:
    site.app.store.suppress("ada@example.org", "complaint", site.app.now())
    page = site.client.post(site.leave_path(), data={"leave": "yes"}).text
    assert undo_of(page) == ""
    assert [item.email for item in site.app.store.suppressions()] == ["ada@example.org"]


@pytest.mark.parametrize("area", ["unsubscribe", "preferences", "confirm", "editions/1"])
@pytest.mark.parametrize("token", ["x", "AAAA", "%00", "a" * 5_000, "\u202e"])
def test_unknown_tokens_are_not_found(site: Any, snapshot: Any, area: str, token: str) -> None:
    before = snapshot()
    for method in ("get", "post"):
        answer = getattr(site.client, method)(f"/{area}/{token}")
        assert answer.status_code in ({404, 405} if area.startswith("ed") else {404})
        assert "Traceback" not in answer.text
    assert snapshot() == before


def test_a_token_is_good_for_its_own_page_only(site: Any) -> None:
    token = site.leave_path().removeprefix("/unsubscribe/")
    assert site.client.get(f"/preferences/{token}").status_code == 404
    assert site.client.get(f"/editions/{site.edition.id}/{token}").status_code == 404


def test_somebody_erased_is_not_found(site: Any) -> None:
    path = site.leave_path()
    site.app.store.erase(site.person().id, site.app.now())
    assert site.client.get(path).status_code == 404
    assert site.client.post(path, content=ONE_CLICK, headers=FORM).status_code == 404


def test_private_pages_are_kept_from_caches_referrers_and_robots(site: Any) -> None:
    for path in (site.leave_path(), site.choose_path(), site.view_path(), *site.confirm_paths()):
        headers = site.client.get(path).headers
        assert headers["cache-control"] == "private, no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert "noindex" in headers["x-robots-tag"]
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in policy
        assert "script" not in policy


def test_the_whole_edition_names_nobody(site: Any) -> None:
    answer = site.client.get(f"/editions/{site.edition.id}")
    assert answer.status_code == 200
    titles = site.app.store.articles_by_id(site.edition.articles).values()
    for article in titles:
        assert article.title.split("'")[0].split("’")[0] in answer.text
    assert "/unsubscribe/" not in answer.text
    assert "/preferences/" not in answer.text
    assert "example.org" not in answer.text
    assert "noindex" not in answer.headers.get("x-robots-tag", "")


def test_a_reader_sees_their_own_selection(site: Any) -> None:
    found = site.app.store.articles_by_id(site.edition.articles)
    mine = site.delivery("bo@example.org").articles
    page = site.client.get(site.view_path("bo@example.org"))
    assert page.status_code == 200
    assert set(mine) < set(site.edition.articles)
    for number, article in found.items():
        shown = f'href="{article.url}"' in page.text
        assert shown or number not in mine
    assert site.leave_path("bo@example.org") in page.text


@pytest.mark.parametrize("number", ["0", "999", "01", "-1", "x", "9" * 40, "\u0661"])
def test_unknown_editions_are_not_found(site: Any, number: str) -> None:
    assert site.client.get(f"/editions/{number}").status_code == 404


def test_a_cancelled_edition_is_shown_only_to_those_who_may_have_it(site: Any) -> None:
    store, path = site.app.store, site.view_path()
    store.move_edition(site.edition.id, (EditionState.OPEN,), EditionState.CANCELLED, "wrong")
    assert site.client.get(f"/editions/{site.edition.id}").status_code == 404
    assert site.client.get(path).status_code == 200


def test_a_copy_belongs_to_its_edition(site: Any) -> None:
    token = site.view_path().rpartition("/")[2]
    assert site.client.get(f"/editions/{site.edition.id + 1}/{token}").status_code == 404


def test_health(site: Any) -> None:
    answer = site.client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert answer.headers["cache-control"] == "no-store"


def test_health_says_when_the_store_is_held_back(site: Any) -> None:
    site.app.store.beat(site.app.now())
    site.app.store.hold_back("it is a copy")
    told = site.client.get("/healthz").json()
    assert told["sending"] == "held back: it is a copy; `publisher resume` releases it"
    assert told["last_beat"] == site.app.now().isoformat()


def test_a_form_has_a_limit(site: Any) -> None:
    answer = site.client.post(site.leave_path(), content=b"x" * 70_000, headers=FORM)
    assert answer.status_code == 413
    assert "<html" in answer.text
    assert site.person().status is SubscriberStatus.CONFIRMED


class BrokenApp(App):
    @property
    def online(self) -> Online:
        raise RuntimeError("secret detail")


def test_a_fault_of_ours_shows_no_trace(site: Any) -> None:
    broken = BrokenApp(site.app.definitions, clock=site.clock)
    answer = TestClient(create_app(broken)).get(f"/editions/{site.edition.id}")
    broken.close()
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "Traceback" not in answer.text
    assert "This page could not be made" in answer.text


def test_broken_templates_still_give_a_page(site: Any) -> None:
    own = site.root / "templates/web"
    own.mkdir(parents=True)
    for name in ("problem.html", "unsubscribe.html"):
        (own / name).write_text("{{ nothing.there }}")
    answer = site.client.get(site.leave_path())
    assert answer.status_code == 200
    assert "<form" in answer.text  # the shipped page, whole
    site.app.__dict__["guard"] = site.app.strict_guard  # as if the shipped ones were broken too
    answer = site.client.get(site.leave_path())
    assert answer.status_code == 500
    assert "nothing" not in answer.text
    assert "<h1>" in answer.text
    answer = site.client.post(site.leave_path(), content=ONE_CLICK, headers=FORM)
    assert answer.status_code == 200
    assert site.person().status is SubscriberStatus.UNSUBSCRIBED


def test_no_reading_changes_the_store(site: Any, snapshot: Any) -> None:
    before = snapshot()
    number = site.edition.id
    pages = ["/", "/opml", "/healthz", "/feeds/harbour.rss", "/nothing", f"/editions/{number}"]
    personal = [site.leave_path(), site.choose_path(), site.view_path(), *site.confirm_paths()]
    pages = [
        *pages,
        "/subscribe",
        "/subscribe?feed=harbour&email=new@example.org&want=harbour/morning",
    ]
    tricks = [
        f"{path}?undo=1&again=1&want=harbour/morning&List-Unsubscribe=One-Click"
        for path in personal
    ]
    for path in (*pages, *personal, *tricks):
        for method in ("get", "head", "options"):
            assert getattr(site.client, method)(path).status_code < 500
    assert snapshot() == before


def test_leaving_speaks_the_readers_language(site: Any) -> None:
    site.app.store.change_subscriber(site.person().id, language="ar")
    page = site.client.get(site.leave_path()).text
    assert '<html lang="ar" dir="rtl">' in page
    assert "إيقاف هذه الرسائل؟" in page
    assert "تم إلغاء الاشتراك" in site.client.post(site.leave_path()).text


def test_errors_speak_the_publications_language(site: Any) -> None:
    path = site.root / "publisher.toml"
    path.write_text(path.read_text().replace('language = "en"', 'language = "fr"'))
    site.app.replace_definitions(config.load(site.root))
    page = site.client.get("/unsubscribe/nonsense")
    assert page.status_code == 404
    assert "Cette page n’existe pas" in page.text


def test_broken_words_still_give_an_error_page(site: Any) -> None:
    words = site.root / "templates/words"
    words.mkdir(parents=True)
    (words / "en.toml").write_text("problem = 7\n")
    answer = TestClient(create_app(App(site.app.definitions, clock=site.clock))).get(
        "/nothing/here/"
    )
    assert answer.status_code == 404
    assert "Bad Request" in answer.text
