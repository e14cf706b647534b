"""A back-up is one moment of a store that goes on, and comes back whole or not at all."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from spaces.reading import Reading
from store.embedded.backup import Contents, contents_of
from store.embedded.duck import FILE, EmbeddedStore
from store.embedded.holder import HeldStore
from store.moving.problem import MoveError
from store.moving.restoring import back_up, restore
from store.opening import open_store
from store.protocol import StoreError
from tests.store.contract import some, whole
from tests.store.test_opening import HOLD, Process


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    opened = EmbeddedStore(tmp_path / "data")
    opened.append([*some(500), Reading("annex", "x", 5, 5, occupied=True, battery=0.5, seq=2**63 - 1)])
    yield opened
    opened.close()


def test_a_back_up_comes_back_as_it_was(tmp_path: Path, store: EmbeddedStore) -> None:
    out = tmp_path / "it's a copy.duckdb"
    found = back_up(store.back_up, out)
    assert (found.rows, found.sensors, found.sites, found.first, found.last) == (501, 4, ("annex", "s"), 5, 1499)
    store.append([Reading("s", "later", 9, 9, occupied=True)])
    assert restore(out, tmp_path / "new" / "house") == found
    again = EmbeddedStore(tmp_path / "new" / "house")
    assert whole(again, "s", 0, 9999) == [row for row in whole(store, "s", 0, 9999) if row.sensor != "later"]
    assert whole(again, "annex", 0, 9999) == whole(store, "annex", 0, 9999)
    assert again.append([Reading("s", "later", 9, 9, occupied=True)]).stored == 1
    again.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", out.name, "new"]


def test_a_store_without_readings_is_backed_up_too(tmp_path: Path) -> None:
    empty = EmbeddedStore(tmp_path / "data")
    assert back_up(empty.back_up, tmp_path / "copy") == Contents(0, 0, (), None, None, 0)
    empty.close()
    assert restore(tmp_path / "copy", tmp_path / "new").rows == 0


def beside(counts: list[tuple[int, int]]) -> bool:
    """Whether batches were appended while a copy was made: one may have been before, and one after."""
    return any(after > before + 2 for before, after in counts)


def test_while_it_is_backed_up_appends_go_on_and_whole_batches_are_in_it(tmp_path: Path) -> None:
    size, store, stop = 50, EmbeddedStore(tmp_path / "data"), threading.Event()
    store.append(some(200_000))
    appended: list[int] = []

    def append() -> None:
        while not stop.is_set():
            at = 10**6 + len(appended)
            store.append([Reading("live", f"d{number}", at, at, occupied=True) for number in range(size)])
            appended.append(at)

    writer = threading.Thread(target=append)
    writer.start()
    counts: list[tuple[int, int]] = []
    for number in range(10):  # one is enough; on a busy machine a copy may be done before its turn comes
        before = len(appended)
        back_up(store.back_up, tmp_path / f"copy{number}")
        counts.append((before, len(appended)))
        if beside(counts):
            break
    stop.set()
    writer.join()
    store.close()
    assert beside(counts), "appends waited for the back-up"
    for number, (before, after) in enumerate(counts):
        live = contents_of(tmp_path / f"copy{number}").rows - 200_000
        assert live % size == 0
        assert before * size <= live <= (after + 1) * size


def test_what_was_acknowledged_before_the_back_up_is_in_it_even_when_not_yet_in_the_file(
    tmp_path: Path, store: EmbeddedStore
) -> None:
    """The newest readings rest in DuckDB's log beside its file."""
    assert (tmp_path / "data" / f"{FILE}.wal").stat().st_size > 0
    assert back_up(store.back_up, tmp_path / "copy").rows == 501


def test_the_process_that_holds_the_store_backs_it_up(tmp_path: Path) -> None:
    first = open_store(tmp_path)
    first.append(some(40))
    first.close()
    holder = Process(HOLD, tmp_path)
    held = open_store(tmp_path)
    assert isinstance(held, HeldStore)
    held.append(some(50))
    assert back_up(held.back_up, tmp_path / "copy").rows == 50
    held.interrupt_back_up()
    assert len(held.read("s", 0, 9999)) == 50
    held.close()
    holder.end()
    assert contents_of(tmp_path / "copy").rows == 50


class Copying(threading.Thread):
    """A back-up in a thread, and how it failed."""

    def __init__(self, copy: Callable[[Path], Contents], out: Path) -> None:
        super().__init__()
        self.errors: list[StoreError] = []
        self._copy, self._out = copy, out
        self.start()

    def run(self) -> None:
        try:
            back_up(self._copy, self._out)
        except StoreError as error:
            self.errors.append(error)


def large(folder: Path) -> Path:
    """Write a store that takes a while to copy; return its folder."""
    store = EmbeddedStore(folder)
    store.append(some(1))
    with store.cursor() as cursor:
        cursor.execute(
            "INSERT INTO readings SELECT 0, i, i % 977, i % 3 = 0, 1, i / 1e7, i, false FROM range(1000000) t(i)"
        )
    store.close()
    return folder


