"""What every store must do: subclass, and give a `store` fixture."""

import threading
from random import Random

from spaces.reading import Reading
from spaces.readings import readings_from
from store.protocol import Store


def some(count: int) -> list[Reading]:
    return [Reading("s", f"d{i % 3}", 1000 + i, 1500 + i, i % 2 == 0, i % 4, 90.5, i) for i in range(count)]


class StoreContract:
    """Properties of a store."""

    def test_what_was_appended_is_read_in_order(self, store: Store) -> None:
        rows = some(40)
        assert store.append(rows) == (40, 0)
        found, wanted = store.read("s", 1010, 1030), readings_from(rows[10:30])
        assert found.sensors == wanted.sensors
        for name in ("sensor", "time", "occupied", "people"):
            assert getattr(found, name).tolist() == getattr(wanted, name).tolist()

    def test_the_same_twice_is_once(self, store: Store) -> None:
        store.append(some(40))
        shuffled = some(40)
        Random(1).shuffle(shuffled)
        assert store.append(shuffled + some(5)) == (0, 45)
        assert len(store.read("s", 0, 9999)) == 40

    def test_different_contents_of_one_identity_merge(self, store: Store) -> None:
        one = Reading("s", "d", 5, 9, occupied=False, people=0, battery=50.0)
        other = Reading("s", "d", 5, 7, occupied=True, people=2, seq=4)
        store.append([one])
        assert store.append([other]) == (1, 0)
        assert store.append([one, other]) == (0, 2)
        merged = Reading("s", "d", 5, 7, occupied=True, people=2, battery=50.0, seq=4)
        assert store.latest("s") == [merged]
        assert store.read("s", 0, 10).people.tolist() == [2]

    def test_latest_is_by_event_time_not_by_arrival(self, store: Store) -> None:
        store.append([Reading("s", "d", 50, 50, occupied=True)])
        store.append([Reading("s", "d", 40, 60, occupied=None)])
        assert [reading.time for reading in store.latest("s")] == [50]

    def test_an_empty_store_answers(self, store: Store) -> None:
        assert store.append([]) == (0, 0)
        assert (len(store.read("s", 0, 9)), store.latest("s"), store.extent("s"), store.sites()) == (0, [], None, ())

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
