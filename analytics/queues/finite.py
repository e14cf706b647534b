"""Models of a known number of members: each is there or not at the busiest moment.

All return curves: arrays of most + 1 entries, for 0, 1, ..., most desks.
"""

import numpy as np
import scipy  # its parts are loaded when they are first asked for: only some commands do
from numpy.typing import NDArray

Curve = NDArray[np.float64]

_NEVER, _ALWAYS = 1e-12, 1 - 1e-9
"""Shares beyond are taken for these: the formulas divide by p and by 1 - p."""


def binomial_short(members: int, share: float, most: int) -> Curve:
    """Return P(X > n): more than n of the members are there at once, each with chance `share`, independently.

    >>> int((binomial_short(200, 0.4, 200) > 0.01).sum())
    96
    """
    return np.asarray(scipy.stats.binom.sf(np.arange(most + 1), members, share), dtype=np.float64)


def beta_binomial_short(members: int, share: float, rho: float, most: int) -> Curve:
    """Return P(X > n) where good days bring everybody: any two members' presences are correlated by `rho`.

    The chance itself varies from day to day by a beta distribution with parameters share and 1 - share times
    (1 / rho - 1). The variance is M p (1 - p) (1 + (M - 1) rho); with rho = 0 this is the binomial.

    >>> int((beta_binomial_short(200, 0.4, 0.02, 200) > 0.01).sum())
    117
    """
    share = min(max(share, _NEVER), _ALWAYS)
    if rho <= _NEVER or members < 2:
        return binomial_short(members, share, most)
    both = 1 / rho - 1
    counts = np.arange(members + 1)
    chance = scipy.stats.betabinom.pmf(counts, members, share * both, (1 - share) * both)
    more = np.append(np.cumsum(chance[::-1])[::-1][1:], 0.0)
    short = np.zeros(most + 1)
    short[: members + 1] = more[: most + 1]
    return np.clip(short, 0.0, 1.0)


def engset_refused(members: int, share: float, most: int) -> Curve:
    """Return the chance that a member who comes finds all n desks taken, of so many members (Engset 1918).

    Each member who is away comes at a rate of share / (1 - share) per mean stay. One who comes sees the other M - 1
    (call congestion): E(n) = a (M - n) E(n - 1) / (n + a (M - n) E(n - 1)), E(0) = 1, a = p / (1 - p). It is 0
    where there are as many desks as members.

    >>> int((engset_refused(200, 0.4, 200) > 0.01).sum())
    93
    """
    share = min(max(share, _NEVER), _ALWAYS)
    coming = share / (1 - share)
    refused = np.zeros(most + 1)
    refused[0] = last = 1.0
    for desks in range(1, min(most, members - 1) + 1):
        wanted = coming * (members - desks) * last
        refused[desks] = last = wanted / (desks + wanted)
    return refused


def correlation(members: int, share: float, variance: float) -> float:
    """Return the rho at which a beta-binomial has this variance; 0 where it is no more than the binomial's.

    >>> round(correlation(200, 0.4, 200 * 0.4 * 0.6 * (1 + 199 * 0.02)), 6)
    0.02
    """
    independent = members * share * (1 - share)
    if members < 2 or independent <= 0:
        return 0.0
    return float(np.clip((variance / independent - 1) / (members - 1), 0.0, 1 - 1e-6))
