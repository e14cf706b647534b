"""`ledig size` as people run it: a text to read, a file to work on, and plain words where it cannot be told."""

import csv
import io
import json
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ledig.commandline import parser_of
from ledig.main import run
from ledig.settings import load_settings
from ledig.sizing import size_house
from ledig.sizingtext import MOST
from simulator.betahaus import SITE
from spaces.reading import Reading
from spaces.sitefile import load_site
from spaces.times import DAY, HOUR, MINUTE
from store.opening import open_store
from tests.influx import new_bucket, some_influx

HOUSE = """
[site]
id = "hut"
name = "Hut"
timezone = "Europe/Berlin"
{members}
[[calendar]]
hours = {{ {hours} }}
[[floor]]
id = "one"
[[zone]]
id = "room"
floor = "one"
"""
DESK = """
[[space]]
id = "{id}"
kind = "desk"
zone = "room"
assignment = "{assignment}"
[[sensor]]
id = "s-{id}"
space = "{id}"
"""
MEMBERS = "[[members]]\nfrom = 2026-01-01\nfixed = 2\nflexible = 9\n"
MONDAY = 1_767_567_600_000
"""2026-01-05T00:00+01:00."""


def site_file(folder: Path, *, flexible: int = 5, fixed: int = 2, members: str = MEMBERS, hours: str = "") -> Path:
    """Write a house with some desks; return its folder."""
    folder.mkdir(exist_ok=True)
    names = [(f"flex-{number}", "flexible") for number in range(flexible)]
    names += [(f"own-{number}", "fixed") for number in range(fixed)]
    desks = "".join(DESK.format(id=name, assignment=assignment) for name, assignment in names)
    text = HOUSE.format(members=members, hours=hours or 'weekdays = "08:00-20:00"') + desks
    (folder / "site.toml").write_text(text, encoding="utf-8")
    return folder


