"""What is learnt of sensors lies in the data folder, and the sites in force have it."""

from pathlib import Path

import pytest

from ledig.learning import LearningLoop
from spaces.holds import holds
from spaces.learnt import LEARNT, Limit, read_learnt, write_learnt
from spaces.reading import Reading
from spaces.site import SILENCE
from spaces.sitebook import SiteBook
from spaces.times import DAY, HOUR, Millis
from store.embedded.duck import EmbeddedStore

NOW: Millis = 1_795_000_000_000
SITE = """
[site]
id = "house"
timezone = "Europe/Oslo"
[[floor]]
id = "g"
[[zone]]
id = "z"
floor = "g"
[[space]]
id = "desk"
kind = "desk"
zone = "z"
[[sensor]]
id = "learns"
space = "desk"
address = "24e124535f316056"
format = "milesight-vs34x"
[[sensor]]
id = "written"
space = "desk"
address = "24e124535f316057"
format = "milesight-vs34x"
silence = "4h"
[[sensor]]
id = "by-availability"
space = "desk"
address = "hall"
format = "zigbee2mqtt"
[[sensor]]
id = "own"
space = "desk"
"""


@pytest.fixture
def book(tmp_path: Path) -> SiteBook:
    (tmp_path / "site.toml").write_text(SITE)
    return SiteBook([tmp_path], look_every=0, learnt=tmp_path / LEARNT)


def silence(book: SiteBook, sensor: str) -> tuple[Millis, str]:
    (entry,) = book.current()["house"].sensors_by_id[sensor]
    return entry.silence, entry.origin


def test_a_week_of_readings_sets_the_limit_of_who_learns_and_of_nobody_else(book: SiteBook, tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    for sensor in ("learns", "written", "by-availability", "own"):
        rows = [Reading("house", sensor, time, time, occupied=False) for time in range(NOW - 2 * DAY, NOW, 2 * HOUR)]
        store.append(rows)
    clock = [NOW]
    loop = LearningLoop(store, book.current, lambda: clock[0], tmp_path)
    assert silence(book, "learns") == (SILENCE, "learning")
    loop.look()
    assert silence(book, "learns") == (6 * HOUR, "learning")
    store.append([Reading("house", "learns", time, time, occupied=True) for time in range(NOW, NOW + 6 * DAY, HOUR)])
    clock[0] += 6 * DAY
    loop.look()
    assert silence(book, "learns") == (6 * HOUR, "learnt")
    store.append([Reading("house", "learns", NOW + 7 * DAY, NOW, occupied=True)])
    clock[0] += 2 * DAY
    loop.look()
    assert silence(book, "learns") == (6 * HOUR, "learnt"), "what is learnt is fixed"
    assert silence(book, "written") == (4 * HOUR, "written")
    assert silence(book, "by-availability") == (DAY, "model")
    assert silence(book, "own") == (SILENCE, "model")
    loop.stop()
    store.close()


def test_it_is_said_by_what_words_hold(book: SiteBook, tmp_path: Path) -> None:
    write_learnt(tmp_path / LEARNT, {"house": {"learns": Limit(3 * HOUR, fixed=True)}})
    desk = "1 sensor of Milesight VS340 or VS341"
    assert sorted(holds(book.current()["house"])) == [
        f"{desk}: by heartbeat, silent for 3 h at most, learnt: three times the longest interval of its first week",
        f"{desk}: by heartbeat, silent for 4 h at most, as the site file says",
        '1 sensor of Zigbee sensor: by availability, seen within 24 h, "occupied" for 4 h, as its model does',
        "1 sensor of ledig's own format: by heartbeat, silent for 2 h at most, as its model does",
    ]


@pytest.mark.parametrize("torn", [b"", b"[]", b'{"house":{"learns":3}}', b"\xff"])
def test_a_torn_file_is_none(book: SiteBook, tmp_path: Path, torn: bytes) -> None:
    (tmp_path / LEARNT).write_bytes(torn)
    assert read_learnt(tmp_path / LEARNT) == {}
    assert silence(book, "learns") == (SILENCE, "learning")
