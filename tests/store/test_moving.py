"""Out of one store, into another: whatever comes in between, the other has what the one had."""

import threading
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from random import Random

import pytest

from spaces.reading import Reading
from spaces.times import DAY, HOUR
from store.embedded.duck import EmbeddedStore
from store.moving.appending import append_all
from store.moving.checksum import tally_of
from store.moving.copying import copy
from store.moving.exporting import Export, Exported, site_days
from store.moving.importing import Import, Imported
from store.moving.journal import Journal
from store.moving.manifest import MANIFEST, SiteDay, read_manifest
from store.moving.problem import MoveError
from store.protocol import Appended, StoreError, TooLargeError
from tests.store.contract import whole

THEN = 20_000 * DAY
"""The start of 2024-10-04 in UTC."""
DAYS = 4


def readings(site: str = "hut", *, seed: int = 1, count: int = 300) -> list[Reading]:
    """Return readings of some days that have every field, and leave one day out."""
    random = Random(seed)
    times = (THEN + random.randrange(DAYS * DAY) for _ in range(count))
    return [
        Reading(
            site,
            f"d{random.randrange(5)}",
            time if time // DAY != THEN // DAY + 2 else time + DAY,
            time + random.randrange(5 * HOUR),
            random.choice([True, False, None]),
            random.choice([None, 0, 7]),
            random.choice([None, 0.0, 33.3]),
            random.choice([None, random.randrange(2**63)]),
            random.random() < 0.5,
        )
        for time in times
    ]


