"""Times of dumps: never shifted silently, whatever they say of their zone and however they are cut up."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from simulator.convert.mappingfile import MappingError
from simulator.convert.refusals import Reason
from simulator.convert.values import Bent
from tests.simulator.dumps import dump, moments, people, refused, said

ONE = '[[source]]\nfile = "a.csv"\ncolumn = "n"\nsensor = "a"\n'


def times(extra: str) -> str:
    return f'[time]\ncolumn = "when"\n{extra}\n{ONE}'


ZONED = times('format = "%Y-%m-%d %H:%M %Z"')


@pytest.mark.parametrize(
    ("mapping", "text", "moment"),
    [
        (ZONED, "2022-05-01 08:00 UTC", "2022-05-01T08:00:00Z"),
        (ZONED, "2022-05-01 08:00 utc", "2022-05-01T08:00:00Z"),
        (ZONED, "2022-05-01 08:00 GMT", "2022-05-01T08:00:00Z"),
        (ZONED, "2022-05-01 08:00 Z", "2022-05-01T08:00:00Z"),
        (ZONED, "2022-05-01 08:00 CEST", "2022-05-01T06:00:00Z"),
        (ZONED, "2022-12-01 08:00 CET", "2022-12-01T07:00:00Z"),
        (ZONED, "2022-10-30 02:30 CEST", "2022-10-30T00:30:00Z"),
        (ZONED, "2022-10-30 02:30 CET", "2022-10-30T01:30:00Z"),
        (ZONED, "2022-05-01 08:00 UTC+2", "2022-05-01T06:00:00Z"),
        (ZONED, "2022-05-01 08:00 GMT-03:30", "2022-05-01T11:30:00Z"),
        (ZONED, "2022-05-01 08:00 America/New_York", "2022-05-01T12:00:00Z"),
        (times('format = "%a %b %d %H:%M:%S %Z %Y"'), "Sun May 01 08:00:00 UTC 2022", "2022-05-01T08:00:00Z"),
        (times('format = "%Y-%m-%d %H:%M:%S %z %Z"'), "2022-05-01 08:00:00 +0200 CEST", "2022-05-01T06:00:00Z"),
        (times(""), "2022-05-01 08:00:00 UTC", "2022-05-01T08:00:00Z"),
        (times(""), "2022-05-01T08:00 CEST", "2022-05-01T06:00:00Z"),
        (times(""), "2022-05-01T08:00+02:00[Europe/Berlin]", "2022-05-01T06:00:00Z"),
        (times(""), "2022-05-01 08:00:00+00", "2022-05-01T08:00:00Z"),
        (times(""), "2022-05-01 24:00", "2022-05-01T22:00:00Z"),
        (times(""), "2022-10-29T24:00:00", "2022-10-29T22:00:00Z"),
        (times('format = "%d.%m.%Y %H:%M"'), "31.12.2022 24:00", "2022-12-31T23:00:00Z"),
        (times('timezone = "UTC"'), "2022-05-01 08:00", "2022-05-01T08:00:00Z"),
        (times('timezone = "America/New_York"'), "2022-05-01 08:00 EDT", "2022-05-01T12:00:00Z"),
        (times('format = "epoch-us"'), "1651392000000001", "2022-05-01T08:00:00Z"),
        (times('format = "epoch-ns"'), "1651392000123456789", "2022-05-01T08:00:00.123Z"),
        (times('format = "%d.%m.%Y %I:%M %p"'), "01.05.2022 08:00 PM", "2022-05-01T18:00:00Z"),
        (times('format = "epoch-s"'), "1651392000.9996", "2022-05-01T08:00:00.999Z"),
        (times('format = "epoch-s"'), "1651392000.001", "2022-05-01T08:00:00.001Z"),
        (times('format = "epoch-s"'), "1.651392e9", "2022-05-01T08:00:00Z"),
        (times('format = "epoch-ms"'), "1651392000123.9999999999", "2022-05-01T08:00:00.123Z"),
        (times('format = "epoch-us"'), "1651392000123999.9", "2022-05-01T08:00:00.123Z"),
    ],
)
def test_a_zone_that_is_named_is_understood(tmp_path: Path, mapping: str, text: str, moment: str) -> None:
    assert moments(dump(tmp_path, mapping, {"a.csv": f"when,n\n{text},1\n"})) == [moment]


@pytest.mark.parametrize(
    ("mapping", "text", "part"),
    [
        (ZONED, "2022-05-01 08:00 CET", "'CET' does not fit: Europe/Amsterdam has CEST at that time"),
        (ZONED, "2022-05-01 08:00 EST", "'EST' does not fit"),
        (ZONED, "2022-05-01 08:00 IST", "'IST' does not fit"),
        (ZONED, "2022-05-01 08:00 Europe/Atlantis", "does not fit"),
        (ZONED, "2022-05-01 08:00", "does not match"),
        (times(""), "2022-05-01 08:00 EST", "'EST' does not fit"),
        (times(""), "2022-05-01 08:00 PM", "Invalid isoformat"),
        (times(""), "2022-05-01T08:00+02:00[America/New_York]", "contradict each other"),
        (times('format = "%Y-%m-%d %H:%M %z %Z"'), "2022-05-01 08:00 +0200 UTC", "contradict each other"),
        (ZONED, "2022-03-27 02:30 CET", "the clock skips it"),
        (times(""), "2022-05-01 24:01", "hour must be in"),
        (times(""), "2022-05-01 25:00", "hour must be in"),
    ],
)
def test_a_zone_that_does_not_fit_is_a_mistake_and_no_shift(tmp_path: Path, mapping: str, text: str, part: str) -> None:
    (told,) = refused(tmp_path, mapping, {"a.csv": f"when,n\n{text},1\n"})
    assert told.startswith("a.csv:2: ")
    assert part in told


def test_rows_whose_zone_does_not_fit_are_left_out_by_that_reason(tmp_path: Path) -> None:
    rows = "when,n\n2022-05-01 08:00 UTC,1\n2022-05-01 09:00 EST,2\n"
    done = dump(tmp_path, ZONED, {"a.csv": rows}, skip=True)
    assert people(done) == [1]
    assert done.account.left_out == {Reason.ZONE: 1}


@pytest.mark.parametrize(
    ("pattern", "part"),
    [
        ("%d.%m.%Y %I:%M", "without %p"),
        ("%d.%m.%Y %H:%M %p", "passes over %p"),
        ("%H:%M", "has no year; where the date is in another column, join them"),
        ("%d.%m. %H:%M", "has no year"),
        ("%Y %H:%M", "has no day"),
        ("%d.%m.%Y %d", "has a directive twice"),
        ("%d.%m.%Y %Q", "'Q' is a bad directive"),
        ("%d.%m.%Y %", "is no format"),
    ],
)
def test_a_pattern_that_loses_something_is_a_mistake_of_the_mapping(tmp_path: Path, pattern: str, part: str) -> None:
    with pytest.raises(MappingError, match="format") as caught:
        dump(tmp_path, times(f'format = "{pattern}"'), {})
    assert part in str(caught.value)


def test_a_numbered_day_has_no_zone(tmp_path: Path) -> None:
    mapping = f'[time]\ncolumn = "t"\nday = "d"\nweekday = "w"\nweekday_zero = "monday"\nfrom = 2022-05-02\n{ONE}'
    (told,) = refused(tmp_path, mapping, {"a.csv": "t,d,w,n\n08:00+05:00,0,0,1\n"})
    assert "a numbered day is local" in told


@pytest.mark.parametrize("minutes", [10, 15, 30, 60])
@pytest.mark.parametrize("newest_first", [False, True])
def test_no_hour_is_lost_in_autumn_whichever_way_a_file_runs(
    tmp_path: Path, minutes: int, *, newest_first: bool
) -> None:
    zone, start = ZoneInfo("Europe/Amsterdam"), datetime(2022, 10, 29, 22, tzinfo=ZoneInfo("UTC"))
    real = [start + timedelta(minutes=minutes) * step for step in range(8 * 60 // minutes)]
    rows = [f"{moment.astimezone(zone):%d.%m.%Y %H:%M};{index}" for index, moment in enumerate(real)]
    text = "when;n\n" + "\n".join(rows[::-1] if newest_first else rows) + "\n"
    done = dump(tmp_path, times('format = "%d.%m.%Y %H:%M"'), {"a.csv": text})
    assert moments(done) == [f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in real]
    assert people(done) == list(range(len(real)))
    assert done.account.repeated == 0
    assert not done.account.bent[Bent.GUESSED]


def test_newest_first_in_a_wide_and_in_a_long_table(tmp_path: Path) -> None:
    clock = ["03:00", "02:30", "02:00", "02:30", "02:00", "01:30"]
    wide = "when,a,b\n" + "".join(f"2022-10-30 {text},{index},{index}\n" for index, text in enumerate(clock))
    long = "when,n,who\n" + "".join(
        f"2022-10-30 {text},{index},{who}\n" for index, text in enumerate(clock) for who in "ab"
    )
    one = dump(tmp_path, '[time]\ncolumn = "when"\n[[source]]\nfile = "a.csv"\ncolumns = "*"\n', {"a.csv": wide})
    other = times("").replace('sensor = "a"', 'sensor_column = "who"')
    assert said(one.path) == said(dump(tmp_path / "long", other, {"a.csv": long}).path)
    assert [count for sensor, _, _, count in said(one.path) if sensor == "b"] == [5, 4, 3, 2, 1, 0]


def test_what_the_order_does_not_tell_is_a_mistake_that_says_what_to_write(tmp_path: Path) -> None:
    clock = ["01:30", "02:30", "02:00", "02:30", "02:00", "02:30", "03:00"]
    rows = "when,n\n" + "".join(f"2022-10-30 {text},{index}\n" for index, text in enumerate(clock))
    told = refused(tmp_path, times(""), {"a.csv": rows})
    assert len(told) == 5
    assert all('say doubled = "first", "second" or "leave-out"' in one for one in told)
    done = dump(tmp_path, times(""), {"a.csv": rows}, skip=True)
    assert done.account.left_out == {Reason.DOUBLED: 5}
    done = dump(tmp_path, times('doubled = "leave-out"'), {"a.csv": rows}, skip=True)
    assert people(done) == [0, 6]


def test_a_single_row_in_the_doubled_hour_is_taken_for_the_first_and_told(tmp_path: Path) -> None:
    rows = "when,n\n2022-10-30 01:30,1\n2022-10-30 02:30,2\n2022-10-30 03:30,3\n"
    done = dump(tmp_path, times(""), {"a.csv": rows})
    assert moments(done)[1] == "2022-10-30T00:30:00Z"
    assert done.account.bent[Bent.GUESSED] == 1
    assert any("twice" in line for line in done.account.lines())
    done = dump(tmp_path, times('doubled = "second"'), {"a.csv": rows})
    assert moments(done)[1] == "2022-10-30T01:30:00Z"


JOINED = f'[time]\ncolumns = ["Date", "Time"]\nformat = "%d/%m/%Y %H:%M"\n{ONE}'


def test_a_date_and_a_time_in_two_columns_are_joined(tmp_path: Path) -> None:
    done = dump(tmp_path, JOINED, {"a.csv": "Time,Date,n\n08:15,04/05/2026,1\n,04/05/2026,2\n"}, skip=True)
    assert moments(done) == ["2026-05-04T06:15:00Z"]
    assert done.account.left_out == {Reason.NO_TIME: 1}


@pytest.mark.parametrize(
    "rows",
    [
        "Date,Time,n\n2026-05-04,08:15,1\n2026-05-04,08:30,1\n",
        "Date,Time,n\n2026-05-04,08:15,1\n",
        "Date,Time,n\n2026-05-04 00:00:00,08:15:00,1\n2026-05-04 00:00:00,08:30:00,1\n",
        "Date,Uhr,n\n2026-05-04,8:15 AM,1\n2026-05-04,8:30 AM,1\n",
    ],
)
def test_a_date_beside_a_time_that_nobody_reads_is_one_mistake(tmp_path: Path, rows: str) -> None:
    mapping = times("").replace('"when"', '"Date"')
    (told,) = refused(tmp_path, mapping, {"a.csv": rows})
    column = rows.split(",")[1]
    assert told.startswith(f"a.csv:1: 'Date' holds dates alone, and '{column}' times of day; join them: columns = [")
    assert people(dump(tmp_path, times("").replace('column = "when"', 'columns = ["Date"]'), {"a.csv": rows}))


@pytest.mark.parametrize("clock", ["08:15", "8:15:30", "08:15 PM"])
def test_times_of_day_without_a_date_are_one_mistake(tmp_path: Path, clock: str) -> None:
    (told,) = refused(tmp_path, times(""), {"a.csv": "when,day,n\n" + f"{clock},2026-05-04,1\n" * 30})
    assert told.startswith("a.csv:1: 'when' holds times of day without a date; join the two: columns = [")


@pytest.mark.parametrize(
    ("mapping", "text"),
    [
        (times(""), "04.05.2026 08:15"),
        (times('format = "%d.%m.%Y %H:%M"'), "2026-05-04 08:15"),
        (times('format = "epoch-s"'), "1777878900000"),
        (ZONED, "2026-05-04 08:15 EST"),
    ],
)
def test_a_format_that_no_row_fits_is_one_mistake(tmp_path: Path, mapping: str, text: str) -> None:
    (told,) = refused(tmp_path, mapping, {"a.csv": "when,n\n" + f"{text},1\n" * 1_000})
    assert told.startswith("a.csv:1: none of the first 50 times can be read; the first: ")
    assert len(refused(tmp_path, mapping, {"a.csv": "when,n\n" + f"{text},1\n" * 19})) == 19


def test_a_table_of_whole_days_is_one(tmp_path: Path) -> None:
    done = dump(tmp_path, times(""), {"a.csv": "when,n,mean\n2026-05-04,1,12.30\n2026-05-05,2,11.15\n"})
    assert moments(done) == ["2026-05-03T22:00:00Z", "2026-05-04T22:00:00Z"]


def test_column_and_columns_are_one_too_many(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="write one of the two"):
        dump(tmp_path, times('columns = ["a", "b"]'), {})


@pytest.mark.parametrize(
    ("pattern", "lost"),
    [
        ("%Y %d %H:%M", "%d, the day of a month, without its month: %m, %b or %B"),
        ("%Y %W %H:%M", "%W, a week, without its day: %a, %A, %u or %w"),
        ("%Y-%m-%d :%M", "%M, the minute of an hour, without its hour: %H"),
        ("%Y-%m-%d %H %S", "%S, the second of a minute, without its minute: %M"),
    ],
)
def test_a_pattern_that_would_lose_a_part_of_its_times_is_a_mistake(tmp_path: Path, pattern: str, lost: str) -> None:
    with pytest.raises(MappingError, match=re.escape(lost)):
        dump(tmp_path, times(f'format = "{pattern}"'), {"a.csv": "when,n\n2022-05-01 08:00,1\n"})


@pytest.mark.parametrize("word", ["inf", "nan", "1e999", "0x10", "1_0"])
def test_what_is_no_number_is_no_epoch(tmp_path: Path, word: str) -> None:
    (told,) = refused(tmp_path, times('format = "epoch-s"'), {"a.csv": f"when,n\n1651392000,1\n{word},1\n"})
    assert told.startswith("a.csv:3: ")


@pytest.mark.parametrize(
    ("column", "hours"), [("Hour", range(8, 12)), ("Stunde", range(4)), ("hour", ["8 AM", "9 AM"])]
)
def test_a_date_beside_its_hours_is_one_mistake(tmp_path: Path, column: str, hours: Iterable[object]) -> None:
    rows = "".join(f"2022-05-01,{hour},1\n" for hour in hours)
    mapping = f'[time]\ncolumn = "Date"\n{ONE}'
    (told,) = refused(tmp_path, mapping, {"a.csv": f"Date,{column},n\n{rows}"})
    assert f'join them: columns = ["Date", "{column}"], format = "%Y-%m-%d %H", say' in told
    joined = f'[time]\ncolumns = ["Date", "{column}"]\nformat = "%Y-%m-%d %H"\n{ONE}'
    if column != "hour":
        assert len(moments(dump(tmp_path, joined, {"a.csv": f"Date,{column},n\n{rows}"}))) == 4
