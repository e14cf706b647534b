"""A window of time cut into pieces of few rows each: what is read in pieces needs little memory."""

from collections.abc import Callable, Iterator

from spaces.times import Millis

Piece = tuple[Millis, Millis]
"""Start and end, the end exclusive."""
Counts = Callable[[Millis, Millis, Millis], list[tuple[int, int]]]
"""(start, end, width) -> (bucket, rows) ascending, for buckets of that width from the start that have rows."""

_BUCKETS = 1_024


def pieces(counts: Counts, start: Millis, end: Millis, most: int) -> Iterator[Piece]:
    """Yield pieces that hold every row of a window, ascending, with at most `most` rows where time tells them apart.

    >>> def counts(start: int, end: int, width: int) -> list[tuple[int, int]]:
    ...     return [(bucket, 4) for bucket in range(3)]
    >>> list(pieces(counts, 0, 3, most=8))
    [(0, 2), (2, 3)]
    """
    width = max(1, -(-(end - start) // _BUCKETS))
    first, last, held = start, start, 0
    for bucket, rows in counts(start, end, width):
        low = start + bucket * width
        if held and held + rows > most:
            yield first, last
            held = 0
        if rows > most and width > 1:
            yield from pieces(counts, low, min(low + width, end), most)
            continue
        first = first if held else low
        last, held = min(low + width, end), held + rows
    if held:
        yield first, last