class Places:
    """A source with readings, a folder and an empty target."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "export"
        self.path = folder
        self.source = EmbeddedStore(folder / "source")
        self.target = EmbeddedStore(folder / "target")
        self.source.append([*readings(), *readings("annex", seed=2, count=40)])

    def export(self, stop: threading.Event | None = None) -> Exported:
        days = site_days(self.source, self.source.sites(), None, None)
        return Export(self.source, self.folder, stop or threading.Event()).run(days)

    def bring(self, stop: threading.Event | None = None, target: EmbeddedStore | None = None) -> Imported:
        journal = Journal(self.path / "imported.txt")
        parts = list(read_manifest(self.folder).values())
        return Import(self.folder, target or self.target, journal, stop or threading.Event()).run(parts)

    def moved(self) -> bool:
        return all(
            whole(self.target, site, 0, 2**50) == whole(self.source, site, 0, 2**50) != [] for site in ("hut", "annex")
        )

    def files(self) -> dict[str, bytes]:
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in self.folder.rglob("*.*")}

    def close(self) -> None:
        self.source.close()
        self.target.close()


@pytest.fixture
def places(tmp_path: Path) -> Iterator[Places]:
    made = Places(tmp_path)
    yield made
    made.close()


def test_what_is_exported_and_imported_is_the_same(places: Places) -> None:
    exported = places.export()
    assert (exported.written, exported.unchanged, exported.stopped) == (6, 0, False)
    assert exported.readings == sum(part.count for part in read_manifest(places.folder).values()) == 340
    done = places.bring()
    assert (done.stored, done.duplicate, done.files, done.verified) == (340, 0, 6, 6)
    assert (done.damaged, done.differences, done.stopped) == ([], [], False)
    assert places.moved()


def test_a_file_is_one_utc_day_of_a_site_and_an_empty_day_is_none(places: Places) -> None:
    places.export()
    days = ["2024-10-04", "2024-10-05", "2024-10-07"]
    assert sorted(places.files()) == sorted([MANIFEST, *(f"{s}/{d}.parquet" for s in ("annex", "hut") for d in days)])
    for key, part in read_manifest(places.folder).items():
        assert part.tally == tally_of(places.source.rows(key.site, key.start, key.end))


def test_a_window_is_of_whole_days_and_of_sites(places: Places) -> None:
    found = site_days(places.source, ["hut", "nowhere"], date(2024, 10, 5), date(2024, 10, 7))
    assert found == [SiteDay("hut", date(2024, 10, 5)), SiteDay("hut", date(2024, 10, 6))]


def test_a_second_export_writes_what_has_changed_and_nothing_else(places: Places) -> None:
    places.export()
    before = places.files()
    assert places.export().unchanged == 6
    assert places.files() == before
    known = whole(places.source, "hut", 0, THEN + DAY)[0]
    places.source.append([Reading("hut", known.sensor, known.time, known.received, battery=1.5)])
    again = places.export()
    assert (again.written, again.unchanged) == (1, 5)
    assert {name for name, text in places.files().items() if text != before[name]} == {
        MANIFEST,
        "hut/2024-10-04.parquet",
    }


@pytest.mark.parametrize("harm", ["cut", "flip", "gone"])
def test_a_damaged_file_is_exported_anew(places: Places, harm: str) -> None:
    places.export()
    before = places.files()
    _harm(places.folder / "hut/2024-10-05.parquet", harm)
    again = places.export()
    assert (again.written, again.unchanged) == (1, 5)
    assert places.files() == before


def test_an_export_that_was_stopped_goes_on_and_is_then_the_same(places: Places) -> None:
    places.export()
    wanted = places.files()
    for path in sorted(places.folder.rglob("*.parquet"))[2:]:
        path.unlink()
    (places.folder / "hut" / "2024-10-05.parquet.partial").write_text("what a kill leaves")
    (places.folder / MANIFEST).unlink()
    stop = threading.Event()
    stop.set()
    assert places.export(stop).stopped
    assert places.export().written == 6
    assert places.files() == wanted


class Stopping(EmbeddedStore):
    """The real store, which presses Ctrl-C at its n-th append or read of a day."""

    def __init__(self, folder: Path, stop: threading.Event, at: int) -> None:
        super().__init__(folder)
        self._left = at
        self._stop = stop

    def append(self, batch: Sequence[Reading]) -> Appended:
        self._count()
        return super().append(batch)

    def rows(self, site: str, start: int, end: int) -> Iterator[Sequence[Reading]]:
        self._count()
        return super().rows(site, start, end)

    def _count(self) -> None:
        self._left -= 1
        if self._left == 0:
            self._stop.set()


@pytest.mark.parametrize("at", range(1, 8))
def test_wherever_an_export_is_stopped_what_is_there_is_whole_and_it_goes_on(places: Places, at: int) -> None:
    stop = threading.Event()
    places.source.close()
    places.source = Stopping(places.path / "source", stop, at)
    first = places.export(stop)
    assert first.stopped
    assert first.written == len(read_manifest(places.folder)) < 6
    assert [name for name in places.files() if name.endswith(".partial")] == []
    again = places.export()
    assert again.unchanged == first.written
    assert places.bring().verified == 6
    assert places.moved()


@pytest.mark.parametrize("at", range(1, 12))
def test_wherever_an_import_is_stopped_it_goes_on_and_everything_is_there_once(places: Places, at: int) -> None:
    places.export()
    stop = threading.Event()
    places.target.close()
    places.target = Stopping(places.path / "target", stop, at)
    first = places.bring(stop)
    assert first.stopped
    again = places.bring()
    assert again.finished == first.files
    assert first.stored + again.stored == 340
    assert again.verified == 6
    assert places.moved()


@pytest.mark.parametrize("harm", ["cut", "flip", "gone"])
def test_of_a_damaged_file_nothing_is_imported_and_it_is_named(places: Places, harm: str) -> None:
    places.export()
    _harm(places.folder / "hut/2024-10-05.parquet", harm)
    done = places.bring()
    (message,) = done.damaged
    assert "hut/2024-10-05.parquet: is " in message
    assert (done.files, done.verified, done.differences) == (5, 5, [])
    assert whole(places.target, "hut", THEN + DAY, THEN + 2 * DAY) == []
    assert whole(places.target, "hut", THEN, THEN + DAY) == whole(places.source, "hut", THEN, THEN + DAY)


def test_a_manifest_that_is_wrong_about_a_file_is_told(places: Places) -> None:
    places.export()
    path = places.folder / MANIFEST
    part = read_manifest(places.folder)[SiteDay("hut", date(2024, 10, 5))]
    text = path.read_text()
    path.write_text(text.replace(f'"count": {part.count},', f'"count": {part.count + 1},'))
    assert f"has {part.count} readings, the manifest says {part.count + 1}" in " ".join(places.bring().damaged)
    path.write_text(text.replace(part.checksum, "00000000000000aa"))
    assert "the checksum of its readings is" in " ".join(places.bring().damaged)


def test_what_the_target_has_already_is_merged_and_verified(places: Places) -> None:
    places.export()
    known = whole(places.source, "hut", 0, 2**50)
    places.target.append(
        [
            Reading("hut", "own", THEN + 5, THEN + 6, occupied=True),
            Reading("hut", known[0].sensor, known[0].time, known[0].received - 1, people=9, occupied=True),
            *known[5:9],
        ]
    )
    done = places.bring()
    assert (done.verified, done.differences, done.damaged) == (6, [], [])
    assert done.duplicate == 4
    assert len(whole(places.target, "hut", 0, 2**50)) == len(known) + 1
    assert places.bring().finished == 6


class Losing(EmbeddedStore):
    """The real store, which says that it has stored what it has not."""

    def append(self, batch: Sequence[Reading]) -> Appended:
        kept = [row for row in batch if row.time % 10]
        super().append(kept)
        return Appended(len(batch), 0)


def test_what_a_target_has_lost_is_told_by_day_and_site(places: Places) -> None:
    places.export()
    places.target.close()
    places.target = Losing(places.path / "target")
    done = places.bring()
    lost = [row for site in ("hut", "annex") for row in whole(places.source, site, 0, 2**50) if row.time % 10 == 0]
    assert sum(found.missing for found in done.differences) == len(lost)
    assert {found.key for found in done.differences} == {SiteDay(row.site, _day(row.time)) for row in lost}
    assert str(done.differences[0]).startswith(f"{done.differences[0].key}: ")


def test_a_target_that_was_emptied_is_filled_again_whatever_the_journal_says(places: Places) -> None:
    places.export()
    places.bring()
    places.target.close()
    places.target = EmbeddedStore(places.path / "other")
    done = places.bring()
    assert (done.finished, done.stored, done.verified) == (6, 340, 6)
    assert places.moved()


def test_a_folder_of_another_store_is_refused(places: Places) -> None:
    places.export()
    other = EmbeddedStore(places.path / "third")
    other.append(readings(seed=9, count=20))
    days = site_days(other, ["hut"], None, None)
    with pytest.raises(MoveError, match="export of another store"):
        Export(other, places.folder, threading.Event()).run(days)
    other.close()


class Picky(EmbeddedStore):
    """The real store behind a limit, which now and then wants to be left alone."""

    def __init__(self, folder: Path, most: int, tired: int) -> None:
        super().__init__(folder)
        self._most = most
        self._tired = tired

    def append(self, batch: Sequence[Reading]) -> Appended:
        if self._tired:
            self._tired -= 1
            error = StoreError("not now")
            error.retry_after = 0.01
            raise error
        if len(batch) > self._most:
            raise TooLargeError(f"{len(batch)} are too many")
        return super().append(batch)


def test_what_is_too_much_is_split_and_who_asks_for_time_gets_it(tmp_path: Path) -> None:
    store, rows = Picky(tmp_path, most=7, tired=3), readings(count=50)
    assert append_all(store, rows, threading.Event()) == Appended(50, 0)
    store.close()


def test_who_wants_to_be_left_alone_for_ever_is_an_error(tmp_path: Path) -> None:
    store = Picky(tmp_path, most=7, tired=1000)
    with pytest.raises(StoreError, match="not now"):
        append_all(store, readings(count=5), threading.Event())
    store.close()


def test_one_reading_that_is_too_large_is_an_error(tmp_path: Path) -> None:
    store = Picky(tmp_path, most=0, tired=0)
    with pytest.raises(TooLargeError):
        append_all(store, readings(count=5), threading.Event())
    store.close()


@pytest.mark.parametrize("losing", [False, True])
def test_what_is_copied_is_asked_for_again_and_looked_for(tmp_path: Path, *, losing: bool) -> None:
    rows, store = readings(count=60), (Losing if losing else EmbeddedStore)(tmp_path)
    batches = [rows[:25], rows[25:]]
    told: list[tuple[str, int]] = []
    done = copy(lambda: iter(batches), store, threading.Event(), progress=lambda *more: told.append(more))
    assert (done.stored, done.missing > 0, done.stopped) == (60, losing, False)
    assert told == [("imported", 25), ("imported", 35), ("verified", 25), ("verified", 35)]
    store.close()


def test_a_copy_that_is_stopped_says_so(tmp_path: Path) -> None:
    stop = threading.Event()
    store = Stopping(tmp_path, stop, 1)
    done = copy(lambda: iter([[row] for row in readings(count=3)]), store, stop, progress=lambda _what, _more: None)
    assert (done.stored, done.stopped) == (1, True)
    store.close()


def _day(millis: int) -> date:
    return date.fromordinal(date(1970, 1, 1).toordinal() + millis // DAY)


def _harm(path: Path, harm: str) -> None:
    data = bytearray(path.read_bytes())
    if harm == "gone":
        path.unlink()
        return
    if harm == "flip":
        data[len(data) // 2] ^= 1
    path.write_bytes(data[: len(data) // 2] if harm == "cut" else data)
