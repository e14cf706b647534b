"""Sheets of months say what the files of their days do, for as long as these are the same; whatever befalls them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from spaces.times import DAY, HOUR
from tests.api.office import NOW, office, said, week
from tests.rollups.answers import Twins, twins

SPAN = {"from_": NOW - 30 * DAY, "to": NOW}


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Twins]:
    with twins(tmp_path, list(week(office()))) as opened:
        opened.refresh()
        yield opened


def ask_all(pair: Twins) -> None:
    pair.same("heatmap", **SPAN, group="zone")
    pair.same("utilisation", **SPAN, bucket="1d", usage="false", measure="people")
    pair.same("peaks", **SPAN, bucket="1d", group="floor")
    pair.same("planning", **SPAN)


def files(folder: Path, *, sheets: bool) -> list[Path]:
    return [path for path in folder.rglob("*_*.parquet") if (path.parent.name == "months") == sheets]


def ruin(path: Path) -> None:
    """Break what a file holds, so that it looks like the same file."""
    told = path.stat()
    with path.open("r+b") as raw:
        raw.write(bytes(told.st_size))
    os.utime(path, ns=(told.st_atime_ns, told.st_mtime_ns))


def test_the_files_of_days_in_a_sheet_are_not_opened(pair: Twins, tmp_path: Path) -> None:
    days = files(tmp_path, sheets=False)
    assert files(tmp_path, sheets=True)
    whole = sorted(days)[1:-1]  # the first day is alone in its month perhaps, and today is not over
    for path in whole:
        ruin(path)
    pair.same("heatmap", **SPAN, group="zone")
    assert sorted(files(tmp_path, sheets=False)) == sorted(days), "what is opened and broken is deleted"


def test_a_day_that_changed_is_read_from_its_own_file_until_the_sheet_is_written_again(pair: Twins) -> None:
    space = pair.rolled.site.spaces[-2]
    pair.note(*(said(pair.rolled.site, space, NOW - 3 * DAY + hour * HOUR, used=True) for hour in range(5)))
    ask_all(pair)
    pair.refresh()
    ask_all(pair)


def test_a_broken_sheet_changes_no_answer_and_is_written_again(pair: Twins, tmp_path: Path) -> None:
    for path in files(tmp_path, sheets=True):
        ruin(path)
    ask_all(pair)
    assert not files(tmp_path, sheets=True)
    pair.refresh()
    assert files(tmp_path, sheets=True)
    ask_all(pair)


def test_sheets_may_be_deleted_at_any_time(pair: Twins, tmp_path: Path) -> None:
    ask_all(pair)
    for path in files(tmp_path, sheets=True):
        path.unlink()
    ask_all(pair)
