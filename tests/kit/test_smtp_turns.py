"""Turns of the ledger: what is said in the same moment, or a moment later, is one transaction."""

import asyncio
from collections.abc import Sequence

from publisher.kit.smtp_client.turns import Turns
from publisher.model.editions import Outcome, OutcomeState
from publisher.model.messages import Parcel


def parcel(number: int) -> Parcel:
    return Parcel(
        delivery=number,
        sender="news@gazette.example",
        recipient=f"reader{number}@reader.example",
        message_id=f"<{number}@gazette.example>",
        pieces=(b"\r\n",),
    )


def accepted(number: int) -> Outcome:
    return Outcome(delivery=number, state=OutcomeState.ACCEPTED)


class Book:
    """A ledger that lets all go, and keeps what each turn was told."""

    def __init__(self) -> None:
        self.told: list[list[int]] = []

    def turn(self, outcomes: Sequence[Outcome], next: Sequence[Parcel]) -> frozenset[int]:  # noqa: A002  the port's word
        self.told.append([one.delivery for one in outcomes])
        return frozenset(one.delivery for one in next)

    def stopping(self) -> bool:
        return False


def talk(first: Sequence[int], later: Sequence[int]) -> tuple[list[list[int]], int]:
    """Send six messages; some are answered first, some during a pause. Return turns and pauses."""
    book, pauses = Book(), 0

    async def main() -> None:
        async def sleep(_seconds: float) -> None:
            nonlocal pauses
            pauses += 1
            tell(later)

        turns = Turns(book, sleep)

        def tell(numbers: Sequence[int]) -> None:
            for number in numbers:
                turns.tell(accepted(number))

        await asyncio.gather(*(turns.ask(parcel(number)) for number in range(6)))
        tell(first)
        await turns.settle()

    asyncio.run(main())
    assert book.told[0] == [], "the leave for all six is one turn"
    return book.told[1:], pauses


def test_few_answers_wait_a_moment_for_others() -> None:
    assert talk([3, 1], [0, 5]) == ([[3, 1, 0, 5]], 1)


def test_they_wait_only_once() -> None:
    assert talk([3], []) == ([[3]], 1)


def test_answers_to_half_of_the_messages_wait_for_nobody() -> None:
    assert talk([3, 1, 2], [0]) == ([[3, 1, 2]], 0)


def test_a_message_alone_on_the_wire_waits_for_nobody() -> None:
    book, waits = Book(), list[float]()

    async def main() -> None:
        async def sleep(seconds: float) -> None:
            waits.append(seconds)

        turns = Turns(book, sleep)
        for number in range(3):
            assert await turns.ask(parcel(number))
            turns.tell(accepted(number))
        await turns.settle()

    asyncio.run(main())
    assert not waits
    assert book.told == [[], [0], [1], [2]]
