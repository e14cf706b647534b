"""The page on figures: each number of its examples is computed, from the house that it shows."""

import re
from collections.abc import Iterator
from datetime import date, time
from typing import Any

import numpy as np
import pytest

from analytics.availability import availability
from analytics.bookings import Booked, booking_figures
from analytics.buckets import edges
from analytics.dwell import dwell
from analytics.forecast import forecast
from analytics.groups import Groups
from analytics.heatmap import heatmap
from analytics.held import held_hours
from analytics.parties import parties
from analytics.peaks import peaks
from analytics.planning import order_statistic, upper_bound
from analytics.queues.erlang import erlang_refused
from analytics.queues.finite import beta_binomial_short, binomial_short, engset_refused
from analytics.queues.models import fewest
from analytics.roommix import Demand, cheapest_mix
from analytics.rooms import room_figures
from analytics.sessions import sessions
from analytics.sharing import sharing
from analytics.sizing.curves import replayed
from analytics.sizing.days import open_days
from analytics.sizing.demand import demand
from analytics.spaceusage import space_usage
from analytics.utilisation import utilisation
from spaces.reading import Reading
from spaces.site import CalendarRule, Floor, Members, Sensor, Site, Space, Zone
from spaces.times import BEGINNING, DAY, HOUR, MINUTE, Millis, to_datetime
from tests.analytics.houses import House, states_of
from tests.docs.papers import _cells, read, table

PAGE = read("docs/figures.md")
TUESDAY = date(2027, 5, 4)
DESKS, ROOM = (
    Groups(("desks",), np.array([0] * 5 + [-1], dtype=np.int32)),
    Groups(("R",), np.array([-1] * 5 + [0], dtype=np.int32)),
)


def house() -> Site:
    spaces = tuple(Space(name, name, "desk", "z", ((BEGINNING, 1),), "flexible") for name in "ABCDE")
    spaces += (Space("R", "R", "room", "z", ((BEGINNING, 4),)),)
    return Site(
        "h",
        "House",
        "Europe/Berlin",
        (Floor("g", "Ground", 0),),
        (Zone("z", "Z", "g"),),
        spaces,
        tuple(Sensor(space.id, space.id, silence=DAY) for space in spaces),
        members=(Members(0, 0, 20),),
        calendars=(CalendarRule(weekly={1: ((8 * 60, 18 * 60),)}),),
    )


class Example:
    """The house of the page and its day."""

    def __init__(self) -> None:
        self.site = house()
        self.start = self.site.midnight(TUESDAY)
        self.day = np.array([self.start, self.start + DAY])
        said = list(self._said())
        self.states = states_of(House(self.site, said, self.start, self.start + DAY))

    def at(self, clock: str) -> Millis:
        """Return a moment of the day."""
        return self.start + time.fromisoformat(clock).hour * HOUR + time.fromisoformat(clock).minute * MINUTE

    def clock(self, moment: Millis) -> str:
        """Return what the wall's clock shows."""
        return to_datetime(moment).astimezone(self.site.tz).strftime("%H:%M")

    def _said(self) -> Iterator[Reading]:
        """Yield what the sensors of the table said; where one stretch begins as another ends, the begin is said."""
        rows = table(PAGE, "space", "from", "to", "people")
        begins = {(space, low) for space, low, _, _ in rows}
        yield from (self._word(space.id, "07:00", 0) for space in self.site.spaces)
        for space, low, high, people in rows:
            yield self._word(space, low, None if people == "unknown" else int(people or 1))
            if (space, high) not in begins and people != "unknown":
                yield self._word(space, high, 0)

    def _word(self, space: str, clock: str, people: int | None) -> Reading:
        occupied = None if people is None else people > 0
        return Reading("h", space, self.at(clock), 0, occupied=occupied, people=people if space == "R" else None)

    def use(self) -> Iterator[tuple[str, Any]]:
        """Yield utilisation, held time, space usage and what else is made of time."""
        args = (self.site, self.states)
        found, room = utilisation(*args, DESKS, self.day), utilisation(*args, ROOM, self.day)
        names = ("utilisation", "lo", "hi", "average_occupancy", "average_occupancy_lo", "average_occupancy_hi")
        yield from ((name, getattr(found, name)) for name in (*names, "occupied_hours", "coverage"))
        of_people = ("people_hours", "capacity_utilisation", "utilisation", "fill_when_used")
        yield from ((f"{name} of R", getattr(room, name)) for name in of_people)
        yield "held_hours", held_hours(*args, DESKS, self.day)
        hours = edges(self.site.tz, self.start, self.start + DAY, "1h")
        yield "space_usage from 10:00 to 11:00", space_usage(*args, DESKS, hours, hours)[0, 10]
        yield "space_usage of the day", space_usage(*args, DESKS, self.day, hours)
        yield "Tuesday, 10 to 11", heatmap(*args, DESKS).utilisation[0, 1, 10]

    def crowds(self) -> Iterator[tuple[str, Any]]:
        """Yield peaks, what was left, and sharing."""
        args = (self.site, self.states)
        found = peaks(*args, DESKS, self.day)
        yield from ((name, getattr(found, name)) for name in ("peak", "peak_upper", "sustained"))
        yield from ((name, self.clock(getattr(found, name).item())) for name in ("peak_at", "sustained_at"))
        yield "peak of R, people", peaks(*args, ROOM, self.day, "people").peak
        left, seats = availability(*args, DESKS, self.day), availability(*args, ROOM, self.day, "people")
        names = ("minimum_surplus", "sold_out", "below_target", "at_target")
        yield from ((name, getattr(left, name)) for name in names)
        yield from ((f"{name} of R, people", getattr(seats, name)) for name in names[:2])
        shared = sharing(self.site, DESKS, self.day[1])
        yield from (("sharing_ratio", shared.sharing_ratio), ("desks_per_member", shared.desks_per_member))

    def stays(self) -> Iterator[tuple[str, Any]]:
        """Yield sessions, rooms, bookings and sizing."""
        args = (self.site, self.states)
        taken = dwell(*args, DESKS, sessions(*args))
        yield from (("sessions", taken.sessions), ("censored", taken.censored))
        yield from (("dwell_median", taken.median), ("turnover", taken.turnover))
        met = parties(*args)
        rooms = room_figures(*args, ROOM, met)
        yield from (("solo", rooms.solo), ("over_capacity", rooms.over), ("parties", rooms.parties))
        yield from (("median_party", rooms.median_party), ("largest_party", rooms.largest_party))
        mix = cheapest_mix(Demand(met.start, met.end, met.size), {4: 4.0, 6: 6.0})
        yield "rooms of 4 and of 6 seats, right-sized", f"{mix[4]} and {mix[6]}"
        times = np.array([[self.at(clock) for clock in pair] for pair in booked()]).T
        found = booking_figures(*args, ROOM, Booked(np.full(len(times[0]), 5), *times))
        yield from (("bookings", found.bookings), ("no_shows", found.no_shows), ("left_early", found.left_early))
        yield "recoverable_hours", found.recoverable / HOUR

    def sizing(self) -> Iterator[tuple[str, Any]]:
        """Yield what desks would have meant."""
        days = open_days(self.site, self.site.spaces[:5], *self.day.tolist())
        wanted = demand(self.site, self.states, self.site.spaces[:5], days)
        again = replayed(wanted.stays, days)
        curves = again.curves(5, open_days_a_month=20)
        yield from (("stays", len(wanted.stays)), ("full of 1 desk", curves.full[0]))
        names = ("short", "refused_leave", "refused_wait")
        yield from ((f"{name} of 3 desks", getattr(curves, name)[2]) for name in names)
        yield "desks with which nobody is 15 minutes without one", again.day_needs