def test_an_interrupted_back_up_leaves_nothing_and_the_next_one_goes_well(tmp_path: Path) -> None:
    store = EmbeddedStore(large(tmp_path / "data"))
    copying = Copying(store.back_up, tmp_path / "copy")
    while copying.is_alive():
        store.interrupt_back_up()
        copying.join(0.005)
    assert len(copying.errors) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    assert back_up(store.back_up, tmp_path / "copy").rows == 1_000_001
    store.close()


def test_a_store_that_is_closed_waits_for_no_back_up(tmp_path: Path) -> None:
    """Not for its own, nor for one that another process has asked for."""
    holder, out = Process(HOLD, large(tmp_path / "data")), tmp_path / "copy"
    held = open_store(tmp_path / "data")
    assert isinstance(held, HeldStore)
    copying = Copying(held.back_up, out)
    while copying.is_alive() and not (tmp_path / "copy.partial").exists():
        copying.join(0.001)
    holder.end()
    copying.join()
    held.close()
    assert len(copying.errors) == 1
    store = EmbeddedStore(tmp_path / "data")
    store.end_back_ups()
    with pytest.raises(StoreError, match="is being closed"):
        back_up(store.back_up, out)
    store.close()
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


class Crammed(EmbeddedStore):
    """The real store, on a disk of which more stays free than it has."""

    reserve = 1 << 60


def test_a_disk_without_room_for_a_copy_is_left_as_it_is(tmp_path: Path) -> None:
    store = Crammed(tmp_path / "data")
    with pytest.raises(StoreError, match="no room for a copy"):
        back_up(store.back_up, tmp_path / "copy")
    store.close()
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_one_back_up_is_written_at_a_time(tmp_path: Path, store: EmbeddedStore) -> None:
    def during(path: Path) -> Contents:
        with store._copying, pytest.raises(StoreError, match="written already"):
            store.back_up(path)
        return store.back_up(path)

    assert back_up(during, tmp_path / "copy").rows == 501


def test_a_back_up_overwrites_nothing(tmp_path: Path, store: EmbeddedStore) -> None:
    out = tmp_path / "copy"
    out.write_text("precious")
    with pytest.raises(MoveError, match="exists"):
        back_up(store.back_up, out)
    assert out.read_text() == "precious"


def test_a_back_up_into_no_folder_of_ours_is_an_error(tmp_path: Path, store: EmbeddedStore) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MoveError, match="cannot be written"):
        back_up(store.back_up, tmp_path / "file" / "copy")


def test_a_copy_that_is_not_what_it_should_be_is_not_kept(tmp_path: Path, store: EmbeddedStore) -> None:
    def short(path: Path) -> Contents:
        return store.back_up(path)._replace(rows=502)

    with pytest.raises(MoveError, match="should hold 502 rows and holds 501"):
        back_up(short, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_a_folder_that_has_a_store_is_left_alone(tmp_path: Path, store: EmbeddedStore) -> None:
    back_up(store.back_up, tmp_path / "copy")
    with pytest.raises(MoveError, match="fresh folder"):
        restore(tmp_path / "copy", tmp_path / "data")
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / f"{FILE}.wal").write_text("")
    with pytest.raises(MoveError, match="fresh folder"):
        restore(tmp_path / "copy", tmp_path / "new")


@pytest.mark.parametrize("kind", ["none", "text", "other", "cut", "flip"])
def test_what_is_no_back_up_is_refused_and_nothing_is_left(tmp_path: Path, store: EmbeddedStore, kind: str) -> None:
    file, folder = tmp_path / "copy", tmp_path / "new"
    _spoil(file, store, kind)
    with pytest.raises((StoreError, MoveError), match="copy"):
        restore(file, folder)
    assert not folder.exists() or not list(folder.iterdir())


def test_a_file_in_use_is_no_back_up(tmp_path: Path) -> None:
    holder = Process(HOLD, tmp_path)
    with pytest.raises(StoreError, match="cannot be read as a store"):
        restore(tmp_path / FILE, tmp_path / "new")
    holder.end()


def _spoil(file: Path, store: EmbeddedStore, kind: str) -> None:
    if kind == "text":
        file.write_text("no database")
    elif kind == "other":
        with store.cursor() as cursor:
            cursor.execute(f"ATTACH '{file}' AS other")
            cursor.execute("CREATE TABLE other.numbers AS SELECT 1 AS one")
            cursor.execute("DETACH other")
    elif kind != "none":
        back_up(store.back_up, file)
        data = bytearray(file.read_bytes())
        data[len(data) // 2 :] = b"" if kind == "cut" else bytes(byte ^ 1 for byte in data[len(data) // 2 :])
        file.write_bytes(data)
