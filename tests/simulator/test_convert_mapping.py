"""Mapping files: what is right is read, what is wrong is named all at once with its line."""

import re
from datetime import date
from pathlib import Path

import pytest

from simulator.convert.mapping import DayRule
from simulator.convert.mappingfile import MappingError, load_mapping
from spaces.times import MINUTE

GOOD = """\
[recording]
site = "odense"
timezone = "Europe/Copenhagen"
folder = "dump"

[time]
column = "Time"
day = "DayId"
weekday = "Weekday"
weekday_zero = "sunday"
from = 2017-02-06
every = "60s"

[[source]]
file = "one.csv"
column = "Room 1"
sensor = "counter-1"

[[source]]
file = "two.csv"
delimiter = ";"
column = "state"
values = "occupied"
sensor_column = "device"
"""

DOZEN = """\
[recording]
site = "a house"
timezone = "Europe/Copenhagn"
nota = "x"

[time]
format = "german"
weekday = "Weekday"
weekday_zero = "moonday"
from = "soon"
every = "one minute"

[[source]]
file = 3
delimiter = "::"
column = "Room 1"
values = "persons"

[[source]]
file = "b.csv"
column = "n"
sensor = "x"
sensor_column = "y"
colum = "z"

[[sorce]]
file = "c.csv"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    return path


def mistakes_of(path: Path) -> list[tuple[int, str]]:
    with pytest.raises(MappingError) as caught:
        load_mapping(path)
    assert all(mistake.file == path for mistake in caught.value.mistakes)
    return [(mistake.line, mistake.message) for mistake in caught.value.mistakes]


def test_a_good_mapping_is_read(tmp_path: Path) -> None:
    mapping = load_mapping(write(tmp_path, GOOD))
    assert (mapping.site, mapping.zone.key, mapping.note) == ("odense", "Europe/Copenhagen", "")
    assert mapping.time.days == DayRule("DayId", "Weekday", 6, date(2017, 2, 6))
    assert (mapping.time.format, mapping.time.every) == ("iso", MINUTE)
    one, two = mapping.sources
    assert (one.files, one.values.kind, one.names.sensor, one.names.columns) == (
        (tmp_path / "dump/one.csv",),
        "people",
        "counter-1",
        (),
    )
    assert (two.text.delimiter, two.values.kind, two.names.columns) == (";", "occupied", ("device",))


def test_the_data_may_lie_elsewhere(tmp_path: Path) -> None:
    assert load_mapping(write(tmp_path, GOOD), tmp_path / "here").sources[0].files == (tmp_path / "here/one.csv",)


def test_a_dozen_mistakes_are_reported_at_once_each_with_its_line(tmp_path: Path) -> None:
    found = mistakes_of(write(tmp_path, DOZEN))
    assert len(found) >= 12
    for key, part in {
        'site = "a house"': "no id",
        "Copenhagn": "did you mean Europe/Copenhagen",
        "nota": "did you mean note",
        "[time]": "column: is missing",
        "german": "is no format",
        "moonday": "did you mean monday",
        "soon": "date",
        "one minute": "duration",
        "file = 3": "text in quotes",
        '"::"': "not one character",
        "persons": "known are people, occupied",
        "colum = ": "did you mean column",
        "[[sorce]]": "did you mean source",
    }.items():
        line = next(number for number, text in enumerate(DOZEN.splitlines(), 1) if key in text)
        assert any(at == line and part in message for at, message in found), (key, line, found)
    both_or_none = [line for line, message in found if "one of the two" in message]
    assert both_or_none == [DOZEN.splitlines().index("[[source]]") + 1, DOZEN.splitlines().index('file = "b.csv"')]


def test_an_epoch_has_a_date_of_its_own(tmp_path: Path) -> None:
    [(line, message)] = mistakes_of(write(tmp_path, GOOD.replace('day = "DayId"', 'day = "DayId"\nformat = "epoch-s"')))
    assert line == GOOD.splitlines().index('day = "DayId"') + 2
    assert "date of its own" in message


@pytest.mark.parametrize("year", ["0001-01-01", "9999-12-31"])
def test_a_year_that_no_count_is_of_is_a_mistake(tmp_path: Path, year: str) -> None:
    [(_, message)] = mistakes_of(write(tmp_path, GOOD.replace("2017-02-06", year)))
    assert "no year for counts" in message


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"[recording]\n", b"recording = 3\n", b"[source]\n", b"source = [1]\n", b"= =\n"]
)
def test_nonsense_is_a_mistake_never_a_traceback(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "mapping.toml").write_bytes(content)
    assert mistakes_of(tmp_path / "mapping.toml")


def test_broken_toml_names_its_line(tmp_path: Path) -> None:
    [(line, message)] = mistakes_of(write(tmp_path, "[recording]\nsite = \n"))
    assert line == 2
    assert "no TOML" in message


def test_a_missing_file_is_a_mistake(tmp_path: Path) -> None:
    assert mistakes_of(tmp_path / "none.toml") == [(1, "there is no such file; docs/convert.md says what one holds")]


def test_the_mapping_in_our_documentation_is_good() -> None:
    docs = Path(__file__).parents[2] / "docs/real-data"
    assert [source.names.sensor for source in load_mapping(docs / "sdu.toml").sources] == [
        f"counter-{n}" for n in range(1, 5)
    ]


def test_the_example_in_our_documentation_is_good(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs/real-data.md").read_text(encoding="utf-8")
    [example] = [block.partition("```")[0] for block in page.split("```toml\n")[1:]]
    mapping = load_mapping(write(tmp_path, example))
    assert [source.values.kind for source in mapping.sources] == ["people", "occupied"]


def examples(page: str) -> list[str]:
    text = (Path(__file__).parents[2] / "docs" / page).read_text(encoding="utf-8")
    return [block.partition("```")[0] for block in text.split("```toml\n")[1:]]


@pytest.mark.parametrize("index", [0, 1])
def test_the_examples_of_all_kinds_are_good(tmp_path: Path, index: int) -> None:
    mapping = load_mapping(write(tmp_path, examples("convert.md")[index]))
    kinds = [source.values.kind for source in mapping.sources]
    assert kinds == [["occupied"], ["in-out", "in-out", "intervals"]][index]


@pytest.mark.parametrize("table", ["time", "source"])
def test_the_page_has_every_key_there_is(tmp_path: Path, table: str) -> None:
    text = (Path(__file__).parents[2] / "docs/convert.md").read_text(encoding="utf-8")
    (rows,) = re.findall(rf"\| key of `\[+{table}\]+` \| meaning \|\n\|---\|---\|\n((?:\|.*\n)+)", text)
    told = {key for row in rows.splitlines() for key in re.findall(r"`(\w+)`", row.split("|")[1])}
    written = re.sub(rf"(\[+{table}\]+\n)", r"\1zzzzzzzz = 1\n", GOOD, count=1)
    (message,) = [message for _, message in mistakes_of(write(tmp_path, written)) if "zzzzzzzz" in message]
    assert set(message.partition("known are ")[2].split(", ")) == told
