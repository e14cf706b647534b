"""Why there is no answer: the one error of this package."""

from collections.abc import Sequence
from enum import Enum


class Fault(Enum):
    """What kind of a no it is."""

    ARGUMENT = "argument"
    """An argument is unknown, wrong, or asks for too much."""
    MISSING = "missing"
    """There is no such thing."""
    FULL = "full"
    """There is no room for more."""
    UNREADABLE = "unreadable"
    """A file of ours cannot be read or written."""


class AnswerError(Exception):
    """No answer can be given; `detail` is a sentence that says what is wrong and what would be right.

    `wrong` lists each argument with what is wrong with it, by the name that the API's parameters have.
    """

    def __init__(self, detail: str, *, fault: Fault = Fault.ARGUMENT, wrong: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fault = fault
        self.wrong = tuple(wrong)


def wrong_argument(name: str, detail: str) -> AnswerError:
    """Return the error of one argument."""
    return wrong_arguments([(name, detail)])


def wrong_arguments(wrong: Sequence[tuple[str, str]]) -> AnswerError:
    """Return the error of several arguments at once."""
    return AnswerError("; ".join(f"{name}: {detail}" for name, detail in wrong), wrong=wrong)
