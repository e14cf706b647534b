"""Roll-up files come back as they went, are whole or taken for damaged, and may be deleted or replaced at any time."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spaces.times import DAY
from store.rollups import Damaged, Header, RollupFiles, Section
from store.rollups.files import ROWS
from store.rollups.headers import header_of

DIGEST = "0123456789abcdef" * 4
PRINTS = np.array([0, -(2**62), 7], dtype=np.int64)


def header(digest: str = DIGEST, day: int = 3) -> Header:
    return header_of(digest=digest, start=day * DAY, end=(day + 1) * DAY, since=-9, prints=PRINTS)


def section(rows: int, seed: int = 1) -> Section:
    random = np.random.default_rng(seed)
    lengths = random.integers(0, 5, rows)
    places = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    many = random.integers(-9, 9, places[-1]).astype(np.int32)
    dense = {"big": random.integers(-(2**62), 2**62, (rows, 4)), "flag": random.random((rows, 4)) < 0.5}
    return Section.dense(rows, dense).also({"some": many, "more": many + 1}, places)


@pytest.fixture
def files(tmp_path: Path) -> RollupFiles:
    return RollupFiles(tmp_path / "rollups")


def paths(tmp_path: Path) -> list[Path]:
    return sorted(path for path in (tmp_path / "rollups").rglob("*") if path.is_file())


def same(one: Section, other: Section) -> None:
    assert one.rows == other.rows
    assert one.values.keys() == other.values.keys()
    for name, values in one.values.items():
        assert values.tolist() == other.values[name].tolist()
        assert values.dtype == other.values[name].dtype
        assert one.places[name].tolist() == other.places[name].tolist()


def rows_of(found: Section, rows: list[int], name: str) -> list[list[int]]:
    places = found.places[name]
    return [found.values[name][places[row] : places[row + 1]].tolist() for row in rows]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(st.integers(0, 3 * ROWS), st.integers(0, 5), st.data())
def test_sections_come_back_as_they_went_all_of_them_or_some_rows(
    files: RollupFiles, rows: int, others: int, data: st.DataObject
) -> None:
    wanted = sorted(data.draw(st.sets(st.integers(0, rows - 1)))) if rows else []
    one, other = section(rows), section(others, seed=2)
    files.write("s", 3, header(), {"one": one, "other": other})
    with files.opened("s", 3, DIGEST) as found:
        assert found is not None
        assert found.header.fingerprints().tolist() == PRINTS.tolist()
        assert (found.header.start, found.header.end, found.header.since) == (3 * DAY, 4 * DAY, -9)
        same(found.read("one", one.values), one)
        same(found.read("other", other.values), other)
        for name in one.values:
            part = found.read("one", [name], wanted)
            assert rows_of(part, list(range(len(wanted))), name) == rows_of(one, wanted, name)


def test_a_file_is_found_under_its_site_its_day_and_all_of_its_digest(files: RollupFiles) -> None:
    files.write("a/b", 20_000, header(day=20_000), {"one": section(3)})
    longer = DIGEST[:-1] + "0"
    for site, day, digest in (("a", 20_000, DIGEST), ("a/b", 20_001, DIGEST), ("a/b", 20_000, DIGEST[::-1])):
        assert files.signature(site, day, digest) is None
        with files.opened(site, day, digest) as found:
            assert found is None
    assert files.signature("a/b", 20_000, DIGEST)
    assert files.days("a/b") == {(20_000, DIGEST[:20])}
    with pytest.raises(Damaged), files.opened("a/b", 20_000, longer):
        pass
    files.write("s", 4, header(), {"one": section(3)})  # of another day
    with pytest.raises(Damaged), files.opened("s", 4, DIGEST):
        pass


def test_what_is_replaced_or_deleted_is_read_to_its_end(files: RollupFiles, tmp_path: Path) -> None:
    old, new = section(5), section(5, seed=2)
    files.write("s", 3, header(), {"one": old})
    before = files.signature("s", 3, DIGEST)
    with files.opened("s", 3, DIGEST) as found:
        assert found is not None
        files.write("s", 3, header(), {"one": new})
        same(found.read("one", old.values), old)
    assert files.signature("s", 3, DIGEST) != before
    with files.opened("s", 3, DIGEST) as found:
        assert found is not None
        (path,) = paths(tmp_path)
        path.unlink()
        same(found.read("one", new.values), new)
    assert files.signature("s", 3, DIGEST) is None


def damages(content: bytes, random: Random) -> Iterator[bytes]:
    """Give a file's content cut short, with holes, and with a flipped bit here and there."""
    yield b""
    for _ in range(6):
        yield content[: random.randrange(len(content))]
    for _ in range(6):
        at = random.randrange(len(content))
        yield content[:at] + bytes(len(content) - at)
    for _ in range(40):
        at = random.randrange(len(content))
        yield content[:at] + bytes([content[at] ^ 1 << random.randrange(8)]) + content[at + 1 :]


def test_a_damaged_file_never_gives_wrong_numbers_and_is_taken_away(files: RollupFiles, tmp_path: Path) -> None:
    whole = section(90)
    files.write("s", 3, header(), {"one": whole})
    (path,) = paths(tmp_path)
    content, found = path.read_bytes(), 0
    for damaged in damages(content, Random(5)):
        path.write_bytes(damaged)
        with suppress(Damaged), files.opened("s", 3, DIGEST) as opened:
            assert opened is not None
            assert opened.header.end == 4 * DAY
            same(opened.read("one", whole.values), whole)
        found += not path.exists()
    assert found > 20, "hardly any damage was noticed"


def test_a_failed_write_leaves_the_old_file_and_nothing_beside(files: RollupFiles, tmp_path: Path) -> None:
    whole = section(3)
    files.write("s", 3, header(), {"one": whole})
    broken = Section(3, {"one": np.array([1], dtype=np.int64)}, {"one": np.array([0, 1, 2, 3], dtype=np.int64)})
    with pytest.raises(pa.ArrowInvalid):
        files.write("s", 3, header(), {"one": broken})
    (path,) = paths(tmp_path)
    with files.opened("s", 3, DIGEST) as found:
        assert found is not None
        same(found.read("one", whole.values), whole)
    assert path.name.startswith("1970-01-04_")


def test_files_of_other_layouts_are_swept_away_when_they_are_old(files: RollupFiles, tmp_path: Path) -> None:
    other = DIGEST[::-1]
    for digest in (DIGEST, other):
        for day in (3, 4):
            files.write("s", day, header(digest, day), {"one": section(1)})
    torn = tmp_path / "rollups" / "s" / ".1970-01-04_0.parquet.1.2"
    torn.write_bytes(b"half")
    now = torn.stat().st_mtime
    assert files.sweep("s", {3: DIGEST, 4: DIGEST}, now) == 0
    assert files.sweep("s", {3: DIGEST, 4: DIGEST}, now + 2 * DAY / 1000) == 3
    assert files.days("s") == {(3, DIGEST[:20]), (4, DIGEST[:20])}
    assert files.sweep("nowhere", {}, now) == 0
