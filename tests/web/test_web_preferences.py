"""Readers say what they get: GET shows, POST saves what was offered and nothing else."""

from typing import Any

from publisher import config
from publisher.model.subscribers import SubscriberStatus

KEEP = {"save": "yes", "name": "Ada Lindqvist", "timezone": "Europe/Berlin", "language": "en"}


def pairs(site: Any, email: str = "ada@example.org") -> set[tuple[str, str]]:
    return {(item.feed, item.schedule) for item in site.person(email).subscriptions}


def second_schedule(site: Any) -> None:
    text = (site.root / "schedules/morning.toml").read_text()
    text = text.replace("Morning digest", "Weekend digest").replace("every weekday", "every sat")
    (site.root / "schedules/weekend.toml").write_text(text.replace('"now"', '"next"'))
    site.app.replace_definitions(config.load(site.root))


def test_the_page_shows_feeds_with_their_schedule(site: Any) -> None:
    page = site.client.get(site.choose_path()).text
    assert page.count('name="want"') == 3
    assert page.count(" checked") == 3
    assert 'value="harbour/morning" checked' in " ".join(page.split())
    assert "Ships, quays and the people on them" in page
    assert "07:30" in page
    assert 'value="Ada Lindqvist"' in page
    assert "a…@example.org" in page
    assert "/unsubscribe/" in page
    assert " style=" not in page


def test_saving_sets_exactly_what_is_ticked(site: Any) -> None:
    answer = site.client.post(site.choose_path(), data={"want": ["tides/morning"], **KEEP})
    assert answer.status_code == 200
    assert "Saved" in answer.text
    assert pairs(site) == {("tides", "morning")}
    site.client.post(site.choose_path(), data=KEEP)
    assert pairs(site) == set()
    assert site.person().status is SubscriberStatus.CONFIRMED


def test_a_feed_may_come_by_two_schedules(site: Any) -> None:
    second_schedule(site)
    wanted = ["harbour/morning", "harbour/weekend"]
    page = site.client.post(site.choose_path(), data={"want": wanted, **KEEP}).text
    assert page.count('name="want"') == 6
    assert pairs(site) == {("harbour", "morning"), ("harbour", "weekend")}


def test_what_was_not_offered_cannot_be_taken_and_is_not_lost(site: Any) -> None:
    second_schedule(site)
    store, person = site.app.store, site.person()
    store.subscribe(person.id, [("culture", "weekend"), ("harbour", "morning")], site.app.now())
    (site.root / "schedules/weekend.toml").unlink()
    feed = site.root / "feeds/tides.toml"
    feed.write_text("public = false\n" + feed.read_text())
    site.app.replace_definitions(config.load(site.root))
    ticked = ["tides/morning", "harbour/collect", "x/y", "", "/", "culture/morning"]
    site.client.post(site.choose_path(), data={"want": ticked, **KEEP})
    assert pairs(site) == {("culture", "weekend"), ("culture", "morning")}


def test_facts_are_cleaned_and_checked(site: Any) -> None:
    data = {
        "save": "yes",
        "name": " <b>Ada\r\nL\x00</b> ",
        "timezone": "Asia/Tokyo",
        "language": "",
    }
    page = site.client.post(site.choose_path(), data=data).text
    person = site.person()
    assert (person.name, person.timezone, person.language) == ("<b>Ada L </b>", "Asia/Tokyo", "")
    assert "<b>Ada" not in page


def test_what_does_not_exist_saves_nothing(site: Any, snapshot: Any) -> None:
    before = snapshot()
    for wrong in ({"timezone": "Mars/Base"}, {"timezone": "../etc"}, {"language": "xx"}):
        answer = site.client.post(site.choose_path(), data={**KEEP, **wrong})
        assert answer.status_code == 422
        assert "Nothing was saved" in answer.text
    assert snapshot() == before


def test_saving_revives_nobody(site: Any) -> None:
    site.app.store.set_status(site.person().id, SubscriberStatus.UNSUBSCRIBED, site.app.now())
    page = site.client.post(site.choose_path(), data={"want": ["harbour/morning"], **KEEP}).text
    assert site.person().status is SubscriberStatus.UNSUBSCRIBED
    assert "no mail" in page


def test_a_form_that_cannot_be_read_changes_nothing(site: Any, snapshot: Any) -> None:
    before = snapshot()
    for body in (b"", b"want=tides/morning", b"\xff", b"List-Unsubscribe=One-Click"):
        assert site.client.post(site.choose_path(), content=body).status_code == 200
    assert snapshot() == before


def test_facts_left_out_are_left_alone(site: Any) -> None:
    site.client.post(site.choose_path(), data={"save": "yes", "want": ["tides/morning"]})
    person = site.person()
    assert (person.name, person.timezone) == ("Ada Lindqvist", "Europe/Berlin")


def test_the_page_speaks_the_readers_language(site: Any) -> None:
    person = site.app.store.change_subscriber(site.person().id, language="de-AT")
    assert person.language == "de-AT"
    page = site.client.get(site.choose_path()).text
    assert '<html lang="de" dir="ltr">' in page
    assert "Was Sie bekommen, und wann" in page
    assert "Morning digest, montags bis freitags um 07:30 Uhr" in page
    assert "Wie die Zeitung: English" in page
    assert "Deutsch (de-AT)" in page
    refused = site.client.post(site.choose_path(), data={**KEEP, "timezone": "Mars/Base"})
    assert "Diese Zeitzone gibt es nicht" in refused.text


def test_a_crontab_line_is_named_by_its_schedule(site: Any) -> None:
    path = site.root / "schedules/morning.toml"
    path.write_text(
        path.read_text().replace('when = "every weekday at 07:30"', 'cron = "30 7 * * 1-5"')
    )
    site.app.replace_definitions(config.load(site.root))
    assert "Morning digest, at 07:30" in site.client.get(site.choose_path()).text
    site.app.store.change_subscriber(site.person().id, language="de")
    page = " ".join(site.client.get(site.choose_path()).text.split())
    assert "> Morning digest</label>" in page


def test_an_alert_is_offered_in_words_and_never_ticked_by_itself(site: Any) -> None:
    text = 'action = "alert"\ntitle = "Breaking news"\nfeeds = ["harbour"]\n'
    (site.root / "schedules/breaking.toml").write_text(text)
    site.app.replace_definitions(config.load(site.root))
    page = " ".join(site.client.get(site.choose_path()).text.split())
    assert "Breaking news, at once" in page
    assert 'value="harbour/breaking"' in page
    assert 'value="harbour/breaking" checked' not in page
    site.client.post(site.choose_path(), data={"want": ["harbour/breaking"], **KEEP})
    assert pairs(site) == {("harbour", "breaking")}
