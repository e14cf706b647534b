"""`ledig size --scenario` as people run it: models and their judge side by side, and every mistake with its line."""

import csv
import io
import json
import re
from pathlib import Path

import pytest

from ledig.main import run
from ledig.scenario import FEWEST_YEARS, YEARS, usual_years
from spaces.scenariofile import load_scenario

SMALL = """\
[scenario]
name = "Annex"
members = 30
desks = 16
fixed = 4
hours = { weekdays = "08:00-18:00" }
growth = 0.1
years = 2

[attendance]
weekdays = 0.5
fri = 0.2
rho = 0.03

[arrivals]
"08:00-10:00" = 3
"10:00-14:00" = 1

[[stay]]
mean = "5h"
spread = "90m"

[cost]
area_a_desk = 8
a_square_metre = 20

[[variant]]
name = "members +20 %"
members = "+20%"

[[variant]]
name = "two desks fewer"
desks = "-2"
"""


def written(folder: Path, text: str = SMALL) -> Path:
    file = folder / "annex.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_models_and_scenarios_are_printed_side_by_side(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["size", "--scenario", str(written(tmp_path)), "--years", "4"]) == 0
    said = capsys.readouterr().out
    assert "Nothing of it was measured" in said
    for model in (
        "binomial",
        "beta-binomial",
        "infinite servers",
        "Engset",
        "Erlang B",
        "modified offered load",
        "Hayward",
    ):
        assert re.search(rf"^{model} +\d+ +\d+ +\d+\.\d\d %$", said, re.MULTILINE), model
    assert len(re.findall(r"^simulated +\d+ +\d+", said, re.MULTILINE)) == 3
    band = r"\d+\.\d+ \(\d+\.\d+ to \d+\.\d+\)"
    rows = {
        line.split("  ")[0]: line
        for line in said.splitlines()
        if re.search(rf"\d+ \(\d+ to \d+\) +\d+ +{band} +{band} % +\d\.\d\d +\d+ +[\d,]+$", line)
    }
    assert list(rows) == ["Annex", "after 2 years of +10%", "members +20 %", "two desks fewer"]
    assert rows["Annex"].split()[-2:] == ["160", "3,200"]
    assert rows["two desks fewer"].split()[-2:] == ["144", "2,880"]


def test_the_same_seed_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = []
    for seed in ("3", "3", "4"):
        assert run(["size", "--scenario", str(written(tmp_path)), "--years", "2", "--seed", seed]) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1] != said[2]


def test_without_desks_the_table_is_for_those_that_are_needed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "\n".join(line for line in SMALL.partition("[[variant]]")[0].splitlines() if not line.startswith("desks"))
    assert run(["size", "--scenario", str(written(tmp_path, text)), "--years", "2"]) == 0
    said = capsys.readouterr().out
    assert "names no desks" in said
    assert "with 16 desks" not in said


def test_programs_read_it_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["size", "--scenario", str(written(tmp_path)), "--years", "2", "--format"]
    assert run([*flags, "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["rows"][0]["scenario"] == "Annex"
    assert answer["meta"]["measured"] is False
    assert {row["measure"] for row in answer["meta"]["models"]} == answer["meta"]["measures"].keys()
    assert all(row["desks"].keys() == {"1", "5"} for row in answer["meta"]["models"])
    assert run([*flags, "csv"]) == 0
    table = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["desks"] for row in table] == ["16", "16", "16", "14"]
    assert table[0].keys() == answer["rows"][0].keys()


def test_large_houses_get_fewer_years(tmp_path: Path) -> None:
    small = load_scenario(written(tmp_path))
    large = load_scenario(written(tmp_path, SMALL.replace("members = 30", "members = 4000")))
    assert usual_years(small) == YEARS > usual_years(large) == FEWEST_YEARS


def test_every_mistake_is_told_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path, SMALL.replace("members = 30", "members = -30").replace("rho = 0.03", "rh = 0.03"))
    assert run(["size", "--scenario", str(file)]) == 2
    said = capsys.readouterr().err
    assert f"{file}:3: scenario: members: -30 is outside 1 to 5000" in said
    assert f"{file}:13: attendance: unknown key 'rh'; did you mean rho?" in said
    assert run(["size", "--scenario", str(tmp_path / "none.toml")]) == 2
    assert "there is no such file" in capsys.readouterr().err


@pytest.mark.parametrize("years", ["0", "-1", "many", "1001"])
def test_years_are_a_number_that_can_be_simulated(years: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run(["size", "--scenario", "x", "--years", years])
    assert "is no number of years" in capsys.readouterr().err
