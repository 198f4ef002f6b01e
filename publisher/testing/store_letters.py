"""What a store promises of letters: kept until they are taken, carried by one at a time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from publisher.model.letters import LetterKind, PendingLetter
from publisher.model.subscribers import NewSubscriber, SubscriberId
from publisher.ports import Store
from publisher.testing.store_world import NOON

HOUR = "2026-11-24T12"
MINUTE = timedelta(minutes=1)


def somebody(store: Store, name: str = "ada") -> SubscriberId:
    """Return somebody who may be written to."""
    return store.add_subscriber(NewSubscriber(email=f"{name}@example.org"), NOON)[0].id


def posted(
    store: Store, person: SubscriberId, period: str = HOUR, due: datetime = NOON
) -> PendingLetter | None:
    """Post a confirmation."""
    return store.post_letter(LetterKind.CONFIRMATION, person, "morning=arts", period, NOON, due)


class LetterContract:
    """Letters that nobody has taken yet."""

    def test_a_letter_is_posted_once_in_its_period(self, store: Store) -> None:
        """Another kind, person or period is another letter."""
        ada, ben = somebody(store), somebody(store, "ben")
        letter = posted(store, ada)
        assert letter
        assert (letter.kind, letter.subscriber, letter.period) == (
            LetterKind.CONFIRMATION,
            ada,
            HOUR,
        )
        assert (letter.choice, letter.made, letter.since) == ("morning=arts", NOON, None)
        assert posted(store, ada) is None
        assert posted(store, ben)
        assert posted(store, ada, "2026-11-24T13")
        assert store.post_letter(LetterKind.WELCOME, ada, "", HOUR, NOON, NOON)

    def test_what_is_due_is_taken_by_one(self, store: Store) -> None:
        """The one that has been due longest first; it comes back when its holder is silent."""
        late = posted(store, somebody(store), due=NOON + MINUTE)
        early = posted(store, somebody(store, "ben"), due=NOON)
        assert store.take_letter(NOON - MINUTE, NOON) is None
        assert store.take_letter(NOON + MINUTE, NOON + 5 * MINUTE) == early
        assert store.take_letter(NOON + MINUTE, NOON + 9 * MINUTE) == late
        assert store.take_letter(NOON + MINUTE, NOON + 9 * MINUTE) is None
        assert store.take_letter(NOON + 5 * MINUTE, NOON + 9 * MINUTE) == early

    def test_what_was_put_off_says_since_when(self, store: Store) -> None:
        """And is due at its time."""
        letter = posted(store, somebody(store))
        assert letter
        store.put_off_letter(letter.id, NOON, NOON + 5 * MINUTE)
        assert store.take_letter(NOON + 4 * MINUTE, NOON + 9 * MINUTE) is None
        again = store.take_letter(NOON + 5 * MINUTE, NOON + 9 * MINUTE)
        assert again
        assert (again.id, again.since, again.made) == (letter.id, NOON, letter.made)

    def test_a_letter_that_was_taken_is_gone_and_its_period_is_over(self, store: Store) -> None:
        """Dropping twice is as dropping once."""
        ada = somebody(store)
        letter = posted(store, ada)
        assert letter
        store.drop_letter(letter.id)
        store.drop_letter(letter.id)
        assert store.take_letter(NOON + 99 * MINUTE, NOON + 100 * MINUTE) is None
        assert posted(store, ada) is None

    def test_a_letter_that_was_refused_may_be_asked_for_again(self, store: Store) -> None:
        """At once; those of others are none of its business."""
        ada, ben = somebody(store), somebody(store, "ben")
        letter = posted(store, ada)
        posted(store, ben)
        assert letter
        store.drop_letter(letter.id, again=True)
        assert posted(store, ada)
        assert posted(store, ben) is None

    def test_who_is_erased_gets_no_letter(self, store: Store) -> None:
        """There is nobody to write to."""
        ada = somebody(store)
        posted(store, ada)
        store.erase(ada, NOON)
        assert store.take_letter(NOON, NOON + MINUTE) is None

    def test_of_many_at_once_each_takes_another(self, store: Store) -> None:
        """Processes share the letters."""
        people = [somebody(store, f"reader{number}") for number in range(6)]
        for person in people:
            posted(store, person)
        with ThreadPoolExecutor(4) as threads:
            taken = list(threads.map(lambda _: store.take_letter(NOON, NOON + MINUTE), range(12)))
        found = [letter.subscriber for letter in taken if letter]
        assert sorted(found) == sorted(people)
