"""Scenario files: what is right is read, and what is wrong is named with its line and what would be right."""

from pathlib import Path

import pytest

from spaces.scenario import Arrivals, Change, Event, Scenario, StayKind, Variant
from spaces.scenariofile import LISTS, SINGLE, ScenarioError, load_scenario

WHOLE = """\
[scenario]
name = "New house"
members = 154
desks = 100
fixed = 46
hours = { weekdays = "08:00-20:00", sat = "10:00-16:00" }
target = 0.05
growth = 0.1
years = 2

[attendance]
weekdays = 0.5
fri = 0.3
sat = 0.1
rho = { weekdays = 0.02, fri = 0.05 }
margin = 0.04

[arrivals]
"08:00-09:00" = 20
"09:00-10:30" = 50
"10:30-15:00" = 30

[[stay]]
share = 2
mean = "7h"
spread = "80m"

[[stay]]
share = 1
shape = "exponential"
mean = "3h"

[[event]]
name = "Breakfast"
weekday = "thu"
hours = "09:00-11:00"
guests = 20
weeks = 0.5

[[event]]
name = "Members' day"
weekday = "tue"
attendance = 0.7
weeks = 0.25

[cost]
area_a_desk = 8
area_shared = 200
a_desk = 40
a_square_metre = 20
currency = "NOK"

[[variant]]
name = "more members"
members = "+20%"

[[variant]]
name = "fewer desks"
desks = "-10"

[[variant]]
name = "another company"
members = 90
attendance = "-10%"
rho = 0.1
"""


def read(folder: Path, text: str) -> Scenario:
    file = folder / "new.toml"
    file.write_text(text, encoding="utf-8")
    return load_scenario(file)


def mistakes(folder: Path, text: str) -> list[tuple[int, str]]:
    with pytest.raises(ScenarioError) as wrong:
        read(folder, text)
    assert all(mistake.file == folder / "new.toml" for mistake in wrong.value.mistakes)
    return [(mistake.line, mistake.message) for mistake in wrong.value.mistakes]


def without(text: str, *lines: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith(lines))


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, WHOLE)
    assert (found.name, found.members, found.desks, found.fixed, found.target) == ("New house", 154, 100, 46, 0.05)
    assert found.hours == {**dict.fromkeys(range(5), (480, 1200)), 5: (600, 960)}
    assert found.attendance == (0.5, 0.5, 0.5, 0.5, 0.3, 0.1, 0.0)
    assert found.rho == (0.02, 0.02, 0.02, 0.02, 0.05, 0.0, 0.0)
    assert found.arrivals == (Arrivals(480, 540, 20), Arrivals(540, 630, 50), Arrivals(630, 900, 30))
    assert found.stays == (StayKind(2, "gamma", 420, 80), StayKind(1, "exponential", 180, 0))
    assert found.events == (
        Event("Breakfast", 3, 540, 660, 20, 0.5, None),
        Event("Members' day", 1, 0, 0, 0, 0.25, 0.7),
    )
    assert found.variants == (
        Variant("more members", members=Change(factor=1.2)),
        Variant("fewer desks", desks=Change(step=-10)),
        Variant("another company", members=Change(absolute=90), attendance=0.9, rho=0.1),
    )
    assert (found.margin, found.growth, found.years) == (0.04, 0.1, 2)
    assert (found.cost.area(100), found.cost.month(100), found.cost.currency) == (1000, 24_000, "NOK")


def test_what_need_not_be_said_has_its_default(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        '[scenario]\nmembers = 30\nhours = { mon = "08:00-18:00" }\n[attendance]\nmon = 0.5\n'
        '[arrivals]\n"08:00-10:00" = 1\n[[stay]]\nshape = "fixed"\nmean = "4h"\n',
    )
    assert (found.desks, found.target, found.rho, found.margin) == (None, 0.01, (0.0,) * 7, 0.0)
    assert found.all() == [found]
    assert (found.cost.area(10), found.cost.month(10)) == (None, None)


