"""What the papers say of InfluxDB is what the code writes and reads."""

import re
from pathlib import Path

import pytest

from spaces.mistakes import FileError
from spaces.reading import Reading
from store.influx.figures import FigureTags, figure_lines
from store.influx.mapping import load_mapping
from store.lines import FIELDS, to_lines
from tests.docs.papers import read, table

DESIGN = read("docs/design.md")


def words(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_the_tags_and_fields_of_a_reading_are_those_that_are_written() -> None:
    rows = table(DESIGN, "point of `occupancy`", "type", "meaning")
    lines = to_lines(
        [
            Reading("s", "d", 1, 2, occupied=True, people=1, battery=1.0, seq=1),
            Reading("s", "d", 1, 2, stamped=True),
        ]
    ).decode()
    assert sorted(words(rows[0][0])) == re.findall(r",(\w+)=", lines.split(" ")[0])
    written = {name for line in lines.splitlines() for name in re.findall(r"(\w+)=", line.split(" ")[1])}
    assert {word for row in rows[1:] for word in words(row[0])} == set(FIELDS) == written


def test_the_tags_of_a_figure_are_those_that_are_written() -> None:
    rows = table(DESIGN, "point of `ledig_figure`", "meaning")
    [line] = figure_lines([{"time": 1, "group": "g", "spaces": 1}], FigureTags("peaks", "s", "zone", "1h"))
    assert sorted(words(rows[0][0])) == re.findall(r",(\w+)=", line.split(" ")[0])


def test_the_keys_of_a_mapping_are_those_that_are_read(tmp_path: Path) -> None:
    """A mapping with all documented keys has no unknown one, and one without the required ones misses just those."""
    rows = {words(name)[0].strip("[]"): keys for name, keys in table(DESIGN, "table of a mapping")}
    assert set(rows) == {"source", "fields", "sensors"}
    every = {part: words(re.sub(r"\([^)]*\)", "", rows[part])) for part in ("source", "fields")}
    text = "".join(
        f"[{part}]\n" + "".join(f'{key} = "{_value(key)}"\n' for key in keys) for part, keys in every.items()
    )
    file = tmp_path / "mapping.toml"
    file.write_text(text)
    load_mapping(file)
    file.write_text('[source]\n[fields]\npeople = "n"\n')
    with pytest.raises(FileError) as caught:
        load_mapping(file)
    missing = {re.search(r"source: (\w+): is missing", str(one))[1] for one in caught.value.mistakes}  # type: ignore[index]  # every one is of this form
    assert missing == set(re.findall(r"\*\*`(\w+)`\*\*", rows["source"]))


def _value(key: str) -> str:
    return {"from": "2025-01-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}.get(key, "a")
