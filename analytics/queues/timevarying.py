"""A day is no steady state: how many are there at each minute, and who is refused then."""

import numpy as np
from numpy.typing import NDArray

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


def modified_offered_load(arriving: Curve, mean: Curve, most: int) -> Curve:
    """Return the share of those who come that is refused, for 0, 1, ..., most desks: Erlang's at the load of each step.

    The load of a step is ``mean``, the infinite-server mean when it begins, and not rate times stay, which forgets
    that who came hours ago is still there (Massey and Whitt, "An analysis of the modified offered-load approximation
    for the nonstationary Erlang loss model", Annals of Applied Probability 4, 1994).
    """
    coming = arriving > 0
    if not coming.any():
        return np.zeros(most + 1)
    load = np.concatenate(([0.0], mean[:-1]))[coming]
    weight = arriving[coming] / arriving[coming].sum()
    refused = np.empty(most + 1)
    chance = np.ones_like(load)
    refused[0] = 1.0
    for desks in range(1, most + 1):
        chance = load * chance / (desks + load * chance)
        refused[desks] = weight @ chance
    return refused


def busiest_hour(mean: Curve, steps: int) -> tuple[int, float]:
    """Return where the busiest hour (so many steps) begins, and the mean number of people over it."""
    steps = min(steps, len(mean))
    sums = np.convolve(mean, np.ones(steps), mode="valid")
    first = int(sums.argmax())
    return first, float(sums[first] / steps)
