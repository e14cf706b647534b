"""A file that another process holds: its process is named, and worked through."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from spaces.reading import Reading
from store.embedded.duck import FILE
from store.embedded.holder import NOTE, HeldStore, Holder, read_note
from store.opening import OwnStore, exists, open_store, through
from store.protocol import Appended, Store, StoreError
from tests.store.contract import StoreContract, some

HOLD = """
import sys
from pathlib import Path
from store.opening import open_store
store = open_store(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.readline()
store.close()
"""
HOLD_BARE = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.readline()"


class Process:
    """A process that runs a script until its standard input ends."""

    def __init__(self, script: str, argument: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", script, str(argument)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"open\n"

    def end(self) -> None:
        self.process.communicate(b"\n", timeout=20)


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[Process]:
    process = Process(HOLD, tmp_path)
    yield process
    process.end()


class TestHeldStore(StoreContract):
    @pytest.fixture
    def store(self, holder: Process, tmp_path: Path) -> Iterator[Store]:
        opened = open_store(tmp_path)
        assert isinstance(opened, HeldStore)
        assert opened.holder.pid == holder.process.pid
        yield opened
        opened.close()


def test_the_process_that_holds_is_named(holder: Process, tmp_path: Path) -> None:
    store = open_store(tmp_path)
    assert through(store) == f"the store is held by process {holder.process.pid}; working through it"
    store.close()


def test_a_holder_that_ends_is_an_error_that_names_it(tmp_path: Path) -> None:
    holder = Process(HOLD, tmp_path)
    store = open_store(tmp_path)
    holder.end()
    with pytest.raises(StoreError, match=f"process {holder.process.pid}, which held the store, has ended"):
        store.append(some(3))
    store.close()


def test_a_holder_that_is_not_ours_is_named_too(tmp_path: Path) -> None:
    holder = Process(HOLD_BARE, tmp_path / FILE)
    try:
        with pytest.raises(StoreError, match=rf"process {holder.process.pid}\).*does not answer"):
            open_store(tmp_path)
    finally:
        holder.end()


def test_what_the_holder_refuses_is_an_error_here(holder: Process, tmp_path: Path) -> None:
    store = open_store(tmp_path)
    assert isinstance(store, HeldStore)
    with pytest.raises(StoreError, match="no method"):
        store._ask("close")
    store.close()
    assert holder.process.poll() is None


def test_without_the_key_nobody_gets_in_and_the_next_caller_does(holder: Process, tmp_path: Path) -> None:
    note = read_note(tmp_path)
    assert note is not None
    assert note.pid == holder.process.pid
    with pytest.raises(StoreError, match="does not answer"):
        HeldStore(Holder(note.pid, note.at, "guess"))
    store = open_store(tmp_path)
    assert store.append(some(2)) == Appended(2, 0)
    store.close()


def test_the_note_is_private_and_goes_with_its_process(tmp_path: Path) -> None:
    assert not exists(tmp_path)
    store = open_store(tmp_path)
    assert exists(tmp_path)
    assert (tmp_path / NOTE).stat().st_mode & 0o077 == 0
    assert through(store) is None
    store.close()
    store.close()
    assert not (tmp_path / NOTE).exists()


@pytest.mark.usefixtures("holder")
def test_two_processes_see_one_store(tmp_path: Path) -> None:
    one, two = open_store(tmp_path), open_store(tmp_path)
    assert through(one) == through(two) is not None
    one.append([Reading("s", "d", 5, 5, occupied=True)])
    assert [reading.time for reading in two.latest("s")] == [5]
    one.close()
    two.close()


def test_what_another_process_appends_is_told_to_the_holder(tmp_path: Path) -> None:
    own = open_store(tmp_path)
    assert isinstance(own, OwnStore)
    told: list[Sequence[Reading]] = []
    own.on_foreign_append(told.append)
    script = (
        "import sys; from pathlib import Path; from store.opening import open_store\n"
        "from spaces.reading import Reading\n"
        "store = open_store(Path(sys.argv[1])); store.append([Reading('s', 'd', 5, 5, True)]); store.close()"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, timeout=60)
    own.append([Reading("s", "d", 6, 6, occupied=True)])
    own.close()
    assert told == [[Reading("s", "d", 5, 5, occupied=True)]]


def test_the_note_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    (tmp_path / NOTE).write_text('{"pid":7,"port":1234,"key":"k"}', encoding="utf-8")
    note = read_note(tmp_path)
    assert note is not None
    assert note.address == ("127.0.0.1", 1234)
