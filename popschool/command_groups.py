"""How commands are gathered: a feature's are loaded when one of them is asked for, and not to list what there is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import click
from flask.cli import with_appcontext


@dataclass(frozen=True)
class Features:
    """Who brings commands. `homes`: each feature, with the group of its commands that stand in none of their own."""

    homes: Mapping[str, str | None]
    groups: Mapping[str, str]  # what each is for
    alone: Mapping[str, str]  # commands that stand in no group, and what each is for
    without_application: frozenset[tuple[str | None, str]]  # group and command
    of_owner: frozenset[tuple[str | None, str]]  # run by the account that owns the tables


class Later(click.Group):
    """A group of commands that features bring, loaded when one of them is asked for, or all."""

    def __init__(self, name: str, said: str | None, load: Callable[[], None]):
        super().__init__(name, help=said)
        self._load = load

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        self._load()
        return super().get_command(ctx, cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        self._load()
        return super().list_commands(ctx)


class Gathered(click.Group):
    """Every command: those of the ground, and those of features, which are loaded when one of them is asked for."""

    _is_loaded = False

    def __init__(self, *given: Any, features: Features, as_owner: Callable[[Callable], Callable], **options: Any):
        super().__init__(*given, **options)
        self._features, self._as_owner = features, as_owner
        for name, said in features.groups.items():
            self.add_command(Later(name, said, self._load))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.commands:
            self._load()
        return super().get_command(ctx, cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*self.commands, *self._features.alone})

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what there is in the words of `Features`: nothing is loaded to be listed."""
        listed = {name: click.Command(name, help=said) for name, said in self._features.alone.items()} | self.commands
        room = formatter.width - 6 - max(map(len, listed))
        with formatter.section("Commands"):
            formatter.write_dl([(name, listed[name].get_short_help_str(room)) for name in sorted(listed)])

    def _load(self) -> None:
        if self._is_loaded:
            return
        self._is_loaded = True
        for feature, home in self._features.homes.items():
            if find_spec(f"popschool.{feature}.commands"):
                for command in own_commands(import_module(f"popschool.{feature}.commands")):
                    self._adopt(command, home)

    def _adopt(self, command: click.Command, home: str | None) -> None:
        """Put a feature's command in its place, each in an application context. Groups of one name are one."""
        if isinstance(command, click.Group):
            for one in command.commands.values():
                self._adopt(one, command.name)
            return
        if (home, command.name) in self._features.of_owner:
            command.callback = self._as_owner(command.callback)
        elif (home, command.name) not in self._features.without_application:
            command.callback = with_appcontext(command.callback)
        if home is None:
            self.add_command(command)
            return
        if home not in self.commands:
            self.add_command(Later(home, None, self._load))
        self.commands[home].add_command(command)


def own_commands(module: Any) -> list[click.Command]:
    """Return the commands that a module defines, without those that stand in one of its groups."""
    found = [thing for thing in vars(module).values() if isinstance(thing, click.Command)]
    inside = {id(command) for group in found if isinstance(group, click.Group) for command in group.commands.values()}
    return [command for command in found if id(command) not in inside]
