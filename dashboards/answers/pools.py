"""What is known of pools of desks: whether one may be shown, and its history, from states read in parts."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from analytics.privacy.disclosure import policy_for
from analytics.sizing.days import OpenDays, open_days, stretches
from analytics.sizing.demand import Pool, demand, join_demand, no_demand
from analytics.sizing.history import History, history
from analytics.spacestates import SpaceStates
from dashboards.answers.context import Context
from spaces.site import Site, Space
from spaces.times import Millis

ReadStates = Callable[[OpenDays], Iterable[SpaceStates]]
"""Gives the states of open days, in parts that follow one another and cut no day."""


def why_hidden(site: Site, pool: Pool, desks: Sequence[Space]) -> str | None:
    """Return why nothing of a pool's desks may be shown, None where it may."""
    return policy_for(site, "group", {pool: desks}).hidden.get(pool)


def read_states(context: Context, site: Site, days: OpenDays, most: int = 28) -> Iterator[SpaceStates]:
    """Yield the states of open days that are past, at most so many days at a time.

    Raises:
        StoreError: the store cannot be read.
    """
    now = context.now()
    for start, end in stretches(days, most):
        states = context.states.over(site, start, end, now)
        assert states is not None  # the days are past
        yield states


def measure_pools(
    site: Site, pools: Mapping[Pool, Sequence[Space]], window: tuple[Millis, Millis], read: ReadStates
) -> dict[Pool, History]:
    """Return what is known of the desks of pools over a window of whole local days, all by one reading of it.

    Raises:
        StoreError: the store cannot be read.
    """
    days = {pool: open_days(site, desks, *window) for pool, desks in pools.items()}
    parts = {pool: [no_demand(days[pool], len(desks))] for pool, desks in pools.items()}
    every = [desk for desks in pools.values() for desk in desks]
    for states in read(open_days(site, every, *window)):
        for pool, desks in pools.items():
            parts[pool].append(demand(site, states, desks, days[pool]))
    return {pool: history(site, pool, join_demand(found), window) for pool, found in parts.items()}
