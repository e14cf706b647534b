"""Strategies: small houses in zones with odd offsets, looked at around their clock changes, and what sensors say."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st

from analytics.spacestates import SpaceStates, reach, space_states
from spaces.reading import Reading
from spaces.readings import readings_from
from spaces.site import CalendarRule, Floor, Hours, Sensor, Site, Space, Zone
from spaces.times import BEGINNING, FOREVER, HOUR, MINUTE, Millis
from tests.analytics.oracle import Oracle
from tests.conftest import MORE

Test = TypeVar("Test", bound=Callable[..., None])

DAYS = {
    "Europe/Berlin": (date(2026, 3, 29), date(2026, 10, 25)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
    "America/St_Johns": (date(2026, 3, 8), date(2026, 11, 1)),
    "Asia/Kathmandu": (date(2026, 5, 4),),
}
"""Days on which these zones change their clocks, if they do: by an hour, by half an hour, at odd offsets."""
HOURS: tuple[Hours, ...] = ((), ((0, 1440),), ((480, 1200),), ((60, 150), (165, 600)), ((1080, 1560),))
SPAN = 30 * HOUR


def tried(examples: int) -> Callable[[Test], Test]:
    """Try a property on so many examples, however long one takes: the machine may be busy."""
    return settings(max_examples=examples * MORE, deadline=None)


@dataclass(frozen=True)
class House:
    """A site, all that its sensors said until now, and a window that ends by then."""

    site: Site
    rows: list[Reading]
    start: Millis
    end: Millis

    @property
    def oracle(self) -> Oracle:
        """The slow answers."""
        return Oracle(self.site, self.rows, self.start, self.end)


def states_of(house: House) -> SpaceStates:
    """Return the fast states, from no more readings than they need."""
    before, after = reach(house.site)
    needed = [row for row in house.rows if house.start - before <= row.time < house.end + after]
    return space_states(house.site, readings_from(needed), house.start, house.end)


def ticks(low: Millis, high: Millis) -> st.SearchStrategy[Millis]:
    """Moments of a range: multiples of five minutes, so that they often meet, and a millisecond beside them."""
    steps = st.integers(0, (high - low) // (5 * MINUTE))
    return st.builds(lambda step, beside: low + step * 5 * MINUTE + beside, steps, st.sampled_from((0, 0, 0, 1, -1)))


@st.composite
def houses(draw: st.DrawFn, *, most_spaces: int = 3) -> House:
    """Draw a house, its readings and a window around a local midnight."""
    zone = draw(st.sampled_from(sorted(DAYS)))
    bare = Site("h", "House", zone, (Floor("g", "Ground", 0),), (Zone("a", "A", "g"), Zone("b", "B", "g")), (), ())
    base = bare.midnight(draw(st.sampled_from(DAYS[zone]))) - 4 * HOUR
    spaces = tuple(
        draw(_space(number, base)) for number in range(draw(st.sampled_from((1, 2, 2, 3)[: 2 * most_spaces - 1])))
    )
    sensors = tuple(sensor for space in spaces for sensor in draw(_sensors(space, base)))
    calendars = tuple(draw(st.lists(_calendar(), max_size=2)))
    site = replace(bare, spaces=spaces, sensors=sensors, calendars=calendars)
    start = base + draw(st.integers(0, 20)) * 15 * MINUTE
    end = draw(ticks(start + 2 * HOUR, base + SPAN))
    now = end + draw(st.sampled_from((0, 10, 60))) * MINUTE
    rows = [row for sensor in dict.fromkeys(entry.id for entry in sensors) for row in draw(_rows(sensor, base, now))]
    return House(site, rows, start, end)


@st.composite
def _space(draw: st.DrawFn, number: int, base: Millis) -> Space:
    kind = draw(st.sampled_from(("desk", "room", "cafe")))
    seats = draw(st.integers(0, 4))
    later = draw(
        st.lists(st.tuples(ticks(base, base + SPAN), st.integers(0, 4)), max_size=2, unique_by=lambda at: at[0])
    )
    capacity = ((BEGINNING, seats), *sorted(later))
    return Space(f"s{number}", f"S{number}", kind, draw(st.sampled_from("ab")), capacity)


@st.composite
def _sensors(draw: st.DrawFn, space: Space, base: Millis) -> list[Sensor]:
    """Draw up to three sensor entries for a space; two may be one device that was away in between."""
    entries = []
    for number in range(draw(st.sampled_from((1, 1, 1, 2, 2, 0)))):
        silence, delay = draw(st.sampled_from((15, 60, 120))), draw(st.sampled_from((0, 0, 10, 45)))
        entry = Sensor(f"{space.id}-{number}", space.id, silence=silence * MINUTE, vacancy_delay=delay * MINUTE)
        short = [draw(st.sampled_from((0, 0, 0, length))) * MINUTE for length in (30, 20)]
        entry = replace(entry, occupied_at_most=short[0], pulse=short[1])
        if draw(st.booleans()):
            leaves = draw(ticks(base, base + SPAN))
            back = max(leaves, draw(ticks(leaves, base + SPAN + HOUR)))
            entries.append(replace(entry, until=leaves))
            entries.append(replace(entry, since=back, until=FOREVER))
        else:
            entries.append(entry)
    return entries


WORDS = (
    (True, None),
    (True, None),
    (False, None),
    (False, None),
    (None, None),
    (True, 1),
    (True, 3),
    (False, 0),
    (True, 6),
    (None, 2),
    (None, 0),
)
GAPS = (0, 5, 10, 10, 20, 20, 45, 60, 100, 150)
"""Minutes between what a sensor says: within a delay, within a silence limit, beyond both; 0 repeats a moment."""


@st.composite
def _rows(draw: st.DrawFn, sensor: str, base: Millis, now: Millis) -> list[Reading]:
    """Draw what a sensor said, beginning up to two hours before the window may."""
    time = draw(ticks(base - 2 * HOUR, base + 8 * HOUR))
    rows = []
    for gap, (occupied, people) in draw(
        st.lists(st.tuples(st.sampled_from(GAPS), st.sampled_from(WORDS)), min_size=8, max_size=20)
    ):
        time += gap * MINUTE
        rows.append(Reading("h", sensor, time, time, occupied=occupied, people=people))
    return [row for row in rows if row.time <= now]


@st.composite
def _calendar(draw: st.DrawFn) -> CalendarRule:
    zone, space = draw(st.sampled_from(((None, None), (None, None), ("a", None), (None, "s0"))))
    return CalendarRule(zone, space, weekly={day: draw(st.sampled_from(HOURS)) for day in range(7)})
