"""A delivery: records on their way into a store, halved where it will not take them at once."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence

from spaces.reading import Reading
from store.protocol import Appended, RefusalError, TooLargeError
from store.spool.spool import Taken

Append = Callable[[Sequence[Reading]], Appended]


class Delivery:
    """What is still to be written of some records, and what has become of the rest.

    A failure of the store leaves it as it is: the next `write_one` goes on where the last one stopped. `stored` and
    `duplicate` count readings that the store took; `refused` are those that it never will, with its reason.
    """

    def __init__(self, records: Sequence[Taken]) -> None:
        self.records = records
        self.stored = 0
        self.duplicate = 0
        self.refused: list[tuple[Reading, str]] = []
        readings = [reading for record in records for reading in record.batch]
        self._runs: deque[Sequence[Reading]] = deque([readings] if readings else [])

    @property
    def is_over(self) -> bool:
        """Whether everything has been taken or refused."""
        return not self._runs

    def write_one(self, append: Append, most: int) -> int:
        """Write one run of at most so many readings; return how many may be written at once from now on.

        Raises:
            StoreError: the store is away; nothing of the run is certain.
        """
        run = self._runs.popleft()
        if len(run) > most:
            self._runs.appendleft(run[most:])
            run = run[:most]
        try:
            appended = append(run)
        except TooLargeError as error:
            self._halve(run, error)
            return max(1, len(run) // 2)
        except RefusalError as error:
            self._halve(run, error)
        except BaseException:
            self._runs.appendleft(run)
            raise
        else:
            self.stored += appended.stored
            self.duplicate += appended.duplicate
        return most

    def largest_first(self) -> None:
        """Write the largest run next: it is the likeliest to hold something that the store takes."""
        if self._runs:
            self._runs.rotate(-max(range(len(self._runs)), key=lambda index: len(self._runs[index])))

    def without_refused(self) -> Iterator[Taken]:
        """Yield the records that held something refused, as they are without it."""
        refused = {id(reading) for reading, _ in self.refused}
        for number, batch in self.records:
            left = [reading for reading in batch if id(reading) not in refused]
            if len(left) < len(batch):
                yield Taken(number, left)

    def _halve(self, run: Sequence[Reading], error: Exception) -> None:
        if len(run) == 1:
            self.refused.append((run[0], str(error)))
        else:
            middle = len(run) // 2
            self._runs.extendleft((run[middle:], run[:middle]))
