"""The embedded store keeps the contract, and its file outlives it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from spaces.reading import Reading
from store.embedded.duck import FILE, EmbeddedStore
from store.protocol import Appended, RefusalError, StoreError
from tests.store.contract import StoreContract, some


class TestEmbeddedStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[EmbeddedStore]:
        opened = EmbeddedStore(tmp_path)
        yield opened
        opened.close()


def test_readings_outlive_the_process_that_stored_them(tmp_path: Path) -> None:
    first = EmbeddedStore(tmp_path)
    first.append(some(9))
    first.close()
    second = EmbeddedStore(tmp_path)
    assert second.append(some(9)) == Appended(0, 9)
    second.close()


def test_a_file_that_is_no_database_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("this is no database, whatever its name says")
    with pytest.raises(StoreError, match="cannot be opened"):
        EmbeddedStore(tmp_path)


def test_what_no_column_can_hold_is_refused_and_the_store_goes_on(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    too_many = Reading("s", "d", 5, 5, occupied=True, people=2**40)
    with pytest.raises(RefusalError):
        store.append([*some(3), too_many])
    assert store.append(some(3)) == Appended(3, 0)
    store.close()
