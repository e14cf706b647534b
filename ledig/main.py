"""Where every command begins: names are looked up before anything that they lead to is imported."""

import sys
from collections.abc import Sequence

from ledig.problem import USAGE
from ledig.shadowing import find_shadows
from ledig.stopping import complain


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit with its status."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status; nothing is run where a name of ours is shadowed."""
    shadows = find_shadows()
    for shadow in shadows:
        complain(f"ledig: {shadow}")
    if shadows:
        return USAGE
    from ledig.commandline import run_command  # noqa: PLC0415 - it imports what the names lead to

    return run_command(arguments)
