"""An operator's own bucket is read by a mapping."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from spaces.mistakes import FileError
from spaces.reading import Reading
from spaces.times import parse_instant
from store.influx.connection import Connection
from store.influx.foreign import ForeignBucket
from store.influx.mapping import load_mapping
from store.influx.settings import InfluxSettings
from store.protocol import StoreError
from tests.influx import drop_bucket, fresh, some_influx

MAPPING = """
[source]
site = "betahaus"
bucket = "BUCKET"
measurement = "desk"
sensor = "device"
from = "2025-01-01T00:00:00+01:00"
to = "2027-01-01T00:00:00Z"

[fields]
occupied = "presence"
people = "count"
battery = "volts"

[sensors]
"0x 12" = "d-12"
"""
NOON = 1_777_874_400_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxSettings]:
    with some_influx(tmp_path_factory.mktemp("influxd")) as found:
        yield found


def imported(
    server: InfluxSettings, folder: Path, lines: str, mapping: str = MAPPING
) -> tuple[list[Reading], dict[str, int]]:
    settings = fresh(server)
    connection = Connection(settings)
    connection.write(lines.encode())
    connection.close()
    file = folder / "mapping.toml"
    file.write_text(mapping.replace("BUCKET", settings.bucket))
    bucket = ForeignBucket(server, load_mapping(file))
    try:
        return [reading for batch in bucket.batches() for reading in batch], dict(bucket.skipped)
    finally:
        bucket.close()
        drop_bucket(settings)


def test_a_tag_may_name_the_sensor(server: InfluxSettings, tmp_path: Path) -> None:
    lines = (
        f"desk,device=a,floor=1 presence=true,count=2i,volts=80.5,other=7 {NOON}000000\n"
        f"desk,device=a,floor=1 presence=false {NOON + 5}000000\n"
        f"desk,device=0x\\ 12 count=0i {NOON + 1}000000\n"
        f"desk,device=b presence=true 5\n"
        f"lamp,device=a presence=true {NOON}000000\n"
    )
    rows, skipped = imported(server, tmp_path, lines)
    assert rows == [
        Reading("betahaus", "a", NOON, NOON, occupied=True, people=2, battery=80.5),
        Reading("betahaus", "d-12", NOON + 1, NOON + 1, occupied=False, people=0),
        Reading("betahaus", "a", NOON + 5, NOON + 5, occupied=False),
    ]
    assert skipped == {}


def test_a_field_may_name_the_sensor_and_words_the_state(server: InfluxSettings, tmp_path: Path) -> None:
    mapping = MAPPING.replace('people = "count"\nbattery = "volts"', 'occupied_word = "busy"\nvacant_word = "free"')
    lines = "".join(
        f'desk,floor={floor} device="d{floor}",presence="{word}" {NOON + floor}000000\n'
        for floor, word in enumerate(("busy", "free", "1.0", "0", "broken"))
    )
    rows, skipped = imported(server, tmp_path, lines, mapping)
    assert [(row.sensor, row.occupied) for row in rows] == [
        ("d0", True),
        ("d1", False),
        ("d2", True),
        ("d3", False),
        ("d4", None),
    ]
    assert skipped == {}


def test_what_makes_no_reading_is_counted_by_its_reason(server: InfluxSettings, tmp_path: Path) -> None:
    lines = (
        f"desk,device=a\\ b presence=true {NOON}000000\n"
        f"desk presence=true {NOON}000000\n"
        f"desk,device=a count=2.5 {NOON}000000\n"
        f"desk,device=b volts=3.0 {NOON}000000\n"
        f"desk,device=c presence=false,count=3 {NOON}000000\n"
    )
    rows, skipped = imported(server, tmp_path, lines)
    assert rows == []
    assert skipped == {
        "'a b' is no id of a sensor": 1,
        "no sensor": 1,
        "no count": 1,
        "no state": 1,
        "contradiction": 1,
    }


def test_much_comes_in_batches_in_order_of_time(server: InfluxSettings, tmp_path: Path) -> None:
    lines = "".join(f"desk,device=d{n % 7} presence={n % 3 == 0} {NOON + n * 500}000000\n" for n in range(45_000))
    rows, _ = imported(server, tmp_path, lines)
    assert [row.time for row in rows] == [NOON + n * 500 for n in range(45_000)]


def test_a_missing_bucket_is_told(server: InfluxSettings, tmp_path: Path) -> None:
    file = tmp_path / "mapping.toml"
    file.write_text(MAPPING.replace("BUCKET", "nowhere"))
    bucket = ForeignBucket(server, load_mapping(file))
    with pytest.raises(StoreError, match="nowhere"):
        list(bucket.batches())
    bucket.close()


def test_a_mapping_is_read(tmp_path: Path) -> None:
    file = tmp_path / "mapping.toml"
    file.write_text(MAPPING)
    mapping = load_mapping(file)
    assert (mapping.sensor, mapping.occupied, mapping.sensors) == ("device", "presence", {"0x 12": "d-12"})
    assert mapping.start == parse_instant("2024-12-31T23:00:00Z")


def test_every_mistake_in_a_mapping_has_its_line(tmp_path: Path) -> None:
    file = tmp_path / "mapping.toml"
    file.write_text(
        '[source]\nsite = "beta haus"\nbucket = 7\nmeasurment = "desk"\nfrom = "yesterday"\n'
        '[fields]\nperson = "count"\n[sensors]\n"x" = "a b"\n[more]\n'
    )
    with pytest.raises(FileError) as caught:
        load_mapping(file)
    told = str(caught.value)
    for part in (
        ":2: source: site:",
        ":3: source: bucket:",
        ":4: source: unknown key 'measurment'",
        ":5: source: from: 'yesterday'",
        ":6: fields: names no field",
        ":7: fields: unknown key 'person'",
        ":9: sensors: x: 'a b' is no id",
        ":10: mapping: unknown key 'more'",
        "source: measurement: is missing",
        "source: sensor: is missing",
    ):
        assert part in told


@pytest.mark.parametrize("text", ["[source", "\x00"])
def test_a_mapping_that_is_no_toml_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "mapping.toml"
    file.write_text(text)
    with pytest.raises(FileError, match=r"mapping\.toml:1: cannot be read"):
        load_mapping(file)
    with pytest.raises(FileError, match="cannot be read"):
        load_mapping(tmp_path / "nowhere.toml")
