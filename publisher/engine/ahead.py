"""Copies made in threads, a few ahead of the sending, in the order in which they are wanted.

Serves sending: an RSA signature takes some 0.3 ms, in which `cryptography` lets other threads run
(ADR 0020). Nothing is kept: what was made and is not taken is made again, and is the same.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from publisher.model.editions import Delivery
from publisher.model.messages import Parcel

LEAD = 32
"""How many copies a thread may be ahead of the sending.

A turn of the ledger gives leave to most connections at once, and each takes its next copy then: with
eight a sender of fifty connections waited for signatures a third of the time, with 32 hardly ever.
"""


class Threads:
    """Makes copies in so many threads, which start with the first one. Thread-safe."""

    def __init__(self, number: int) -> None:
        self._lead = number * LEAD
        self._pool = ThreadPoolExecutor(number, thread_name_prefix="signing")

    def ahead(
        self, wanted: Iterator[tuple[Delivery, Callable[[Delivery], Parcel]]]
    ) -> Iterator[tuple[Delivery, Callable[[], Parcel]]]:
        """Yield each delivery with what gives its copy, or raises what making it raised."""
        begun: deque[tuple[Delivery, Future[Parcel]]] = deque()
        try:
            for delivery, parcel in wanted:
                begun.append((delivery, self._pool.submit(parcel, delivery)))
                if len(begun) > self._lead:
                    ready, made = begun.popleft()
                    yield ready, made.result
            while begun:
                ready, made = begun.popleft()
                yield ready, made.result
        finally:
            for _, made in begun:
                made.cancel()

    def close(self) -> None:
        """End the threads; may be called twice."""
        self._pool.shutdown(cancel_futures=True)
