"""Ending in good order: Ctrl-C and SIGTERM set an event; a second one insists."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOPPED = 1
"""The exit status of a command that was asked to end before it was done."""
_INSISTED = 130


class StoppedError(Exception):
    """Somebody asked a command to end before it was done."""


@contextmanager
def stop_on_signals() -> Iterator[threading.Event]:
    """Give an event that SIGINT and SIGTERM set. A second signal ends the process at once."""
    stop = threading.Event()

    def asked(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            os._exit(_INSISTED)
        stop.set()

    before = {number: signal.signal(number, asked) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def children_deaf_to_interrupts() -> Iterator[None]:
    """Start children that Ctrl-C does not reach: a terminal sends it to all, and we end them ourselves, last."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def say(text: str) -> None:
    """Print a line for people, at once."""
    print(text, flush=True)  # noqa: T201 - the command line speaks here


def stopped(what: str) -> int:
    """Say what is left of a command that was asked to end; return its exit status."""
    complain(f"stopped; {what}")
    return STOPPED


def complain(text: str) -> None:
    """Print a line of trouble."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - the command line speaks here
