"""What a store promises of people, subscriptions and suppressions."""

import pytest

from publisher.errors import NotFound
from publisher.model.subscribers import (
    ImportVerdict,
    NewSubscriber,
    SubscriberId,
    SubscriberKind,
    SubscriberStatus,
    Subscription,
)
from publisher.ports import Store
from publisher.testing.store_world import DAILY, FEED, MINUTE, NOON, World

PAIR = ((FEED, DAILY),)
ADA = NewSubscriber(
    email="Ada.Lindqvist@Example.ORG",
    name="Ada Lindqvist",
    language="sv",
    timezone="Europe/Stockholm",
    subscriptions=((FEED, DAILY), ("culture", "weekly")),
    consent_at=NOON - MINUTE,
    sample=True,
)
NOBODY = SubscriberId(404)


class SubscriberContract:
    """People."""

    def test_a_person_comes_back_as_they_were_added(self, store: Store) -> None:
        """Every field, subscriptions in order, the address as they wrote it."""
        person, verdict = store.add_subscriber(ADA, NOON)
        assert verdict is ImportVerdict.ADDED
        for name in ("email", "name", "language", "timezone", "status", "consent_at", "sample"):
            assert getattr(person, name) == getattr(ADA, name), name
        assert person.subscriptions == (
            Subscription(feed="culture", schedule="weekly", since=NOON),
            Subscription(feed=FEED, schedule=DAILY, since=NOON),
        )
        assert (person.kind, person.joined) == (SubscriberKind.PERSON, NOON)
        assert store.subscriber(person.id) == person

    def test_a_name_stands_on_one_line(self, store: Store) -> None:
        """However it was typed: a header takes no other."""
        hostile = "Ada\r\nBcc: all@x.example"
        person, _ = store.add_subscriber(NewSubscriber(email="ada@x.example", name=hostile), NOON)
        assert person.name == "Ada Bcc: all@x.example"
        assert store.change_subscriber(person.id, name=" Ada\n L. ").name == "Ada L."
        assert store.change_subscriber(person.id, name="").name == ""

    def test_addresses_are_looked_up_as_people_write_them(self, store: Store) -> None:
        """Case, Unicode form and the domain's two spellings make no difference."""
        store.add_subscriber(NewSubscriber(email="José@Bücher.example"), NOON)
        for written in (
            "JOSÉ@bücher.EXAMPLE",
            "jose\u0301@xn--bcher-kva.example",
            " José@BÜCHER.example. ",
        ):
            assert store.find_subscriber(written).email == "José@Bücher.example"
            assert (
                store.add_subscriber(NewSubscriber(email=written), NOON)[1] is ImportVerdict.SAME
            )
        for unknown in ("jose@bücher.example", "", "nobody", "@", "x@" + "a" * 300):
            with pytest.raises(NotFound):
                store.find_subscriber(unknown)

    def test_adding_again_joins(self, store: Store) -> None:
        """What is new is added, what is empty says nothing, what is the same changes nothing."""
        store.add_subscriber(ADA, NOON)
        assert store.add_subscriber(ADA, NOON)[1] is ImportVerdict.SAME
        assert (
            store.add_subscriber(NewSubscriber(email=ADA.email), NOON)[1] is ImportVerdict.UPDATED
        )
        more = NewSubscriber(
            email=ADA.email.lower(), name="A. L.", subscriptions=(("tides", DAILY),)
        )
        person, verdict = store.add_subscriber(more, NOON + MINUTE)
        assert verdict is ImportVerdict.UPDATED
        assert (person.name, person.language) == ("A. L.", "sv")
        assert person.email == ADA.email
        assert [one.feed for one in person.subscriptions] == ["culture", FEED, "tides"]
        assert not person.sample

    def test_nobody_is_revived(self, store: Store) -> None:
        """Neither who left nor who is suppressed, by whatever an import says."""
        person, _ = store.add_subscriber(ADA, NOON)
        store.set_status(person.id, SubscriberStatus.UNSUBSCRIBED, NOON)
        left = store.subscriber(person.id)
        again = NewSubscriber(email=ADA.email, subscriptions=(("tides", DAILY),))
        assert store.add_subscriber(again, NOON) == (left, ImportVerdict.REFUSED)
        store.suppress("bo@example.org", "bounced", NOON)
        bo, verdict = store.add_subscriber(NewSubscriber(email="BO@example.org"), NOON)
        assert (verdict, bo.status) == (ImportVerdict.SUPPRESSED, SubscriberStatus.SUPPRESSED)
        assert store.set_status(bo.id, SubscriberStatus.CONFIRMED, NOON).status is (
            SubscriberStatus.SUPPRESSED
        )

    def test_imports_move_status_towards_consent_and_its_withdrawal_only(
        self, store: Store
    ) -> None:
        """Pending may be confirmed, anybody may be unsubscribed; nothing else comes back."""
        status = SubscriberStatus
        moves = {
            (status.PENDING, status.CONFIRMED): status.CONFIRMED,
            (status.PENDING, status.PAUSED): status.PENDING,
            (status.CONFIRMED, status.PENDING): status.CONFIRMED,
            (status.CONFIRMED, status.PAUSED): status.PAUSED,
            (status.PAUSED, status.CONFIRMED): status.PAUSED,
            (status.CONFIRMED, status.UNSUBSCRIBED): status.UNSUBSCRIBED,
            (status.UNSUBSCRIBED, status.CONFIRMED): status.UNSUBSCRIBED,
        }
        for (before, said), after in moves.items():
            email = f"{before}-{said}@example.org"
            store.add_subscriber(NewSubscriber(email=email, status=before), NOON)
            person, _ = store.add_subscriber(NewSubscriber(email=email, status=said), NOON)
            assert person.status is after, (before, said)

    def test_an_import_gives_one_verdict_a_row(self, store: Store) -> None:
        """In the order of the rows; people are numbered in it too."""
        store.add_subscriber(NewSubscriber(email="known@example.org", subscriptions=PAIR), NOON)
        store.suppress("bad@example.org", "complaint", NOON)
        rows = [
            NewSubscriber(email="new@example.org", subscriptions=PAIR),
            NewSubscriber(email="NEW@example.org", subscriptions=(("culture", DAILY),)),
            NewSubscriber(email="known@example.org", subscriptions=PAIR),
            NewSubscriber(email="known@example.org", name="K"),
            NewSubscriber(email="bad@example.org", subscriptions=PAIR),
            NewSubscriber(email="last@example.org", status=SubscriberStatus.SUPPRESSED),
        ]
        verdict = ImportVerdict
        assert store.import_subscribers(rows, NOON) == [
            verdict.ADDED,
            verdict.DUPLICATE,
            verdict.SAME,
            verdict.DUPLICATE,
            verdict.SUPPRESSED,
            verdict.SUPPRESSED,
        ]
        people = [person.email.partition("@")[0] for person in store.subscribers()]
        assert people == ["known", "new", "bad", "last"]
        assert len(store.find_subscriber("new@example.org").subscriptions) == 2
        assert store.import_subscribers([], NOON) == []

    def test_large_imports(self, store: Store) -> None:
        """More rows than one statement takes."""
        rows = [
            NewSubscriber(email=f"reader{number}@example.org", subscriptions=PAIR)
            for number in range(1203)
        ]
        assert set(store.import_subscribers(rows, NOON)) == {ImportVerdict.ADDED}
        assert set(store.import_subscribers(rows, NOON)) == {ImportVerdict.SAME}
        assert store.count_subscribers() == 1203
        assert all(person.subscriptions for person in store.subscribers())

    def test_people_are_listed_by_status_and_page(self, store: Store) -> None:
        """Ordered by id; `after` and `limit` walk along."""
        world = World(store)
        for name in ("ada", "bo", "chi"):
            world.reader(name)
        ada, bo, chi = store.subscribers()
        assert store.subscribers(after=ada.id, limit=1) == [bo]
        store.suppress(bo.email, "bounced", NOON)
        assert store.subscribers(status=SubscriberStatus.CONFIRMED) == [ada, chi]
        (suppressed,) = store.subscribers(status=SubscriberStatus.SUPPRESSED)
        assert (suppressed.id, suppressed.status) == (bo.id, SubscriberStatus.SUPPRESSED)
        assert store.count_subscribers() == 3

    def test_readers_zones_are_told_once_each(self, store: Store) -> None:
        """Of those who are written to."""
        world = World(store)
        zones = {"ada": "Asia/Tokyo", "bo": "", "chi": "Asia/Tokyo", "dee": "UTC"}
        for name, zone in zones.items():
            world.reader(name, timezone=zone)
        store.erase(store.find_subscriber("dee@example.org").id, NOON)
        world.reader("eli", timezone="Europe/Rome", status=SubscriberStatus.PENDING)
        assert store.reader_zones() == ["", "Asia/Tokyo"]

    def test_status_changes_are_idempotent(self, store: Store) -> None:
        """Unsubscribing twice is as once; consent is dated when it is given."""
        pending = NewSubscriber(email="ada@example.org", status=SubscriberStatus.PENDING)
        person, _ = store.add_subscriber(pending, NOON)
        assert person.consent_at is None
        confirmed = store.set_status(person.id, SubscriberStatus.CONFIRMED, NOON)
        assert confirmed.consent_at == NOON
        assert store.set_status(person.id, SubscriberStatus.CONFIRMED, NOON + MINUTE) == confirmed
        for _ in range(2):
            left = store.set_status(person.id, SubscriberStatus.UNSUBSCRIBED, NOON)
            assert left.status is SubscriberStatus.UNSUBSCRIBED
        back = store.set_status(person.id, SubscriberStatus.CONFIRMED, NOON + MINUTE)
        assert back.consent_at == NOON + MINUTE  # leaving had withdrawn it
        with pytest.raises(NotFound):
            store.set_status(NOBODY, SubscriberStatus.PAUSED, NOON)

    def test_subscriptions_are_set_exactly(self, store: Store) -> None:
        """What is kept keeps its date."""
        person, _ = store.add_subscriber(ADA, NOON)
        later = NOON + MINUTE
        changed = store.subscribe(person.id, [(FEED, DAILY), ("tides", DAILY)] * 2, later)
        assert [(one.feed, one.since) for one in changed.subscriptions] == [
            (FEED, NOON),
            ("tides", later),
        ]
        assert store.subscribe(person.id, [], later).subscriptions == ()
        with pytest.raises(NotFound):
            store.subscribe(NOBODY, [], NOON)

    def test_people_may_change_what_they_say_of_themselves(self, store: Store) -> None:
        """None leaves it, "" empties it."""
        person, _ = store.add_subscriber(ADA, NOON)
        changed = store.change_subscriber(person.id, name="", timezone="UTC")
        assert (changed.name, changed.language, changed.timezone) == ("", "sv", "UTC")
        assert store.change_subscriber(person.id) == changed
        with pytest.raises(NotFound):
            store.change_subscriber(NOBODY, name="x")

    def test_suppressions_belong_to_addresses(self, store: Store) -> None:
        """No subscriber needed; the first reason stays; lifting restores what was."""
        store.suppress("Ada@Example.org", "bounced", NOON)
        store.suppress("ada@example.org", "complaint", NOON + MINUTE)
        (one,) = store.suppressions()
        assert (one.email, one.reason, one.since) == ("Ada@Example.org", "bounced", NOON)
        paused = NewSubscriber(email="ada@example.org", status=SubscriberStatus.PAUSED)
        person, _ = store.add_subscriber(paused, NOON)
        assert person.status is SubscriberStatus.SUPPRESSED
        assert store.unsuppress("ADA@example.org")
        assert not store.unsuppress("ADA@example.org")
        assert store.subscriber(person.id).status is SubscriberStatus.PAUSED
        suppressed = store.set_status(person.id, SubscriberStatus.SUPPRESSED, NOON)
        assert suppressed.status is SubscriberStatus.SUPPRESSED
        assert len(store.suppressions()) == 1

    def test_erasing_forgets_the_person_and_keeps_the_suppression(self, store: Store) -> None:
        """Nothing of them is left to be found; they may come again as somebody new."""
        person, _ = store.add_subscriber(ADA, NOON)
        store.suppress(ADA.email, "asked us to", NOON)
        store.erase(person.id, NOON)
        store.erase(person.id, NOON)
        assert store.subscribers() == []
        assert store.count_subscribers() == 1
        with pytest.raises(NotFound):
            store.find_subscriber(ADA.email)
        with pytest.raises(NotFound):
            store.subscriber(person.id)
        with pytest.raises(NotFound):
            store.erase(NOBODY, NOON)
        assert len(store.suppressions()) == 1
        again, verdict = store.add_subscriber(ADA, NOON)
        assert again.id != person.id
        assert verdict is ImportVerdict.SUPPRESSED
