"""Roll-ups of time of which nothing is known, as long as it may be: one quarter-hour of it, again and again."""

from itertools import pairwise

import numpy as np

from analytics.rollup.layout import Layout
from analytics.rollup.rolled import Columns, Rolled, join, quarters_of
from analytics.rollup.rolling import roll
from analytics.spacestates import space_states
from dashboards.rollups.translation import Want
from spaces.readings import no_readings
from spaces.times import Millis
from store.fingerprints import QUARTER


def blank(layout: Layout, want: Want, start: Millis, end: Millis) -> Rolled:
    """Return what `roll` makes of [start, end) where there are no readings.

    Whole quarter-hours are alike but where seats change; what the window cuts is rolled up as it is.
    """
    inner = sorted(
        edge
        for space in layout.site.spaces
        for since, _ in space.capacity
        for edge in (since // QUARTER * QUARTER, -(-since // QUARTER) * QUARTER)
    )
    edges = [start, -(-start // QUARTER) * QUARTER, *inner, end // QUARTER * QUARTER, end]
    cuts = sorted({edge for edge in edges if start <= edge <= end})
    return join([_alike(layout, want, low, high) for low, high in pairwise(cuts)])


def _alike(layout: Layout, want: Want, start: Millis, end: Millis) -> Rolled:
    """Return the roll-up of quarter-hours in which nothing changes."""
    first = min(end, start // QUARTER * QUARTER + QUARTER)
    states = space_states(layout.site, no_readings(), start, first)
    one = want.of(roll(layout, states, start, first))
    count = len(quarters_of(start, end))
    if count == 1:
        return one
    numbers = np.arange(count, dtype=np.int32)

    def wide(columns: Columns) -> Columns:
        return {name: np.repeat(values, count, axis=1) for name, values in columns.items()}

    def long(columns: Columns) -> Columns:
        found = {name: np.tile(values, count) for name, values in columns.items()}
        found["quarter"] = np.repeat(numbers + quarters_of(start, end).start, len(columns["quarter"])).astype(np.int32)
        order = np.argsort(found["cohort"], kind="stable")
        return {name: values[order] for name, values in found.items()}

    return Rolled(
        start,
        end,
        one.cohorts,
        wide(one.grouped),
        np.repeat(one.counting, count, axis=0),
        None if one.levels is None else long(one.levels),
        None if one.runs is None else long(one.runs),
        None if one.spaces is None else wide(one.spaces),
    )
