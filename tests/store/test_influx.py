"""The InfluxDB store keeps the contract on a real InfluxDB 2."""

import logging
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import msgspec
import pytest

from spaces.reading import Reading, merge
from spaces.readings import readings_from
from spaces.times import BEGINNING, DAY, FOREVER
from store.influx.connection import Connection
from store.influx.settings import InfluxSettings
from store.influx.store import InfluxStore
from store.lines import to_lines
from store.protocol import Appended, ForbiddenError, RefusalError, StoreError
from tests.influx import TOKEN, drop_bucket, fresh, new_bucket, running_influxd, some_influx
from tests.store.contract import StoreContract, some, whole

NASTY = (
    "plain",
    "a b",
    "a,b",
    "a=b",
    "a\nb",
    "a\r\nb occupied=1i 5",
    'a"b',
    "a'b",
    "a\\",
    "\\",
    "a\\,b",
    "büro",
    "会议",
    "\U0001f4a9",
    "a\x00b",
    "\ufeff",
    "\ufffd",
    "",
    "%",
    "%41",
    "${x}",
    "$",
    '" or true',
    "a" * 64,
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxSettings]:
    with some_influx(tmp_path_factory.mktemp("influxd")) as settings:
        yield settings


@pytest.fixture
def settings(server: InfluxSettings) -> Iterator[InfluxSettings]:
    own = fresh(server)
    yield own
    drop_bucket(own)


@pytest.fixture
def store(settings: InfluxSettings) -> Iterator[InfluxStore]:
    opened = InfluxStore(settings)
    yield opened
    opened.close()


class TestInfluxStore(StoreContract):
    recognises_duplicates = False


def test_no_id_can_break_out_of_its_tag_or_its_question(store: InfluxStore) -> None:
    rows = [Reading(site, sensor, 5, 7, occupied=True) for site in NASTY[:8] for sensor in NASTY]
    rows += [Reading(site, "d", 5, 7, occupied=True) for site in NASTY[8:]]
    assert store.append(rows) == Appended(len(rows), 0)
    assert store.sites() == tuple(sorted(NASTY))
    for site in NASTY:
        wanted = sorted((row for row in rows if row.site == site), key=lambda row: row.sensor)
        assert store.latest(site) == wanted
        assert store.read(site, 0, 9).sensors == tuple(row.sensor for row in wanted)
        assert store.extent(site) == (5, 5)
    assert store.latest("a") == []


@pytest.mark.parametrize("seed", range(4))
def test_any_order_and_any_repeats_give_what_merging_gives(store: InfluxStore, seed: int) -> None:
    random = Random(seed)
    rows = [_any(random) for _ in range(400)]
    for _ in range(3):
        batch = random.choices(rows, k=150)
        store.append(batch)
    random.shuffle(rows)
    store.append(rows)
    wanted: dict[tuple[str, int], Reading] = {}
    for row in rows:
        key = (row.sensor, row.time)
        wanted[key] = merge(wanted[key], row) if key in wanted else row
    assert whole(store, "s", -100, 100) == [wanted[key] for key in sorted(wanted)]
    newest = dict(sorted(wanted))
    assert store.latest("s") == [wanted[key] for key in sorted(newest.items())]
    found, columns = store.read("s", -100, 100), readings_from(rows)
    assert found.sensors == columns.sensors
    for name in ("sensor", "time", "occupied", "people"):
        assert getattr(found, name).tolist() == getattr(columns, name).tolist()


def _any(random: Random) -> Reading:
    """Return a reading; the same contents always have the same receipt."""
    reading = Reading(
        "s",
        f"d{random.randrange(4)}",
        random.randrange(-20, 20),
        0,
        random.choice((None, False, True)),
        random.choice((None, 0, 1, 7)),
        random.choice((None, 0.0, 99.5)),
        random.choice((None, 0, 2**60)),
        random.random() < 0.3,
    )
    contents = (reading.occupied, reading.people, reading.battery, reading.seq, reading.stamped)
    return msgspec.structs.replace(reading, received=reading.time + zlib.crc32(repr(contents).encode()) % 1000 - 100)


def test_unknown_is_neither_vacant_nor_nothing(store: InfluxStore) -> None:
    rows = [
        Reading("s", "a", 1, 1, occupied=None),
        Reading("s", "a", 2, 2, occupied=False),
        Reading("s", "b", 1, 1, occupied=None, people=3),
    ]
    store.append(rows)
    found = store.read("s", 0, 9)
    assert (found.occupied.tolist(), found.people.tolist()) == ([-1, 0, -1], [-1, -1, 3])
    assert whole(store, "s", 0, 9) == rows


def test_a_repeat_with_another_receipt_is_no_second_reading(store: InfluxStore) -> None:
    store.append([Reading("s", "d", 5, 7, occupied=True)])
    store.append([Reading("s", "d", 5, 99, occupied=True)])
    assert len(whole(store, "s", 0, 9)) == 1
    assert len(store.read("s", 0, 9)) == 1


