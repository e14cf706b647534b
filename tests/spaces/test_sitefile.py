"""Site files: what is right is read, what is wrong is named all at once with its file and line."""

from datetime import date
from pathlib import Path

import pytest

from spaces.holidaynames import holidays_of
from spaces.mistakes import SiteFileError
from spaces.sitebook import SiteBook
from spaces.sitefile import load_site
from spaces.times import HOUR, MINUTE, SECOND

GOOD = """\
[site]
id = "house"
name = "A house"
timezone = "Europe/Berlin"
since = "2024-01-01"

[[members]]
from = "2024-01-01"
fixed = 3
flexible = 9

[[calendar]]
holidays = "DE-BE"
hours = { weekdays = "08:00-20:00", fri = "08:00-18:00" }
exceptions = { "2026-12-24" = "closed" }

[[floor]]
id = "ground"
level = 0
width = 10.0
height = 8.0

[[zone]]
id = "hall"
floor = "ground"

[[space]]
id = "d1"
kind = "desk"
zone = "hall"
x = 1
y = 1
width = 2
height = 1

[[space]]
id = "r1"
kind = "room"
zone = "hall"
capacity = 4

[[capacity]]
space = "r1"
from = 2026-03-01
seats = 6

[[sensor]]
id = "s1"
space = "d1"
silence = "90s"
vacancy_delay = "15m"
"""

DOZEN = """\
[site]
id = "a house"
timezone = "Europe/Berlim"
colour = "red"

[[calendar]]
holidays = "DE-XX"
hours = { mon = "08:10-20:00" }

[[floor]]
id = "ground"

[[zone]]
id = "hall"
floor = "groun"

[[space]]
id = "d1"
kind = "desk"
zone = "hall"
capacity = -1
assignment = "flexibel"

[[space]]
id = "d1"
kind = "room"
zone = "hall"

[[sensor]]
id = "s1"
space = "d9"
silence = "two hours"

[[gate]]
id = "g"
"""


def write(folder: Path, text: str, **lists: str) -> Path:
    (folder / "site.toml").write_text(text)
    for name, rows in lists.items():
        (folder / f"{name}.csv").write_text(rows)
    return folder


def mistakes_of(folder: Path) -> list[tuple[str, int, str]]:
    with pytest.raises(SiteFileError) as caught:
        load_site(folder)
    return [(mistake.file.name, mistake.line, mistake.message) for mistake in caught.value.mistakes]


def test_a_good_file_is_read(tmp_path: Path) -> None:
    site = load_site(write(tmp_path, GOOD))
    assert (site.id, site.timezone, site.simulated) == ("house", "Europe/Berlin", False)
    desk, room = site.spaces
    assert (desk.assignment, desk.capacity_at(0), desk.place is not None) == ("flexible", 1, True)
    assert room.capacity_at(site.midnight(date(2026, 2, 28))) == 4
    assert room.capacity_at(site.midnight(date(2026, 3, 1))) == 6
    assert (site.sensors[0].silence, site.sensors[0].vacancy_delay) == (90 * SECOND, 15 * MINUTE)
    assert site.members[0].flexible == 9
    assert site.calendars[0].weekly[4] == ((480, 1080),)


def test_long_lists_come_from_csv_beside_the_file(tmp_path: Path) -> None:
    spaces = "id,name,kind,zone,capacity,assignment\nd2,,desk,hall,1,fixed\nd3,Window,desk,hall,,\n"
    sensors = "id,space,silence\ns2,d2,2h\ns3,d3,\n"
    site = load_site(write(tmp_path, GOOD, spaces=spaces, sensors=sensors))
    assert [space.id for space in site.spaces] == ["d1", "r1", "d2", "d3"]
    assert site.space_by_id["d2"].assignment == "fixed"
    assert site.space_by_id["d3"].name == "Window"
    assert site.sensors_by_id["s2"][0].silence == 2 * HOUR


