"""Definitions: what operators write in TOML, read, validated, and turned into model objects.

Serves app and the command line: `load` a folder, `fingerprint` it to see changes, `options` to
make an adapter, `dkim` to sign.
"""

from publisher.config.adapters import options
from publisher.config.mailing import DkimTable
from publisher.config.reader import fingerprint, load
from publisher.config.signing import dkim
from publisher.config.values import Reference, Secret, settle

__all__ = ["DkimTable", "Reference", "Secret", "dkim", "fingerprint", "load", "options", "settle"]
