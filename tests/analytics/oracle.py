"""The figures' definitions, read out slowly: every space is looked at in every moment at which anything may change.

Written from docs/design.md, sections 3 and 4, sentence by sentence, in plain Python and apart from the fast code.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from analytics.groups import Groups
from spaces.calendar import open_intervals
from spaces.reading import Reading, merge
from spaces.site import Sensor, Site, Space
from spaces.times import HOUR, MINUTE, Millis, to_datetime

State = tuple[bool | None, int | None]
"""Occupied (None: unknown) and people (None: not known)."""
UNKNOWN: State = (None, None)
Bucket = tuple[Millis, Millis]


class Word(NamedTuple):
    """What a sensor means from a time on, until another word of it or until it holds no longer."""

    time: Millis
    until: Millis
    state: State


def said(reading: Reading) -> State:
    """`people > 0` means occupied; nobody counted in an occupied space is no count."""
    if reading.people:
        return True, reading.people
    if reading.occupied:
        return True, None
    if reading.occupied is None and reading.people is None:
        return UNKNOWN
    return False, reading.people


@dataclass
class Oracle:
    """A house and all its readings, in any order and with repeats; the window that is looked at ends by now."""

    site: Site
    rows: Iterable[Reading]
    start: Millis
    end: Millis
    _by_sensor: dict[str, list[Reading]] = field(init=False)

    def __post_init__(self) -> None:
        unique: dict[tuple[str, Millis], Reading] = {}
        for row in self.rows:
            key = row.sensor, row.time
            unique[key] = merge(unique[key], row) if key in unique else row
        self._by_sensor = {}
        for _, row in sorted(unique.items()):
            self._by_sensor.setdefault(row.sensor, []).append(row)
        self._opened = {space.id: open_intervals(self.site, space, self.start, self.end) for space in self.site.spaces}
        self._states: dict[tuple[str, Millis], State] = {}

    def sensor_state(self, entry: Sensor, moment: Millis) -> State:
        """Return what a sensor entry says of a moment, with hindsight: a vacancy delay takes back."""
        mine = list(self._words(entry))
        before = [word for word in mine if word.time <= moment]
        if not before or moment >= before[-1].until or moment >= entry.until:
            return UNKNOWN
        state = before[-1].state
        if state[0]:
            ended = self._vacant_that_ends_the_run(mine, before[-1])
            if ended and ended.time - entry.vacancy_delay <= moment:
                return ended.state
        return state

    def _words(self, entry: Sensor) -> Iterator[Word]:
        """Yield what a sensor says and for how long; one that never says "vacant" means it after its pulse."""
        mine = [row for row in self._by_sensor.get(entry.id, []) if entry.since <= row.time < entry.until]
        for row, later in zip(mine, [*mine[1:], None], strict=False):
            until = row.time + entry.silence
            state = said(row)
            if not state[0]:
                yield Word(row.time, until, state)
                continue
            if entry.occupied_at_most:
                until = min(until, row.time + entry.occupied_at_most)
            if not entry.pulse or row.time + entry.pulse > until:
                yield Word(row.time, until, state)
                continue
            over = row.time + entry.pulse
            yield Word(row.time, over, state)
            if over < row.time + entry.silence and (later is None or later.time > over):
                yield Word(over, row.time + entry.silence, (False, None if state[1] is None else 0))

    @staticmethod
    def _vacant_that_ends_the_run(mine: list[Word], current: Word) -> Word | None:
        for later in (word for word in mine if word.time > current.time):
            if later.time > current.until or later.state[0] is None:
                return None
            if later.state[0] is False:
                return later
            current = later
        return None

    def state(self, space: Space, moment: Millis) -> State:
        """Return the state of a space at a moment."""
        key = space.id, moment
        if key not in self._states:
            self._states[key] = self._state(space, moment)
        return self._states[key]

    def _state(self, space: Space, moment: Millis) -> State:
        mapped = [
            entry for entry in self.site.sensors if entry.space == space.id and entry.since <= moment < entry.until
        ]
        states = [self.sensor_state(entry, moment) for entry in mapped]
        if any(occupied for occupied, _ in states):
            return True, self._people(space, states)
        if not mapped or any(occupied is None for occupied, _ in states):
            return UNKNOWN
        return False, 0 if space.kind == "desk" or any(people == 0 for _, people in states) else None

    def _people(self, space: Space, states: list[State]) -> int | None:
        counts = [0 if occupied is False else people for occupied, people in states]
        if None not in counts:
            return sum(count for count in counts if count is not None)
        return 1 if space.kind == "desk" and not any(counts) else None

    def is_open(self, space: Space, moment: Millis) -> bool:
        """Whether a space is open at a moment of the window."""
        return any(a <= moment < b for a, b in self._opened[space.id].tolist())

    def counts(self, space: Space) -> bool:
        """Whether a space has people figures: a desk, or a count came from it in the window."""
        return space.kind == "desk" or any(self.state(space, moment)[1] is not None for moment in self.moments)

    @cached_property
    def moments(self) -> list[Millis]:
        """Every moment of the window at which anything may change, ascending; the window's end is not among them."""
        found = {self.start, *range(self.start // (15 * MINUTE) * 15 * MINUTE, self.end, 15 * MINUTE)}
        for entry in self.site.sensors:
            found |= {entry.since, entry.until}
            for word in self._words(entry):
                found |= {word.time, word.until, word.time - entry.vacancy_delay}
        for space in self.site.spaces:
            found |= {since for since, _ in space.capacity}
            found |= {edge for pair in self._opened[space.id].tolist() for edge in pair}
        return sorted(moment for moment in found if self.start <= moment < self.end)

    def lengths(self, inside: Callable[[Millis], bool]) -> list[tuple[Millis, int]]:
        """Return the moments that pass, each with how long until the next: what is true of it holds so long."""
        later = [*self.moments[1:], self.end]
        return [(moment, after - moment) for moment, after in zip(self.moments, later, strict=True) if inside(moment)]

    def members(self, groups: Groups, group: int) -> list[Space]:
        """Return the spaces of a group."""
        return [space for space, of in zip(self.site.spaces, groups.of.tolist(), strict=True) if of == group]


def figures(oracle: Oracle, members: Sequence[Space], inside: Callable[[Millis], bool]) -> dict[str, float | None]:
    """Return the utilisation figures of some spaces over the moments that pass."""
    total: dict[str, int] = dict.fromkeys(
        ["open", "known", "occupied", "any", "counting", "counted", "people", "seats_counted", "seats_used"], 0
    )
    counting = {space.id for space in members if oracle.counts(space)}
    for moment, length in oracle.lengths(inside):
        opened = [space for space in members if oracle.is_open(space, moment)]
        total["any"] += length * bool(opened)
        for space in opened:
            occupied, people = oracle.state(space, moment)
            total["open"] += length
            total["known"] += length * (occupied is not None)
            total["occupied"] += length * bool(occupied)
            if space.id in counting:
                total["counting"] += length
                _add_people(total, occupied, people, space.capacity_at(moment), length)
    return _ratios(total)


def _add_people(total: dict[str, int], occupied: bool | None, people: int | None, seats: int, length: int) -> None:  # noqa: FBT001 - a state
    if occupied is False:
        people = 0
    if people is None:
        return
    total["counted"] += length
    total["people"] += people * length
    total["seats_counted"] += seats * length
    total["seats_used"] += seats * length if occupied else 0


def _ratios(total: dict[str, int]) -> dict[str, float | None]:
    unknown = total["open"] - total["known"]
    mean_open = _ratio(total["open"], total["any"])
    mean_counting = _ratio(total["counting"], total["any"])
    use, heads = _ratio(total["occupied"], total["known"]), _ratio(total["people"], total["counted"])
    known = bool(total["known"])
    return {
        "utilisation": use,
        "lo": _ratio(total["occupied"], total["open"]) if known else None,
        "hi": _ratio(total["occupied"] + unknown, total["open"]) if known else None,
        "average_occupancy": None if use is None or mean_open is None else use * mean_open,
        "average_occupancy_lo": _ratio(total["occupied"], total["any"]) if known else None,
        "average_occupancy_hi": _ratio(total["occupied"] + unknown, total["any"]) if known else None,
        "average_people": None if heads is None or mean_counting is None else heads * mean_counting,
        "occupied_hours": total["occupied"] / HOUR if known else None,
        "people_hours": total["people"] / HOUR if total["counted"] else None,
        "capacity_utilisation": _ratio(total["people"], total["seats_counted"]),
        "fill_when_used": _ratio(total["people"], total["seats_used"]),
        "open_hours": total["open"] / HOUR,
        "known_hours": total["known"] / HOUR,
        "coverage": _ratio(total["known"], total["open"]),
        "people_coverage": _ratio(total["counted"], total["open"]),
    }


def _ratio(over: int, under: int) -> float | None:
    return float(Fraction(over, under)) if under else None


def peak(oracle: Oracle, members: Sequence[Space], inside: Callable[[Millis], bool], measure: str) -> list[int | None]:
    """Return the peak, its first moment, and its upper bound over the moments that pass."""
    best: tuple[int, Millis] | None = None
    upper = 0
    counting = {space.id for space in members if oracle.counts(space)}
    for moment, _ in oracle.lengths(inside):
        opened = [space for space in members if oracle.is_open(space, moment)]
        amounts = [_amount(oracle, space, moment, measure, counting) for space in opened]
        sure = [amount for amount in amounts if amount is not None]
        worst = [
            (space.capacity_at(moment) if measure == "people" else 1)
            for space in opened
            if _is_open_question(oracle.state(space, moment), measure)
        ]
        upper = max(upper, sum(sure) + sum(worst))
        if sure and (best is None or sum(sure) > best[0]):
            best = sum(sure), moment
    return [None, None, None] if best is None else [*best, upper]


def _amount(oracle: Oracle, space: Space, moment: Millis, measure: str, counting: set[str]) -> int | None:
    occupied, people = oracle.state(space, moment)
    if measure == "spaces":
        return None if occupied is None else int(occupied)
    if space.id not in counting:
        return None
    return 0 if occupied is False else people


def _is_open_question(state: State, measure: str) -> bool:
    occupied, people = state
    return occupied is None or (measure == "people" and occupied and people is None)


def local_cell(site: Site, moment: Millis) -> tuple[int, int]:
    """Return weekday and hour that the clock on the site's wall shows."""
    local = to_datetime(moment).astimezone(site.tz)
    return local.weekday(), local.hour
