"""What every command shares: the publication's folder, how to answer, and what to close at the end.

Serves the command modules. Imports the application when a command first asks for it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from publisher.app import App

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass
class Session:
    """One call of the command line."""

    folder: Path = field(default_factory=Path)
    json: bool = False
    debug: bool = False

    @cached_property
    def app(self) -> "App":
        """Return the publication, opened; it is closed when the command ends.

        Raises DefinitionError.
        """
        from publisher.app import App
        from publisher.cli.output import complain

        opened = App.open(self.folder, complain=complain)
        click.get_current_context().find_root().call_on_close(opened.close)
        return opened


pass_session = click.make_pass_decorator(Session, ensure=True)


def json_option(command: Command) -> Command:
    """Let a command, or a group of them, take `--json`."""
    return click.option(
        "--json",
        is_flag=True,
        expose_value=False,
        callback=_answer_in_json,
        help="Write JSON to standard output, everything else to standard error.",
    )(command)


def _answer_in_json(context: click.Context, _option: click.Parameter, value: bool) -> None:  # noqa: FBT001  click's signature
    if value:
        context.ensure_object(Session).json = True
