"""What ends a command: bad input, said plainly."""

USAGE = 2
"""The exit status of bad input."""


class CommandError(Exception):
    """The command cannot do what it was asked; the message says what, where and what to do."""