def booked() -> list[tuple[str, str]]:
    """Return the bookings that the page tells of."""
    (told,) = re.findall(r"Say R was booked (.+?)\.\n", PAGE, re.DOTALL)
    return re.findall(r"from ([\d:]+) to\s([\d:]+)", told)


def alone() -> Iterator[tuple[str, Any]]:
    """Yield what needs no house: percentiles, models, the forecast."""
    days = np.arange(1.0, 94.0)
    yield "P95 of 1, 2, ..., 20", order_statistic(days[:20], 95)
    yield "P90 of 1, 2, ..., 20", order_statistic(days[:20], 90)
    yield from ((f"upper of 1, 2, ..., {k}", upper_bound(days[:k])) for k in (59, 93))
    p, most = 0.4, 200
    for percent in (1, 5):
        desks = fewest(binomial_short(200, p, most), percent / 100)
        yield f"binomial, 200 members, p = 0.4, {percent} %", desks
    yield "beta-binomial, rho = 0.02, 1 %", fewest(beta_binomial_short(200, p, 0.02, most), 0.01)
    yield "Erlang B, 80 erlang, 1 %", fewest(erlang_refused(80, most), 0.01)
    yield "Engset, 200 members, p = 0.4, 1 %", fewest(engset_refused(200, p, most), 0.01)
    history = np.full((1, 56, 24), np.nan)
    history[0, ::7, 10] = [1, 2, 3, 4, 5, 6, 7, 9]
    yield (
        "median of 1, 2, 3, 4, 5, 6, 7 and 9 desks on eight Tuesdays",
        forecast(history).median[0, 0, 10],
    )


def told() -> dict[str, str]:
    """Return what the page says of its examples."""
    lines = [
        _cells(line)
        for block in re.findall(r"\| in the example \|.*\n\|[-|]+\n((?:\|.*\n)+)", PAGE)
        for line in block.splitlines()
    ]
    found = {name.replace("`", ""): value for name, value, _ in lines}
    assert len(found) == len(lines), "two examples have one name"
    return found


@pytest.fixture(scope="module")
def computed() -> dict[str, Any]:
    example = Example()
    return {
        key: value
        for part in (example.use(), example.crowds(), example.stays(), example.sizing(), alone())
        for key, value in part
    }


def test_every_example_is_computed(computed: dict[str, Any]) -> None:
    assert computed.keys() == told().keys()


@pytest.mark.parametrize("name", told())
def test_an_example_comes_to_what_the_page_says(computed: dict[str, Any], name: str) -> None:
    shown, found = told()[name], computed[name]
    if isinstance(found, str):
        assert found == shown
    else:
        assert round(float(np.asarray(found).item()), 4) == float(shown)


def test_the_sums_that_the_page_reckons_in_words_hold(computed: dict[str, Any]) -> None:
    """What it says in passing: the mean length of sessions, and capacity utilisation as a product."""
    minutes = (180 + 240 + 90 + 120 + 10 + 300) / 6
    assert f"would be {minutes:.0f} minutes" in PAGE
    product = float(computed["utilisation of R"].item() * computed["fill_when_used of R"].item())
    assert product == pytest.approx(computed["capacity_utilisation of R"].item())
    assert date(2027, 5, 4).strftime("%A %-d %B %Y") in PAGE
