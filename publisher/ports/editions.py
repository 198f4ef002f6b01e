"""The store of editions: what they say, their messages and their accounts.

Each verb is one transaction, begun and ended inside it. Any verb may raise StoreError.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from publisher.model.editions import (
    Candidate,
    Choice,
    Delivery,
    DeliveryId,
    DeliveryState,
    Edition,
    EditionContent,
    EditionId,
    EditionState,
    Issue,
    OpenEdition,
    ReaderGroup,
)
from publisher.model.messages import Message
from publisher.model.sheets import LedgerLine, Ledgers, Sheet
from publisher.model.subscribers import SubscriberId
from publisher.model.timetable import RunId
from publisher.ports.timing import Pacing


class Editions(Protocol):
    """Editions; used by editing, composing, the command line and the pages."""

    def open_edition(
        self,
        intent: OpenEdition,
        choose: Callable[[Sequence[Candidate], ReaderGroup], Choice],
        compatible: Callable[[str], bool] | None = None,
        pacing: Pacing | None = None,
    ) -> Edition | None:
        """Find or create the run's edition with its whole audience in one transaction.

        Readers are grouped by what they remember; `choose` (pure) is called once per group, with
        the candidates that are news to it, best first by the intent's `rank`, and the deliveries are
        written set-based. Groups given fewer than `min_articles` are left out (they are owed
        everything next time). Confirmed but suppressed addresses enter as `suppressed`.
        `compatible` filters the audience by the subscriber's time zone. With `pacing` the copies of
        those who may not get them yet are written as deferred. None when nobody gets anything:
        then nothing was written.
        """
        ...

    def edition(self, edition: EditionId) -> Edition:
        """Return one with its counts. Raises NotFound."""
        ...

    def edition_of_run(self, run: RunId) -> Edition | None:
        """Return the run's edition."""
        ...

    def rehearse(
        self,
        intent: OpenEdition,
        choose: Callable[[Sequence[Candidate], ReaderGroup], Choice],
        subscriber: SubscriberId | None = None,
        *,
        few: bool = False,
    ) -> tuple[Edition, Delivery | None] | None:
        """Open an edition as `open_edition` would, under a run of its own, and undo all of it.

        Returns what was opened, and the subscriber's row of it (None: they would not get it). None
        when nobody would get anything. With `few` it is opened for some of the readers alone: it
        takes as long whatever their number, tells what it holds, and counts nobody.
        """
        ...

    def editions(
        self,
        *,
        schedule: str | None = None,
        states: Collection[EditionState] = (),
        limit: int | None = 50,
    ) -> Sequence[Edition]:
        """Return editions with counts, newest first; no states means all."""
        ...

    def issue(self, edition: EditionId) -> Issue:
        """Return what one edition says, without its accounting. Raises NotFound."""
        ...

    def issues(
        self,
        schedules: Collection[str],
        *,
        before: EditionId | None = None,
        after: EditionId | None = None,
        limit: int = 30,
        offset: int = 0,
    ) -> Sequence[Issue]:
        """Return frozen editions of these schedules that went out or are going out, newest first.

        `before` takes those older than an edition; `after` those newer, the nearest first.
        """
        ...

    def sendable(self, now: datetime) -> Sequence[Edition]:
        """Return open editions that have deliveries to claim now, oldest first."""
        ...

    def tried(self, edition: EditionId) -> int:
        """Return how many copies that wait were tried already, so that they may have arrived."""
        ...

    def content(self, edition: EditionId) -> EditionContent | None:
        """Return what an edition says, None when it was not frozen yet. Raises NotFound."""
        ...

    def save_content(
        self, edition: EditionId, content: EditionContent, expected: int
    ) -> EditionContent:
        """Replace version `expected` (0: there is none yet); return it with its new version.

        A version is replaced only while the edition rests, no copy of it was tried that may have
        arrived and none is in a worker's hand. Raises Conflict for that, or when somebody else was
        first, and NotFound.
        """
        ...

    def approve_edition(
        self,
        number: EditionId,
        states: Collection[EditionState],
        version: int,
        subject: str,
        now: datetime,
        reason: str = "",
    ) -> Edition:
        """Let an edition go that is in one of `states` and says what it says in `version`.

        Who would get nothing but hidden stories is suppressed, and taken in again when one is shown
        later. Raises Conflict when state or version are others, and NotFound.
        """
        ...

    def languages(self, edition: EditionId) -> Sequence[str]:
        """Return the different languages of an edition's readers ("" for who named none)."""
        ...

    def set_subject(self, edition: EditionId, subject: str) -> None:
        """Remember the whole edition's subject."""
        ...

    def move_edition(
        self, edition: EditionId, states: Collection[EditionState], to: EditionState, reason: str
    ) -> Edition:
        """Change the state if it is one of `states` (cancelling suppresses what is queued). Raises Conflict."""
        ...

    def finish_editions(self, now: datetime) -> Sequence[Edition]:
        """Mark open editions whose audience adds up as done, and return them."""
        ...

    def next_due(self, now: datetime) -> datetime | None:
        """Return when the next deferred delivery of an open edition may be tried."""
        ...


class Sheets(Protocol):
    """Editions in figures; used by the command line and the metrics. Nothing here writes."""

    def sheet(self, edition: EditionId, now: datetime, domains: int = 12) -> Sheet:
        """Return an edition's balance sheet, with its largest domains. Raises NotFound."""
        ...

    def sending(self) -> Sequence[EditionId]:
        """Return editions of which somebody holds copies right now, oldest first."""
        ...

    def page(
        self,
        edition: EditionId,
        states: Collection[DeliveryState] = (),
        *,
        domain: str = "",
        after: DeliveryId | None = None,
        limit: int = 5_000,
    ) -> Sequence[LedgerLine]:
        """Return ledger rows after one, ordered by id; no states means all, no domain every one."""
        ...

    def ledgers(self, now: datetime) -> Ledgers:
        """Return all editions that are not finished, in figures."""
        ...


class Messages(Protocol):
    """Messages as they go out, kept from the first copy on; used by composing."""

    def message(self, edition: EditionId, version: int, language: str) -> Message | None:
        """Return the message of a version of what an edition says, None when none is kept."""
        ...

    def kept_messages(self, edition: EditionId, version: int) -> Mapping[str, str]:
        """Return the marks of the messages kept of this version, by language."""
        ...

    def keep_message(self, edition: EditionId, version: int, message: Message) -> Message:
        """Keep a message unless another of this version is kept; return the one that is.

        Raises NotFound.
        """
        ...

    def forget_messages(self, edition: EditionId) -> None:
        """Forget an edition's messages if nobody has it: it goes as templates are by then.

        The same happens when it is let go (again).
        """
        ...
