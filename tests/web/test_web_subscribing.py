"""Subscribing by the page: the form, the letters, the buttons in them; and what a stranger cannot do."""

import re
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher import config
from publisher.core.greeting import CONFIRM, LONGEST_CHOICE
from publisher.model.subscribers import SubscriberStatus
from publisher.web.turnstile import LIMIT, MOST, WITHIN, Turnstile, place_of
from tests.web.conftest import NOW

EMAIL = "new@example.org"
ASKED = {"email": EMAIL, "name": "Nia", "want": ["harbour/morning", "tides/morning"]}


def ask(site: Any, email: str = EMAIL, **more: Any) -> Any:
    return site.client.post("/subscribe", data={**ASKED, "email": email, **more})


def button(letter: EmailMessage) -> str:
    """The path behind a letter's button, as its text part has it."""
    text = letter.get_body(("plain",)).get_content()
    found = re.search(r"^https?://[^/\s]+(/(?:confirm|preferences)/\S+)$", text, re.MULTILINE)
    assert found, text
    html = letter.get_body(("html",)).get_content()
    assert f'{found[1]}"' in html
    return found[1]


def pairs(site: Any, email: str = EMAIL) -> set[tuple[str, str]]:
    return {(item.feed, item.schedule) for item in site.person(email).subscriptions}


def edit(site: Any, name: str, old: str, new: str) -> None:
    path = site.root / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    site.app.replace_definitions(config.load(site.root))


UNSIGNABLE = '[mail.dkim]\nselector = "s1"\nkey = "no key"\n'


def break_mail(site: Any) -> None:
    """Let mail go to a port where nobody listens."""
    away = '[transports.away]\ntype = "smtp"\nhost = "127.0.0.1"\nport = 1\nsecurity = "none"\n'
    with (site.root / "publisher.toml").open("a") as file:
        file.write(away)
    edit(site, "publisher.toml", 'transport = "outbox"', 'transport = "away"')


