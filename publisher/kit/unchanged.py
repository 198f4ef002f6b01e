"""What an answer of 304 comes to; serves the sources that ask conditionally. Pure."""

from http import HTTPStatus

from publisher.model.articles import Collected, SourceState
from publisher.ports import Fetched


def unchanged(answer: Fetched, state: SourceState) -> Collected | None:
    """Return a collection without news for a 304, None for any other answer.

    Validators that it names replace those that are kept (RFC 9111 section 4.3.4); the cursor stays.
    """
    if answer.status != HTTPStatus.NOT_MODIFIED:
        return None
    return Collected(
        unchanged=True,
        etag=answer.headers.get("etag", "") or state.etag,
        last_modified=answer.headers.get("last-modified", "") or state.last_modified,
        cursor=state.cursor,
    )
