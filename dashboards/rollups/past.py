"""Figures of buckets that are long over, kept while nothing beneath them has changed."""

from collections.abc import Hashable
from dataclasses import fields
from typing import Any, Generic, NamedTuple, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from dashboards.cache import Cache

MOST_BYTES = 32 * 1024 * 1024
_SHARE = 4
"""What takes more than this part of it is not kept: all else would have to go."""
Found = TypeVar("Found")


class Past(NamedTuple, Generic[Found]):
    """Figures of buckets that are over; `counted` tells of which spaces a count came, None where that is no matter."""

    figures: Found
    counted: NDArray[np.bool_] | None


PastFigures = Cache[Hashable, Past[Any]]
"""What was worked out, by question."""


def past_figures(most_bytes: int = MOST_BYTES) -> PastFigures:
    """Return a cache of figures that holds so many bytes."""
    return Cache(most_bytes, weigh=_size, heaviest=most_bytes // _SHARE)


def beside(one: Found, other: Found) -> Found:
    """Join figures, arrays of shape (groups, buckets), of buckets that follow one another."""
    names = [field.name for field in fields(cast("Any", one))]
    joined = {name: np.concatenate([getattr(one, name), getattr(other, name)], axis=1) for name in names}
    return type(one)(**joined)


def _size(past: Past[Any]) -> int:
    arrays: list[NDArray[Any]] = [getattr(past.figures, field.name) for field in fields(past.figures)]
    return sum(array.nbytes for array in arrays) + 1_000
