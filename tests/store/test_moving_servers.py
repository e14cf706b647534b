"""Readings move into a server store and out of it again, and come back as they went."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from random import Random

import pytest
from msgspec.structs import replace

from spaces.reading import Reading
from spaces.times import DAY
from store.embedded.duck import EmbeddedStore
from store.influx.store import InfluxStore
from store.moving.exporting import Export, site_days
from store.moving.importing import Import, Imported
from store.moving.journal import Journal
from store.moving.manifest import read_manifest
from store.moving.verifying import missing_of
from store.protocol import Store
from store.victoria.victoria import VictoriaStore
from tests.influx import new_bucket, some_influx
from tests.programs import required
from tests.store.contract import whole
from tests.store.test_moving import THEN, readings
from tests.victoria import ContractStore, Node

Opening = Callable[[Path], AbstractContextManager[Store]]


@contextmanager
def influx(folder: Path) -> Iterator[Store]:
    with some_influx(folder) as settings:
        fresh = settings.__class__(
            url=settings.url,
            org=settings.org,
            bucket=new_bucket(settings.url, settings.org, settings.token),
            token=settings.token,
        )
        with closing(InfluxStore(fresh)) as store:
            yield store


@contextmanager
def victoria(folder: Path) -> Iterator[Store]:
    node = Node(required("victoria-metrics"), folder / "node")
    node.start()
    try:
        with closing(ContractStore(node.settings(), node)) as store:
            yield store
    finally:
        node.kill()


def moved(source: Store, target: Store, folder: Path) -> Imported:
    """Move all readings by way of a folder."""
    Export(source, folder, threading.Event()).run(site_days(source, source.sites(), None, None))
    parts = list(read_manifest(folder).values())
    return Import(folder, target, Journal(folder / "imported.txt"), threading.Event()).run(parts)


@pytest.mark.parametrize("opening", [influx, victoria])
def test_readings_come_back_from_a_server_as_they_went(tmp_path: Path, opening: Opening) -> None:
    one, two = EmbeddedStore(tmp_path / "one"), EmbeddedStore(tmp_path / "two")
    one.append([row for row in readings(count=2_000) if row.seq is None or row.seq < 2**53])
    one.append([Reading("hut", "busy", THEN + 2 * DAY + at, THEN + 3 * DAY, occupied=True) for at in range(30_000)])
    with opening(tmp_path) as server:
        server.append([Reading("hut", "own", THEN, THEN, occupied=True)])
        there = moved(one, server, tmp_path / "there")
        assert (there.verified, there.damaged, there.differences) == (there.files, [], [])
        back = moved(server, two, tmp_path / "back")
        assert (back.verified, back.damaged, back.differences) == (back.files, [], [])
    found = [row for row in whole(two, "hut", 0, 2**50) if row.sensor != "own"]
    assert found == whole(one, "hut", 0, 2**50) != []
    one.close()
    two.close()


@pytest.mark.parametrize("opening", [influx, victoria])
def test_a_day_with_decimals_verifies_as_the_store_keeps_them(tmp_path: Path, opening: Opening) -> None:
    random = Random(1)
    charges = [200 / 3, 31 / 3, 1 / 3, 0.1 + 0.2, 99.99999999999999, 5e-324, 0.0, 100.0]
    charges += [10 ** random.uniform(-12, 2) for _ in range(1_000)]
    one = EmbeddedStore(tmp_path / "one")
    one.append(
        [Reading("hut", "d1", THEN + at, THEN + at, occupied=True, battery=charge) for at, charge in enumerate(charges)]
    )
    with opening(tmp_path) as server:
        there = moved(one, server, tmp_path / "there")
        assert (there.verified, there.damaged, there.differences) == (1, [], [])
    one.close()


@pytest.mark.parametrize(("kept", "missing"), [(66.6666666667, 0), (66.667, 1), (66.66667, 1), (None, 1)])
def test_a_charge_differs_by_no_more_than_the_store_says(tmp_path: Path, kept: float | None, missing: int) -> None:
    class Rounding(EmbeddedStore):
        battery_error = VictoriaStore.battery_error

    store = Rounding(tmp_path)
    store.append([Reading("hut", "d1", THEN, THEN, occupied=True, battery=kept)])
    wanted = Reading("hut", "d1", THEN, THEN, occupied=True, battery=66.66666666666667)
    assert missing_of([wanted], store) == missing
    store.close()


@pytest.mark.parametrize("opening", [influx, victoria])
def test_a_day_of_batteries_with_many_digits_is_verified_and_a_wrong_one_is_not(
    tmp_path: Path, opening: Opening
) -> None:
    levels = (66.66666666666667, 100 / 3, 0.1 + 0.2, 99.99999999999999, 1e-9, 5e-324, 0.0, 87.5)
    rows = [Reading("hut", f"d{at}", THEN + at, THEN, battery=level) for at, level in enumerate(levels)]
    source = EmbeddedStore(tmp_path / "one")
    source.append(rows)
    with opening(tmp_path) as server:
        done = moved(source, server, tmp_path / "there")
        assert (done.verified, done.differences) == (done.files, [])
        assert missing_of([replace(rows[0], battery=66.66666)], server) == 1, "a lower battery would be merged"
    source.close()
