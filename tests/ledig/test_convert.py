"""`ledig convert` as people run it: what it says of every row, and with which status it ends."""

import json
from pathlib import Path

import pytest

from ledig.main import run
from spaces.sitefile import load_site
from spaces.times import parse_instant

MAPPING = """\
[recording]
site = "hut"
timezone = "Europe/Oslo"
[time]
column = "when"
[[source]]
file = "a.csv"
column = "free"
values = "free"
capacity_column = "seats"
sensor_column = "room"
where = { ok = "y" }
"""
ROWS = """\
room;when;free;seats;ok
Rom Ø;2026-05-04 08:00;3;4;y
Rom Ø;2026-05-04 08:00;3;4;y
Rom Ø;2026-05-05 08:00;3;6;y
hall;2026-05-04 08:00;2;10;y
hall;2026-05-04 09:00;x;10;y
hall;2026-05-04 10:00;1;10;n
"""
SITE = (
    '[site]\nid = "hut"\ntimezone = "Europe/Oslo"\n[[floor]]\nid = "f"\n[[zone]]\nid = "z"\nfloor = "f"\n'
    '[[space]]\nid = "Rom-Oe"\nkind = "room"\nzone = "z"\n[[space]]\nid = "hall"\nkind = "room"\nzone = "z"\n\n'
)


def command(folder: Path, *more: str, rows: str = ROWS) -> list[str]:
    (folder / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    (folder / "a.csv").write_bytes(rows.encode("cp1252"))
    return ["convert", str(folder / "mapping.toml"), "--out", str(folder / "out.jsonl"), *more]


def test_every_row_and_every_name_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(command(tmp_path, "--skip-bad-rows")) == 0
    said = capfd.readouterr()
    assert said.out.splitlines() == [
        f"3 messages of 2 sensors of hut, 2026-05-04T06:00:00Z to 2026-05-05T06:00:00Z, in {tmp_path}/out.jsonl",
        "6 rows in 1 file, 6 values: 3 taken, 1 repeated, 2 left out",
        "  left out by where or unless: 1 (first a.csv:7)",
        "  left out with a value that is none: 1 (first a.csv:6)",
        "names that became ids:",
        "  Rom Ø -> Rom-Oe",
        "seats of 2 sensors; --capacities FILE writes them as rows for site.toml:",
        "  Rom-Oe: 4 from 2026-05-04",
        "  hall: 10 from 2026-05-04",
        "  Rom-Oe: 6 from 2026-05-05",
    ]
    assert "a.csv:2: is not UTF-8 and is read as Windows-1252: the first changed name is 'Rom Ø'" in said.err
    assert "a.csv:6: 'x' is no number of free seats" in said.err


def test_wrong_rows_end_it_with_the_account_and_without_a_recording(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(command(tmp_path)) == 2
    said = capfd.readouterr()
    assert "6 rows in 1 file, 6 values: 3 taken, 1 repeated, 2 left out" in said.out
    assert said.out.endswith("no recording is written\n")
    assert "a.csv:6: 'x' is no number of free seats" in said.err
    assert "Windows-1252" in said.err
    assert not (tmp_path / "out.jsonl").exists()


def test_the_account_can_be_had_as_json(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(command(tmp_path, "--skip-bad-rows", "--format", "json")) == 0
    told = json.loads(capfd.readouterr().out)
    assert told["values"] == told["taken"] + told["repeated"] + sum(told["left_out"].values()) == 6
    assert told["names"] == {"Rom Ø": "Rom-Oe", "hall": "hall"}
    assert (told["messages"], told["left_out"]) == (3, {"filtered": 1, "value": 1})
    assert run(command(tmp_path, "--format", "json")) == 2
    told = json.loads(capfd.readouterr().out)
    assert told["recording"] is None
    assert told["values"] == 6


@pytest.mark.parametrize("rows", ["room;when;free;seats;ok\n", ROWS.replace(";y", ";n"), ROWS.replace("2026", "never")])
def test_where_nothing_is_taken_the_status_is_2(tmp_path: Path, rows: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(command(tmp_path, "--skip-bad-rows", rows=rows)) == 2
    said = capfd.readouterr()
    assert "no row" in said.err
    assert not (tmp_path / "out.jsonl").exists()


def test_seats_are_written_as_rows_that_a_site_file_takes(tmp_path: Path) -> None:
    assert run(command(tmp_path, "--skip-bad-rows", "--capacities", str(tmp_path / "seats.toml"))) == 0
    (tmp_path / "site.toml").write_text(SITE + (tmp_path / "seats.toml").read_text(encoding="utf-8"))
    room, hall = load_site(tmp_path).spaces
    noons = [parse_instant(f"2026-05-0{day}T12:00:00Z") for day in (4, 5)]
    assert [[space.capacity_at(noon) for noon in noons] for space in (room, hall)] == [[4, 6], [10, 10]]


def test_seats_are_not_made_up(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    arguments = command(tmp_path, "--skip-bad-rows", "--capacities", str(tmp_path / "seats.toml"))
    text = MAPPING.replace('values = "free"\ncapacity_column = "seats"', "")
    (tmp_path / "mapping.toml").write_text(text)
    assert run(arguments) == 2
    assert "the mapping names no capacity_column" in capfd.readouterr().err
