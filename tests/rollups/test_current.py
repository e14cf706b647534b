"""What is in progress is rolled up as if all of its readings had been there at once, and most of them are read once."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from analytics.rollup.rolled import differences
from analytics.spacestates import reach
from dashboards.rollups.afresh import Roller
from dashboards.rollups.current import Current
from dashboards.rollups.freshness import Told, reached
from spaces.reading import Reading
from spaces.readings import Readings
from spaces.site import Site
from spaces.times import HOUR, MINUTE, SECOND, Millis
from store.embedded.duck import EmbeddedStore
from store.fingerprints import QUARTER, fingerprints
from tests.rollups.village import BASE, anew, said, village

NOON: Millis = BASE + 12 * HOUR


class Read(EmbeddedStore):
    """A store that remembers how many readings it gave away at a time."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.given: list[int] = []

    def read(self, site: str, start: Millis, end: Millis) -> Readings:
        found = super().read(site, start, end)
        self.given.append(len(found))
        return found


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Read]:
    with closing(Read(tmp_path)) as opened:
        yield opened


class Asking:
    """Asks about the end of a site's time, and sees that the answer is right."""

    def __init__(self, site: Site, store: Read) -> None:
        self.site, self.store = site, store
        self.current, self.roller = Current(), Roller.of(store, site)

    def ask(self, start: Millis, end: Millis, now: Millis) -> int:
        """Ask; return how many readings were read."""
        since, until = reached(start, end, reach(self.site))
        told = Told(since, fingerprints(self.store, self.site.id, since, until))
        self.store.given.clear()
        rolled = self.current.over(self.roller, (start, end), now, told)
        read = sum(self.store.given)
        assert list(differences(rolled, anew(self.site, self.store, start, end, now))) == []
        return read


def spoken(random: Random, site: Site, start: Millis, end: Millis, count: int) -> list[Reading]:
    return sorted((said(random, site, random.randrange(start, end)) for _ in range(count)), key=lambda row: row.time)


@pytest.mark.parametrize("delay", [0, 90 * SECOND, 20 * MINUTE], ids=str)
@pytest.mark.parametrize("seed", range(4))
def test_whatever_comes_and_is_asked_the_answer_is_that_of_all_readings(store: Read, seed: int, delay: Millis) -> None:
    random, site = Random(seed), village(delay=delay)
    asking, now, start = Asking(site, store), NOON + 1, NOON - random.choice((0, 1, 9)) * QUARTER
    store.append(spoken(random, site, NOON - 3 * HOUR, NOON, 150))
    for _ in range(25):
        before, now = now, now + random.choice((7, 40, 400, 1_000)) * SECOND
        batch = spoken(random, site, before - random.choice((0, 0, 0, 1, 30)) * MINUTE, now, random.randrange(30))
        store.append([row for row in batch if row.time < now] or [said(random, site, now - 1)])
        start += random.choice((0, 0, 1)) * max((now - QUARTER - start) // QUARTER, 0) * QUARTER
        asking.ask(start, now, now)
        for _ in range(random.randrange(3)):  # in silence
            now += random.choice((0, 1, 30, 300)) * SECOND
            asking.ask(start, random.choice((now, max(before, start + 1), random.randrange(start + 1, now + 1))), now)
        if not random.randrange(4):
            asking.ask(start - QUARTER, now, now)
        if not random.randrange(4):
            asking.ask(start, random.randrange(start + 1, now + 1), now)
        if not random.randrange(6):
            asking.ask(start + 1, now, now)


@pytest.mark.parametrize("seed", range(4))
def test_what_a_sensor_says_ahead_of_its_time_bears_on_it_once_that_has_come(store: Read, seed: int) -> None:
    random, site = Random(seed), village(delay=90 * SECOND)
    asking, now = Asking(site, store), NOON + MINUTE
    store.append(spoken(random, site, NOON - HOUR, NOON + 20 * MINUTE, 400))
    while now < NOON + 30 * MINUTE:
        asking.ask(NOON, now, now)
        asking.ask(NOON, NOON + 40 * SECOND, now)
        now += random.choice((1, 20, 50, 100, 1_000)) * SECOND


def test_the_panels_of_a_dashboard_are_rolled_up_once(store: Read) -> None:
    random, site = Random(8), village(delay=90 * SECOND)
    asking, now = Asking(site, store), NOON + 5 * MINUTE
    store.append(spoken(random, site, NOON - HOUR, now, 2_000))
    assert asking.ask(NOON, now, now) > 0
    for later in range(1, 8):
        assert asking.ask(NOON, now, now + later) == 0  # it ends when the dashboard was opened
        assert asking.ask(NOON, now + later, now + later) == 0  # it is up to now


def test_what_was_rolled_up_is_not_read_again(store: Read) -> None:
    random, site = Random(5), village(delay=0)
    asking, now = Asking(site, store), NOON + 10 * MINUTE
    store.append(spoken(random, site, NOON - 3 * HOUR, now, 19_000))
    first = asking.ask(NOON, now, now)
    assert first > 1_000
    for _ in range(8):
        store.append(spoken(random, site, now, now + 20 * SECOND, 30))
        now += 20 * SECOND
        again = asking.ask(NOON, now, now)
    assert again < first / 3


def test_a_late_reading_is_in_the_next_answer(store: Read) -> None:
    random, site = Random(6), village(delay=0)
    asking, now = Asking(site, store), NOON + 14 * MINUTE
    store.append(spoken(random, site, NOON - HOUR, now, 500))
    for moment in (now - 1, NOON + 3 * MINUTE, NOON - 50 * MINUTE):
        for _ in range(3):
            asking.ask(NOON, now, now)
        store.append([Reading(site.id, "s-any-1", moment, now, occupied=False)])
        asking.ask(NOON, now, now)


def test_however_many_there_are_few_are_in_memory_at_a_time(store: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analytics.bearing.AT_ONCE", 500)
    random, site = Random(7), village()
    store.append(spoken(random, site, NOON - 3 * HOUR, NOON + HOUR, 20_000))
    assert list(differences(Roller.of(store, site).over(NOON, NOON + HOUR), anew(site, store, NOON, NOON + HOUR))) == []
    assert sum(store.given[:-1]) > 5_000
    assert max(store.given[:-1]) < 2_500
