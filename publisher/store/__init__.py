"""The store of one publication on SQLite or PostgreSQL; serves `app`, implements `ports.Store`.

The only package that touches a database. `open_store` and `upgrade_store` are its whole surface.
"""

from publisher.store.opening import open_store, upgrade_store

__all__ = ["open_store", "upgrade_store"]
