"""Reading a long window in steps of bounded size, without asking first how much lies where."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from spaces.times import HOUR, Millis

_Row = TypeVar("_Row")


def stepwise(
    fetch: Callable[[Millis, Millis], Sequence[_Row] | None], start: Millis, end: Millis, most: int
) -> Iterator[Sequence[_Row]]:
    """Yield what `fetch` returns for neighbouring windows that tile start <= time < end, where that is anything.

    A window is halved while `fetch` returns None, which says that it holds too much; windows grow while they hold
    little, so that years without a word are passed over in a few steps.

    >>> steps = []
    >>> list(stepwise(lambda low, high: steps.append(high - low) or [7], 0, 7 * HOUR, most=10))
    [[7], [7], [7]]
    >>> [step // HOUR for step in steps]
    [1, 2, 4]
    """
    low, width = start, HOUR
    while low < end:
        high = min(low + width, end)
        found = fetch(low, high)
        if found is None:
            width = max((high - low) // 2, 1)
            continue
        if found:
            yield found
        low = high
        if len(found) < most // 4:
            width *= 2
        elif len(found) > most:
            width = max(width // 2, 1)
