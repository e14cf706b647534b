"""A small site with everything that shapes roll-ups, and readings of it in any order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

from analytics.privacy.blocks import blocks
from analytics.privacy.veil import veil
from analytics.rollup.layout import Layout
from analytics.rollup.rolled import Rolled, differences
from analytics.rollup.rolling import roll
from analytics.spacestates import reach, space_states
from dashboards.rollups.freshness import Fingerprints, standing
from dashboards.rollups.translation import Want, rolled_of
from ledig.keeping import Keeper
from spaces.reading import Reading
from spaces.site import CalendarRule, Floor, Sensor, Site, Space, Zone
from spaces.times import BEGINNING, DAY, FOREVER, HOUR, MINUTE, Millis
from store.fingerprints import QUARTER
from store.live import LiveStates
from store.protocol import Store
from store.rollups import RollupFiles

BASE: Millis = 20_000 * DAY
_DESKS = 6


def village(*, delay: Millis = 20 * MINUTE, moved: Millis | None = None) -> Site:
    """Return the site: six fixed and two flexible desks and a room that counts; a desk's sensor may move to another."""
    spaces = [Space(f"own-{n}", f"Own {n}", "desk", "east", ((BEGINNING, 1),), "fixed") for n in range(_DESKS)]
    spaces += [Space(f"any-{n}", f"Any {n}", "desk", "west", ((BEGINNING, 1),), "flexible") for n in range(2)]
    spaces += [Space("room", "Room", "room", "west", ((BEGINNING, 4), (BASE + DAY + 6 * HOUR, 6)))]
    sensors = [Sensor(f"s-{space.id}", space.id, vacancy_delay=delay) for space in spaces]
    if moved is not None:
        sensors[_DESKS] = Sensor("s-any-0", "any-0", vacancy_delay=delay, until=moved)
        sensors.append(Sensor("s-any-0", "any-1", vacancy_delay=delay, since=moved))
    return Site(
        id="village", name="Village", timezone="Europe/Berlin",
        floors=(Floor("f", "Floor", 1),), zones=(Zone("east", "East", "f"), Zone("west", "West", "f")),
        spaces=tuple(spaces), sensors=tuple(sensors),
        calendars=(
            CalendarRule(weekly=dict.fromkeys(range(7), ((8 * 60, 20 * 60),))),
            CalendarRule(zone="west", weekly=dict.fromkeys(range(7), ((7 * 60, 23 * 60),))),
        ),
    )  # fmt: skip


def said(random: Random, site: Site, time: Millis) -> Reading:
    """Return what some sensor says, or that it does not know."""
    sensor = random.choice(site.sensors)
    occupied = random.choice([True, True, False, None])
    people = None if occupied is None or sensor.space != "room" else random.randrange(1, 5) * occupied
    return Reading(site.id, sensor.id, time, time, occupied=occupied, people=people)


def some_days(random: Random, site: Site, days: int, count: int) -> list[Reading]:
    """Return readings of some days from BASE on, in the order of their times."""
    times = sorted(random.randrange(BASE, BASE + days * DAY) for _ in range(count))
    return [said(random, site, time) for time in times]


@dataclass
class Desk:
    """A store with a keeper of roll-ups, and readings that come."""

    site: Site
    store: Store
    files: RollupFiles
    live: LiveStates = field(init=False)
    keeper: Keeper = field(init=False)
    rolled: int = 0

    def __post_init__(self) -> None:
        self.live = LiveStates(self.store)
        self.restart()

    def restart(self, site: Site | None = None) -> None:
        """Begin anew, as a process would that has just been started, or whose site file has changed."""
        self.site = site or self.site
        self.keeper = Keeper(self.site, self.store, Fingerprints(self.store, self.live), self.files)

    def come(self, batch: Sequence[Reading]) -> None:
        """Commit readings, and note them."""
        self.store.append(batch)
        self.live.note(batch)

    def refresh(self, now: Millis, most: int = 10**9) -> None:
        """Roll up what is due, or some of it."""
        for day in self.keeper.due(now, 0.0)[:most]:
            self.rolled += self.keeper.refresh(day, now)


def anew(site: Site, store: Store, start: Millis, end: Millis, now: Millis = FOREVER) -> Rolled:
    """Roll up a window from the readings alone, those up to now."""
    before, after = reach(site)
    states = space_states(site, store.read(site.id, start - before, min(end + after, now + 1)), start, end)
    return roll(Layout.of(site, blocks(site)), veil(states, blocks(site)), start, end)


def assert_they_hold(site: Site, store: Store, files: RollupFiles) -> int:
    """See that whatever stands of roll-ups equals what is rolled up anew; return how many quarter-hours stand."""
    layout, prints, count = Layout.of(site, blocks(site)), Fingerprints(store, LiveStates(store)), 0
    for day, shown in sorted(files.days(site.id)):
        digest = layout.digest(day * DAY, (day + 1) * DAY)
        assert digest.startswith(shown)
        with files.opened(site.id, day, digest) as file:
            assert file is not None
            rolled, header = rolled_of(file, Want.everything(layout)), file.header
        until = header.since + len(header.fingerprints()) * QUARTER
        for start, end in standing(header, prints.of(site.id, header.since, until, until), reach(site)):
            assert list(differences(rolled.cut(start, end), anew(site, store, start, end))) == []
            count += (end - start) // QUARTER
    return count


def batches(random: Random, readings: Iterable[Reading]) -> list[list[Reading]]:
    """Cut readings into batches."""
    rest, found = list(readings), []
    while rest:
        size = random.randrange(1, max(2, len(rest) // 3))
        found.append(rest[:size])
        rest = rest[size:]
    return found
