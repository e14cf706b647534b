"""Why a row or a value of a dump is left out."""

from enum import StrEnum


class Reason(StrEnum):
    """Why something of a dump is not in the recording; the value is how it is said and counted."""

    FILTERED = "by where or unless"
    SHAPE = "not as wide as the header, or no CSV"
    NO_NAME = "without a sensor's name"
    CLASH = "for an id that another name has"
    NO_TIME = "without a time"
    TIME = "with a time that is none"
    SKIPPED = "at a time that the clock skips"
    ZONE = "with a zone that does not fit"
    DOUBLED = "at a time that the clock shows twice, nothing tells which"
    VALUE = "with a value that is none"
    CAPACITY = "with a capacity that is none"
    END = "with an end before the begin, or none"
    CONTRADICTION = "contradicting an earlier one"


CHOSEN = frozenset((Reason.FILTERED,))
"""What the mapping leaves out; the rest are mistakes."""
FATAL = frozenset((Reason.CLASH,))
"""Mistakes that `--skip-bad-rows` does not skip: they are of the mapping, not of a row."""


class RowError(ValueError):
    """A row or a value cannot be taken. One that is `told` was told before, and is counted alone."""

    def __init__(self, reason: Reason, message: str, *, told: bool = False) -> None:
        super().__init__(message)
        self.reason = reason
        self.told = told