def test_variants_and_growth_stand_beside_the_scenario(tmp_path: Path) -> None:
    found = read(tmp_path, WHOLE).all()
    assert [(one.name, one.members, one.desks) for one in found] == [
        ("New house", 154, 100),
        ("after 2 years of +10%", 186, 100),
        ("more members", 185, 100),
        ("fewer desks", 154, 90),
        ("another company", 90, 100),
    ]
    assert found[-1].attendance[0] == pytest.approx(0.45)
    assert found[-1].events[1].attendance == pytest.approx(0.63)
    assert found[-1].rho == (0.1,) * 7


def test_the_kinds_of_a_weekday_are_with_and_without_its_events(tmp_path: Path) -> None:
    kinds = read(tmp_path, WHOLE).day_kinds()
    thursdays = [(kind.weight, kind.guests_at(600), kind.guests_at(660)) for kind in kinds if kind.weekday == 3]
    assert thursdays == [(0.5, 20, 0), (0.5, 0, 0)]
    assert [(kind.weight, kind.attendance) for kind in kinds if kind.weekday == 1] == [(0.25, 0.7), (0.75, 0.5)]
    for weekday in range(6):
        assert sum(kind.weight for kind in kinds if kind.weekday == weekday) == pytest.approx(1)


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("members = 154", "members = -3", 3, "members: -3 is outside 1 to 5000"),
        ("members = 154", "members = 4000000", 3, "is outside 1 to 5000"),
        ("members = 154", 'members = "many"', 3, "'many' is not a whole number"),
        ("members = 154", "membres = 154", 3, "unknown key 'membres'; did you mean members?"),
        ("desks = 100", "desks = 0", 4, "desks: 0 is outside 1 to 5000"),
        ("target = 0.05", "target = 5", 7, "target: 5.0 is outside 0.0001 to 0.5"),
        ("years = 2", "years = -1", 9, "years: -1 is outside 0 to 20"),
        ("years = 2", "years = 0", 8, "growth: needs `years`"),
        ("growth = 0.1\nyears = 2", "growth = 1.0\nyears = 20", 8, "leads to 161,480,704 members"),
        ("growth = 0.1\nyears = 2", "growth = -0.5\nyears = 9", 8, "leads to 0 members"),
        ('sat = "10:00-16:00"', 'sat = "10:00-16:07"', 6, "hours begin and end on quarter-hours"),
        ('sat = "10:00-16:00"', 'sat = "10:00-12:00, 13:00-16:00"', 6, "sat: a scenario's day opens once"),
        ("weekdays = 0.5", "weekdays = 1.5", 12, "weekdays: 1.5 is outside 0 to 1"),
        ("fri = 0.3", "friday = 0.3", 13, "unknown key 'friday'; did you mean fri?"),
        ("sat = 0.1", "sun = 0.1", 14, "sun: the house is closed then"),
        ("weekdays = 0.02, fri = 0.05", "weekdays = -0.1", 15, "rho: weekdays: -0.1 is no number from 0 to 0.9"),
        ("rho = { weekdays = 0.02, fri = 0.05 }", "rho = 1.0", 15, "rho: 1.0 is outside 0 to 0.9"),
        ("margin = 0.04", "margin = nan", 16, "margin: nan is not a number"),
        ('"08:00-09:00" = 20', '"8-9" = 20', 19, "'8-9' are no hours"),
        ('"08:00-09:00" = 20', '"08:00-09:00" = -20', 19, "-20.0 is outside 0 to 1e+06"),
        ('"08:00-09:00" = 20', '"02:00-03:00" = 20', 19, "lies outside of the opening hours"),
        ('mean = "7h"', 'mean = "70"', 25, "'70' is not a duration"),
        ('mean = "7h"', 'mean = "90h"', 25, "mean: must be from 5m to 24h"),
        ('spread = "80m"', 'spread = "30h"', 26, "spread: gamma stays need one"),
        ('shape = "exponential"', 'shape = "exponentiel"', 30, "'exponentiel' is not known; did you mean exponential?"),
        ('weekday = "thu"', 'weekday = "sun"', 35, "the house is closed then"),
        ('hours = "09:00-11:00"', 'hours = "21:00-23:00"', 36, "lie outside of the opening hours"),
        ("guests = 20", "guests = -20", 37, "guests: -20 is outside 0 to 5000"),
        ("weeks = 0.5", "weeks = 2", 38, "weeks: 2.0 is outside 0 to 1"),
        ("area_a_desk = 8", "area_a_desk = -8", 47, "area_a_desk: -8.0 is outside 0"),
        ("[cost]", "[costs]", 46, "unknown table [costs]; did you mean cost?"),
        ("[[event]]", "[event]", 33, "write [[event]], in double brackets"),
        ('members = "+20%"', 'members = "+20 %%"', 55, "is no change; write"),
        ('members = "+20%"', 'members = "-100%"', 55, "members: makes 0 members of 154"),
        ('desks = "-10"', 'desks = "-100"', 59, "desks: makes 0 desks of 100"),
        ('desks = "-10"', 'desks = "-0.5"', 59, "is no whole number"),
        ('attendance = "-10%"', 'attendance = "-10"', 64, "is no change in per cent"),
        ('name = "fewer desks"', 'name = "more members"', 58, "'more members' is there already"),
        ('members = "+20%"', "", 53, "changes nothing"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, old: str, new: str, line: int, message: str) -> None:
    text = WHOLE
    assert old in text
    if old == "[[event]]":
        text = text[: text.rindex("[[event]]")] + text[text.index("[cost]") :]
    found = mistakes(tmp_path, text.replace(old, new, 1))
    assert any(at == line and message in said for at, said in found), found
    assert len(found) <= 2, found


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    text = WHOLE.replace("members = 154", "members = 0").replace("fri = 0.3", "fri = -1").replace('desks = "-10"', "")
    found = mistakes(tmp_path, text)
    assert [line for line, _ in found] == [3, 13, 57]


