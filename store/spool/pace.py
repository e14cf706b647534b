"""How long to leave a store alone after a failure."""

from random import Random

from store.protocol import ForbiddenError, StoreError

SHORTEST, LONGEST = 0.5, 30.0
"""Seconds between attempts, growing from failure to failure."""
LONGEST_ASKED = 300.0
"""Seconds that are granted to a store that asks to be left alone."""


class Pace:
    """Growing waits with jitter, so that many workers do not come back at once."""

    def __init__(self, random: Random, *, shortest: float = SHORTEST, longest: float = LONGEST) -> None:
        self._random = random
        self._shortest, self._longest = shortest, longest
        self._failures = 0

    def reset(self) -> None:
        """Things went well: the next wait is short again."""
        self._failures = 0

    def after(self, error: StoreError) -> float:
        """Return the seconds to wait after one more failure.

        A store that does not let us in waits for somebody to act: it is asked at the slowest pace.
        """
        self._failures += 1
        if error.retry_after is not None:
            return self._asked(error.retry_after)
        forbidden = isinstance(error, ForbiddenError)
        most = self._longest if forbidden else min(self._shortest * 2.0 ** min(self._failures, 16), self._longest)
        return self._random.uniform(most / 2, most)

    def _asked(self, seconds: float) -> float:
        """Return what was asked for, within reason (NaN is not), and a little later: all workers were asked alike."""
        granted = min(seconds, LONGEST_ASKED) if seconds > self._shortest else self._shortest
        return granted * self._random.uniform(1.0, 1.1)
