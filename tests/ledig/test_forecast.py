"""`ledig forecast` as people run it: two weeks to read, a back-test, and plain words where nothing can be told."""

import re
from pathlib import Path

import pytest

from ledig.main import run
from spaces.reading import Reading
from spaces.times import DAY, HOUR, Millis
from store.opening import open_store

MONDAY: Millis = 1_767_567_600_000
"""2026-01-05T00:00+01:00."""
WEEKS = 11


def site_file(folder: Path) -> Path:
    """Write a house of six flexible and two fixed desks, open from eight to noon."""
    desks = [(f"d{number}", "flexible", "open") for number in range(6)] + [
        ("o1", "fixed", "own"),
        ("o2", "fixed", "own"),
    ]
    spaces = "".join(
        f'[[space]]\nid = "{name}"\nkind = "desk"\nzone = "{zone}"\nassignment = "{assignment}"\n'
        f'[[sensor]]\nid = "s-{name}"\nspace = "{name}"\nsilence = "24h"\n'
        for name, assignment, zone in desks
    )
    text = (
        '[site]\nid = "hut"\nname = "Hut"\ntimezone = "Europe/Berlin"\nsimulated = true\n'
        '[[calendar]]\nhours = { weekdays = "08:00-12:00" }\n[[floor]]\nid = "f"\n'
        f'[[zone]]\nid = "open"\nfloor = "f"\n[[zone]]\nid = "own"\nfloor = "f"\n{spaces}'
    )
    (folder / "site.toml").write_text(text, encoding="utf-8")
    return folder


def filled(folder: Path, weeks: int) -> Path:
    """Fill a store: as many desks are in use from nine on as the weekday says, one more every other week."""
    store = open_store(folder)
    rows = []
    for day in range(weeks * 7):
        for desk in range(6):
            midnight = MONDAY + day * DAY
            used = desk < day % 7 + (day // 7) % 2
            for time, occupied in ((midnight, False), (midnight + 9 * HOUR, used), (midnight + 20 * HOUR, False)):
                rows.append(Reading("hut", f"s-d{desk}", time, time, occupied=occupied))
    store.append(rows)
    store.close()
    return folder


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the flags of a house with eleven weeks of history; not to be changed."""
    folder = tmp_path_factory.mktemp("hut")
    return ["--sites", str(site_file(folder)), "--data", str(filled(folder / "data", WEEKS))]


def test_two_weeks_are_told_with_the_best_times(house: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["forecast", *house, "--assignment", "flexible", "--stay", "2"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Simulated")
    assert "Mon 23 Mar 08:00 to 10:00: at most 1 (0 expected) of 6 in use" in said
    tables = re.findall(r"^(day +08  09  10  11\n-.*\n(?:\w{3} \d\d \w{3}.*\n)+)", said, re.MULTILINE)
    assert len(tables) == 2
    assert [table.count("\n") for table in tables] == [12, 12]
    assert re.search(r"Thu 26 Mar +0 +4 +4 +4\n", tables[0])
    assert re.search(r"Thu 26 Mar +0 +5 +5 +5\n", tables[1])


def test_the_back_test_says_how_forecasts_did(house: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["forecast", *house, "--assignment", "flexible", "--back-test"]) == 0
    said = capsys.readouterr().out
    rows = re.findall(r"^(\d+) +(\d+) +[\d.]+% +([\d.]+) +([\d.]+) +([\d.]+) +[\d.]+%", said, re.MULTILINE)
    assert [int(row[0]) for row in rows] == list(range(1, 15))
    assert int(rows[0][1]) > int(rows[13][1]) > 0


def test_a_young_house_has_a_median_and_no_back_test(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["--sites", str(site_file(tmp_path)), "--data", str(filled(tmp_path / "data", 3))]
    assert run(["forecast", *flags, "--assignment", "flexible"]) == 0
    assert "not told; it takes 8 weeks of history" in capsys.readouterr().out
    assert run(["forecast", *flags, "--assignment", "flexible", "--back-test"]) == 2
    assert "forecasts begin after 8 weeks, the history has 2" in capsys.readouterr().err


@pytest.mark.parametrize("more", [[], ["--back-test"]])
def test_few_fixed_desks_are_not_forecast(
    house: list[str], capsys: pytest.CaptureFixture[str], more: list[str]
) -> None:
    assert run(["forecast", *house, "--assignment", "fixed", *more]) == 2
    assert "the forecast is not shown: fixed desks are shown in whole blocks" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--zone", "opne"], "hut has no zone 'opne'; did you mean open?"),
        (["--assignment", "mine"], "--assignment mine: Input should be 'fixed' or 'flexible'"),
        (["--site", "hutt"], "the settings name no site 'hutt'; did you mean hut?"),
    ],
)
def test_what_is_wrong_is_said(
    house: list[str], capsys: pytest.CaptureFixture[str], flags: list[str], said: str
) -> None:
    assert run(["forecast", *house, *flags]) == 2
    assert said in capsys.readouterr().err


def test_no_store_and_no_readings_are_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["--sites", str(site_file(tmp_path)), "--data", str(tmp_path / "none")]
    assert run(["forecast", *flags]) == 2
    assert "there is no store in" in capsys.readouterr().err
    open_store(tmp_path / "none").close()
    assert run(["forecast", *flags]) == 2
    assert "the store has no readings of hut" in capsys.readouterr().err
