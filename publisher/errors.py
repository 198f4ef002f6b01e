"""Every error publisher raises on purpose, for operators (one line) and for code (a type).

PublisherError
├── UsageError                  the command line asked for something impossible      exit 2
├── ConfigError                 what the operator wrote cannot be used               exit 78
│   ├── DefinitionError         all mistakes of all definition files, each located
│   ├── UnknownAdapter          no adapter of that name
│   └── MissingExtra            an optional package is not installed
├── SourceError                 one source could not be collected
│   ├── FetchError              the address did not answer usefully
│   └── ParseError              what came could not be read
├── ModelError                  what a language model answered cannot be used
│   ├── ModelRefused            it will not answer of this article, however often it is asked
│   └── ModelUnavailable        nobody answers now: ask again later
├── RenderError                 a document or digest could not be made
│   ├── TemplateError           a template is wrong, with its line
│   └── FormatError             one article cannot be expressed in a format
├── DeliveryError               the whole batch did not happen
│   ├── TransportUnavailable    try again later                                     exit 69
│   ├── TransportRejected       credentials or account: nobody was touched          exit 78
│   └── OutletError             a document could not be written                     exit 75
│       └── OutletUnavailable   nothing more is tried there in this publish
├── AddressError                one recipient's address cannot be written to
├── TokenError                  a signed token is forged, expired or for something else
├── ServerError                 the web server cannot start (port in use)            exit 69
└── StoreError                  the store refused
    ├── NotFound                no such row                                         exit 1
    ├── Conflict                the row exists or changed meanwhile                  exit 1
    ├── StoreTrouble            trouble that passes: what was under way is tried again
    │   ├── StoreBusy           locked: try again                                   exit 75
    │   ├── StoreFull           no disk                                             exit 75
    │   └── StoreUnavailable    cannot be opened or reached                         exit 69
    └── SchemaTooNew            made by a newer publisher                           exit 78

A recipient's failure during sending is data (an `Outcome`), never an exception.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar


class PublisherError(Exception):
    """Base of the tree: `subject` is what it happened to, `reason` says what and what to do.

    `str(error)` is the one line shown to operators.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, subject: str, reason: str) -> None:
        super().__init__(subject, reason)
        self.subject = subject
        self.reason = reason

    def __str__(self) -> str:
        """Return one line: the subject, then the reason."""
        line = f"{self.subject}: {self.reason}" if self.subject else self.reason
        return " ".join(line.split())


class UsageError(PublisherError):
    """The command line asked for something that cannot be done."""

    exit_code = 2


class ConfigError(PublisherError):
    """What the operator wrote cannot be used; never swallowed by a loop."""

    exit_code = 78


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One mistake in one file: `file` relative to the publication, `key` a dotted path."""

    file: str
    key: str
    message: str

    def __str__(self) -> str:
        """Return `file: key: message` (the key is left out when there is none)."""
        return ": ".join(part for part in (self.file, self.key, self.message) if part)


class DefinitionError(ConfigError):
    """All mistakes of all definition files in one go."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        PublisherError.__init__(self, "", "; ".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type["DefinitionError"], tuple[tuple[Problem, ...]]]:
        """Pickle by problems, so that the error survives a process border."""
        return (type(self), (self.problems,))


class UnknownAdapter(ConfigError):
    """No source, enricher, format, transport or outlet has that name."""


class MissingExtra(ConfigError):
    """An optional package is needed; the reason holds the command that installs it."""


class SourceError(PublisherError):
    """One source could not be collected; the others go on."""


class FetchError(SourceError):
    """An address did not answer usefully.

    `retry_after` is what the server asked for (RFC 9110 section 10.2.3), `status` its answer.
    """

    def __init__(
        self,
        subject: str,
        reason: str,
        *,
        status: int | None = None,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(subject, reason)
        self.status = status
        self.retry_after = retry_after


class ParseError(SourceError):
    """What came from a source could not be read."""


class ModelError(PublisherError):
    """What a language model answered cannot be used; the article keeps what it has."""


class ModelRefused(ModelError):
    """It will not answer of this article, however often it is asked."""


class ModelUnavailable(ModelError):
    """Nobody answers now. `retry_after` is what the service asked for, as far as it did."""

    def __init__(self, subject: str, reason: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(subject, reason)
        self.retry_after = retry_after

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle with what was asked for."""
        return (_unavailable, (self.subject, self.reason, self.retry_after))


def _unavailable(subject: str, reason: str, retry_after: timedelta | None) -> ModelUnavailable:
    return ModelUnavailable(subject, reason, retry_after=retry_after)


class RenderError(PublisherError):
    """A document or a digest could not be made."""


class TemplateError(RenderError):
    """A template is wrong: `subject` is its name, `line` where (0 when unknown)."""

    exit_code = 78

    def __init__(self, subject: str, reason: str, *, line: int = 0) -> None:
        super().__init__(f"{subject}:{line}" if line else subject, reason)
        self.template = subject
        self.line = line


class FormatError(RenderError):
    """One article cannot be expressed in a format; the document goes on without it."""


class DeliveryError(PublisherError):
    """The whole batch did not happen: nobody in it was written to."""


class TransportUnavailable(DeliveryError):
    """The transport cannot be reached now; the batch goes back to the queue."""

    exit_code = 69


class TransportRejected(DeliveryError):
    """Credentials, account or sender are refused: an error of configuration, not of a recipient."""

    exit_code = 78


class OutletError(DeliveryError):
    """A document could not be written to an outlet.

    `written` are the paths of the same call that stand there all the same.
    """

    exit_code = 75

    def __init__(self, subject: str, reason: str, *, written: Sequence[str] = ()) -> None:
        super().__init__(subject, reason)
        self.written = tuple(written)


class OutletUnavailable(OutletError):
    """An outlet takes nothing now, whatever the document: unreachable, or its settings are wrong."""


class AddressError(PublisherError):
    """One recipient's address cannot be written to."""


class TokenError(PublisherError):
    """A signed token is forged, damaged, expired or meant for something else."""


class ServerError(PublisherError):
    """The web server cannot start."""

    exit_code = 69


class StoreError(PublisherError):
    """The store refused."""


class NotFound(StoreError):
    """There is no such row."""


class Conflict(StoreError):
    """The row exists already, or somebody changed it meanwhile."""


class StoreTrouble(StoreError):
    """The store is in trouble that passes, or that somebody mends: try again."""


class StoreBusy(StoreTrouble):
    """The store is locked by somebody else; trying again later helps."""

    exit_code = 75


class StoreFull(StoreTrouble):
    """There is no room left on the store's disk."""

    exit_code = 75


class StoreUnavailable(StoreTrouble):
    """The store cannot be opened or reached."""

    exit_code = 69


class SchemaTooNew(StoreError):
    """The store was made by a newer publisher."""

    exit_code = 78
