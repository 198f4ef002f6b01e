"""The store of one publication on SQLite or PostgreSQL; serves `app`, implements `ports.Store`.

The only package that touches a database. The names below are its whole surface.
"""

from publisher.store.looking_after import backup_store, files_in, restore_store, upgrade_store
from publisher.store.opening import open_store

__all__ = ["backup_store", "files_in", "open_store", "restore_store", "upgrade_store"]
