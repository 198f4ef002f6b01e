"""Definitions: what operators write in TOML, read, validated, and turned into model objects.

Serves app and the command line: `load` a folder, `fingerprint` it to see changes, `options` to
make an adapter.
"""

from publisher.config.adapters import options
from publisher.config.reader import fingerprint, load
from publisher.config.values import Reference, Secret, settle

__all__ = ["Reference", "Secret", "fingerprint", "load", "options", "settle"]
