"""Models of an unlimited public: who comes does not depend on who is there already."""

import numpy as np
import scipy  # its parts are loaded when they are first asked for: only some commands do
from numpy.typing import ArrayLike, NDArray

Curve = NDArray[np.float64]


def erlang_b(load: float, desks: ArrayLike) -> Curve:
    """Return the chance that who comes finds all desks taken and leaves (Erlang 1917), for any real numbers of desks.

    ``load`` is the mean number of desks in use if there were enough of them (erlang). By the recursion
    1 / B(x) = 1 + x / (a B(x - 1)), begun between 0 and 1 by Jagerman's integral of e^-u (1 + u / a)^x over u > 0
    (Bell System Technical Journal 53, 1974), which is a^-x U(-x, -x, a).

    >>> float(np.round(erlang_b(40, 53), 6))
    0.008227
    """
    wanted = np.asarray(desks, dtype=np.float64)
    if load <= 0:
        return np.where(wanted <= 0, 1.0, 0.0)
    whole = np.floor(wanted)
    part = wanted - whole
    inverse = np.asarray(scipy.special.hyperu(-part, -part, load) * load**-part, dtype=np.float64)
    with np.errstate(over="ignore"):  # 1 / B beyond what a float holds: B is 0
        for step in range(1, int(whole.max(initial=0)) + 1):
            inverse = np.where(step <= whole, 1 + (part + step) / load * inverse, inverse)
    return 1 / inverse


def erlang_refused(load: float, most: int) -> Curve:
    """Return Erlang's chance for 0, 1, ..., most desks.

    >>> [int((erlang_refused(load, 200) > 0.01).sum()) for load in (40, 60, 80)]
    [53, 75, 96]
    """
    return erlang_b(load, np.arange(most + 1))


def hayward_refused(load: float, peakedness: float, most: int) -> Curve:
    """Return Erlang's chance corrected for demand that varies more, or less, than a random public's does.

    Hayward's approximation: B(n / z, a / z), z being variance / mean of the number of desks in use if there were
    enough (Fredericks, Bell System Technical Journal 59, 1980). z = 1 is Erlang's own.
    """
    if load <= 0 or peakedness <= 0:
        return erlang_refused(load, most)
    return erlang_b(load / peakedness, np.arange(most + 1) / peakedness)


def poisson_short(mean: float, most: int) -> Curve:
    """Return P(X > n) for the number of people at one moment if nobody is ever refused: Poisson with that mean."""
    return np.asarray(scipy.stats.poisson.sf(np.arange(most + 1), max(mean, 0.0)), dtype=np.float64)