def test_a_dozen_mistakes_are_reported_at_once_each_with_its_line(tmp_path: Path) -> None:
    found = mistakes_of(write(tmp_path, DOZEN))
    assert len(found) >= 12
    for key, part in {
        'id = "a house"': "no id",
        "Berlim": "did you mean Europe/Berlin",
        "colour": "unknown key 'colour'",
        "DE-XX": "no region",
        "08:10": "quarter-hours",
        '"groun"': "did you mean ground",
        "capacity = -1": "outside 0",
        "flexibel": "did you mean flexible",
        'space = "d9"': "no space 'd9'",
        "two hours": "duration",
        "[[gate]]": "unknown table [gate]",
    }.items():
        line = next(number for number, text in enumerate(DOZEN.splitlines(), 1) if key in text)
        assert any(at == line and part in message for _, at, message in found), (key, line, found)
    second_d1 = [number for number, text in enumerate(DOZEN.splitlines(), 1) if text == 'id = "d1"'][1]
    assert any(at == second_d1 and "stands twice" in message for _, at, message in found)
    assert any(at == second_d1 - 1 and "capacity: is missing" in message for _, at, message in found)


def test_a_broken_line_of_a_list_is_named_and_the_rest_still_checked(tmp_path: Path) -> None:
    spaces = "id,kind,zone\nd2,desk\nd3,desk,nowhere\n"
    found = mistakes_of(write(tmp_path, GOOD, spaces=spaces))
    assert [(file, line) for file, line, _ in found] == [("spaces.csv", 2), ("spaces.csv", 3)]
    assert "2 fields where the header has 3" in found[0][2]


def test_an_unclosed_quote_in_a_list_is_a_mistake(tmp_path: Path) -> None:
    found = mistakes_of(write(tmp_path, GOOD, spaces='id,kind,zone\nd2,"desk,hall\n'))
    assert found[0][0] == "spaces.csv"
    assert "no CSV" in found[0][2]


def test_an_unknown_key_in_a_list_gets_a_suggestion(tmp_path: Path) -> None:
    found = mistakes_of(write(tmp_path, GOOD, spaces="id,kind,zone,capasity\nd2,desk,hall,2\n"))
    assert "did you mean capacity?" in found[0][2]


def test_broken_toml_names_its_line(tmp_path: Path) -> None:
    [(file, line, message)] = mistakes_of(write(tmp_path, '[site]\nid = "a"\nname = \n'))
    assert (file, line) == ("site.toml", 3)
    assert "no TOML" in message


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"[site]\n", b"site = 3\n", b"[[site]]\n", b"space = 1\n"])
def test_nonsense_is_a_mistake_never_a_traceback(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "site.toml").write_bytes(content)
    assert mistakes_of(tmp_path)


def test_a_missing_file_is_a_mistake(tmp_path: Path) -> None:
    assert "no such file" in mistakes_of(tmp_path)[0][2]


def test_two_entries_of_a_sensor_must_not_hold_at_once(tmp_path: Path) -> None:
    sensors = "id,space,since,until\ns2,d1,,2026-01-01\ns2,r1,2026-01-01,\ns3,d1,,\ns3,r1,2026-01-01,\n"
    found = mistakes_of(write(tmp_path, GOOD, sensors=sensors))
    assert [(line, "hold at once" in message) for _, line, message in found] == [(5, True)]


def test_a_calendar_is_of_a_zone_or_a_space_and_not_of_both(tmp_path: Path) -> None:
    rule = '\n[[calendar]]\nzone = "hall"\nspace = "r1"\nhours = { daily = "00:00-24:00" }\n'
    found = mistakes_of(write(tmp_path, GOOD + rule))
    assert [(line, "a zone or a space" in message) for _, line, message in found] == [(GOOD.count("\n") + 3, True)]


def test_a_format_that_nobody_reads_is_a_mistake(tmp_path: Path) -> None:
    ((_, _, message),) = mistakes_of(write(tmp_path, GOOD + 'format = "natve"\n'))
    assert "did you mean native" in message