def filled(folder: Path, *, weeks: int, silent: bool = False) -> Path:
    """Fill a store: on day d desk i of the first 3 is taken from 9 + i until 17 o'clock where d + i is odd."""
    store = open_store(folder)
    rows = []
    for day in range(weeks * 7):
        for desk in range(5):
            for quarter in range(4 * 24):
                time = MONDAY + day * DAY + quarter * 15 * MINUTE
                used = desk < 3 and (day + desk) % 2 == 1 and 9 + desk <= quarter / 4 < 17
                rows.append(Reading("hut", f"s-flex-{desk}", time, time, occupied=None if silent else used))
    store.append(rows)
    store.close()
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a store with thirteen weeks; not to be changed."""
    return filled(tmp_path_factory.mktemp("store"), weeks=13)


def sized(data: Path, house: Path, *more: str) -> int:
    """Run the command."""
    return run(["size", "--data", str(data), "--sites", str(house), *more])


def test_the_text_says_how_many_desks_are_needed(data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert sized(data, site_file(tmp_path), "--target", "0") == 0
    said = capfd.readouterr().out
    assert "With 5 flexible desks, somebody is 15 minutes without a desk on " in said
    assert "For at most 0 such days a month" in said
    assert "flexible        9      5" in said
    assert "13 weeks" in said
    assert "Simulated" not in said
    assert len(said.splitlines()) < MOST + 30


def test_json_and_csv_have_the_same_curve(data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    house = site_file(tmp_path)
    assert sized(data, house, "--format", "json") == 0
    answer: dict[str, Any] = json.loads(capfd.readouterr().out)
    assert sized(data, house, "--format", "csv") == 0
    listed = list(csv.DictReader(io.StringIO(capfd.readouterr().out)))
    assert [float(row["full"]) for row in listed] == [row["full"] for row in answer["rows"]]
    # On even days desk 1 is taken from 10, on odd ones desks 0 and 2 from 9 and 11, until 17 of 20 o'clock.
    assert answer["rows"][0]["full"] == pytest.approx((33 * 7 + 32 * 8) / (65 * 12), abs=1e-6)
    assert answer["rows"][1]["full"] == pytest.approx(32 * 6 / (65 * 12), abs=1e-6)
    assert answer["rows"][2]["full"] == 0
    assert answer["meta"]["pools"][0]["pool"] == "flexible"
    assert answer["meta"]["members_a_desk"] == 1.8
    assert answer["meta"]["window"] == {"from": "2026-01-04T23:00:00Z", "to": "2026-04-05T22:00:00Z"}


def test_days_choose_the_window(data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert sized(data, site_file(tmp_path), "--from", "2026-02-02", "--to", "2026-03-02") == 0
    said = capfd.readouterr().out
    assert "2026-02-02 to 2026-02-27, 20 days in 4 weeks" in said
    assert "No intervals: fewer than 12 weeks" in said


def test_a_process_that_holds_the_store_is_worked_through(data: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ledig", "size", "--data", str(data), "--sites", str(site_file(tmp_path))]
    with closing(open_store(data)):
        done = subprocess.run([*command, "--format", "json"], capture_output=True, text=True, check=True, timeout=60)
    assert "working through it" in done.stderr
    assert "Traceback" not in done.stderr
    assert json.loads(done.stdout)["meta"]["installed"] == 5


def test_a_server_store_answers_as_the_embedded_one_does(
    data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    house, token, file = site_file(tmp_path / "house"), tmp_path / "token", tmp_path / "influx.toml"
    with some_influx(tmp_path) as server:
        token.write_text(server.token)
        file.write_text(
            f'store = "influxdb"\ninfluxdb_url = "{server.url}"\ninfluxdb_org = "{server.org}"\n'
            f'influxdb_bucket = "{new_bucket(server.url, server.org, server.token)}"\n'
            f'influxdb_token_file = "{token}"\ndata = "{tmp_path / "data"}"\n'
        )
        assert run(["export", "--data", str(data), "--out", str(tmp_path / "out"), "--to", "2026-01-26"]) == 0
        assert run(["import", str(tmp_path / "out"), "--settings", str(file)]) == 0
        capfd.readouterr()
        assert run(["size", "--settings", str(file), "--sites", str(house), "--format", "json"]) == 0
        there = json.loads(capfd.readouterr().out)
    assert sized(data, house, "--format", "json", "--to", "2026-01-26") == 0
    here = json.loads(capfd.readouterr().out)
    assert there["rows"] == here["rows"]


def test_a_reader_who_has_had_enough_gets_no_traceback(data: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ledig", "size", "--data", str(data), "--sites", str(site_file(tmp_path))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        complained = running.stderr.read()
    assert running.returncode == 1
    assert "Traceback" not in complained
    assert "BrokenPipe" not in complained


MISTAKES: dict[str, tuple[dict[str, Any], list[str], str]] = {
    "no members": ({"members": ""}, ["--members", "12"], "names no flexible members"),
    "too many members": ({}, ["--members", "91"], "demand of 9 members is scaled to 1 to 90, not to 91"),
    "fewer members than came": ({"members": MEMBERS.replace("= 9", "= 1")}, ["--members", "2"], "are they all named?"),
    "always closed": ({"hours": 'daily = "closed"'}, [], "no flexible desk was open for a whole day"),
    "no flexible desks": ({"flexible": 0}, [], "hut has no flexible desks with a sensor"),
    "few fixed desks": ({}, ["--pool", "fixed"], "fixed desks of hut are not shown"),
    "another site": ({}, ["--site", "hat"], "the settings name no site 'hat'"),
    "before any reading": ({}, ["--to", "2025-01-01"], "no whole day lies between"),
    "reversed": ({}, ["--from", "2026-03-02", "--to", "2026-02-02"], "no whole day lies between"),
    "in the future": ({}, ["--from", "2036-03-02"], "no whole day lies between"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_bad_input_ends_with_2_and_says_what_is_wrong(
    data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    changes, arguments, message = MISTAKES[name]
    assert sized(data, site_file(tmp_path, **changes), *arguments) == 2
    said = capfd.readouterr()
    assert message in said.err
    assert said.out == ""


def test_it_can_be_stopped(data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    stop = threading.Event()
    stop.set()
    parsed = parser_of(["size"]).parse_args(["size", "--data", str(data), "--sites", str(site_file(tmp_path))])
    assert size_house(parsed, load_settings(None, flags={"data": parsed.data, "sites": parsed.sites}), stop) == 1
    said = capfd.readouterr()
    assert "stopped; nothing was kept" in said.err
    assert said.out == ""


def test_silent_sensors_are_no_empty_desks(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = filled(tmp_path / "silent", weeks=1, silent=True)
    assert sized(folder, site_file(tmp_path / "house")) == 2
    assert "none of 5 open days is known well enough" in capfd.readouterr().err


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert sized(tmp_path / "none", site_file(tmp_path / "house")) == 2
    assert "there is no store in" in capfd.readouterr().err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("arguments", [["--members", "0"], ["--members", "x"], ["--target", "-1"], ["--from", "May"]])
def test_words_that_are_no_numbers_are_refused(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(["size", *arguments])
    assert ended.value.code == 2
    assert "is no" in capfd.readouterr().err


def test_a_simulated_house_says_so(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    site = load_site(SITE)
    store = open_store(tmp_path)
    desks = [sensor for sensor in site.sensors if site.space_by_id[sensor.space].kind == "desk"]
    rows = [
        Reading(site.id, sensor.id, MONDAY + step * HOUR, MONDAY + step * HOUR, occupied=9 <= step % 24 < 12)
        for step in range(50)
        for sensor in desks
    ]
    store.append(rows)
    store.close()
    assert sized(tmp_path, SITE) == 0
    assert capfd.readouterr().out.startswith("Simulated:")
