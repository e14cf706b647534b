"""Mistakes in files of our own: collected, each with its place, and reported all at once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

EXAMPLE = "https://calendar.example/room.ics"
"""The one address that messages have whole."""
_END = r"(?=['\",;)]*(?:\s|$))"
_HOST = rf"(?:[A-Za-z0-9-]+\.)*[A-Za-z0-9-]+(?::\d{{1,5}})?/?{_END}"
_ADDRESS = re.compile(rf"(?<=://)(?!{_HOST}|{re.escape(EXAMPLE.partition('://')[2])})\S+?{_END}")
"""What of an address may be a secret: all of it, unless it is a host alone."""


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing that is wrong, where, and what would be right. An address may be a secret: its host alone is shown."""

    file: Path
    line: int
    message: str

    def __post_init__(self) -> None:
        """Hide addresses, whichever message repeats a text that has one: it may stand where none belongs."""
        object.__setattr__(self, "message", _ADDRESS.sub("...", self.message))

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class FileError(Exception):
    """A file of ours cannot be used; `mistakes` names everything that is wrong with it."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = sorted(mistakes)
        super().__init__("\n".join(map(str, self.mistakes)))


class SiteFileError(FileError):
    """A site file, or a list beside it, is wrong."""


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """Return a suggestion to hang on a message, or the whole short list where nothing is close.

    >>> did_you_mean("capasity", ["capacity", "zone"])
    '; did you mean capacity?'
    >>> did_you_mean("colour", ["capacity", "zone"])
    '; known are capacity, zone'
    """
    return near(word, known) or f"; known are {', '.join(known)}"


def near(word: str, known: Sequence[str]) -> str:
    """Return a suggestion to hang on a message, nothing where nothing is close: the list would be long.

    >>> near("capasity", ["capacity", "zone"]), near("colour", ["capacity", "zone"])
    ('; did you mean capacity?', '')
    """
    meant = nearest(word, known)
    return f"; did you mean {meant}?" if meant is not None else ""


def nearest(word: str, known: Sequence[str]) -> str | None:
    """Return the known word that is close to a word, None where none is."""
    return next(iter(get_close_matches(word, known, n=1, cutoff=0.6)), None)


LONGEST = 60
"""Characters of what was sent that a message repeats."""


def shown(text: str) -> str:
    """Return what was sent, short enough to be repeated."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "\N{HORIZONTAL ELLIPSIS}"
