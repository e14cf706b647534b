"""A day is no steady state: how many are there at each minute, and who is refused then."""

import numpy as np
from numpy.typing import NDArray

from analytics.queues.erlang import erlang_b

Curve = NDArray[np.float64]


def infinite_server_mean(arriving: Curve, staying: Curve) -> Curve:
    """Return the mean number of people at the end of each of n steps, if nobody is ever refused.

    ``arriving`` are the people who come within each step, evenly; ``staying`` has n + 1 entries: the share of them
    that stays longer than 0, 1, ..., n steps. m(t) is the integral of rate(u) P(stay > t - u) over u <= t (Eick,
    Massey and Whitt, "The physics of the M(t)/G/infinity queue", Operations Research 41, 1993).
    """
    kept = (staying[:-1] + staying[1:]) / 2
    found: Curve = np.convolve(arriving, kept)[: len(arriving)]
    return found


def modified_offered_load(arriving: Curve, mean: Curve, desks: int) -> float:
    """Return the share of a whole day's comers who are refused: Erlang's chance at the load of each step.

    The load that a step has is ``mean``, the infinite-server mean at it, not rate times stay, which forgets that
    people who came hours ago are still there (Massey and Whitt, "An analysis of the modified offered-load approximation
    for the nonstationary Erlang loss model", Annals of Applied Probability 4, 1994).
    """
    coming = arriving > 0
    if not coming.any():
        return 0.0
    met = np.concatenate(([0.0], mean[:-1]))[coming]
    refused = np.array([erlang_b(load, desks) for load in met.tolist()])
    return float(np.average(refused, weights=arriving[coming]))


def busiest_hour(mean: Curve, steps: int) -> tuple[int, float]:
    """Return where the busiest hour (so many steps) begins, and the mean number of people over it."""
    steps = min(steps, len(mean))
    sums = np.convolve(mean, np.ones(steps), mode="valid")
    first = int(sums.argmax())
    return first, float(sums[first] / steps)
