"""Running sums of many steps up and down by one, worked out eight steps at a time.

A byte holds eight steps, the first in its lowest bit, 1 for up. What a byte comes to, and the highest it gets on the
way, is looked up. So one sum in eight is worked out: a plain running sum takes longer than all else that is done here.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.intp]
_UP = (np.arange(256)[:, np.newaxis] >> np.arange(8)) & 1
_AFTER = np.concatenate([np.zeros((256, 1), dtype=np.int8), np.cumsum(2 * _UP - 1, axis=1, dtype=np.int8)], axis=1)
"""Level after 0 to 8 steps of each byte."""
_HIGHEST = np.stack([np.maximum.accumulate(np.roll(_AFTER, -low, axis=1), axis=1) for low in range(9)], axis=1)
"""Of each byte the highest level from after `low` steps to `over` steps after that: ``[byte, low, over]``."""
_COMES_TO, _RISES_TO = _AFTER[:, 8].copy(), _HIGHEST[:, 0, 8].copy()


class Eights(NamedTuple):
    """Steps of +1 and -1, and the level before every eighth of them. A place p is a number of steps, 0 to n."""

    steps: NDArray[np.uint8]
    before: NDArray[np.int64]

    @classmethod
    def of(cls, up: NDArray[np.int8]) -> "Eights":
        """Return n steps, up where it is not 0, from a level of 0."""
        steps = np.zeros(len(up) // 8 + 2, dtype=np.uint8)  # whoever looks at place n looks at the byte after the last
        packed = np.packbits(up, bitorder="little")
        steps[: len(packed)] = packed
        before = np.zeros(len(steps), dtype=np.int64)
        np.cumsum(_COMES_TO[steps[:-1]], out=before[1:])
        return cls(steps, before)

    def level(self, place: Places) -> NDArray[np.int64]:
        """Return the level at places."""
        eight = place >> 3
        found: NDArray[np.int64] = self.before[eight] + _AFTER[self.steps[eight], place & 7]
        return found

    def highest(self, first: Places, last: Places) -> NDArray[np.int64]:
        """Return the highest level at any place of [first, last] of each stretch; stretches ascend, none is empty."""
        head, tail = first >> 3, last >> 3
        inside = np.minimum(last - (head << 3), 8) - (first & 7)
        found: NDArray[np.int64] = self.before[head] + _HIGHEST[self.steps[head], first & 7, inside]
        ends = self.before[tail] + _HIGHEST[self.steps[tail], 0, last & 7]
        found = np.where(head < tail, np.maximum(found, ends), found)
        tops = self.before + _RISES_TO[self.steps]
        between = np.maximum.reduceat(tops, np.stack((head + 1, tail), axis=-1).reshape(-1))[::2]
        return np.where(head + 1 < tail, np.maximum(found, between), found)
