"""The store's contract, on both databases."""

import pytest

from publisher.store.store import SqlStore
from publisher.testing.store import StoreContract


class TestSqlite(StoreContract):
    @pytest.fixture
    def store(self, sqlite_store: SqlStore) -> SqlStore:
        return sqlite_store


@pytest.mark.postgres
class TestPostgres(StoreContract):
    @pytest.fixture
    def store(self, postgres_store: SqlStore) -> SqlStore:
        return postgres_store
