"""The command line: one parser, and one way for bad input to end a command."""

import argparse
import os
import sys
from collections.abc import Collection, Sequence
from importlib.metadata import version
from pathlib import Path

from ledig.commands import COMMANDS, Command
from ledig.logformat import set_up_logging
from ledig.problem import USAGE, CommandError
from ledig.settings import TABLE, load_settings
from ledig.stopping import STOPPED, complain, stop_on_signals
from spaces.mistakes import FileError
from store.protocol import StoreError


def run_command(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 0 well, 1 ended early, 2 bad input."""
    set_up_logging()
    words = sys.argv[1:] if arguments is None else arguments
    chosen = next((word for word in words if word in COMMANDS), None)
    parsed = parser_of([] if chosen is None else [chosen]).parse_args(words)
    command = COMMANDS[parsed.command]
    try:
        with stop_on_signals() as stop:
            settings = None
            if command.settings is not None:
                flags = {name: getattr(parsed, name) for name in command.settings}
                settings = load_settings(parsed.settings, flags=flags)
            return command.run(parsed, settings, stop)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # who read has gone: `ledig size | head`
        return STOPPED
    except (CommandError, FileError, StoreError) as error:
        complain(f"ledig {parsed.command}: {error}" if isinstance(error, CommandError | StoreError) else str(error))
        return USAGE


def parser_of(chosen: Collection[str]) -> argparse.ArgumentParser:
    """Return a parser that knows all commands, and the flags of those chosen."""
    parser = argparse.ArgumentParser(prog="ledig", description="Occupancy in, figures that can be defended out.")
    parser.add_argument("--version", action="version", version=f"ledig {version('ledig')}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        added = commands.add_parser(
            name, help=command.text, description=f"{command.text[0].upper()}{command.text[1:]}."
        )
        if name in chosen:
            _add_settings(added, command)
            command.add_flags(added)
    return parser


def _add_settings(parser: argparse.ArgumentParser, command: Command) -> None:
    if command.settings is None:
        return
    parser.add_argument("--settings", type=Path, metavar="FILE", help="settings file (default: ledig.toml, if there)")
    for setting in command.settings:
        shown = TABLE[setting].default or "none"
        parser.add_argument(
            f"--{setting.replace('_', '-')}",
            nargs="+" if setting == "sites" else None,
            help=f"{TABLE[setting].meaning} (default: {shown})",
        )