def test_from_the_form_to_the_welcome_and_out_again(site: Any) -> None:
    page = site.client.get("/subscribe")
    assert page.status_code == 200
    assert page.text.count('name="want"') == page.text.count(" checked") == 3
    assert "set-cookie" not in page.headers
    assert ask(site).status_code == 200
    assert site.person(EMAIL).status is SubscriberStatus.PENDING
    (confirmation,) = site.letters()
    assert confirmation["Subject"].startswith("Please confirm: ")
    path = button(confirmation)
    assert 'method="post"' in site.client.get(path).text
    assert site.person(EMAIL).status is SubscriberStatus.PENDING
    site.clock.advance(timedelta(hours=2))
    assert "You are subscribed" in site.client.post(path).text
    person = site.person(EMAIL)
    assert (person.status, person.name) == (SubscriberStatus.CONFIRMED, "Nia")
    assert (person.joined, person.consent_at) == (NOW, NOW + timedelta(hours=2))
    assert pairs(site) == {("harbour", "morning"), ("tides", "morning")}
    site.client.post(path)
    _, welcome = site.letters()
    text = welcome.get_body(("plain",)).get_content()
    assert "- Harbour: weekdays at 07:30" in text
    assert 'name="save"' in site.client.get(button(welcome)).text
    leave = welcome["List-Unsubscribe"].strip("<>").split("/", 3)[3]
    assert welcome["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    site.client.post(f"/{leave}", data={"leave": "yes"})
    assert site.person(EMAIL).status is SubscriberStatus.UNSUBSCRIBED
    goodbye = site.letters()[2]
    assert goodbye["Subject"].startswith("You have unsubscribed")
    site.clock.advance(timedelta(days=400))
    site.client.post(button(goodbye))
    person = site.person(EMAIL)
    assert person.status is SubscriberStatus.CONFIRMED
    assert person.consent_at == site.clock.moment
    assert len(pairs(site)) == 2


def test_letters_are_no_list_mail_and_name_nobody(site: Any) -> None:
    ask(site, name="Win a prize at http://evil.example")
    site.client.post(button(site.letters()[0]))
    site.client.post(site.leave_path(EMAIL), data={"leave": "yes"})
    kinds = site.letters()
    assert len(kinds) == 3
    for letter in kinds:
        assert (letter["To"], letter["Auto-Submitted"]) == (EMAIL, "auto-generated")
        assert letter["List-Id"] is None
        assert "evil" not in letter.as_string()
    assert [bool(letter["List-Unsubscribe"]) for letter in kinds] == [False, True, False]
    assert len({letter["Message-ID"] for letter in kinds}) == 3


def test_leaving_by_a_program_or_twice_sends_no_more_than_one_goodbye(site: Any) -> None:
    one_click = {"List-Unsubscribe": "One-Click"}
    site.client.post(site.leave_path("bo@example.org"), data=one_click)
    assert site.letters() == []
    for _ in range(2):
        site.client.post(site.leave_path(), data={"leave": "yes"})
    assert len(site.letters()) == 1
    waiting = site.app.store
    ask(site)
    waiting.set_status(site.person(EMAIL).id, SubscriberStatus.PENDING, site.app.now())
    site.client.post(site.leave_path(EMAIL), data={"leave": "yes"})
    assert [letter["To"] for letter in site.letters()] == ["ada@example.org", EMAIL]


def test_the_answer_is_the_same_whoever_it_is(site: Any) -> None:
    store, now = site.app.store, site.app.now()
    store.set_status(site.person("bo@example.org").id, SubscriberStatus.UNSUBSCRIBED, now)
    store.suppress("bad@example.org", "complaint", now)
    people = (
        "ada@example.org",
        "bo@example.org",
        "bad@example.org",
        EMAIL,
        EMAIL,
        "ADA@example.org",
    )
    answers = [ask(site, email) for email in people]
    assert {(answer.status_code, answer.text) for answer in answers} == {(200, answers[0].text)}
    assert {tuple(sorted(answer.headers.items())) for answer in answers} == {
        tuple(sorted(answers[0].headers.items()))
    }
    sent = {letter["To"]: letter["Subject"].partition(" ")[0] for letter in site.letters()}
    assert sent == {"ada@example.org": "Welcome", "bo@example.org": "Please", EMAIL: "Please"}
    assert len(site.letters()) == 3


def test_a_form_changes_nobody_who_is_known(site: Any) -> None:
    store = site.app.store
    store.set_status(
        site.person("bo@example.org").id, SubscriberStatus.UNSUBSCRIBED, site.app.now()
    )
    ask(site)
    known = [site.person(email) for email in ("ada@example.org", "bo@example.org", EMAIL)]
    for person in known:
        ask(site, person.email, name="Mallory", want=["culture/morning"])
    assert [site.person(person.email) for person in known] == known


def test_each_button_confirms_what_its_own_form_chose(site: Any) -> None:
    ask(site, want=["tides/morning"])
    site.clock.advance(timedelta(hours=1))
    ask(site, want=["culture/morning", "nothing/morning", "harbour/collect"])
    first, second = map(button, site.letters())
    site.client.post(second)
    assert pairs(site) == {("culture", "morning")}
    site.client.post(first)
    assert pairs(site) == {("culture", "morning")}


def test_somebody_who_left_may_come_back_with_a_new_choice(site: Any) -> None:
    site.client.post(site.leave_path(), content=b"List-Unsubscribe=One-Click")
    ask(site, "ada@example.org", want=["tides/morning"])
    site.client.post(button(site.letters()[0]))
    assert site.person().status is SubscriberStatus.CONFIRMED
    assert pairs(site, "ada@example.org") == {("tides", "morning")}


def test_an_address_gets_one_confirmation_an_hour_in_every_process(site: Any) -> None:
    from litestar.testing import TestClient

    from publisher.app import App
    from publisher.web.server import create_app

    other = App.open(site.root, clock=site.clock)
    for client in (site.client, TestClient(create_app(other)), site.client):
        assert client.post("/subscribe", data=ASKED).status_code == 200
    assert len(site.letters()) == 1
    site.clock.advance(timedelta(hours=1))
    ask(site)
    other.close()
    first, second = site.letters()
    assert first["Message-ID"] != second["Message-ID"]


def test_one_place_may_send_so_many_forms(site: Any) -> None:
    statuses = [ask(site, f"reader{n}@example.org").status_code for n in range(LIMIT + 1)]
    assert statuses == [200] * LIMIT + [429]
    assert len(site.letters()) == LIMIT
    site.clock.advance(WITHIN)
    assert ask(site).status_code == 200


@pytest.mark.parametrize(
    "email",
    [
        *("", "nobody", "a@b", "a b@example.org", "a@example.org, b@example.org"),
        *("a@example.org\r\nBcc: b@example.org", "<a@example.org", "a@exa\0mple.org", "a" * 400),
    ],
)
def test_what_is_no_address_is_shown_again(site: Any, snapshot: Any, email: str) -> None:
    before = snapshot()
    if email == "<a@example.org":  # angle brackets around an address are taken away
        assert ask(site, email).status_code == 200
        return
    answer = ask(site, email, name='"><script>')
    assert answer.status_code == 422
    assert "not an e-mail address" in answer.text
    assert "<script" not in answer.text
    assert answer.text.count(" checked") == 2
    assert (snapshot(), site.letters()) == (before, [])


@pytest.mark.parametrize("email", ["grün@example.org", "用户@例子.广告"])
def test_an_address_in_any_script_is_one(site: Any, email: str) -> None:
    """Letters beyond ASCII before the @, too (RFC 6531)."""
    assert ask(site, email).status_code == 200
    (letter,) = site.letters()
    written = letter["To"].addresses[0].username.encode("utf-8", "surrogateescape").decode()
    assert written == email.partition("@")[0]  # as it is (RFC 6532)
    assert site.person(email).status is SubscriberStatus.PENDING


def test_something_must_be_chosen_among_what_is_offered(site: Any, snapshot: Any) -> None:
    before = snapshot()
    feed = site.root / "feeds/tides.toml"
    feed.write_text("public = false\n" + feed.read_text())
    site.app.replace_definitions(config.load(site.root))
    for want in ([], ["tides/morning"], ["x/y", "/", ""], ["harbour/collect"]):
        answer = ask(site, want=want)
        assert (answer.status_code, "Nothing is chosen" in answer.text) == (422, True)
    assert snapshot() == before


def test_a_hostile_name_stays_a_name(site: Any) -> None:
    ask(site, name="Nia\r\nBcc: all@example.org\r\n\r\nBuy")
    assert site.person(EMAIL).name == "Nia Bcc: all@example.org Buy"
    (letter,) = site.letters()
    assert (letter["Bcc"], letter["To"]) == (None, EMAIL)


def test_a_link_ends_after_seven_days_and_offers_a_new_one(site: Any, snapshot: Any) -> None:
    ask(site, want=["tides/morning"])
    path = button(site.letters()[0])
    site.clock.advance(timedelta(days=7))
    assert "Confirm the subscription?" in site.client.get(path).text
    site.clock.advance(timedelta(days=1))
    before = snapshot()
    for answer in (site.client.get(path), site.client.post(path)):
        assert "This link has expired" in answer.text
        assert 'name="again"' in answer.text
    assert snapshot() == before
    assert "Look into your mailbox" in site.client.post(path, data={"again": "1"}).text
    assert site.person(EMAIL).status is SubscriberStatus.PENDING
    site.client.post(button(site.letters()[1]))
    assert pairs(site) == {("tides", "morning")}
    assert "You are subscribed" in site.client.get(path).text


def test_a_forged_token_confirms_nobody(site: Any, snapshot: Any) -> None:
    ask(site)
    good = button(site.letters()[0])
    before = snapshot()
    wrong = [good[:-1] + ("A" if good[-1] != "A" else "B"), good + "A", good[:-4]]
    wrong.append(site.leave_path(EMAIL).replace("unsubscribe", "confirm"))
    nobody = site.app.tokens.sign(CONFIRM, f"999:{NOW.date()}:")
    for path in (*wrong, f"/confirm/{nobody}"):
        assert site.client.post(path).status_code == 404, path
        assert site.client.get(path).status_code == 404, path
    assert snapshot() == before


def test_a_suppressed_address_cannot_be_confirmed(site: Any, snapshot: Any) -> None:
    ask(site)
    site.app.store.suppress(EMAIL, "bounced", site.app.now())
    before = snapshot()
    page = site.client.post(button(site.letters()[0]))
    assert "This address gets no mail" in page.text
    assert (snapshot(), len(site.letters())) == (before, 1)


def test_a_letter_waits_for_a_relay_that_is_down(site: Any) -> None:
    sound = (site.root / "publisher.toml").read_text()
    complaints: list[str] = []
    site.app.complain = lambda subject, reason: complaints.append(f"{subject}: {reason}")
    break_mail(site)
    assert ask(site).status_code == 200
    assert site.person(EMAIL).status is SubscriberStatus.PENDING
    assert len(complaints) == 1
    assert complaints[0].startswith("letter confirmation: ")
    assert site.client.post(site.leave_path(), data={"leave": "yes"}).status_code == 200
    assert site.person().status is SubscriberStatus.UNSUBSCRIBED
    (site.root / "publisher.toml").write_text(sound)
    site.app.replace_definitions(config.load(site.root))
    site.clock.moment += timedelta(minutes=3)
    assert site.app.carry_letters() == 1  # who left is a sample, for whom no relay is asked
    path = button(site.letters()[0])
    break_mail(site)
    assert "You are subscribed" in site.client.post(path).text
    assert site.person(EMAIL).status is SubscriberStatus.CONFIRMED


def test_mail_that_cannot_be_made_is_said_and_may_be_tried_again(site: Any) -> None:
    sound = (site.root / "publisher.toml").read_text()
    complaints: list[str] = []
    site.app.complain = lambda subject, reason: complaints.append(f"{subject}: {reason}")
    edit(site, "publisher.toml", 'transport = "outbox"', 'transport = "outbox"\n' + UNSIGNABLE)
    answer = ask(site)
    assert answer.status_code == 503
    assert "The mail could not be sent" in answer.text
    assert site.person(EMAIL).status is SubscriberStatus.PENDING
    assert len(complaints) == 1
    (site.root / "publisher.toml").write_text(sound)
    site.app.replace_definitions(config.load(site.root))
    assert ask(site).status_code == 200
    assert button(site.letters()[0])


def test_samples_are_not_written_to_beyond_this_machine(site: Any) -> None:
    break_mail(site)  # SMTP leaves the machine: reaching for it would be an error
    site.app.complain = lambda subject, reason: pytest.fail(f"{subject}: {reason}")
    assert site.person().sample
    assert ask(site, "ada@example.org").status_code == 200


def test_letters_and_pages_speak_the_readers_language(site: Any) -> None:
    edit(site, "publisher.toml", 'language = "en"', 'language = "ar"')
    assert '<html lang="ar" dir="rtl">' in site.client.get("/subscribe").text
    ask(site)
    (letter,) = site.letters()
    assert letter["Content-Language"] == "ar"
    assert letter["Subject"].startswith("يرجى تأكيد الاشتراك")
    site.app.store.change_subscriber(site.person(EMAIL).id, language="de")
    assert "Abonnement bestätigen" in site.client.get(button(letter)).text
    site.client.post(button(letter))
    assert "montags bis freitags" in site.letters()[1].get_body(("plain",)).get_content()


def test_the_site_links_to_the_form_where_there_is_something_to_have(site: Any) -> None:
    assert 'href="/subscribe"' in site.client.get("/").text
    assert 'href="/subscribe?feed=tides"' in site.client.get("/feeds/tides/").text
    page = site.client.get("/subscribe?feed=tides").text
    assert page.count(" checked") == 1
    assert 'value="tides/morning" checked' in page
    (site.root / "schedules/morning.toml").unlink()
    site.app.replace_definitions(config.load(site.root))
    site.app.publish()
    assert site.client.get("/subscribe").status_code == 404
    assert ask(site).status_code == 404
    assert 'href="/subscribe' not in site.client.get("/").text
    assert 'href="/subscribe' not in site.client.get("/feeds/tides/").text


def test_a_choice_too_long_for_a_link_is_what_the_form_stored(site: Any) -> None:
    titles = [f"feed-{number:02}-{'x' * 40}" for number in range(30)]
    text = (site.root / "feeds/tides.toml").read_text()
    for slug in titles:
        (site.root / f"feeds/{slug}.toml").write_text(text)
    edit(site, "schedules/morning.toml", "feeds = ", 'feeds = ["*"] # ')
    ask(site, want=[f"{slug}/morning" for slug in titles])
    path = button(site.letters()[0])
    assert len(path) < LONGEST_CHOICE
    site.client.post(path)
    assert len(pairs(site)) == len(titles)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["192.0.2.1", "2001:db8::1", "2001:db8::ff"]), st.integers(0, 5_000)
        )
    )
)
def test_no_place_ever_passes_more_often_than_the_limit(visits: list[tuple[str, int]]) -> None:
    turnstile = Turnstile(limit=3)
    passed: dict[str, list[int]] = {}
    now = 0
    for address, pause in visits:
        now += pause
        if turnstile.lets(address, NOW + timedelta(seconds=now)):
            passed.setdefault(place_of(address), []).append(now)
    for times in passed.values():
        for first, fourth in zip(times, times[3:], strict=False):
            assert fourth - first >= WITHIN.total_seconds()


def test_a_turnstile_forgets_the_oldest_place(site: Any) -> None:
    turnstile = Turnstile(limit=1, most=2)
    assert turnstile.lets("a", NOW)
    assert not turnstile.lets("a", NOW)
    assert turnstile.lets("b", NOW)
    assert turnstile.lets("c", NOW)
    assert turnstile.lets("a", NOW)
    assert MOST > LIMIT
    assert place_of("::ffff:192.0.2.7") == "192.0.2.7"
