"""Figures straight from transitions: one site, many millions of arrivals and departures, in any order.

The fast path for sensors that report changes only and are never silent. It does not look at which desk a transition
is of: directions are taken to alternate at each desk, so that their running sum is the number of occupied ones.
"""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
CHUNK = 1 << 18
"""Transitions handled at a time: small enough for the cache, large enough that threads seldom wait for each other."""


@dataclass(frozen=True, slots=True)
class TransitionFigures:
    """Figures of m buckets: ``occupied`` in space-milliseconds, ``utilisation`` its share, ``peak`` in spaces."""

    occupied: Whole
    utilisation: NDArray[np.float64]
    peak: Whole


def transition_figures(  # noqa: PLR0913 - the columns, and what they are measured against
    time: Whole, direction: NDArray[np.int8], edges: Whole, *, spaces: int, before: int = 0, threads: int = 2
) -> TransitionFigures:
    """Return exact time utilisation and simultaneous peak of each bucket.

    ``time`` is int64 UTC ms, ``direction`` int8: 1 for an arrival, -1 for a departure; both of length n, in any
    order. ``edges`` are m + 1 ascending UTC ms for m buckets; ``before`` spaces are occupied before the first
    transition. What happens at one moment happens at once: one who leaves as another comes makes no peak.

    Each transition is packed into one integer, ``time << 1 | arrival``: a plain sort orders them by time, departures
    before arrivals, and levels are the running sum. That takes 8 bytes a transition beside the columns.
    """
    keys = _packed(time, direction)
    with ThreadPoolExecutor(threads) as pool:
        _sort(keys, pool, threads)
        after, until = np.searchsorted(keys, (edges << 1) + 2), np.searchsorted(keys, edges << 1)
        parts = list(pool.map(lambda share: _measured(keys, edges, after, until, share), _shares(after)))
    net, crest, area = np.concatenate([np.zeros((3, 0), dtype=np.int64), *parts], axis=1)
    level = before + _net(keys[: after[0]]) + np.cumsum(net) - net
    occupied = level * np.diff(edges) + area
    return TransitionFigures(occupied, occupied / (spaces * np.diff(edges)), level + crest)


def _packed(time: Whole, direction: NDArray[np.int8]) -> Whole:
    keys = np.empty(len(time), dtype=np.int64)
    for low in range(0, len(keys), CHUNK):
        part = keys[low : low + CHUNK]
        np.left_shift(time[low : low + CHUNK], 1, out=part)
        part |= direction[low : low + CHUNK] > 0
    return keys


def _sort(keys: Whole, pool: Executor, threads: int) -> None:
    """Sort in place: halve by value, then each half in a thread of its own (numpy lets go of the interpreter)."""
    cuts = [len(keys) * part // threads for part in range(threads + 1)]
    if threads > 1 and len(keys) > CHUNK:
        keys.partition(cuts[1:-1])
    else:
        cuts = [0, len(keys)]
    list(pool.map(lambda ends: keys[ends[0] : ends[1]].sort(), pairwise(cuts)))


def _shares(after: NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    """Yield ranges of buckets that hold about a chunk of transitions each."""
    low, buckets = 0, len(after) - 1
    while low < buckets:
        high = int(np.searchsorted(after, after[low] + CHUNK, side="right")) - 1
        high = min(max(high, low + 1), buckets)
        yield low, high
        low = high


def _measured(
    keys: Whole, edges: Whole, after: NDArray[np.intp], until: NDArray[np.intp], share: tuple[int, int]
) -> Whole:
    """Return of the buckets of a share, relative to the level when each begins: net change, peak and area, (3, m).

    ``after[b]`` transitions come up to edge b, that moment included; ``until[b]`` before it. So a bucket begins with
    what its first moment has done, and what the next one's first moment does is none of its peak.
    """
    low, high = share
    offset = after[low]
    first, stop = after[low:high] - offset, until[low + 1 : high + 1] - offset
    part = keys[offset : after[high]]
    sign = (part & 1).astype(np.int32)
    sign += sign
    sign -= 1
    level = np.zeros(len(part) + 2, dtype=np.int32)
    np.cumsum(sign, out=level[1:-1])
    level[-1] = level[-2]
    ends = np.append(first[1:], len(part))
    begin = level[first].astype(np.int64)
    crest = np.maximum.reduceat(level, np.stack((first, stop + 1), axis=1).reshape(-1))[::2] - begin
    net = level[ends] - begin
    moments = np.zeros(len(part) + 1, dtype=np.int64)
    np.multiply((part >> 1) - edges[low], sign, out=moments[:-1])
    moved = np.where(first < ends, np.add.reduceat(moments, first), 0)
    return np.stack((net, crest, net * (edges[low + 1 : high + 1] - edges[low]) - moved))


def _net(keys: Whole) -> int:
    """Return arrivals less departures."""
    return 2 * int(np.count_nonzero(keys & 1)) - len(keys)
