"""What figures are asked of: answers worked out in this process, or a running API. Both answer alike."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from dashboards.grafana.ask import Ask
from spaces.times import Millis


class AwayError(Exception):
    """Nobody answers, or nobody is let in."""


class RefusedError(Exception):
    """One question is refused."""


class Round(NamedTuple):
    """What a round of questions goes by: the moment, by the clock of whoever answers, and the sites there are."""

    now: Millis
    sites: Sequence[str]


class Answered(NamedTuple):
    """Disclosed rows, and the moment of the answer."""

    now: Millis
    rows: Sequence[Mapping[str, Any]]


class Answers(Protocol):
    """Whoever answers a round of questions."""

    def begin(self) -> Round:
        """Begin a round of questions.

        Raises:
            AwayError: nobody answers.
            RefusedError: the sites are not told.
            StoreError: the store cannot be read.
        """
        ...

    def ask(self, site: str, ask: Ask, start: Millis | None) -> Answered:
        """Return an answer about a site, or about none; `start` is the begin of its window, None for its usual one.

        Raises:
            AwayError: nobody answers.
            RefusedError: the question is refused.
            StoreError: the store cannot be read.
        """
        ...
