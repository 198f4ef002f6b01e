"""A newsletter and feed publisher; the version and the names that outsiders may rely on.

Serves scripts and adapter packages. Importing it loads the standard library only: everything
else is imported by the module that needs it (`publisher.app`, `publisher.ports`, ...).
"""

from publisher.errors import PublisherError

__version__ = "0.1.0"

__all__ = ["PublisherError", "__version__"]
