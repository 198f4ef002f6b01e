"""The torture publication, published once for all tests of this room, which read it only."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.readers import torture


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The publication with its documents."""
    with torture.published(tmp_path_factory.mktemp("torture")) as published:
        yield published
