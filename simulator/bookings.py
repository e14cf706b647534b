"""Bookings of the simulated rooms: most meetings are booked, some end early, and some that are booked never happen.

They follow from who was truly there, and change nothing of it: the people of a day are the same with and without them.
"""

import csv
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.random import Generator

from simulator.house import HR, MIN, House, OpenDay, Seconds
from simulator.meetings import QUARTER
from simulator.people import visits
from simulator.stays import Visit
from spaces.bookings import SUFFIX
from spaces.site import Site
from spaces.times import SECOND, Millis, rfc3339, to_datetime

Truth = Literal["kept", "left early", "no-show"]
Slot = tuple[Seconds, Seconds]
WALK_INS = 0.24
"""The share of meetings that nobody booked."""
LONGER = 0.22
"""The share of booked meetings whose booking is longer than they are, where nothing is in its way."""
NO_SHOWS = 0.3
"""How likely a gap that is long enough holds a booking that nobody comes to."""
GAP: Seconds = 90 * MIN
"""Shorter gaps hold none."""


class Booked(NamedTuple):
    """A booking over [start, end) in UTC ms, and what truly became of it."""

    space: str
    start: Millis
    end: Millis
    truth: Truth


def bookings(site: Site, seed: int, day: date) -> list[Booked]:
    """Return the bookings of a local day by room (as the site lists them) and time; nothing else decides them."""
    house = House(site)
    open_day = OpenDay(house, day)
    rng = np.random.default_rng([seed, day.toordinal(), 2])
    met = list(visits(house, seed, day)) if open_day.hours else []
    return [
        Booked(
            site.spaces[room].id,
            start * SECOND + open_day.anchor,
            end * SECOND + open_day.anchor,
            truth,
        )
        for room in house.rooms
        for start, end, truth in _of_room(meetings(met, room), open_day.spans(room), rng)
    ]


def meetings(met: Iterable[Visit], room: int) -> list[Slot]:
    """Return when there were meetings in a room: the quarter-hours that those who met had meant.

    They come up to four minutes late, and leave from two minutes early to three late.
    """
    together: list[list[Seconds]] = []
    for visit in sorted((visit for visit in met if visit.space == room), key=lambda visit: visit.start):
        if together and visit.start <= together[-1][1]:
            together[-1][1] = max(together[-1][1], visit.end)
        else:
            together.append([visit.start, visit.end])
    slots = [(begin // QUARTER * QUARTER, round(end / QUARTER) * QUARTER) for begin, end in together]
    return [(begin, end) for begin, end in slots if begin < end]


def _of_room(met: list[Slot], spans: Iterable[Slot], rng: Generator) -> list[tuple[Seconds, Seconds, Truth]]:
    found: list[tuple[Seconds, Seconds, Truth]] = []
    for opening, closing in spans:
        mine = [slot for slot in met if opening <= slot[0] < closing]
        ends = [opening]
        for (start, end), (following, _) in pairwise([*mine, (closing + QUARTER, closing)]):
            walks_in, longer, extra = rng.random(3).tolist()
            until = end + (2 + int(3 * extra)) * QUARTER
            early = longer < LONGER and until + QUARTER <= following
            ends.append(until if early else end)
            if walks_in >= WALK_INS:
                found.append((start, until, "left early") if early else (start, end, "kept"))
        begins = [*(start for start, _ in mine), closing]
        found += _never_held(zip(ends, begins, strict=True), rng)
    return sorted(found)


def _never_held(gaps: Iterable[Slot], rng: Generator) -> Iterator[tuple[Seconds, Seconds, Truth]]:
    """Yield bookings that nobody comes to, a quarter of an hour from everybody."""
    for low, high in gaps:
        likely, where, length = rng.random(3).tolist()
        if high - low >= GAP and likely < NO_SHOWS:
            lasting = HR if length < 0.5 else 30 * MIN
            steps = (high - low - lasting - 2 * QUARTER) // QUARTER
            start = low + QUARTER + int(where * (steps + 1)) * QUARTER
            yield start, start + lasting, "no-show"


def bookings_between(site: Site, seed: int, first: date, last: date) -> Iterator[list[Booked]]:
    """Yield the bookings of each local day from `first` to `last` (with it)."""
    for number in range((last - first).days + 1):
        yield bookings(site, seed, first + timedelta(days=number))


def write_calendars(site: Site, booked: Iterable[Booked], folder: Path) -> int:
    """Write a calendar for each room, and return how many bookings they hold; a site without rooms gets no folder."""
    rooms: dict[str, list[Booked]] = {site.spaces[room].id: [] for room in House(site).rooms}
    for one in booked:
        rooms[one.space].append(one)
    for room, mine in rooms.items():
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f"{room}.part"
        draft.write_text(_calendar(site, mine), encoding="utf-8", newline="")
        draft.replace(folder / f"{room}{SUFFIX}")
    return sum(map(len, rooms.values()))


def write_outcomes(path: Path, booked: Iterable[Booked]) -> None:
    """Write what truly became of bookings as CSV with RFC 3339 times."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(Booked._fields)
        rows.writerows((one.space, rfc3339(one.start), rfc3339(one.end), one.truth) for one in booked)


def _calendar(site: Site, booked: Iterable[Booked]) -> str:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//ledig//simulator//EN"]
    for one in booked:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{one.space}-{one.start}@{site.id}.simulated",
            f"DTSTAMP:{to_datetime(one.start):%Y%m%dT%H%M%S}Z",
            f"DTSTART;TZID={site.timezone}:{_local(site, one.start)}",
            f"DTEND;TZID={site.timezone}:{_local(site, one.end)}",
            "SUMMARY:Simulated booking",
            "END:VEVENT",
        ]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def _local(site: Site, moment: Millis) -> str:
    return f"{to_datetime(moment).astimezone(site.tz):%Y%m%dT%H%M%S}"
