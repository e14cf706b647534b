"""Figures from roll-ups equal those from states, to the last bit, whatever the calendars."""

from itertools import pairwise

import numpy as np
from hypothesis import event, given
from hypothesis import strategies as st

from analytics.availability import availability
from analytics.buckets import Bucket, edges
from analytics.groups import Groups
from analytics.heatmap import heatmap
from analytics.levels import Measure
from analytics.peaks import peaks
from analytics.rollup import figures, usage
from analytics.rollup.cohorts import QUARTER
from analytics.rollup.layout import Layout
from analytics.rollup.opened import NotRolledUpError
from analytics.rollup.rolled import Rolled
from analytics.spaceusage import usage_sums
from analytics.utilisation import utilisation
from tests.analytics.houses import House, states_of, tried
from tests.analytics.rollup.oracle import assert_equal, calendared, grouped, rolled_of
from tests.analytics.test_figures import BUCKETS
from tests.analytics.test_peaks import MEASURES


def asked(layout: Layout, rolled: Rolled, groups: Groups, *, people: bool) -> Rolled:
    """Return no more of the roll-ups than the question wants."""
    counting = rolled.counting if people else None
    return rolled.only(figures.wanted(layout, groups, rolled.start, rolled.end, counting))


@tried(60)
@given(calendared(), st.sampled_from(BUCKETS), st.data())
def test_utilisation_from_rollups_equals_that_from_states(house: House, bucket: Bucket, data: st.DataObject) -> None:
    layout, rolled = rolled_of(house)
    groups, marks = data.draw(grouped(house.site)), edges(house.site.tz, house.start, house.end, bucket)
    found = figures.utilisation(layout, asked(layout, rolled, groups, people=True), groups, marks)
    assert_equal(found, utilisation(house.site, states_of(house), groups, marks))


@tried(60)
@given(calendared(), st.sampled_from(BUCKETS), st.sampled_from(MEASURES), st.data())
def test_peaks_from_rollups_equal_those_from_states(
    house: House, bucket: Bucket, measure: Measure, data: st.DataObject
) -> None:
    layout, rolled = rolled_of(house)
    groups, marks = data.draw(grouped(house.site)), edges(house.site.tz, house.start, house.end, bucket)
    some = asked(layout, rolled, groups, people=measure == "people")
    try:
        found = figures.peaks(layout, some, groups, marks, measure)
    except NotRolledUpError:
        assert measure == "people"
        event("what single rooms count must be known")
    else:
        assert_equal(found, peaks(house.site, states_of(house), groups, marks, measure))


@tried(40)
@given(calendared(), st.sampled_from(BUCKETS), st.data())
def test_availability_from_rollups_equals_that_from_states(house: House, bucket: Bucket, data: st.DataObject) -> None:
    layout, rolled = rolled_of(house)
    groups, marks = data.draw(grouped(house.site)), edges(house.site.tz, house.start, house.end, bucket)
    found = figures.availability(layout, asked(layout, rolled, groups, people=False), groups, marks)
    assert_equal(found, availability(house.site, states_of(house), groups, marks))


@tried(40)
@given(calendared(), st.data())
def test_the_heat_map_from_rollups_equals_that_from_states(house: House, data: st.DataObject) -> None:
    layout, rolled = rolled_of(house)
    groups = data.draw(grouped(house.site))
    found = figures.heatmap(layout, asked(layout, rolled, groups, people=False), groups)
    assert_equal(found, heatmap(house.site, states_of(house), groups))
    assert np.isnan(found.utilisation[found.known_hours == 0]).all()


@tried(40)
@given(calendared(), st.sampled_from(BUCKETS[1:]), st.integers(1, 60), st.data())
def test_space_usage_from_rollups_equals_that_from_states(
    house: House, bucket: Bucket, cut: int, data: st.DataObject
) -> None:
    """However the roll-ups are cut into parts: single spaces of a year would not fit into memory."""
    layout, rolled = rolled_of(house)
    groups, tz = data.draw(grouped(house.site)), house.site.tz
    marks, hours = edges(tz, house.start, house.end, bucket), edges(tz, house.start, house.end, "1h")
    inner = [at for at in range((house.start // QUARTER + 1) * QUARTER, house.end, cut * QUARTER) if at > house.start]
    parts = [rolled.cut(low, high) for low, high in pairwise([house.start, *inner, house.end])]
    expected = usage_sums(house.site, states_of(house), groups, marks, hours)
    for found, wanted in zip(usage.usage_sums(layout, parts, groups, marks, hours), expected, strict=True):
        assert found.tolist() == wanted.tolist()
