"""`[mail.dkim]` looked up: keys may come from files or the environment, and only signing needs them.

Serves app.
"""

from publisher.config import checking
from publisher.config.checking import Report
from publisher.config.mailing import DkimTable
from publisher.errors import DefinitionError, Problem
from publisher.model.definitions import Definitions

WHERE = ("publisher.toml", "mail.dkim")


def dkim(definitions: Definitions) -> DkimTable | None:
    """Return the table with every reference looked up, None when there is none.

    Raises DefinitionError for everything that is not there or does not fit.
    """
    table = definitions.sections.get("dkim")
    if table is None:
        return None
    file, path = WHERE
    problems: list[Problem] = []
    good = checking.check(Report(file, problems), table, DkimTable, path)
    if problems:
        raise DefinitionError(problems)
    return DkimTable(**good)
