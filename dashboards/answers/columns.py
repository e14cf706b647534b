"""Arrays of figures as columns of an answer: NaN is null, whole numbers are written as such."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.privacy.disclosure import Row

DIGITS = 6
"""Decimals of a figure: a microsecond of an hour; more would be noise of the arithmetic."""


def figures(values: NDArray[np.float64]) -> list[float | None]:
    """Return figures in a list, null for NaN.

    >>> figures(np.array([0.25, np.nan]))
    [0.25, None]
    """
    listed: list[float | None] = np.round(values.ravel(), DIGITS).tolist()
    return [None if value != value else value for value in listed]  # noqa: PLR0124 - only NaN differs from itself


def counts(values: NDArray[np.float64]) -> list[float | None]:
    """Return counts in a list, as integers where all of them are whole.

    >>> counts(np.array([3.0, np.nan])), counts(np.array([2.5]))
    ([3, None], [2.5])
    """
    known = values[np.isfinite(values)]
    if np.any(known != np.rint(known)):
        return figures(values)
    return [None if value != value else int(value) for value in values.ravel().tolist()]  # noqa: PLR0124


def instants(values: NDArray[np.int64]) -> list[str | None]:
    """Return UTC ms as RFC 3339, null for what is negative.

    >>> instants(np.array([1767225600000, 1767225600250, -1]))
    ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.250Z', None]
    """
    flat = values.ravel()
    texts = np.datetime_as_string(np.maximum(flat, 0).astype("datetime64[ms]"), unit="ms").tolist()
    return [
        None if value < 0 else f"{text[:19]}Z" if text.endswith(".000") else f"{text}Z"
        for text, value in zip(texts, flat.tolist(), strict=True)
    ]


def rows(columns: Mapping[str, Sequence[Any]]) -> Iterator[Row]:
    """Yield columns of one length as rows."""
    names = tuple(columns)
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(names, values, strict=True))
