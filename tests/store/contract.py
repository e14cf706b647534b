"""What every store must do: subclass, and give a `store` fixture."""

import threading
from random import Random

from spaces.reading import Reading
from spaces.readings import readings_from
from spaces.times import MINUTE
from store.fingerprints import QUARTER, fingerprints
from store.protocol import ROWS_AT_ONCE, Appended, Store


def some(count: int) -> list[Reading]:
    return [Reading("s", f"d{i % 3}", 1000 + i, 1500 + i, i % 2 == 0, i % 4, 90.5, i) for i in range(count)]


def whole(store: Store, site: str, start: int, end: int) -> list[Reading]:
    """Return all readings of `rows`, in order of sensor and time."""
    return sorted(
        (row for batch in store.rows(site, start, end) for row in batch), key=lambda row: (row.sensor, row.time)
    )


class StoreContract:
    """Properties of a store."""

    keeps_every_seq = True
    """Whether sequence numbers beyond 2^53 come back as they went."""
    recognises_duplicates = True
    """Whether `append` tells a repeat from something new; a store that does not counts both as stored."""

    def told(self, stored: int, duplicate: int) -> Appended:
        """Return what `append` says of a batch with so many new readings and repeats."""
        return Appended(stored, duplicate) if self.recognises_duplicates else Appended(stored + duplicate, 0)

    def test_what_was_appended_is_read_in_order(self, store: Store) -> None:
        rows = some(40)
        assert store.append(rows) == Appended(40, 0)
        found, wanted = store.read("s", 1010, 1030), readings_from(rows[10:30])
        assert found.sensors == wanted.sensors
        for name in ("sensor", "time", "occupied", "people"):
            assert getattr(found, name).tolist() == getattr(wanted, name).tolist()

    def test_the_same_twice_is_once(self, store: Store) -> None:
        store.append(some(40))
        shuffled = some(40)
        Random(1).shuffle(shuffled)
        assert store.append(shuffled + some(5)) == self.told(0, 45)
        assert len(store.read("s", 0, 9999)) == 40

    def test_different_contents_of_one_identity_merge(self, store: Store) -> None:
        one = Reading("s", "d", 5, 9, occupied=False, people=0, battery=50.0)
        other = Reading("s", "d", 5, 7, occupied=True, people=2, seq=4)
        store.append([one])
        assert store.append([other]) == Appended(1, 0)
        assert store.append([one, other]) == self.told(0, 2)
        merged = Reading("s", "d", 5, 7, occupied=True, people=2, battery=50.0, seq=4)
        assert store.latest("s") == [merged]
        assert store.read("s", 0, 10).people.tolist() == [2]

    def test_latest_is_by_event_time_not_by_arrival(self, store: Store) -> None:
        store.append([Reading("s", "d", 50, 50, occupied=True)])
        store.append([Reading("s", "d", 40, 60, occupied=None)])
        assert [reading.time for reading in store.latest("s")] == [50]

    def test_latest_up_to_a_moment_looks_past_what_lies_ahead(self, store: Store) -> None:
        store.append([Reading("s", "a", time, time, occupied=True) for time in (40_000, 50_000, 9_000_000)])
        store.append([Reading("s", "b", 45_000, 45_000, people=1, occupied=True)])
        store.append([Reading("s", "c", 9_000_000, 9_000_000, occupied=False)])

        def moments(until: int) -> dict[str, int]:
            return {reading.sensor: reading.time for reading in store.latest("s", until)}

        assert moments(50_000) == {"a": 50_000, "b": 45_000}
        assert moments(49_999) == {"a": 40_000, "b": 45_000}
        assert moments(39_999) == {}
        assert moments(9_000_000) == {"a": 9_000_000, "b": 45_000, "c": 9_000_000}

    def test_an_empty_store_answers(self, store: Store) -> None:
        assert store.append([]) == Appended(0, 0)
        assert (len(store.read("s", 0, 9)), store.latest("s"), store.extent("s"), store.sites()) == (0, [], None, ())

    def test_the_extent_grows_by_what_comes_late_and_by_new_sensors_to_either_side(self, store: Store) -> None:
        def told(sensor: str, *times: int, site: str = "s") -> None:
            store.append([Reading(site, sensor, time, time, occupied=True) for time in times])

        extents = []
        for sensor, times in (("a", (5_000, 6_000)), ("a", (4_000,)), ("b", (7_000, 3_000)), ("b", (6_500,))):
            told(sensor, *times)
            extents.append(store.extent("s"))
        told("a", 1_000, 9_000, site="other")
        assert extents == [(5_000, 6_000), (4_000, 6_000), (3_000, 7_000), (3_000, 7_000)]
        assert (store.extent("s"), store.extent("other")) == ((3_000, 7_000), (1_000, 9_000))

    def test_extent_and_sites(self, store: Store) -> None:
        store.append([*some(4), Reading("a", "x", 7, 7, occupied=True)])
        assert store.extent("s") == (1000, 1003)
        assert store.sites() == ("a", "s")

    def test_sites_are_apart(self, store: Store) -> None:
        store.append([*some(6), Reading("a", "d0", 1002, 1002, people=3, occupied=True)])
        found = store.read("a", 0, 9999)
        assert (found.sensors, found.time.tolist(), found.people.tolist()) == (("d0",), [1002], [3])
        assert len(store.read("s", 0, 9999)) == 6
        assert [reading.sensor for reading in store.latest("a")] == ["d0"]

    def test_a_window_holds_its_start_and_not_its_end(self, store: Store) -> None:
        store.append(some(9))
        assert store.read("s", 1002, 1005).time.tolist() == [1003, 1004, 1002]

    def test_fingerprints_of_minutes_tell_which_minute_has_changed(self, store: Store) -> None:
        base = 4 * QUARTER * 96

        def prints() -> list[int]:
            found: list[int] = fingerprints(store, "s", base + 5 * MINUTE, base + 25 * MINUTE, MINUTE).tolist()
            return found

        moments = (base + 5 * MINUTE - 1, base + 5 * MINUTE, base + 17 * MINUTE - 1, base + 25 * MINUTE)
        store.append([Reading("s", "d", moment, moment, occupied=True) for moment in moments])
        before = prints()
        assert [minute for minute, value in enumerate(before) if value] == [0, 11]
        store.append([Reading("s", "e", base + 17 * MINUTE, base, occupied=False)])
        assert [one == other for one, other in zip(before, prints(), strict=True)] == [True] * 12 + [False] + [True] * 7

    def test_a_fingerprint_changes_with_whatever_changes_what_is_read(self, store: Store) -> None:
        def prints() -> list[int]:
            found: list[int] = fingerprints(store, "s", 4 * QUARTER * 96, 5 * QUARTER * 96).tolist()
            return found

        base = 4 * QUARTER * 96
        assert prints() == [0] * 96
        store.append([Reading("s", "d", base + 3 * QUARTER, base, occupied=False)])
        store.append([Reading("s", "e", base + 4 * QUARTER - 1, base, occupied=False)])
        first = prints()
        assert [index for index, value in enumerate(first) if value] == [3]
        store.append([Reading("a", "d", base + 3 * QUARTER, base, occupied=False)])
        store.append([Reading("s", "d", base - 1, base, occupied=True), Reading("s", "d", base + 96 * QUARTER, base)])
        assert prints() == first
        store.append([Reading("s", "d", base + 3 * QUARTER, base, occupied=True)])
        second = prints()
        assert second[3] not in {0, first[3]}
        store.append([Reading("s", "d", base + 3 * QUARTER, base, people=3)])
        third = prints()
        assert third[3] not in {0, first[3], second[3]}
        store.append([Reading("s", "d", base + 95 * QUARTER, base, people=3)])
        assert prints() == [*third[:95], prints()[95]]
        assert prints()[95]

    def test_it_is_read_while_it_is_written(self, store: Store) -> None:
        failed: list[Exception] = []

        def write() -> None:
            try:
                for number in range(40):
                    store.append([Reading("s", f"w{number}", 5, 5, occupied=True)])
            except Exception as error:  # noqa: BLE001 - told below
                failed.append(error)

        writer = threading.Thread(target=write)
        writer.start()
        counts = []
        while writer.is_alive():
            counts.append(len(store.read("s", 0, 10)))
            assert len(store.latest("s")) >= counts[-1]
            store.sites()
            store.extent("s")
        writer.join()
        assert failed == []
        assert counts == sorted(counts)
        assert len(store.read("s", 0, 10)) == 40

    def test_rows_carry_every_field(self, store: Store) -> None:
        rows = [
            Reading("s", "a", 5, 5),
            Reading("s", "b", 5, 7, occupied=False, people=0, battery=0.0, seq=0, stamped=True),
            Reading("s", "c", 5, 4, occupied=True, people=1_000_000, battery=87.53, seq=2**53),
            Reading("s", "d", 5, 9_000_000_000, occupied=None, people=3),
            Reading("s", "e", 5, 6, occupied=None, battery=100.0),
            Reading("s", "f", 1_777_874_400_001, 1_777_874_400_123, occupied=True, stamped=False),
        ]
        store.append(rows)
        assert whole(store, "s", 0, 2_000_000_000_000) == rows

    def test_rows_carry_every_sequence_number(self, store: Store) -> None:
        rows = [Reading("s", "a", 5, 5, occupied=True, seq=2**63 - 1), Reading("s", "a", 6, 6, seq=2**53 + 1)]
        store.append(rows)
        assert whole(store, "s", 0, 9) == rows or not self.keeps_every_seq

    def test_rows_of_one_identity_come_once_and_merged(self, store: Store) -> None:
        store.append([Reading("s", "d", 5, 9, occupied=False, people=0, battery=50.0, stamped=True)])
        store.append([Reading("s", "d", 5, 7, occupied=True, people=2, seq=4)])
        assert whole(store, "s", 0, 9) == [Reading("s", "d", 5, 7, occupied=True, people=2, battery=50.0, seq=4)]

    def test_rows_are_those_of_the_site_and_the_window(self, store: Store) -> None:
        rows = some(9)
        store.append([*rows, Reading("a", "d0", 1003, 1003, occupied=True)])
        assert whole(store, "s", 1002, 1005) == sorted(rows[2:5], key=lambda row: row.sensor)
        assert whole(store, "a", 0, 9999) == [Reading("a", "d0", 1003, 1003, occupied=True)]
        assert list(store.rows("s", 0, 1000)) == list(store.rows("nowhere", 0, 9999)) == []

    def test_rows_come_in_batches_of_bounded_length_ascending_by_sensor(self, store: Store) -> None:
        rows = some(2 * ROWS_AT_ONCE + 1)
        store.append(rows)
        last: dict[str, int] = {}
        count = 0
        for batch in store.rows("s", 0, 10**6):
            assert 1 <= len(batch) <= ROWS_AT_ONCE
            for row in batch:
                assert row == rows[row.time - 1000]
                assert row.time > last.get(row.sensor, 0)
                last[row.sensor] = row.time
            count += len(batch)
        assert count == len(rows)

    def test_a_store_is_used_between_two_batches_of_rows(self, store: Store) -> None:
        store.append(some(2 * ROWS_AT_ONCE))
        steps = store.rows("s", 0, 10**6)
        first = next(steps)
        store.append([Reading("s", "d0", 999, 999, occupied=True)])
        assert store.extent("s") == (999, 999 + 2 * ROWS_AT_ONCE)
        rest = sum(len(batch) for batch in steps)
        assert 2 * ROWS_AT_ONCE <= len(first) + rest <= 2 * ROWS_AT_ONCE + 1
        next(store.rows("s", 0, 10**6))

    def test_a_sensor_may_say_when_and_not_say_it_in_turns(self, store: Store) -> None:
        rows = [Reading("s", "d", at, at, occupied=True, battery=50.0, stamped=at % 2 == 0) for at in range(1000, 1004)]
        store.append(rows)
        assert store.extent("s") == (1000, 1003)
        assert store.latest("s") == rows[-1:]
        assert whole(store, "s", 0, 9999) == rows
