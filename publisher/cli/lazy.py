"""Groups whose commands are imported when they are called, and that know what was meant.

Serves main and the command groups. Imports click only.
"""

import difflib
import importlib
from collections.abc import Mapping
from typing import Any

import click


class LazyGroup(click.Group):
    """A group that knows its commands by module and one line of help.

    `lazy` maps a command's name to (module below `publisher.cli`, one line of help). The module
    holds the command under its name, with `_` for `-`.
    """

    def __init__(self, *, lazy: Mapping[str, tuple[str, str]], **settings: Any) -> None:
        super().__init__(**settings)
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which they are explained."""
        return [*self._lazy, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command; None when there is none of that name."""
        if cmd_name not in self._lazy:
            return super().get_command(ctx, cmd_name)
        module = importlib.import_module(f"publisher.cli.{self._lazy[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a name that is none is answered with the nearest."""
        return resolve(super(), self, ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self._lazy.items()])


class Group(click.Group):
    """A group inside a module, with did-you-mean and its commands in order of definition."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in order of definition."""
        del ctx
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a name that is none is answered with the nearest."""
        return resolve(super(), self, ctx, args)


def resolve(
    above: Any, group: click.Group, ctx: click.Context, args: list[str]
) -> tuple[str | None, click.Command | None, list[str]]:
    """Resolve as click does, after a better answer to unknown names."""
    names = group.list_commands(ctx)
    if args and not args[0].startswith("-") and args[0] not in names:
        near = difflib.get_close_matches(args[0], names, n=1)
        guess = f'; did you mean "{near[0]}"?' if near else f"; there are {', '.join(names)}"
        ctx.fail(f'there is no command "{args[0]}"{guess}')
    found: tuple[str | None, click.Command | None, list[str]] = above.resolve_command(ctx, args)
    return found
