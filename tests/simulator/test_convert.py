"""Dumps become recordings: every good row a message in order of time, every bad row named, nothing half-written."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.convert import ConversionError, MappingError, convert
from simulator.recording import open_recording
from spaces.times import HOUR, MINUTE, parse_instant, rfc3339
from tests.simulator.dumps import run, said, wrong

NUMBERED = """\
[recording]
site = "house"
timezone = "Europe/Copenhagen"
note = "a dump"
[time]
column = "Time"
day = "DayId"
weekday = "Weekday"
weekday_zero = "monday"
from = 2017-02-06
every = "60s"
[[source]]
file = "a.csv"
column = "People"
sensor = "a"
"""
PLAIN = """\
[recording]
site = "house"
timezone = "Europe/Copenhagen"
[time]
column = "when"
[[source]]
file = "a.csv"
column = "n"
sensor = "a"
"""
DAYS = """\
DayId,Time,Weekday,People
0,00:00:00,5,1.0
0,00:01:00,5,2
1,23:58:00,0,0.0
1,23:59:00,0,
2,00:00:00,0,4
"""


def test_numbered_days_become_readings_in_order_of_their_dates(tmp_path: Path) -> None:
    done = run(tmp_path, NUMBERED, a=DAYS)
    assert said(done.path) == [
        ("a", "2017-02-06T22:58:00Z", None, 0),
        ("a", "2017-02-06T22:59:00Z", None, None),
        ("a", "2017-02-10T23:00:00Z", None, 1),
        ("a", "2017-02-10T23:01:00Z", None, 2),
        ("a", "2017-02-12T23:00:00Z", None, 4),
    ]
    assert (done.messages, done.sensors, done.account.skipped, done.account.repeated, done.gaps) == (5, ("a",), 0, 0, 2)
    header = open_recording(done.path).header
    assert (header.site, header.zone, header.note) == ("house", "Europe/Copenhagen", "a dump")


def test_one_day_has_one_date_in_every_file(tmp_path: Path) -> None:
    second = "\n[[source]]\nfile = 'b.csv'\ncolumn = 'People'\nsensor = 'b'\n"
    reordered = "DayId,Time,Weekday,People\n2,00:00:00,0,7\n0,00:00:00,5,8\n"
    done = run(tmp_path, NUMBERED + second, a=DAYS, b=reordered)
    times = {(sensor, people): time for sensor, time, _, people in said(done.path)}
    assert times["b", 7] == times["a", 4]
    assert times["b", 8] == times["a", 1]


@pytest.mark.parametrize(("zero", "weekday"), [("monday", 2), ("sunday", 3), ("saturday", 4)])
def test_the_dump_says_which_weekday_it_counts_from(tmp_path: Path, zero: str, weekday: int) -> None:
    mapping = NUMBERED.replace("monday", zero)
    done = run(tmp_path, mapping, a=f"DayId,Time,Weekday,People\n0,12:00:00,{weekday},1\n")
    assert said(done.path)[0][1] == "2017-02-08T11:00:00Z"


def test_iso_weekdays_count_from_one(tmp_path: Path) -> None:
    mapping = NUMBERED.replace("monday", "sunday")
    done = run(tmp_path, mapping, a="DayId,Time,Weekday,People\n0,12:00:00,1,1\n1,12:00:00,7,2\n")
    assert [time for _, time, _, _ in said(done.path)] == ["2017-02-06T11:00:00Z", "2017-02-12T11:00:00Z"]


@pytest.mark.parametrize(
    ("settings_", "cells"),
    [
        ("", "2026-05-04 09:15:00"),
        ("", "2026-05-04T07:15:00Z"),
        ("", "2026-05-04T08:15:00+01:00"),
        ("format = '%d.%m.%Y %H:%M'", "04.05.2026 09:15"),
        ("format = '%Y-%m-%dT%H:%M:%S%z'", "2026-05-04T12:45:00+0530"),
        ("format = 'epoch-s'", "1777878900"),
        ("format = 'epoch-s'", "1777878900.0"),
        ("format = 'epoch-ms'", "1777878900000"),
    ],
)
def test_a_time_may_be_spelt_in_many_ways(tmp_path: Path, settings_: str, cells: str) -> None:
    mapping = PLAIN.replace('column = "when"', f'column = "when"\n{settings_}')
    assert said(run(tmp_path, mapping, a=f"when,n\n{cells},3\n").path) == [("a", "2026-05-04T07:15:00Z", None, 3)]


def test_a_night_of_the_clock_change_keeps_every_row(tmp_path: Path) -> None:
    clock = ["01:30", "02:00", "02:30", "02:00", "02:30", "03:00"]
    rows = "".join(f"2017-10-29 {text},{count}\n" for count, text in enumerate(clock))
    done = run(tmp_path, PLAIN, a="when,n\n" + rows)
    times = [message.at for message in open_recording(done.path)]
    assert [b - a for a, b in pairwise(times)] == [HOUR // 2] * 5
    assert [people for _, _, _, people in said(done.path)] == list(range(6))


def test_a_column_names_the_sensors(tmp_path: Path) -> None:
    mapping = PLAIN.replace('sensor = "a"', 'sensor_column = "device"\nvalues = "occupied"\ndelimiter = ";"')
    done = run(
        tmp_path, mapping, a="device;when;n\nx;2026-05-04;yes\ny;2026-05-04;0\nx;2026-05-05;FALSE\ny;2026-05-05;\n"
    )
    day, next_day = "2026-05-03T22:00:00Z", "2026-05-04T22:00:00Z"
    assert said(done.path) == [
        ("x", day, True, None),
        ("y", day, False, None),
        ("x", next_day, False, None),
        ("y", next_day, None, None),
    ]
    assert done.sensors == ("x", "y")


def test_two_columns_of_a_file_are_two_sensors(tmp_path: Path) -> None:
    second = "[[source]]\nfile = 'a.csv'\ncolumn = 'm'\nsensor = 'b'\n"
    done = run(tmp_path, PLAIN + second, a="when,n,m\n2026-05-04,1,2\n")
    assert [(sensor, people) for sensor, _, _, people in said(done.path)] == [("a", 1), ("b", 2)]


def test_rows_that_come_twice_are_written_once(tmp_path: Path) -> None:
    overlapping = "[[source]]\nfile = 'b.csv'\ncolumn = 'n'\nsensor = 'a'\n"
    done = run(
        tmp_path,
        PLAIN + overlapping,
        a="when,n\n2026-05-04,1\n2026-05-05,2\n",
        b="when,n\n2026-05-05,2\n2026-05-06,3\n",
    )
    assert [people for *_, people in said(done.path)] == [1, 2, 3]
    assert done.account.repeated == 1


def test_rows_that_contradict_are_a_mistake(tmp_path: Path) -> None:
    found = wrong(tmp_path, PLAIN, a="when,n\n2026-05-04,1\n2026-05-05,2\n2026-05-04,1\n2026-05-04,3\n")
    assert found == [("a.csv", 5, "contradicts a.csv:2: the same sensor at the same moment")]


@pytest.mark.parametrize(
    ("row", "part"),
    [
        ("0,00:02:00,5", "3 fields where the header has 4"),
        ("0,00:02:00,5,1,9", "5 fields where the header has 4"),
        ("0,00:02:00,5,1.5", "'1.5' is no number of people"),
        ("0,00:02:00,5,-1", "'-1' is no number of people"),
        ("0,00:02:00,5,inf", "'inf' is no number of people"),
        ("0,00:02:00,5,9999999", "is no number of people, 0 to 1000000"),
        ("0,00:02:00,5," + "9" * 400, "is no number of people"),
        ("0,25:00:00,5,1", "hour must be in"),
        ("0,,5,1", "no time in this row"),
        ("0,00:02:00,8,1", "'8' is no weekday"),
        ("0,00:02:00,4,1", "day '0' was a saturday in an earlier row and is a friday here"),
        ('0,"00:02:00"x,5,1', "is no CSV"),
        ("0,\x00,5,1", "isoformat"),
    ],
)
def test_a_broken_row_is_named_and_nothing_is_written(tmp_path: Path, row: str, part: str) -> None:
    [(file, line, message)] = wrong(tmp_path, NUMBERED, a=f"{DAYS}{row}\n0,00:03:00,5,1\n")
    assert (file, line) == ("a.csv", 7)
    assert part in message
    assert len(message) < 300


@pytest.mark.parametrize("moment", ["nan", "inf", "1e30", "-1", "1777878900", "x", ""])
def test_an_epoch_that_is_none_is_named(tmp_path: Path, moment: str) -> None:
    mapping = PLAIN.replace('column = "when"', 'column = "when"\nformat = "epoch-ms"')
    [(_, line, _)] = wrong(tmp_path, mapping, a=f"when,n\n{moment},1\n")
    assert line == 2


@pytest.mark.parametrize("moment", ["0001-01-01", "1969-12-31", "9999-12-31T23:59:59-12:00"])
def test_a_time_that_no_count_is_of_is_named(tmp_path: Path, moment: str) -> None:
    [(_, line, _)] = wrong(tmp_path, PLAIN, a=f"when,n\n{moment},1\n")
    assert line == 2


def test_bytes_that_are_no_text_spoil_their_row_alone(tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_text(PLAIN)
    (tmp_path / "a.csv").write_bytes(b"when,n,remark\n2026-05-04,1,caf\xe9\n2026-05-05,\xff,x\n2026-05-06,2,y\n")
    done = convert(tmp_path / "mapping.toml", tmp_path / "out.jsonl", skip_bad_rows=True)
    assert [people for *_, people in said(done.path)] == [1, 2]
    assert [mistake.line for mistake in done.account.mistakes] == [3]


def test_many_mistakes_are_counted_and_the_first_twenty_named(tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_text(PLAIN)
    (tmp_path / "a.csv").write_text("when,n\n" + "2026-05-04,x\n" * 100)
    with pytest.raises(ConversionError) as caught:
        convert(tmp_path / "mapping.toml", tmp_path / "out.jsonl")
    assert [mistake.line for mistake in caught.value.mistakes] == list(range(2, 22))
    assert str(caught.value).endswith("... and 80 more")


def test_bad_rows_may_be_skipped_and_are_counted(tmp_path: Path) -> None:
    done = run(tmp_path, PLAIN, skip_bad_rows=True, a="when,n\n2026-05-04,1\nnever,2\n2026-05-06,3\n2026-05-06,4\n")
    assert [people for *_, people in said(done.path)] == [1, 3]
    assert done.account.skipped == 2
    assert [mistake.line for mistake in done.account.mistakes] == [3, 5]


@pytest.mark.parametrize("skip_bad_rows", [True, False])
def test_a_column_that_is_not_there_is_no_bad_row(tmp_path: Path, *, skip_bad_rows: bool) -> None:
    with pytest.raises(ConversionError, match=r"a\.csv:1: there is no column 'n'; did you mean nn\?"):
        run(tmp_path, PLAIN, skip_bad_rows=skip_bad_rows, a="when,nn\n2026-05-04,1\n")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert wrong(tmp_path, PLAIN) == [
        ("a.csv", 1, "there is no such file, but the mapping names it; say where the data is")
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "when,n\n"])
def test_an_empty_dump_is_said_to_be_empty(tmp_path: Path, text: str) -> None:
    [(_, line, message)] = wrong(tmp_path, PLAIN, a=text)
    assert line == 1
    assert "there is no" in message


def test_a_mapping_with_mistakes_touches_nothing(tmp_path: Path) -> None:
    with pytest.raises(MappingError):
        run(tmp_path, PLAIN.replace("[time]", "[tme]"), a="when,n\n")
    assert not (tmp_path / "out.jsonl.gz").exists()


def test_an_older_recording_stays_where_a_conversion_fails(tmp_path: Path) -> None:
    before = run(tmp_path, PLAIN, a="when,n\n2026-05-04,1\n").path.read_bytes()
    with pytest.raises(ConversionError):
        run(tmp_path, PLAIN, a="when,n\n2026-05-04,x\n")
    assert (tmp_path / "out.jsonl.gz").read_bytes() == before


def test_progress_ends_with_everything(tmp_path: Path) -> None:
    rows = "".join(f"{rfc3339(parse_instant('2026-05-04T00:00:00Z') + i * MINUTE)},{i}\n" for i in range(12_000))
    (tmp_path / "mapping.toml").write_text(PLAIN)
    (tmp_path / "a.csv").write_text("when,n\n" + rows)
    calls: list[tuple[str, int, int]] = []
    convert(tmp_path / "mapping.toml", tmp_path / "out.jsonl", progress=lambda *call: calls.append(call))
    reading = [(done, total) for what, done, total in calls if what == "reading"]
    writing = [(done, total) for what, done, total in calls if what == "writing"]
    assert len(reading) > 2
    assert reading == sorted(reading)
    assert reading[-1] == ((tmp_path / "a.csv").stat().st_size,) * 2
    assert writing[-1] == (12_000, 12_000)


@settings(max_examples=40)
@given(text=st.text(st.sampled_from('when,n\n"\r0123456789-:T \0é;'), max_size=200))
def test_any_text_is_converted_or_named_never_a_traceback(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("dump")
    try:
        run(folder, PLAIN, a="when,n\n2026-05-04,1\n" + text)
    except ConversionError as error:
        assert error.mistakes  # noqa: PT017 - either is right
