"""PostgreSQL through psycopg 3; serves `opening`. Reaches the server of the store's address."""

import importlib.util

from sqlalchemy import URL, Engine, create_engine

from publisher.errors import MissingExtra


def postgres_engine(url: URL) -> Engine:
    """Return an engine whose connections are checked before use (a restarted server is no error).

    Raises MissingExtra when psycopg is not installed.
    """
    if importlib.util.find_spec("psycopg") is None:
        raise MissingExtra("store", "PostgreSQL needs psycopg: pip install 'publisher[postgres]'")
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        connect_args={"connect_timeout": 10, "options": "-c lock_timeout=10s -c timezone=UTC"},
    )