def test_without_a_capacity_the_first_dated_seats_hold_before_their_date(tmp_path: Path) -> None:
    site = load_site(write(tmp_path, GOOD.replace("capacity = 4\n", "")))
    assert {site.space_by_id["r1"].capacity_at(site.midnight(date(year, 1, 1))) for year in (2020, 2027)} == {6}


class Ticks:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_changed_file_is_taken_up_and_a_bad_change_keeps_the_old(tmp_path: Path) -> None:
    ticks = Ticks()
    book = SiteBook([write(tmp_path, GOOD)], monotonic=ticks)
    write(tmp_path, GOOD.replace("A house", "Another house"))
    assert book.current()["house"].name == "A house"
    ticks.now += 2
    assert book.current()["house"].name == "Another house"
    write(tmp_path, GOOD.replace('kind = "room"', 'kin = "room"'))
    ticks.now += 2
    assert book.current()["house"].name == "Another house"
    assert any("unknown key 'kin'" in mistake.message for mistake in book.mistakes())
    write(tmp_path, GOOD.replace("A house", "A third"))
    ticks.now += 2
    assert book.current()["house"].name == "A third"
    assert book.mistakes() == []


def test_a_list_beside_the_file_is_watched_too(tmp_path: Path) -> None:
    ticks = Ticks()
    book = SiteBook([write(tmp_path, GOOD)], monotonic=ticks)
    write(tmp_path, GOOD, spaces="id,kind,zone\nd2,desk,hall\n")
    ticks.now += 2
    assert "d2" in book.current()["house"].space_by_id


def test_one_site_in_two_files_is_a_mistake(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write(tmp_path / name, GOOD)
    with pytest.raises(SiteFileError, match="is also in"):
        SiteBook([tmp_path / "one", tmp_path / "two"])


@pytest.mark.parametrize(("kind", "meant"), [("Desk", "desk"), ("desks", "desk"), ("dsek", "desk"), ("rooom", "room")])
def test_a_kind_that_is_nearly_a_known_one_is_one_mistake_however_many_have_it(
    tmp_path: Path, kind: str, meant: str
) -> None:
    (tmp_path / "site.toml").write_text(GOOD, encoding="utf-8")
    rows = "".join(f"x{number},{kind},hall,1\n" for number in range(150))
    (tmp_path / "spaces.csv").write_text(f"id,kind,zone,capacity\n{rows}", encoding="utf-8")
    with pytest.raises(SiteFileError) as raised:
        load_site(tmp_path)
    (mistake,) = raised.value.mistakes
    assert (mistake.file.name, mistake.line) == ("spaces.csv", 2)
    assert f"{kind!r} (150 spaces have it); did you mean {meant}?" in mistake.message


@pytest.mark.parametrize("kind", ["atelier", "tearoom", "classroom", "phone-booth", "bar", "kitchen", "gym"])
def test_a_kind_of_ones_own_is_free(tmp_path: Path, kind: str) -> None:
    (tmp_path / "site.toml").write_text(
        GOOD + f'\n[[space]]\nid = "own"\nkind = "{kind}"\nzone = "hall"\ncapacity = 3\n', encoding="utf-8"
    )
    assert load_site(tmp_path).space_by_id["own"].kind == kind


def test_holidays_of_those_who_keep_more_are_kept_where_they_are_named(tmp_path: Path) -> None:
    """Assumption is a holiday of Bavaria where Catholics are the most: the library has it apart."""
    day = date(2026, 8, 15)
    for region, closed in (("DE-BY", False), ("DE-BY+catholic", True)):
        (tmp_path / "site.toml").write_text(GOOD.replace("DE-BE", region), encoding="utf-8")
        site = load_site(tmp_path)
        assert (day in holidays_of(site.calendars[0].holidays or "", 2026)) is closed
    (tmp_path / "site.toml").write_text(GOOD.replace("DE-BE", "NO+catholic"), encoding="utf-8")
    with pytest.raises(SiteFileError, match="'catholic' is no kind of holiday of NO"):
        load_site(tmp_path)
