"""Templates: the shipped set, a publication's own over it, and what keeps those from doing harm.

Serves the digest format, the pages and the web. `Templates` renders, `Guard` renders a publication's
own templates in a process that can be killed and falls back to the shipped ones. The only importer
of jinja2.
"""

from publisher.kit.templating.guard import Guard
from publisher.kit.templating.lines import check_line
from publisher.kit.templating.templates import Templates, trusted

__all__ = ["Guard", "Templates", "check_line", "trusted"]
