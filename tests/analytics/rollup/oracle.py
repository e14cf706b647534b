"""Houses whose hours differ by zone, space and date, what may be asked of them, and their roll-ups."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import numpy as np
from hypothesis import strategies as st

from analytics.groups import By, Groups, group_spaces
from analytics.rollup.layout import Layout
from analytics.rollup.rolled import Rolled
from analytics.rollup.rolling import roll
from analytics.spacestates import SpaceStates
from spaces.site import CalendarRule, Site
from spaces.times import to_datetime
from tests.analytics.houses import HOURS, House, houses, states_of

BYS: Sequence[By] = ("site", "floor", "zone", "kind")


@st.composite
def calendared(draw: st.DrawFn) -> House:
    """Draw a house with desks of both pools, hours by zone and space, holidays, exceptions and private hire."""
    house = draw(houses())
    rules = (*house.site.calendars, *draw(st.lists(_rule(house), max_size=3)))
    spaces = tuple(
        replace(space, assignment=draw(st.sampled_from(("fixed", "flexible")))) if space.kind == "desk" else space
        for space in house.site.spaces
    )
    return replace(house, site=replace(house.site, calendars=rules, spaces=spaces))


@st.composite
def _rule(draw: st.DrawFn, house: House) -> CalendarRule:
    scopes = [(None, None), ("a", None), ("b", None), *((None, space.id) for space in house.site.spaces)]
    zone, space = draw(st.sampled_from(scopes))
    first = to_datetime(house.start).astimezone(house.site.tz).date()
    days = st.sampled_from([first + timedelta(days=shift) for shift in (-1, 0, 1)])
    hours = st.sampled_from(HOURS)
    weekly = draw(st.one_of(st.just({}), hours.map(lambda span: dict.fromkeys(range(7), span))))
    return CalendarRule(
        zone,
        space,
        weekly=weekly,
        holidays=draw(st.sampled_from((None, "", "DE-BE", "CA-NL"))),
        exceptions=draw(st.dictionaries(days, hours, max_size=1)),
        hire=draw(st.dictionaries(days, st.sampled_from(HOURS[2:]), max_size=1)),
    )


@st.composite
def grouped(draw: st.DrawFn, site: Site) -> Groups:
    """Draw what may be asked for: a grouping, and filters of it."""
    asked: dict[str, Any] = {
        "floor": draw(st.sampled_from((None, None, "g"))),
        "zone": draw(st.sampled_from((None, None, "a"))),
        "kind": draw(st.sampled_from((None, None, "desk", "room"))),
        "assignment": draw(st.sampled_from((None, None, "flexible"))),
    }
    return group_spaces(site, draw(st.sampled_from(BYS)), **asked)


def rolled_of(house: House, states: SpaceStates | None = None) -> tuple[Layout, Rolled]:
    """Return the roll-ups of a house's window."""
    layout = Layout.of(house.site, ())
    return layout, roll(layout, states_of(house) if states is None else states, house.start, house.end)


def assert_equal(found: Any, expected: Any) -> None:
    """Assert that all figures are the same, to the last bit."""
    for each in fields(expected):
        one, other = getattr(found, each.name), getattr(expected, each.name)
        assert np.array_equal(one, other, equal_nan=one.dtype.kind == "f"), (each.name, one, other)
