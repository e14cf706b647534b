"""Checksums, Parquet files and manifests: what they keep, and what they notice."""

from datetime import date
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spaces.reading import Reading
from spaces.times import DAY
from store.moving.checksum import Tally, canonical, digests, tally_of
from store.moving.journal import Journal
from store.moving.manifest import MANIFEST, Part, SiteDay, read_manifest, write_manifest
from store.moving.parquet import SCHEMA, look_at, read_readings, write_readings
from store.moving.problem import DamagedError, MoveError
from store.protocol import ROWS_AT_ONCE

_IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,9}", fullmatch=True)
READINGS = st.builds(
    Reading,
    st.just("hut"),
    _IDS,
    st.integers(0, DAY - 1),
    st.integers(0, 2**50),
    st.none() | st.booleans(),
    st.none() | st.integers(0, 1_000_000),
    st.none() | st.floats(0, 100),
    st.none() | st.integers(0, 2**63 - 1),
    st.booleans(),
)


@given(st.lists(READINGS, max_size=30), st.randoms(use_true_random=False))
def test_a_tally_does_not_depend_on_order_or_batches(rows: list[Reading], random: Random) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    cut = random.randint(0, len(rows))
    assert tally_of([rows]) == tally_of([shuffled[:cut], shuffled[cut:]]) == tally_of([row] for row in rows)


@given(READINGS, READINGS)
def test_only_equal_readings_have_equal_digests(one: Reading, other: Reading) -> None:
    assert (canonical(one) == canonical(other)) == (one == other)
    assert (digests([one])[0] == digests([other])[0]) == (one == other)


def test_the_checksum_is_what_the_paper_says() -> None:
    """The worked example of docs/moving.md."""
    reading = Reading("hut", "d1", 1_777_874_400_000, 1_777_874_400_120, occupied=True, battery=87.5)
    assert canonical(reading) == b'["hut","d1",1777874400000,1777874400120,true,null,87.5,null,false]'
    assert Tally().plus([reading]) == (1, 0xE1A8C553715E5294)


@given(st.lists(READINGS, min_size=1, max_size=30))
def test_a_file_gives_back_what_was_written(tmp_path_factory: pytest.TempPathFactory, rows: list[Reading]) -> None:
    path = tmp_path_factory.mktemp("parquet") / "x.parquet"
    assert write_readings(path, [rows]) == tally_of([rows])
    assert [row for batch in read_readings(path) for row in batch] == rows
    assert look_at(path, "hut", 0, DAY) == len(rows)


def test_a_file_is_read_in_batches(tmp_path: Path) -> None:
    rows = [Reading("hut", "d", time, time) for time in range(ROWS_AT_ONCE + 7)]
    write_readings(tmp_path / "x.parquet", [rows])
    assert [len(batch) for batch in read_readings(tmp_path / "x.parquet")] == [ROWS_AT_ONCE, 7]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (Reading("hat", "d", 5, 5), "has readings of 'hat'"),
        (Reading("hut", "d,x=1 y=2", 5, 5), "which is no id"),
        (Reading("hut", "d\n", 5, 5), "which is no id"),
        (Reading("hut", "d", DAY, 5), "has time outside"),
        (Reading("hut", "d", -1, 5), "has time outside"),
        (Reading("hut", "d", 5, 2**60), "has received outside"),
        (Reading("hut", "d", 5, 5, people=-1), "has people outside"),
        (Reading("hut", "d", 5, 5, people=1_000_001), "has people outside"),
        (Reading("hut", "d", 5, 5, battery=100.5), "has battery outside"),
        (Reading("hut", "d", 5, 5, battery=float("nan")), "has a battery that is no number"),
        (Reading("hut", "d", 5, 5, seq=-1), "has seq outside"),
    ],
)
def test_what_no_sensor_of_the_site_can_have_sent_is_damage(tmp_path: Path, row: Reading, message: str) -> None:
    path = tmp_path / "x.parquet"
    write_readings(path, [[Reading("hut", "d", 1, 1, battery=50.0)], [row]])
    with pytest.raises(DamagedError, match=message):
        look_at(path, "hut", 0, DAY)


def test_a_file_of_other_columns_or_of_none_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"site": ["hut"]}), path)
    with pytest.raises(DamagedError, match="other columns"):
        look_at(path, "hut", 0, DAY)
    path.write_bytes(b"PAR1 and what is no Parquet PAR1")
    with pytest.raises(DamagedError, match="cannot be read"):
        list(read_readings(path))


def test_a_file_without_what_must_be_there_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    write_readings(path, [[Reading("hut", "d", 1, 1)]])
    table = pq.read_table(path)
    names = pa.array([None], pa.string())
    pq.write_table(table.set_column(1, pa.field("sensor", pa.string()), names), path)
    with pytest.raises(DamagedError, match=r"other columns|without a site"):
        look_at(path, "hut", 0, DAY)


def part(site: str = "hut", day: date = date(2026, 5, 4)) -> Part:
    key = SiteDay(site, day)
    return Part(site=site, day=day, file=key.file, count=3, checksum="0f", sha256="ab" * 32)


def test_a_manifest_is_read_as_it_was_written_in_order(tmp_path: Path) -> None:
    parts = [part(), part("a"), part(day=date(2026, 5, 3))]
    write_manifest(tmp_path, {one.key: one for one in parts})
    assert list(read_manifest(tmp_path).values()) == [parts[1], parts[2], parts[0]]
    assert [path.name for path in tmp_path.iterdir()] == [MANIFEST]
    assert read_manifest(tmp_path / "nowhere") == {}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("ledig-export-1", "ledig-export-9", "its format is"),
        ('"hut/2026-05-04.parquet"', '"../../etc/passwd"', "is no file of 'hut'"),
        ('"hut/2026-05-04.parquet"', '"hut/2026-05-05.parquet"', "is no file of 'hut'"),
        ('"site": "hut"', '"site": "../hut"', "is no file of"),
        ('"count": 3', '"count": "many"', "cannot be read"),
        ('"0f"', '"xyz"', "cannot be read"),
        ("{", "", "cannot be read"),
    ],
)
def test_a_manifest_that_cannot_be_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    write_manifest(tmp_path, {part().key: part()})
    text = (tmp_path / MANIFEST).read_text()
    assert old in text
    (tmp_path / MANIFEST).write_text(text.replace(old, new))
    with pytest.raises(MoveError, match=message):
        read_manifest(tmp_path)


def test_a_journal_outlives_a_cut_line(tmp_path: Path) -> None:
    path, one, other = tmp_path / "data" / "imported.txt", part(), part("a")
    other = Part(site="a", day=other.day, file=other.file, count=3, checksum="0f", sha256="cd" * 32)
    Journal(path).add(one)
    with path.open("a") as stream:
        stream.write(f"{other.sha256} a/20")
    again = Journal(path)
    assert one in again
    assert other not in again
    again.add(other)
    assert other in Journal(path)
    assert one in Journal(path)


def test_the_schema_has_a_column_for_each_field_of_a_reading() -> None:
    assert tuple(SCHEMA.names) == Reading.__struct_fields__