@pytest.mark.parametrize("table", ["scenario", "attendance", "arrivals", "stay"])
def test_a_missing_table_is_one_mistake(tmp_path: Path, table: str) -> None:
    parts = WHOLE.split("\n\n")
    kept = [part for part in parts if not part.startswith((f"[{table}]", f"[[{table}]]"))]
    found = mistakes(tmp_path, "\n\n".join(kept))
    assert any(f"[{table}]" in said for _, said in found)
    assert len(found) == 1 or table == "scenario", found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the table [scenario] is missing"),
        ("[scenario\n", "is no TOML"),
        ("scenario = 3\nattendance = []\n", "write [scenario] and its keys below it"),
    ],
)
def test_what_is_no_scenario_at_all_is_said_plainly(tmp_path: Path, text: str, message: str) -> None:
    assert any(message in said for _, said in mistakes(tmp_path, text))


def test_files_that_cannot_be_read_are_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="there is no such file"):
        load_scenario(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b"# \xe6\n")
    with pytest.raises(ScenarioError, match="is not UTF-8 at byte 2"):
        load_scenario(tmp_path / "latin.toml")
    with pytest.raises(ScenarioError, match="cannot be read"):
        load_scenario(tmp_path)


def test_every_table_is_known() -> None:
    assert all(f"[{name}]" in WHOLE for name in (*SINGLE, *LISTS))


def test_too_many_events_of_one_weekday_are_refused(tmp_path: Path) -> None:
    event = '[[event]]\nname = "E"\nweekday = "mon"\nattendance = 0.6\n'
    found = mistakes(tmp_path, WHOLE + "\n" + 5 * event)
    assert [said for _, said in found] == ["event: a weekday has at most 4; join some"]
