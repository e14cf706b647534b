"""Committing a batch whatever the store answers: kept and tried again, split, or the bad reading found and refused."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from random import Random

from ingest.refusals import Reason, Refusal
from ingest.verdicts import Verdict, readings_of
from spaces.reading import Reading
from store.protocol import Appended, RefusalError, StoreError, TooLargeError

_SHORTEST, _LONGEST = 0.2, 10.0
"""Seconds between attempts: a broker that returns is to be met within half a minute."""
_MOST_PATIENCE = 300.0
"""Seconds that a store may ask us to wait, whatever it says."""
MOST_AT_ONCE = 5_000
"""Readings in one append: 5,000 cost DuckDB 2.4 ms, 1,000 cost 1.6."""


class Backoff:
    """Growing waits with jitter, so that many workers do not come back at once."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._failures = 0

    def reset(self) -> None:
        """Things went well: the next wait is short again."""
        self._failures = 0

    def next(self) -> float:
        """Return the seconds to wait after one more failure."""
        self._failures += 1
        longest = min(_SHORTEST * 2.0 ** min(self._failures, 16), _LONGEST)
        return self._random.uniform(longest / 2, longest)

    def after(self, error: StoreError) -> float:
        """Return the seconds to wait after a store's error: as it asked, within bounds, and never less than usual."""
        asked = error.retry_after or 0.0
        return max(self.next(), min(asked, _MOST_PATIENCE) if asked > 0 else 0.0)


@dataclass(slots=True)
class Committed:
    """What the store has made of readings so far: rows by kind, the readings that are safe, and those it refused."""

    stored: int = 0
    duplicate: int = 0
    spooled: int = 0
    safe: list[Reading] = field(default_factory=list)
    refused: list[tuple[Verdict, Refusal]] = field(default_factory=list)
    """One a reading, with the verdict of the message that it came in."""

    def add(self, readings: Sequence[Reading], appended: Appended) -> None:
        """Count readings that the store took."""
        self.stored += appended.stored
        self.duplicate += appended.duplicate
        self.spooled += appended.spooled
        self.safe += readings


Waiting = Callable[[str, float], bool]
"""Called with why the store does not take readings and the seconds to wait; returns whether to try again."""


def commit(
    append: Callable[[Sequence[Reading]], Appended],
    verdicts: Sequence[Verdict],
    committed: Committed,
    wait: Waiting,
    *,
    most: int = MOST_AT_ONCE,
) -> bool:
    """Commit the readings of messages, at most so many at once; return False where waiting was given up.

    What becomes of each is added to `committed` as soon as it is certain, so that it is known however this ends.
    A store that is away is asked again and again. What it will never take is found by halving, which may part the
    readings of a message, and refused with the store's own words: one bad reading among thousands keeps no other from
    being stored.
    """
    readings = readings_of(verdicts)
    backoff = Backoff(Random())  # noqa: S311 - jitter is no secret
    parts = deque((start, min(start + most, len(readings))) for start in range(0, len(readings), most))
    while parts:
        start, end = parts[0]
        part = readings[start:end]
        try:
            appended = append(part)
        except (RefusalError, TooLargeError) as error:
            parts.popleft()
            if len(part) == 1:
                committed.refused.append((_owner(verdicts, start), Refusal(Reason.STORE, str(error)[:200])))
            else:
                middle = (start + end) // 2
                parts.extendleft(((middle, end), (start, middle)))
        except StoreError as error:
            if not wait(f"nothing is stored or acknowledged: {error}", backoff.after(error)):
                return False
        else:
            parts.popleft()
            backoff.reset()
            committed.add(part, appended)
    return True


def _owner(verdicts: Iterable[Verdict], place: int) -> Verdict:
    """Return the verdict of the message in which the reading at a place among all of them came."""
    return next(islice((verdict for verdict in verdicts for _ in verdict.readings), place, None))
