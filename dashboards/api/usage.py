"""What /utilisation tells besides: held time, which states alone can tell, and space usage."""

import numpy as np
from numpy.typing import NDArray

from analytics.buckets import edges
from analytics.groups import Groups
from analytics.held import HELD, held_hours
from analytics.spacestates import SpaceStates, no_states, split
from analytics.spaceusage import space_usage
from dashboards.api.house import House
from dashboards.api.window import Window
from spaces.site import Site
from spaces.times import Millis

Arrays = dict[str, NDArray[np.float64]]


def usage(house: House, site: Site, now: Millis, window: Window, groups: Groups, *, asked: bool) -> Arrays:  # noqa: PLR0913
    """Return `space_usage` and `held_hours` of shape (groups, buckets), NaN where they have no meaning.

    Both are NaN throughout where nobody `asked` for them: they take the states of every space, which are seconds of
    work for thousands of sensors, or a year. Space usage is a figure of hours: shorter buckets have none.
    """
    nothing = np.full((len(groups.labels), len(window.edges) - 1), np.nan)
    found: Arrays = {"space_usage": nothing, "held_hours": nothing}
    if not asked:
        return found
    states = house.states.over(site, window.start - HELD, window.end + HELD, now)
    if states is None:
        return found
    found["held_hours"] = held_hours(site, states, groups, window.edges)
    if window.bucket != "15m":
        hours = edges(site.tz, window.start, window.end, "1h")
        found["space_usage"] = house.figures.space_usage(
            site, (window.start, window.end), groups, window.edges, now,
            stated=lambda: space_usage(site, _within(site, states, window), groups, window.edges, hours),
        )  # fmt: skip
    return found


def _within(site: Site, states: SpaceStates, window: Window) -> SpaceStates:
    """Return the part of states that lies within a window."""
    parts = split(states, [window.start, window.end])
    return next((part for part in parts if window.start <= part.window[0] < window.end), no_states(site, window.start))
