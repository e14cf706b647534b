"""Arguments that several commands take."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from pathlib import Path

from simulator.betahaus import SITE


def add_exit_after(command: ArgumentParser) -> None:
    """Describe an argument of all that runs until it is stopped."""
    command.add_argument("--exit-after", type=seconds, metavar="SECONDS", help="end by itself")


def add_client_id(command: ArgumentParser) -> None:
    """Describe an argument of those that listen beside ingest."""
    command.add_argument("--client-id", default=None, help="name at the broker (default: one of its own)")


def add_seed(command: ArgumentParser) -> None:
    """Describe an argument of all that simulates."""
    command.add_argument("--seed", type=int, default=1, help="another seed, other people (default: 1)")


def add_simulated_site(command: ArgumentParser) -> None:
    """Describe an argument of those that simulate any site."""
    command.add_argument("--site", type=Path, default=SITE, help="site file or folder (default: the demo's house)")


def add_one_site(command: ArgumentParser) -> None:
    """Describe an argument of those that tell of one site (`ledig.sites`)."""
    command.add_argument("--site", metavar="SITE", help="which one (its id), where the settings name several")


def day(text: str) -> date:
    """Read a day.

    Raises:
        ArgumentTypeError: it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no day; write 2026-05-04") from None


def seconds(text: str) -> float:
    """Read a number of seconds.

    Raises:
        ArgumentTypeError: it is none.
    """
    return _number(text, "a number of seconds", least=0.0)


def speed(text: str) -> float:
    """Read a speed.

    Raises:
        ArgumentTypeError: it is none.
    """
    return _number(text, "a speed; 1 is real time, 60 an hour in a minute", least=1e-6)


def fast(text: str) -> float:
    """Read a speed of 1 or more.

    Raises:
        ArgumentTypeError: it is none.
    """
    return _number(text, "a speed of 1 or more", least=1.0)


def workers(text: str) -> int:
    """Read a number of workers.

    Raises:
        ArgumentTypeError: it is none.
    """
    return _count(text, "number of workers", most=64)


def port(text: str) -> int:
    """Read a port.

    Raises:
        ArgumentTypeError: it is none.
    """
    return _count(text, "port", most=65_535)


def _count(text: str, what: str, *, most: int) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise ArgumentTypeError(f"{text!r} is no {what} from 1 to {most}")
    return int(text)


def _number(text: str, what: str, *, least: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not least <= number < float("inf"):
        raise ArgumentTypeError(f"{text!r} is not {what}")
    return number