def test_the_newest_of_sensors_that_fell_silent_years_apart(store: InfluxStore) -> None:
    rows = [Reading("s", f"d{n:03}", 1_600_000_000_000 + n * 3 * DAY, 1_700_000_000_000, people=n) for n in range(120)]
    older = [Reading("s", row.sensor, row.time - 7, row.received, occupied=True, battery=5.5) for row in rows]
    store.append(rows + older)
    assert store.latest("s") == rows


def test_years_without_a_word_are_passed_over(store: InfluxStore) -> None:
    rows = [Reading("s", "d", at, at, occupied=True) for at in (-(10**9), 5, 1_780_000_000_000, 1_780_000_000_001)]
    store.append(rows)
    assert whole(store, "s", BEGINNING, FOREVER) == rows
    found = store.read("s", BEGINNING, FOREVER)
    assert found.time.tolist() == readings_from(rows).time.tolist()
    assert len(store.read("s", 9, 9)) == len(store.read("s", FOREVER - 1, FOREVER)) == 0


def test_a_reading_that_the_server_cannot_hold_is_refused_and_others_are_kept(store: InfluxStore) -> None:
    bad = Reading("s", "d", 5, 5, seq=2**63)
    with pytest.raises(RefusalError, match="seq=9223372036854775808"):
        store.append([bad, *some(3)])
    assert store.append(some(3)) == Appended(3, 0)
    with pytest.raises(RefusalError):
        store.append([Reading("s", "d", FOREVER, 5)])


def test_what_is_older_than_the_bucket_keeps_is_refused(server: InfluxSettings) -> None:
    own = replace(server, bucket=new_bucket(server.url, server.org, server.token, seconds=7_200))
    store = InfluxStore(own)
    with pytest.raises(RefusalError, match="retention"):
        store.append(some(3))
    store.close()
    drop_bucket(own)


def test_a_measurement_of_somebody_else_in_the_bucket_blames_no_reading(
    store: InfluxStore, settings: InfluxSettings
) -> None:
    connection = Connection(settings)
    connection.write(b"occupancy,sensor=d,site=s occupied=true 1000\n")
    connection.close()
    with pytest.raises(StoreError, match="bucket of its own") as caught:
        store.append([Reading("s", "d", 1, 1, occupied=True)])
    assert type(caught.value) is StoreError


def test_a_missing_bucket_and_a_missing_organisation_are_named(server: InfluxSettings) -> None:
    for wrong in (replace(server, bucket="nowhere"), replace(server, org="nobody")):
        store = InfluxStore(wrong)
        for attempt in (lambda: store.append(some(1)), store.sites, lambda: store.read("s", 0, 9)):  # noqa: B023
            with pytest.raises(StoreError, match=r"nowhere|nobody") as caught:
                attempt()
            assert "settings" in str(caught.value)
        store.close()


def test_a_wrong_token_is_told_and_never_shown(server: InfluxSettings, caplog: pytest.LogCaptureFixture) -> None:
    store = InfluxStore(replace(server, token="a-secret-of-ours"))
    with caplog.at_level(logging.DEBUG):
        for attempt in (lambda: store.append(some(1)), store.sites, lambda: store.read("s", 0, 9)):
            with pytest.raises(ForbiddenError, match="check the token") as caught:
                attempt()
            assert "a-secret-of-ours" not in str(caught.value)
    assert "a-secret-of-ours" not in caplog.text
    assert "a-secret-of-ours" not in repr(replace(server, token="a-secret-of-ours"))
    store.close()


def test_a_path_that_is_not_the_servers_is_told(server: InfluxSettings) -> None:
    store = InfluxStore(replace(server, url=f"{server.url}/elsewhere"))
    with pytest.raises(StoreError, match="check the URL"):
        store.append(some(1))
    with pytest.raises(StoreError, match="check the URL"):
        store.sites()
    store.close()


def test_what_was_answered_survives_a_kill_and_the_store_finds_the_server_again(tmp_path: Path) -> None:
    with running_influxd(tmp_path) as server:
        store = InfluxStore(server.settings())
        store.append(some(50))
        server.kill()
        with pytest.raises(StoreError):
            store.append(some(60))
        with pytest.raises(StoreError, match="nobody listens"):
            store.sites()
        server.start()
        assert len(store.read("s", 0, 9999)) == 50
        assert store.append(some(60)) == Appended(60, 0)
        assert whole(store, "s", 0, 9999) == sorted(some(60), key=lambda row: (row.sensor, row.time))
        store.close()


def test_a_question_that_the_server_cannot_answer_is_its_own_error(settings: InfluxSettings) -> None:
    connection = Connection(settings)
    connection.write(to_lines(some(3)))
    with pytest.raises(StoreError) as caught:
        connection.rows("this is no question", "_value")
    assert type(caught.value) is StoreError
    with pytest.raises(StoreError):
        connection.rows(
            f'from(bucket: "{settings.bucket}") |> range(start: 0) |> map(fn: (r) => ({{r with x: 1 / 0}}))'
        )
    connection.close()
    assert TOKEN not in str(caught.value)
