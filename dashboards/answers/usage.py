"""What /utilisation tells besides: held time, which states alone can tell, and space usage."""

import numpy as np
from numpy.typing import NDArray

from analytics.buckets import edges
from analytics.groups import Groups
from analytics.held import HELD, held_hours
from analytics.spacestates import SpaceStates, no_states, split
from analytics.spaceusage import space_usage
from dashboards.answers.context import Context
from dashboards.answers.windows import Window
from spaces.site import Site

Arrays = dict[str, NDArray[np.float64]]


def usage_figures(context: Context, site: Site, window: Window, groups: Groups, *, asked: bool) -> Arrays:
    """Return `space_usage` and `held_hours` of shape (groups, buckets), NaN where they have no meaning.

    Both are NaN throughout where nobody `asked` for them: they take the states of every space, which are seconds of
    work for thousands of sensors, or a year. Space usage is a figure of hours: shorter buckets have none.
    """
    nothing = np.full((len(groups.labels), len(window.edges) - 1), np.nan)
    arrays: Arrays = {"space_usage": nothing, "held_hours": nothing}
    if not asked:
        return arrays
    start, end, now = window.span
    states = context.states.over(site, start - HELD, end + HELD, now)
    if states is None:
        return arrays
    arrays["held_hours"] = held_hours(site, states, groups, window.edges)
    if window.bucket != "15m":
        hours = edges(site.tz, start, end, "1h")
        arrays["space_usage"] = context.figures.space_usage(
            site, window.ends, groups, window.edges, now,
            stated=lambda: space_usage(site, _within(site, states, window), groups, window.edges, hours),
        )  # fmt: skip
    return arrays


def _within(site: Site, states: SpaceStates, window: Window) -> SpaceStates:
    """Return the part of states that lies within a window."""
    start, end = window.ends
    return next((part for part in split(states, [start, end]) if start <= part.window[0] < end), no_states(site, start))
